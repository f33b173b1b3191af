// Package clusters is the command clusters: which clusters there are, and what their metadata is made of.
package clusters

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/releases"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/explanation"
)

// A Command is what the command needs of its program.
type Command struct {
	// Fleet adds the flags that say where the fleet is, and returns what then opens a session on it. That fails where
	// there is no fleet.
	Fleet func(cmd *cobra.Command) func(cmd *cobra.Command, args []string) (*render.Session, error)
}

// flags are those of the command.
type flags struct {
	format, selector string
	explain, strict  bool
}

// formats are the output formats, besides the table.
var formats = append([]string{"wide", "name"}, render.Formats...)

// New returns the command.
func (c Command) New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "clusters [PATH]",
		Short: "List the fleet's clusters: hub, tenant, environment, releases",
		Long: `List the fleet's clusters, hubs first: those of fleet.yaml, the members, and those in Argo CD cluster
Secrets (--cluster-file). Where two of these know one cluster, the later source wins, and labels and annotations merge. A file that looks
like a member's and is none is a finding on standard error, or with --strict an error.

RELEASES says which release a cluster is on by its labels: that of most groups, then others with their groups. With
-o wide, labels, server and annotations follow; -o name prints the names alone.

With --explain, print the metadata of each cluster's Secret as Argo CD sees it: each label and annotation with its value, the
level and the place that set it, and what that overrode. A null that removed a key is shown as "(removed)".`,
		Example: `  cmp clusters
  cmp clusters -l environment=prod -o yaml
  cmp clusters -l tenant=retail --explain
  kubectl get secrets -n argocd -l argocd.argoproj.io/secret-type=cluster -o yaml | cmp clusters --cluster-file -`,
		Args: command.OnePath,
	}
	cmd.Flags().StringVarP(&f.format, "output", "o", "",
		"output format: "+strings.Join(formats, ", ")+"; by default a table")
	cmd.Flags().StringVarP(&f.selector, "selector", "l", "", "label selector, as of kubectl")
	cmd.Flags().BoolVar(&f.explain, "explain", false,
		"print each label and annotation with the place that set it, and what that overrode")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "findings are errors")
	open := c.Fleet(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return f.run(cmd, args, open) }
	return cmd
}

// run lists the clusters of the fleet that a function opens.
func (f *flags) run(cmd *cobra.Command, args []string,
	open func(*cobra.Command, []string) (*render.Session, error)) error {
	if f.format != "" {
		if err := command.OneOf("output", f.format, formats); err != nil {
			return err
		}
	}
	selects, err := labels.Parse(f.selector)
	if err != nil {
		return usage.Error(fmt.Errorf("--selector: %w", err))
	}
	if f.explain && f.format == "name" {
		return usage.Error(errors.New("give --explain without -o name"))
	}
	session, err := open(cmd, args)
	if err != nil {
		return err
	}
	if f.explain {
		return f.explainClusters(cmd, session, selects)
	}
	clusters, warnings, err := session.Clusters(render.Request{})
	if err != nil {
		return err
	}
	if err := f.judge(cmd, session, warnings); err != nil {
		return err
	}
	clusters = slices.DeleteFunc(clusters, func(c cluster.Cluster) bool { return !selects.Matches(c.AllLabels()) })
	return printClustersAs(cmd.OutOrStdout(), session, clusters, f.format)
}

// judge prints the findings about the fleet, and those about clusters that are missing in it. It fails with them if
// that is asked for.
func (f *flags) judge(cmd *cobra.Command, session *render.Session, found []*problem.Problem) error {
	lost, err := session.Lost()
	if err != nil {
		return err
	}
	found = session.Fleet().Wanted(append(found, lost...))
	if f.strict && len(found) > 0 {
		return render.Findings(found)
	}
	output.Warnings(cmd.ErrOrStderr(), found)
	return nil
}

// explainedCluster is a cluster as `cmp clusters --explain -o yaml` prints it.
type explainedCluster struct {
	Name     string                  `json:"name"`
	Hub      string                  `json:"hub,omitempty"`
	Server   string                  `json:"server,omitempty"`
	Levels   []fleet.ClusterLevel    `json:"levels,omitempty"`
	Metadata map[string]any          `json:"metadata"` // of the cluster's Secret
	Keys     []hierarchy.Explanation `json:"keys"`     // of the metadata
}

func (f *flags) explainClusters(cmd *cobra.Command, session *render.Session, selects labels.Selector) error {
	identities, warnings, err := session.Identities()
	if err != nil {
		return err
	}
	if err := f.judge(cmd, session, warnings); err != nil {
		return err
	}
	identities = slices.DeleteFunc(identities, func(i member.Identity) bool { return !selects.Matches(i.AllLabels()) })
	if f.format == "" || f.format == "wide" {
		var all bytes.Buffer // so that it is printed when it is complete
		for _, i := range identities {
			fmt.Fprintf(&all, "# cluster %s\n", i.Name)
			explained := explanation.Of(&render.Merged{Values: i.Metadata(), Levels: i.Levels})
			if err := explained.Print(&all, explanation.Text); err != nil {
				return err
			}
		}
		_, err := all.WriteTo(cmd.OutOrStdout())
		return err
	}
	return printExplained(cmd.OutOrStdout(), identities, f.format)
}

// printExplained prints clusters as a list. They are encoded one by one, since what the encoders need on the way is
// many times the size of the result.
func printExplained(w io.Writer, identities []member.Identity, format string) error {
	if len(identities) == 0 {
		return output.Value(w, []explainedCluster{}, format)
	}
	var list bytes.Buffer
	for i, identity := range identities {
		metadata := identity.Metadata()
		data, err := render.EncodeValue(
			[]explainedCluster{{Name: identity.Name, Hub: identity.Hub, Server: identity.Server,
				Levels: identity.Levels, Metadata: metadata.Map(), Keys: metadata.Explain()}}, format)
		if err != nil {
			return err
		}
		if format == "json" { // one list in place of many
			if i > 0 {
				data = append([]byte(","), bytes.TrimPrefix(data, []byte("["))...)
			}
			if i < len(identities)-1 {
				data = bytes.TrimSuffix(data, []byte("\n]\n"))
			}
		}
		list.Write(data)
	}
	_, err := io.WriteString(w, address.Redact(list.String()))
	return err
}

// printClustersAs prints clusters in a format.
func printClustersAs(w io.Writer, session *render.Session, clusters []cluster.Cluster, format string) error {
	switch format {
	case "", "wide":
		return printClusters(w, session, clusters, format == "wide")
	case "name":
		return printNames(w, clusters)
	}
	if clusters == nil {
		clusters = []cluster.Cluster{}
	}
	return output.Value(w, clusters, format)
}

// printClusters prints a table, as kubectl does, hubs first; wide adds labels, server and annotations.
func printClusters(w io.Writer, session *render.Session, clusters []cluster.Cluster, wide bool) error {
	on, err := releases.Names(session.Repository(), session.Fleet())
	if err != nil {
		return err
	}
	header := []string{"NAME", "HUB", "TENANT", "ENVIRONMENT", "RELEASES"}
	if wide {
		header = append(header, "LABELS", "SERVER", "ANNOTATIONS")
	}
	rows := [][]string{header}
	for _, c := range hubsFirst(clusters) {
		row := []string{c.Name, c.Hub, c.Labels[wellknown.LabelTenant], c.Labels[wellknown.LabelEnvironment],
			on(c)}
		if wide {
			row = append(row, pairs(c.Labels), c.Server, pairs(c.Annotations))
		}
		rows = append(rows, row)
	}
	return output.Table(w, rows)
}

// hubsFirst returns clusters with the hubs before all others.
func hubsFirst(clusters []cluster.Cluster) []cluster.Cluster {
	var hubs, others []cluster.Cluster
	for _, c := range clusters {
		if c.Labels[wellknown.LabelFleetMember] == wellknown.FleetMemberHub {
			hubs = append(hubs, c)
		} else {
			others = append(others, c)
		}
	}
	return append(hubs, others...)
}

// printNames prints the names of clusters, a line each.
func printNames(w io.Writer, clusters []cluster.Cluster) error {
	var all strings.Builder
	for _, c := range clusters {
		all.WriteString(problem.OneLine(c.Name) + "\n")
	}
	_, err := io.WriteString(w, all.String())
	return err
}

func pairs(m map[string]string) string {
	list := make([]string, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, key+"="+m[key])
	}
	return strings.Join(list, ",")
}

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
	// HandOver has cmp-stages run the command line, or reports false: this is it, or it is not there.
	HandOver func() (bool, error)
	// Progress returns a display of long work on standard error; nil in cmp, which has none.
	Progress func(stderr io.Writer) render.Progress
}

// many clusters may take so long to count that somebody wants to see how far it is.
const many = 200

// flags are those of the command.
type flags struct {
	format, selector string
	explain, strict  bool

	selects labels.Selector // what selector says
}

// formats are the output formats, besides the table.
var formats = append([]string{"wide", output.FormatName}, render.Formats...)

// New returns the command.
func (c Command) New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:     "clusters [PATH]",
		Aliases: []string{"cluster"},
		Short:   "List the fleet's clusters: hub, tenant, environment, releases, Applications",
		Long: `List the fleet's clusters, hubs first: those of fleet.yaml, the members, and those in Argo CD cluster
Secrets (--cluster-file). Where two of these know one cluster, the later source wins, and labels and annotations merge.
A file that looks like a member's and is none is a finding on standard error, or with --strict an error.

RELEASES says which release a cluster is on by its labels: that of most groups, then others with their groups. APPS is
how many Applications it is meant to have: the ApplicationSets that select it, of its hub and of its own Argo CD. Where
that is not known, as of a group that cannot be rendered, it is <unknown>, and cmp matrix says why. Nothing is fetched
for it: a catalog from elsewhere counts as far as it is in the cache. With -o wide, labels, server and annotations
follow; -o name prints the names alone.

With --explain, print the metadata of each cluster's Secret as Argo CD sees it: each label and annotation with its
value, the level and the place that set it, and what that overrode. A null that removed a key is shown as "(removed)".`,
		Example: `  cmp clusters
  cmp clusters -l environment=prod -o yaml
  cmp clusters -l tenant=retail --explain
  kubectl get secrets -n argocd -l argocd.argoproj.io/secret-type=cluster -o yaml | cmp clusters --cluster-file -`,
		Args: command.OnePath,
	}
	cmd.Flags().StringVarP(&f.format, "output", "o", "",
		"output format: "+strings.Join(formats, ", ")+"; by default a table")
	command.Values(cmd.Flags(), "output", formats)
	cmd.Flags().StringVarP(&f.selector, "selector", "l", "", "label selector, as of kubectl")
	cmd.Flags().BoolVar(&f.explain, "explain", false,
		"print each label and annotation with the place that set it, and what that overrode")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "findings are errors")
	open := c.Fleet(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		session, err := f.open(cmd, args, open)
		if err != nil {
			return err
		}
		return c.print(cmd, session, f)
	}
	return cmd
}

// open opens the fleet by a function, and fails for what the flags say wrongly.
func (f *flags) open(cmd *cobra.Command, args []string,
	open func(*cobra.Command, []string) (*render.Session, error)) (*render.Session, error) {
	if f.format != "" {
		if err := command.OneOf("output", f.format, formats); err != nil {
			return nil, err
		}
	}
	var err error
	if f.selects, err = labels.Parse(f.selector); err != nil {
		return nil, usage.Error(fmt.Errorf("--selector: %w", err))
	}
	if f.explain && f.format == output.FormatName {
		return nil, usage.Error(errors.New("give --explain without -o name"))
	}
	return open(cmd, args)
}

// print prints the clusters of a fleet. What only cmp-stages can count, it leaves to that.
func (c Command) print(cmd *cobra.Command, session *render.Session, f flags) error {
	if f.explain {
		return f.explainClusters(cmd, session)
	}
	clusters, warnings, err := session.Clusters(render.Request{})
	if err != nil {
		return err
	}
	all := clusters
	clusters = slices.DeleteFunc(slices.Clone(all),
		func(c cluster.Cluster) bool { return !f.selects.Matches(c.AllLabels()) })
	if len(clusters) == 0 && len(all) > 0 {
		output.Message(cmd.ErrOrStderr(), "Note", render.NoMatch(f.selects, all))
	}
	table := f.format == "" || f.format == "wide"
	apps := &applications{}
	if table && len(clusters) > 0 {
		targets := render.Targets{All: f.selector == "", Selector: f.selector}
		var progress render.Progress
		if c.Progress != nil {
			progress = c.Progress(cmd.ErrOrStderr())
		} else if len(clusters) >= many {
			if done, err := c.HandOver(); done || err != nil {
				return err
			}
		}
		if apps, err = count(cmd.Context(), session, targets, progress); err != nil {
			return err
		}
	}
	if apps.remote {
		if done, err := c.HandOver(); done || err != nil {
			return err
		}
	}
	if err := f.judge(cmd, session, warnings); err != nil {
		return err
	}
	if table {
		return f.printTable(cmd.OutOrStdout(), session, clusters, apps)
	}
	return printClustersAs(cmd.OutOrStdout(), clusters, f.format)
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

func (f *flags) explainClusters(cmd *cobra.Command, session *render.Session) error {
	identities, warnings, err := session.Identities()
	if err != nil {
		return err
	}
	if err := f.judge(cmd, session, warnings); err != nil {
		return err
	}
	var all []cluster.Cluster
	for _, i := range identities {
		all = append(all, i.Cluster)
	}
	identities = slices.DeleteFunc(identities,
		func(i member.Identity) bool { return !f.selects.Matches(i.AllLabels()) })
	if len(identities) == 0 && len(all) > 0 {
		output.Message(cmd.ErrOrStderr(), "Note", render.NoMatch(f.selects, all))
	}
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

// printClustersAs prints clusters in a format that is no table.
func printClustersAs(w io.Writer, clusters []cluster.Cluster, format string) error {
	if format == output.FormatName {
		names := make([]string, len(clusters))
		for i, c := range hubsFirst(clusters) {
			names[i] = c.Name
		}
		return output.Names(w, names)
	}
	if clusters == nil {
		clusters = []cluster.Cluster{}
	}
	return output.Value(w, clusters, format)
}

// printTable prints a table, as kubectl does, hubs first; a wide one has labels, server and annotations.
func (f *flags) printTable(w io.Writer, session *render.Session, clusters []cluster.Cluster,
	apps *applications) error {
	on, err := releases.Names(session.Repository(), session.Fleet())
	if err != nil {
		return err
	}
	header := []string{"NAME", "HUB", "TENANT", "ENVIRONMENT", "RELEASES", "APPS"}
	if f.format == "wide" {
		header = append(header, "LABELS", "SERVER", "ANNOTATIONS")
	}
	rows := [][]string{header}
	for _, c := range hubsFirst(clusters) {
		row := []string{c.Name, c.Hub, c.Labels[wellknown.LabelTenant], c.Labels[wellknown.LabelEnvironment],
			on(c), apps.text(c.Name)}
		if f.format == "wide" {
			row = append(row, pairs(c.Labels), c.Server, pairs(c.Annotations))
		}
		rows = append(rows, row)
	}
	return output.Narrow(w, rows)
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

func pairs(m map[string]string) string {
	list := make([]string, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, key+"="+m[key])
	}
	return strings.Join(list, ",")
}

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/releases"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
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

func (p Program) newClustersCommand() *cobra.Command {
	var format, selector, repoRoot, clusterFile string
	explain, readSecrets, checkouts := false, false, files.Checkouts{}
	formats := append([]string{"wide", "name"}, render.Formats...)
	cmd := &cobra.Command{
		Use:   "clusters [PATH]",
		Short: "List the fleet's clusters: hub, tenant, environment, releases",
		Long: `List the fleet's clusters, hubs first: those of fleet.yaml, the members, and those in Argo CD cluster
Secrets (--cluster-file). Where two of these know one cluster, the later source wins, and labels and annotations merge.

RELEASES says which release a cluster is on by its labels: that of most groups, then others with their groups. With
-o wide, labels, server and annotations follow; -o name prints the names alone.

With --explain, print the metadata of each cluster's Secret as Argo CD sees it: each label and annotation with its value, the
level and the place that set it, and what that overrode. A null that removed a key is shown as "(removed)".`,
		Example: `  cmp clusters
  cmp clusters -l environment=prod -o yaml
  cmp clusters -l tenant=retail --explain
  kubectl get secrets -n argocd -l argocd.argoproj.io/secret-type=cluster -o yaml | cmp clusters --cluster-file -`,
		Args: command.OnePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "" {
				if err := command.OneOf("output", format, formats); err != nil {
					return err
				}
			}
			selects, err := labels.Parse(selector)
			if err != nil {
				return usage.Error(fmt.Errorf("--selector: %w", err))
			}
			session, err := p.openFleet(cmd, args, repoRoot, &checkouts, clusterFile, readSecrets)
			if err != nil {
				return err
			}
			if explain && format == "name" {
				return usage.Error(errors.New("give --explain without -o name"))
			}
			if explain {
				return explainClusters(cmd, session, selects, format)
			}
			clusters, warnings, err := session.Clusters(render.Request{})
			if err != nil {
				return err
			}
			warnings = session.Fleet().Wanted(warnings)
			clusters = slices.DeleteFunc(clusters,
				func(c cluster.Cluster) bool { return !selects.Matches(c.AllLabels()) })
			output.Warnings(cmd.ErrOrStderr(), warnings)
			return printClustersAs(cmd.OutOrStdout(), session, clusters, format)
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "",
		"output format: "+strings.Join(formats, ", ")+"; by default a table")
	cmd.Flags().StringVarP(&selector, "selector", "l", "", "label selector, as of kubectl")
	cmd.Flags().BoolVar(&explain, "explain", false,
		"print each label and annotation with the place that set it, and what that overrode")
	addRepositoryFlags(cmd.Flags(), &repoRoot, &clusterFile, &checkouts)
	addSecretsFlag(cmd.Flags(), &readSecrets)
	return cmd
}

// openFleet opens a session on the fleet of the app path in arguments, to ask it about clusters. Without a fleet it
// fails, unless a file with cluster Secrets is given.
func (p Program) openFleet(cmd *cobra.Command, args []string, root string, checkouts *files.Checkouts,
	clusterFile string, readSecrets bool) (*render.Session, error) {
	return p.openFleetWith(cmd, args, root, checkouts, clusterFile, readSecrets, workshop.Charts{})
}

// openFleetWith is openFleet with what says where charts and catalogs come from.
func (p Program) openFleetWith(cmd *cobra.Command, args []string, root string, checkouts *files.Checkouts,
	clusterFile string, readSecrets bool, charts workshop.Charts) (*render.Session, error) {
	in := input{charts: charts}
	var err error
	appPath := command.PathIn(args, root)
	if in.tree, _, err = files.OpenFleet(appPath, root, checkouts); err != nil {
		return nil, err
	}
	if err := p.requireFleetIn(in.tree, appPath, clusterFile); err != nil {
		return nil, err
	}
	if in.options.Secrets, err = p.secretsIn(cmd.Context(), in.tree, readSecrets); err != nil {
		return nil, err
	}
	if in.options.ClusterSecrets, err = files.New(cmd.InOrStdin()).Stream(clusterFile); err != nil {
		return nil, err
	}
	session, _, err := p.open(cmd.Context(), in)
	return session, err
}

// requireFleetIn is requireFleet, unless a file with cluster Secrets is given.
func (p Program) requireFleetIn(fsys fs.FS, directory, clusterFile string) error {
	if clusterFile != "" {
		return nil
	}
	repository := hierarchy.NewRepository(fsys)
	f, err := p.limit.Load(repository)
	if err != nil {
		return err
	}
	return command.RequireFleet(repository, f, directory)
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

func explainClusters(cmd *cobra.Command, session *render.Session, selects labels.Selector, format string) error {
	identities, warnings, err := session.Identities()
	if err != nil {
		return err
	}
	output.Warnings(cmd.ErrOrStderr(), session.Fleet().Wanted(warnings))
	identities = slices.DeleteFunc(identities, func(i member.Identity) bool { return !selects.Matches(i.AllLabels()) })
	if format == "" || format == "wide" {
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
	return printExplained(cmd.OutOrStdout(), identities, format)
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

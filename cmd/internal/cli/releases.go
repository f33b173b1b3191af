package cli

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

// groupReleases are the releases of a group as `cmp releases -o yaml` prints them.
type groupReleases struct {
	Group    string            `json:"group"`
	Releases []releaseClusters `json:"lanes"`
}

// releaseClusters is a release with the clusters on it.
type releaseClusters struct {
	release.Release
	Missing  bool     `json:"missing,omitempty"` // clusters have it as their label, but it does not exist
	Clusters []string `json:"clusters"`
	// those of the clusters to which their hub deploys none of the group's releases
	Unserved []string `json:"unserved,omitempty"`
}

func (p Program) newReleasesCommand() *cobra.Command {
	var format, repoRoot, clusterFile string
	var readSecrets bool
	formats := append([]string{"wide"}, render.Formats...)
	cmd := &cobra.Command{
		Use:   "releases [PATH]",
		Short: "List the releases, and which clusters are on which",
		Long: `List the releases of each group, with the chart that each release has its catalog from, and the clusters on it. A cluster
is on the release that its label GROUPRelease names, without that label on the first one; if the hub renders no release for such clusters,
that is said.`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "" {
				if err := oneOf("output", format, formats); err != nil {
					return err
				}
			}
			session, err := p.openFleet(cmd, pathIn(args, repoRoot), repoRoot, clusterFile, readSecrets)
			if err != nil {
				return err
			}
			clusters, warnings, err := session.Clusters(render.Request{})
			if err != nil {
				return err
			}
			f := session.Fleet()
			groups, found, err := releasesOf(session.Repository(), f, clusters)
			if err != nil {
				return err
			}
			output.Warnings(cmd.ErrOrStderr(), f.Wanted(append(warnings, found...)))
			if format != "" && format != "wide" {
				return output.Value(cmd.OutOrStdout(), groups, format)
			}
			return output.Table(cmd.OutOrStdout(), releaseRows(groups, format == "wide"))
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "",
		"output format: "+strings.Join(formats, ", ")+"; by default a table")
	addRepositoryFlags(cmd.Flags(), &repoRoot, &clusterFile)
	addSecretsFlag(cmd.Flags(), &readSecrets)
	return cmd
}

// releasesOf returns the releases of each group in the releases file.
func releasesOf(repository *hierarchy.Repository, f *fleet.Fleet, clusters []cluster.Cluster) ([]groupReleases,
	[]*problem.Problem, error) {
	names, err := release.Groups(f, repository)
	if err != nil {
		return nil, nil, err
	}
	hubs := hubsOf(repository, f, clusters)
	groups := []groupReleases{}
	var warnings []*problem.Problem
	for _, name := range names {
		releases, err := release.Read(f, repository, name)
		if err != nil {
			return nil, nil, err
		}
		for _, warning := range slices.Concat(releases.Strays, releases.Warnings) {
			// Those about the file and its globals come with each group.
			if !slices.ContainsFunc(warnings, func(w *problem.Problem) bool { return w.Error() == warning.Error() }) {
				warnings = append(warnings, warning)
			}
		}
		group := groupReleases{Group: name, Releases: []releaseClusters{}}
		for _, r := range releases.All {
			group.Releases = append(group.Releases, releaseClusters{Release: r, Clusters: []string{}})
		}
		for _, c := range clusters {
			on, exists := releases.Of(c)
			served := true
			if group, rendered := hubs[cmp.Or(c.Hub, c.Name)][name]; rendered && !c.Manages(name) {
				var r string
				if r, served = group.ReleaseOf(c); served {
					on, exists = r, true
				}
			}
			i := slices.IndexFunc(group.Releases, func(l releaseClusters) bool { return l.Type == on })
			if i < 0 {
				if on == "" {
					continue // the group has no releases
				}
				i = len(group.Releases)
				group.Releases = append(group.Releases,
					releaseClusters{Release: release.Release{Type: on}, Missing: !exists})
			}
			group.Releases[i].Clusters = append(group.Releases[i].Clusters, c.Name)
			if !served && exists {
				group.Releases[i].Unserved = append(group.Releases[i].Unserved, c.Name)
			}
		}
		groups = append(groups, group)
	}
	return groups, warnings, nil
}

// hubsOf returns what each hub renders, by its name and that of the group. A hub of which that cannot be said is left
// out: what is wrong there is for its own renders to say, and the labels of its clusters for who asks for these.
func hubsOf(repository *hierarchy.Repository, f *fleet.Fleet,
	clusters []cluster.Cluster) map[string]map[string]bootstrap.Group {
	hubs := map[string]map[string]bootstrap.Group{}
	for _, c := range clusters {
		if c.Labels[wellknown.LabelFleetMember] != wellknown.FleetMemberHub {
			continue
		}
		in, _, err := bootstrap.Load(repository, f, clusters, c, bootstrap.OptionsOf(f))
		if err != nil {
			continue
		}
		hubs[c.Name] = map[string]bootstrap.Group{}
		for _, group := range in.Groups {
			hubs[c.Name][group.Name] = group
		}
	}
	return hubs
}

func releaseRows(groups []groupReleases, wide bool) [][]string {
	header := []string{"GROUP", "RELEASE", "VERSION", "CHART", "CLUSTERS"}
	if wide {
		header = append(header, "VALUES", "TENANT")
	}
	rows := [][]string{header}
	for _, group := range groups {
		for _, r := range group.Releases {
			version := r.Chart.Version
			if !r.Chart.InRepository() {
				version = r.Chart.Revision
			}
			row := []string{group.Group, r.Type, version, r.Chart.String(), strings.Join(clusterNames(r), ",")}
			if r.Missing {
				row[1] += " (no such release)"
			}
			if wide {
				values := fleet.Chart{RepoURL: r.RepoURL, Path: r.Basepath, Revision: r.TargetRevision}
				row = append(row, values.String(), r.Tenant)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// clusterNames returns the clusters on a release, with a mark at those that get nothing of it.
func clusterNames(r releaseClusters) []string {
	names := slices.Clone(r.Clusters)
	for i, name := range names {
		if slices.Contains(r.Unserved, name) {
			names[i] += " (gets nothing)"
		}
	}
	return names
}

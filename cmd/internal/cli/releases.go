package cli

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

// groupReleases are the lanes of a group as `cmp releases -o yaml` prints them.
type groupReleases struct {
	Group string         `json:"group"`
	Lanes []laneClusters `json:"lanes"`
}

// laneClusters is a lane with the clusters on it.
type laneClusters struct {
	release.Release
	Missing  bool     `json:"missing,omitempty"` // clusters have it as their label, but it does not exist
	Clusters []string `json:"clusters"`
	Unserved []string `json:"unserved,omitempty"` // those of the clusters to which their hub deploys none of the group's lanes
}

func (p Program) newReleasesCommand() *cobra.Command {
	var flags fleetFlags
	var output, clusterFile string
	var readSecrets bool
	formats := append([]string{"wide"}, render.Formats...)
	cmd := &cobra.Command{
		Use:   "releases [PATH]",
		Short: "List the release lanes, and which clusters are on which",
		Long: `List the release lanes of each group, with the chart that each lane has its catalog from, and the clusters on it. A cluster
is on the lane that its label GROUPRelease names, without that label on the first one; if the hub renders no lane for such clusters,
that is said.`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "" {
				if err := oneOf("output", output, formats); err != nil {
					return err
				}
			}
			repository, fleet, _, err := flags.openOr(pathIn(args, flags.repoRoot), clusterFile != "")
			if err != nil {
				return err
			}
			if fleet.Secrets, err = p.secrets(cmd.Context(), fleet, readSecrets); err != nil {
				return err
			}
			files, err := clusterSecrets(&standardInput{reader: cmd.InOrStdin()}, clusterFile)
			if err != nil {
				return err
			}
			secrets, err := render.ParseClusterSecrets(files)
			if err != nil {
				return err
			}
			clusters, warnings, err := member.Clusters(fleet, repository, secrets)
			if err != nil {
				return err
			}
			groups, found, err := releasesOf(repository, fleet, clusters)
			if err != nil {
				return err
			}
			printWarnings(cmd.ErrOrStderr(), fleet.Wanted(append(warnings, found...)))
			if output != "" && output != "wide" {
				return printValue(cmd.OutOrStdout(), groups, output)
			}
			return printTable(cmd.OutOrStdout(), releaseRows(groups, output == "wide"))
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "output format: "+strings.Join(formats, ", ")+"; by default a table")
	addRepositoryFlags(cmd.Flags(), &flags.repoRoot, &clusterFile)
	addSecretsFlag(cmd.Flags(), &readSecrets)
	return cmd
}

// releasesOf returns the lanes of each group in the releases file.
func releasesOf(repository *hierarchy.Repository, fleet *fleet.Fleet, clusters []cluster.Cluster) ([]groupReleases, []*problem.Problem, error) {
	names, err := release.Groups(fleet, repository)
	if err != nil {
		return nil, nil, err
	}
	hubs := hubsOf(repository, fleet, clusters)
	groups := []groupReleases{}
	var warnings []*problem.Problem
	for _, name := range names {
		lanes, err := release.Read(fleet, repository, name)
		if err != nil {
			return nil, nil, err
		}
		for _, warning := range slices.Concat(lanes.Strays, lanes.Warnings) {
			// Those about the file and its globals come with each group.
			if !slices.ContainsFunc(warnings, func(w *problem.Problem) bool { return w.Error() == warning.Error() }) {
				warnings = append(warnings, warning)
			}
		}
		group := groupReleases{Group: name, Lanes: []laneClusters{}}
		for _, lane := range lanes.All {
			group.Lanes = append(group.Lanes, laneClusters{Release: lane, Clusters: []string{}})
		}
		for _, c := range clusters {
			on, exists := lanes.Of(c)
			served := true
			if group, rendered := hubs[cmp.Or(c.Hub, c.Name)][name]; rendered && !c.Manages(name) {
				var lane string
				if lane, served = group.LaneOf(c); served {
					on, exists = lane, true
				}
			}
			i := slices.IndexFunc(group.Lanes, func(l laneClusters) bool { return l.Type == on })
			if i < 0 {
				if on == "" {
					continue // the group has no lanes
				}
				i = len(group.Lanes)
				group.Lanes = append(group.Lanes, laneClusters{Release: release.Release{Type: on}, Missing: !exists})
			}
			group.Lanes[i].Clusters = append(group.Lanes[i].Clusters, c.Name)
			if !served && exists {
				group.Lanes[i].Unserved = append(group.Lanes[i].Unserved, c.Name)
			}
		}
		groups = append(groups, group)
	}
	return groups, warnings, nil
}

// hubsOf returns what each hub renders, by its name and that of the group. A hub of which that cannot be said is left
// out: what is wrong there is for its own renders to say, and the labels of its clusters for who asks for these.
func hubsOf(repository *hierarchy.Repository, fleet *fleet.Fleet, clusters []cluster.Cluster) map[string]map[string]bootstrap.Group {
	hubs := map[string]map[string]bootstrap.Group{}
	for _, c := range clusters {
		if c.Labels[wellknown.LabelFleetMember] != wellknown.FleetMemberHub {
			continue
		}
		in, _, err := bootstrap.Load(repository, fleet, clusters, c, bootstrap.OptionsOf(fleet))
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
	header := []string{"GROUP", "LANE", "VERSION", "CHART", "CLUSTERS"}
	if wide {
		header = append(header, "VALUES", "TENANT")
	}
	rows := [][]string{header}
	for _, group := range groups {
		for _, lane := range group.Lanes {
			version := lane.Chart.Version
			if !lane.Chart.InRepository() {
				version = lane.Chart.Revision
			}
			row := []string{group.Group, lane.Type, version, lane.Chart.String(), strings.Join(clusterNames(lane), ",")}
			if lane.Missing {
				row[1] += " (no such lane)"
			}
			if wide {
				values := fleet.Chart{RepoURL: lane.RepoURL, Path: lane.Basepath, Revision: lane.TargetRevision}
				row = append(row, values.String(), lane.Tenant)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// clusterNames returns the clusters on a lane, with a mark at those that get nothing of it.
func clusterNames(lane laneClusters) []string {
	names := slices.Clone(lane.Clusters)
	for i, name := range names {
		if slices.Contains(lane.Unserved, name) {
			names[i] += " (gets nothing)"
		}
	}
	return names
}

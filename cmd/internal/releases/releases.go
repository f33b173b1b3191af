// Package releases lists the releases of a fleet, with the clusters that are on each.
package releases

import (
	"cmp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

// A Group is one with its releases, as `cmp releases -o yaml` prints them.
type Group struct {
	Group    string    `json:"group"`
	Releases []Release `json:"lanes"`
}

// A Release is one with the clusters that are on it.
type Release struct {
	release.Release
	Missing  bool     `json:"missing,omitempty"` // clusters have it as their label, but it does not exist
	Clusters []string `json:"clusters"`
	// those of the clusters to which their hub deploys none of the group's releases
	Unserved []string `json:"unserved,omitempty"`
}

// Of returns the releases of each group in the releases file, with the findings about them. It fails as [release.Read]
// does.
func Of(repository *hierarchy.Repository, f *fleet.Fleet, clusters []cluster.Cluster) ([]Group,
	[]*problem.Problem, error) {
	names, err := release.Groups(f, repository)
	if err != nil {
		return nil, nil, err
	}
	hubs := hubsOf(repository, f, clusters)
	groups := []Group{}
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
		group := Group{Group: name, Releases: []Release{}}
		for _, r := range releases.All {
			group.Releases = append(group.Releases, Release{Release: r, Clusters: []string{}})
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
			i := slices.IndexFunc(group.Releases, func(l Release) bool { return l.Type == on })
			if i < 0 {
				if on == "" {
					continue // the group has no releases
				}
				i = len(group.Releases)
				group.Releases = append(group.Releases,
					Release{Release: release.Release{Type: on}, Missing: !exists})
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

// Rows returns the releases as the rows of a table, which is wide or not.
func Rows(groups []Group, wide bool) [][]string {
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
func clusterNames(r Release) []string {
	names := slices.Clone(r.Clusters)
	for i, name := range names {
		if slices.Contains(r.Unserved, name) {
			names[i] += " (gets nothing)"
		}
	}
	return names
}

// Package releases lists the releases of a fleet, with the clusters that are on each.
package releases

import (
	"cmp"
	"errors"
	"maps"
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
	// the catalog that it has since its own, which chart says, cannot be had
	Instead string `json:"catalogInstead,omitempty"`
}

// Of returns the releases of each group in the releases file, or of one, with the findings about them. It fails as
// [release.Read] does, for a group that the file does not have, and with [fleet.ErrNoChartReader] if another program is
// to be asked for a catalog.
func Of(repository *hierarchy.Repository, f *fleet.Fleet, clusters []cluster.Cluster, only string) ([]Group,
	[]*problem.Problem, error) {
	names, err := release.Groups(f, repository)
	if err != nil {
		return nil, nil, err
	}
	if only != "" {
		if !slices.Contains(names, only) {
			p := problem.New(f.Releases, 0, "there are no releases of a group %q", only).
				WithHint("%s", problem.Suggest(only, names,
					"the groups are "+cmp.Or(strings.Join(names, ", "), "none")))
			p.Err = fleet.ErrNoGroup
			return nil, nil, p
		}
		names = []string{only}
	}
	hubs, found, err := hubsOf(repository, f, clusters, only)
	if err != nil {
		return nil, nil, err
	}
	groups := []Group{}
	var warnings []*problem.Problem
	for _, name := range names {
		releases, err := release.Read(f, repository, name)
		if err != nil {
			return nil, nil, err
		}
		warnings = append(warnings, releases.Strays...)
		warnings = append(warnings, releases.Warnings...)
		group := Group{Group: name, Releases: []Release{}}
		for _, r := range releases.All {
			group.Releases = append(group.Releases,
				Release{Release: r, Clusters: []string{}, Instead: hubs.instead(name, r)})
		}
		for _, c := range clusters {
			group.add(releases, hubs[cmp.Or(c.Hub, c.Name)], c)
		}
		groups = append(groups, group)
	}
	return groups, unique(append(warnings, found...)), nil
}

// add adds a cluster to the release that it is on, as its hub has it, or its own Argo CD.
func (g *Group) add(releases release.Releases, hub hub, c cluster.Cluster) {
	on, exists := releases.Of(c)
	served := true
	if group, rendered := hub[g.Group]; rendered && !c.Manages(g.Group) {
		var r string
		if r, served = group.ReleaseOf(c); served {
			on, exists = r, true
		}
	}
	i := slices.IndexFunc(g.Releases, func(l Release) bool { return l.Type == on })
	if i < 0 {
		if on == "" {
			return // the group has no releases
		}
		i = len(g.Releases)
		g.Releases = append(g.Releases, Release{Release: release.Release{Type: on}, Missing: !exists})
	}
	g.Releases[i].Clusters = append(g.Releases[i].Clusters, c.Name)
	if !served && exists {
		g.Releases[i].Unserved = append(g.Releases[i].Unserved, c.Name)
	}
}

// Existing returns the names of all releases of groups that exist.
func Existing(groups []Group) []string {
	var names []string
	for _, group := range groups {
		for _, r := range group.Releases {
			if !r.Missing {
				names = append(names, r.Type)
			}
		}
	}
	return names
}

// unique leaves out findings that repeat: those about the file and its globals come with each group.
func unique(found []*problem.Problem) []*problem.Problem {
	seen := map[string]bool{}
	return slices.DeleteFunc(found, func(p *problem.Problem) bool {
		again := seen[p.Error()]
		seen[p.Error()] = true
		return again
	})
}

// A hub is what one renders, by the name of the group; hubs are that by their names.
type (
	hub  map[string]bootstrap.Group
	hubs map[string]hub
)

// instead returns the catalog that a release has in place of its own; "" for its own.
func (h hubs) instead(group string, r release.Release) string {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, rendered := range h[name][group].Releases {
			if rendered.Type == r.Type && rendered.Instead != "" {
				return rendered.Instead
			}
		}
	}
	return ""
}

// hubsOf returns what each hub renders, of all groups or of one, with the findings about their releases. A hub of which
// that cannot be said is left out: what else is wrong there is for its own renders to say, and the labels of its
// clusters for who asks for these.
func hubsOf(repository *hierarchy.Repository, f *fleet.Fleet, clusters []cluster.Cluster, only string) (hubs,
	[]*problem.Problem, error) {
	all := hubs{}
	var warnings []*problem.Problem
	of := *f
	if only != "" {
		of.Groups = maps.Clone(f.Groups)
		maps.DeleteFunc(of.Groups, func(name string, _ *fleet.Group) bool { return name != only })
	}
	for _, c := range clusters {
		if c.Labels[wellknown.LabelFleetMember] != wellknown.FleetMemberHub {
			continue
		}
		in, found, err := bootstrap.Load(repository, &of, clusters, c, bootstrap.OptionsOf(f))
		if errors.Is(err, fleet.ErrNoChartReader) {
			return nil, nil, err
		}
		var p *problem.Problem
		if errors.Is(err, release.ErrNoCluster) && errors.As(err, &p) {
			warnings = append(warnings, p) // the hub renders none of its releases
		}
		if err != nil {
			continue
		}
		for _, p := range found {
			if p.Rule == problem.RuleForeignCatalog || p.Rule == problem.RuleNoRelease {
				warnings = append(warnings, p)
			}
		}
		all[c.Name] = hub{}
		for _, group := range in.Groups {
			all[c.Name][group.Name] = group
		}
	}
	return all, warnings, nil
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
			chart := r.Chart.String()
			if r.Instead != "" {
				version, chart = version+" (cannot be had)", r.Instead
			}
			row := []string{group.Group, r.Type, version, chart, strings.Join(clusterNames(r), ",")}
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

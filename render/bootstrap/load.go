package bootstrap

import (
	"embed"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// installedByHub are the components of other groups for what the group fleet installs on spokes (rule installed-by-hub
// in docs/rules/bootstrap.md).
var installedByHub = []string{"argocd", "external-secrets"}

// Load finds out which groups and releases the Argo CD of a cluster has. A hub has all groups, with the releases that
// its label chooses; a spoke has the groups that it manages, with the one release it is on. clusters are those of the
// fleet. It fails as [release.Inputs.Load] does, and for a release that no cluster of the hub can be on. The warnings
// are those of the groups, and about members whose flags contradict each other.
func Load(repo *hierarchy.Repository, f *fleet.Fleet, clusters []cluster.Cluster, on cluster.Cluster,
	options Options) (Input, []*problem.Problem, error) {
	in := Input{Cluster: on, Options: options, NamePlace: func(c cluster.Cluster) (string, int) {
		return namePlace(repo, f, c)
	}}
	reached := []cluster.Cluster{on}
	for _, c := range clusters {
		if c.Hub == on.Name && !on.IsSpoke() {
			in.Members = append(in.Members, c)
			reached = append(reached, c)
		}
	}
	var err error
	if in.Unknown, err = isUnknown(repo, f, on); err != nil {
		return Input{}, nil, err
	}
	if in.FleetPath, err = fleetPath(repo, f, on); err != nil {
		return Input{}, nil, err
	}
	if in.Options.SpokeNamespace, err = spokesOf(repo, f, clusters, on, options); err != nil {
		return Input{}, nil, err
	}
	if in.Split, err = loadSplit(repo, f, on); err != nil {
		return Input{}, nil, err
	}
	warnings := member.CheckFlags(f, repo, in.Members)
	for _, name := range slices.Sorted(maps.Keys(f.Groups)) {
		o := options.of(name)
		if o.Enabled != nil && !*o.Enabled || !labels.SelectorFromSet(o.Selectors).Matches(on.AllLabels()) {
			continue
		}
		if on.IsSpoke() && !on.Manages(name) {
			continue
		}
		group, found, err := loadGroup(repo, f, f.Groups[name], reached)
		if err != nil {
			return Input{}, nil, err
		}
		if of, err := f.ForGroup(repo, f.Groups[name]); err == nil {
			in.Split.checkCatalog(f.Groups[name], of)
		}
		in.Groups, warnings = append(in.Groups, group), append(warnings, found...)
	}
	return in, warnings, nil
}

// namePlace returns where the name of a cluster is said: in fleet.yaml, or in the member's file. Of a member that is
// called as its file is, and of a cluster that is given from outside, that is no line.
func namePlace(repo *hierarchy.Repository, f *fleet.Fleet, c cluster.Cluster) (file string, line int) {
	i := slices.IndexFunc(f.Clusters, func(known cluster.Cluster) bool { return known.Name == c.Name })
	if c.Hub == "" && i >= 0 {
		return f.PlaceOf("spec", "clusters", strconv.Itoa(i), "name")
	}
	d, err := repo.Document(c.File)
	if c.Hub == "" || err != nil || d == nil || d.Values["clusterName"] == nil {
		return c.File, 0
	}
	return d.Name, d.Line("clusterName")
}

// ReleaseOf returns the release that a hub with the group has one of its clusters on; false if none that it renders is
// for the cluster, or the group is not.
func (g Group) ReleaseOf(c cluster.Cluster) (name string, found bool) {
	if !labels.SelectorFromSet(g.Selectors).Matches(c.AllLabels()) {
		return "", false
	}
	for _, l := range g.Releases {
		if !l.Labelled || c.Labels[wellknown.ReleaseLabel(g.Name)] == l.Type {
			return l.Type, true
		}
	}
	return "", false
}

// isUnknown tells whether the plugin, which only has the repository, would not know the cluster as it is given.
func isUnknown(repo *hierarchy.Repository, f *fleet.Fleet, given cluster.Cluster) (bool, error) {
	plain := *f
	plain.Secrets = nil // which the plugin does not read
	known, _, err := member.ClustersFor(&plain, repo, given.Name, nil)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(known, func(c cluster.Cluster) bool {
		return c.Name == given.Name && maps.Equal(c.Labels, given.Labels) &&
			maps.Equal(c.Annotations, given.Annotations)
	}), nil
}

// fleetPath returns the directory that the cluster's annotation names, or else the one with the members, if it exists:
// an Application needs a path that is there.
func fleetPath(repo *hierarchy.Repository, f *fleet.Fleet, c cluster.Cluster) (string, error) {
	first, _, _ := strings.Cut(f.Members, "/")
	for _, directory := range []string{path.Clean(
		c.Annotations[wellknown.RepositoryAnnotation(wellknown.GroupFleet, "basepath")]), first} {
		if directory == "." || strings.HasPrefix(directory, "..") || path.IsAbs(directory) {
			continue
		}
		if exists, err := repo.HasDirectory(directory); err != nil || exists {
			return directory, err
		}
	}
	return ".", nil
}

// loadGroup returns a group with the releases of the first of the clusters; all are those that it can reach.
func loadGroup(repo *hierarchy.Repository, f *fleet.Fleet, g *fleet.Group, clusters []cluster.Cluster) (
	Group, []*problem.Problem, error) {
	group := Group{Name: g.Name, Path: g.Path, RepoNames: g.RepoNames}
	f, err := f.ForGroup(repo, g)
	if err != nil {
		return group, nil, err
	}
	group.File, group.Line = f.PlaceOf("spec", "groups", g.Name)
	inputs := release.Inputs{Repository: repo, Fleet: f, Group: g, Cluster: clusters[0], Clusters: clusters,
		AppPaths: []string{g.Path},
		LabelPlace: func(c cluster.Cluster, label string) (string, int) {
			return member.LabelPlace(f, repo, c, label)
		}}
	if len(g.RepoNames) > 0 {
		inputs.AppPaths = g.RepoNames
	}
	if clusters[0].IsSpoke() { // as the Application will have it
		selectors := Object{}
		for label, value := range managedLabels(g.Name) {
			selectors[label] = value
		}
		inputs.Flags = []hierarchy.Layer{{Source: hierarchy.SourceFlags, File: "settings",
			Values: Object{wellknown.SettingGlobalSelectors: selectors}}}
	}
	if err := chooseCatalog(repo, f, &inputs); err != nil {
		return group, nil, err
	}
	source, err := inputs.Load()
	if err != nil {
		return group, nil, err
	}
	if err := source.CheckReleases(); err != nil {
		return group, nil, err
	}
	group.Selectors = hierarchy.SettingsReader(source.Base()).TextMap(wellknown.SettingGlobalSelectors)
	var foreign []*problem.Problem
	add := func(name string, values *hierarchy.Values, found []*problem.Problem) error {
		own, err := releaseOf(f, inputs, source, name, values)
		for _, p := range found {
			if p.Rule == problem.RuleForeignCatalog {
				own.Instead = f.Catalog.String()
				foreign = append(foreign, p)
			}
		}
		group.Releases = append(group.Releases, own)
		return err
	}
	// Of a spoke, nothing else can be on the others.
	if err := source.Each("", clusters[0].IsSpoke(), add); err != nil {
		return group, nil, err
	}
	return group, append(source.Warnings, foreign...), nil
}

// releaseOf returns a release with what its Application needs to know of its values.
func releaseOf(f *fleet.Fleet, inputs release.Inputs, source *release.Layers, name string,
	values *hierarchy.Values) (Release, error) {
	own := Release{}
	for _, known := range source.Releases.All {
		if known.Type == name {
			own.Release = known
			own.File, own.Line = source.Releases.Place(name)
			own.Elsewhere = inputs.Elsewhere(source.Releases, known)
		}
	}
	r := hierarchy.SettingsReader(values)
	own.Labelled = r.TextMap(wellknown.SettingReleases)[wellknown.ReleaseLabel(inputs.Group.Name)] == name && name != ""
	own.All = len(source.Releases.All) > 1 && r.True(wellknown.SettingUseVersionSelectors) && !own.Labelled
	if _, installs := f.Groups[wellknown.GroupFleet]; installs && inputs.Cluster.IsSpoke() {
		for _, component := range installedByHub {
			if hierarchy.Reader(values, "", component).True("enabled") {
				own.Off = append(own.Off, component)
			}
		}
	}
	if r.Err() != nil {
		return own, r.Err()
	}
	if inputs.Catalog.FS == fs.FS(noFiles) { // the components are in the releases' own catalogs
		return own, nil
	}
	var err error
	own.Empty, err = isEmpty(values)
	return own, err
}

// isEmpty tells whether no component is enabled. It fails if that cannot be known.
func isEmpty(values *hierarchy.Values) (bool, error) {
	for _, key := range applicationset.Components(values) {
		r := hierarchy.Reader(values, "component "+key, key)
		if on := r.True("enabled"); on || r.Err() != nil {
			return false, r.Err()
		}
	}
	return true, nil
}

// noFiles is an empty file system.
var noFiles embed.FS

// chooseCatalog gives the inputs their catalog. A spoke needs the components of its release. A hub does not: what its
// settings say is in the fleet's catalog, and where all releases bring their own, that need not exist. But whether a
// catalog in Git can be had is to be said where its Application is made.
func chooseCatalog(repo *hierarchy.Repository, f *fleet.Fleet, inputs *release.Inputs) error {
	exists, err := release.HasCatalog(f, repo)
	if err != nil {
		return err
	}
	releases, err := release.Read(f, repo, inputs.Group.Name)
	if err != nil {
		return err
	}
	foreign := func(l release.Release) bool { return l.Chart.InRepository() || l.Chart.RepoURL != "" }
	switch {
	case !exists && len(releases.All) > 0 &&
		!slices.ContainsFunc(releases.All, func(l release.Release) bool { return !foreign(l) }):
		inputs.Catalog = release.Catalog{FS: noFiles, Name: f.Catalog.String()}
		inputs.Defaults, err = hierarchy.ParseDocument(inputs.Catalog.Name, []byte("useVersionSelectors: true"))
	case slices.ContainsFunc(releases.All, func(l release.Release) bool { return inputs.Elsewhere(releases, l) != "" }):
	case exists && !inputs.Cluster.IsSpoke():
		inputs.Catalog, err = release.OpenCatalog(f, repo)
	}
	return err
}

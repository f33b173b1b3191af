package release

import (
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/tenants"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Inputs are what the values of a group are merged from. Without a group, only Catalog is needed.
type Inputs struct {
	Repository *hierarchy.Repository // nil: there is no hierarchy, only the catalog and the files
	Fleet      *fleet.Fleet
	Group      *fleet.Group
	Cluster    cluster.Cluster
	Clusters   []cluster.Cluster // of the fleet, with Cluster; nil: not known
	Release    string            // the release that is asked for; "" for those that the cluster's label selects
	AppPaths   []string          // relative to the root of the repository

	Catalog    Catalog             // of all releases; the zero value for the fleet's, and those of the releases
	Defaults   *hierarchy.Document // in place of the catalog's values.yaml, if not nil
	Components []string            // component files in place of the group's, if not nil
	Files      []*hierarchy.Document
	Flags      []hierarchy.Layer

	// LabelPlace tells where a label of a cluster is set, for messages; nil for its file as a whole.
	LabelPlace func(c cluster.Cluster, label string) (file string, line int)
}

// labelPlace tells where the release of a cluster is set.
func (in Inputs) labelPlace(c cluster.Cluster) (file string, line int) {
	if in.LabelPlace == nil || in.Group == nil {
		return c.File, 0
	}
	return in.LabelPlace(c, wellknown.ReleaseLabel(in.Group.Name))
}

// Layers are what the values of a group for a cluster are merged from, in each of its releases.
type Layers struct {
	Levels   []fleet.ClusterLevel // as they apply to the cluster
	Releases Releases             // of the group
	Warnings []*problem.Problem   // about the files that were read, and levels that were skipped

	inputs  Inputs
	catalog openCatalog       // of what is not in a release's
	layers  []hierarchy.Layer // without those of the release and the flags
	base    *hierarchy.Values // with the flags, without the release and the component files
	choices []Choice          // of the releases, if none is asked for

	opened map[string]openCatalog // by release
	read   []string               // the files with settings in the levels
}

// Files returns the names of the files with settings in the levels, of which no other group reads any.
func (s *Layers) Files() []string { return slices.Clone(s.read) }

// An openCatalog is a catalog with its defaults.
type openCatalog struct {
	Catalog
	defaults *hierarchy.Layer // nil: it has none
	warnings []*problem.Problem
}

// Load reads the layers of a group: the defaults, the levels of the cluster, the group's settings and the files. Which
// releases there are is decided with the defaults of the fleet's catalog, or if there is none, of the first release's.
func (in Inputs) Load() (*Layers, error) {
	s := &Layers{inputs: in, opened: map[string]openCatalog{}}
	var err error
	if in.Group != nil {
		if s.inputs.Fleet, err = in.Fleet.ForGroup(in.Repository, in.Group); err != nil {
			return nil, err
		}
		if err := s.loadGroup(); err != nil {
			return nil, err
		}
	}
	if s.catalog, err = s.openBase(); err != nil {
		return nil, err
	}
	s.Warnings = append(s.Warnings, s.catalog.warnings...)
	for _, d := range in.Files {
		if err := d.Single(); in.Group != nil && err != nil {
			return nil, err
		}
		s.layers = append(s.layers, hierarchy.LayerOf(hierarchy.SourceValues, d))
		s.Warnings = append(s.Warnings, d.Warnings...)
	}
	s.base = hierarchy.Merge(nil, s.catalog.defaults, slices.Concat(s.layers, in.Flags))
	clusters := s.reachable()
	s.choices = s.Releases.choose(s.releaseLabel(), s.Releases.labelsOf(clusters), s.versionSelectors())
	if s.onNone() { // no hub selects such a cluster, nor does it select itself
		s.choices = []Choice{{Release: s.Releases.All[0].Type, Labelled: true}}
	}
	s.Warnings = append(s.Warnings, s.unknownLabels()...)
	s.Warnings = append(s.Warnings, s.unreached(clusters)...)
	return s, nil
}

// openBase opens the catalog of the group as a whole.
func (s *Layers) openBase() (openCatalog, error) {
	in := s.inputs
	if in.Catalog.FS != nil {
		return s.open(in.Catalog)
	}
	exists := true
	if len(s.Releases.All) > 0 {
		var err error
		if exists, err = HasCatalog(in.Fleet, in.Repository); err != nil {
			return openCatalog{}, err
		}
	}
	var c Catalog
	var err error
	if exists {
		c, err = OpenCatalog(in.Fleet, in.Repository)
	} else {
		c, _, err = in.catalogOf(s.Releases, s.Releases.All[0])
	}
	if err != nil {
		return openCatalog{}, err
	}
	return s.open(c)
}

// CatalogOf returns the catalog of a release, or of the group without releases (""). The warnings are that the
// release's own cannot be read, and about its defaults. It fails if there is none.
func (s *Layers) CatalogOf(release string) (Catalog, []*problem.Problem, error) {
	open, err := s.openRelease(release)
	return open.Catalog, open.warnings, err
}

// openRelease opens the catalog of a release.
func (s *Layers) openRelease(release string) (openCatalog, error) {
	i := s.Releases.index(release)
	if i < 0 || s.inputs.Catalog.FS != nil {
		return s.catalog, nil
	}
	if open, ok := s.opened[release]; ok {
		return open, nil
	}
	c, warning, err := s.inputs.catalogOf(s.Releases, s.Releases.All[i])
	if err != nil {
		return openCatalog{}, err
	}
	open := s.catalog
	if c.Name != open.Name {
		if open, err = s.open(c); err != nil {
			return open, err
		}
	}
	if warning != nil {
		open.warnings = append(slices.Clip(open.warnings), warning)
	}
	s.opened[release] = open
	return open, nil
}

// open reads the defaults of a catalog.
func (s *Layers) open(c Catalog) (openCatalog, error) {
	open := openCatalog{Catalog: c}
	defaults, err := s.inputs.Defaults, error(nil)
	if defaults == nil {
		defaults, err = c.defaults()
	}
	if err == nil && s.inputs.Group != nil {
		err = defaults.Single()
	}
	if defaults != nil {
		layer := hierarchy.LayerOf(hierarchy.SourceDefaults, defaults)
		open.defaults, open.warnings = &layer, defaults.Warnings
	}
	return open, err
}

func (s *Layers) loadGroup() error {
	in := s.inputs
	var err error
	if s.Releases, err = Read(in.Fleet, in.Repository, in.Group.Name); err != nil {
		return err
	}
	s.Warnings = append(s.Warnings, s.Releases.Warnings...)
	if s.Levels, err = in.Fleet.LevelsOf(in.Repository, in.Cluster, in.AppPaths...); err != nil {
		return err
	}
	if p := skippedLevels(in.Cluster, s.Levels); p != nil {
		s.Warnings = append(s.Warnings, p)
	}
	lost, err := s.lostReleases()
	if err != nil {
		return err
	}
	unknown, err := tenants.Unknown(in.Fleet, in.Repository, in.Cluster)
	if err != nil {
		return err
	}
	for _, p := range []*problem.Problem{lost, unknown} {
		if p != nil {
			s.Warnings = append(s.Warnings, p)
		}
	}
	misplaced, err := in.Fleet.MisplacedSettings(in.Repository, s.Levels, in.Group)
	if err != nil {
		return err
	}
	s.Warnings = append(s.Warnings, misplaced...)
	if s.layers, err = fleet.SettingsFiles(in.Repository, s.Levels, in.Group); err != nil {
		return err
	}
	for _, layer := range s.layers {
		if err := layer.Document().Single(); err != nil {
			return err
		}
		s.Warnings = append(s.Warnings, layer.Document().Warnings...)
	}
	for _, layer := range s.layers {
		s.read = append(s.read, layer.File)
	}
	s.layers = append(s.layers, in.Fleet.Layer(in.Group, in.Components))
	return nil
}

// lostReleases is the finding of [Releases.noneFor] about the cluster, or another one that it has the group for.
func (s *Layers) lostReleases() (*problem.Problem, error) {
	in := s.inputs
	knows, ok := cluster.KnownTo(in.Cluster.Name, in.Clusters)
	for _, c := range append([]cluster.Cluster{in.Cluster}, in.Clusters...) {
		if c.Name != in.Cluster.Name && (!ok || !knows(c) || in.Cluster.IsSpoke()) {
			continue
		}
		if lost, err := s.Releases.noneFor(c, in.Fleet.Names("releases")); lost != nil || err != nil {
			return lost, err
		}
	}
	return nil, nil
}

// selected returns the releases to render: the one that is asked for, or those that a hub renders
// for the cluster. Where there are none, the one release is "".
func (s *Layers) selected(asked string) []string {
	if asked != "" {
		return []string{asked}
	}
	if len(s.choices) == 0 {
		return []string{""}
	}
	names := make([]string, len(s.choices))
	for i, choice := range s.choices {
		names[i] = choice.Release
	}
	return names
}

// Each calls use with each release to render, its values and the findings about them: the release that is asked for, or
// those that are selected for the cluster. If others are on none, it is only the one that the cluster itself is on. It
// ends with the first error.
func (s *Layers) Each(asked string, alone bool,
	use func(name string, values *hierarchy.Values, found []*problem.Problem) error) error {
	names := s.selected(asked)
	if asked == "" && alone {
		names = []string{s.ClusterRelease()}
	}
	for _, name := range names {
		values, found, err := s.Values(name)
		if err != nil {
			return err
		}
		if err := use(name, values, found); err != nil {
			return err
		}
	}
	return nil
}

// CheckReleases fails as check does for the releases that the cluster's label selects. One that is asked for may have
// no cluster yet.
func (s *Layers) CheckReleases() error {
	if s.inputs.Release != "" || s.onNone() {
		return nil
	}
	return s.Releases.check(s.choices, s.inputs.Clusters, s.inputs.labelPlace)
}

// ClusterRelease returns the release that the cluster's label names, or else the first that is selected.
func (s *Layers) ClusterRelease() string {
	selected := s.selected("")
	if slices.Contains(selected, s.releaseLabel()) {
		return s.releaseLabel()
	}
	return selected[0]
}

// Choices returns the releases that the cluster's Argo CD renders, and for whom; none if the group has none.
func (s *Layers) Choices() []Choice { return slices.Clone(s.choices) }

// Base returns the values without those of the component files and the release.
func (s *Layers) Base() *hierarchy.Values { return s.base }

func (s *Layers) releaseLabel() string {
	if s.inputs.Group == nil {
		return ""
	}
	return s.inputs.Cluster.Labels[wellknown.ReleaseLabel(s.inputs.Group.Name)]
}

func (s *Layers) versionSelectors() bool {
	return hierarchy.Reader(s.base, "").True(wellknown.SettingUseVersionSelectors)
}

// Values merges the values of a release ("" for none) by the rules at the top of merge.go. The warnings are about its
// catalog. It fails for an unknown release, without its catalog, and on a component file that cannot be read.
func (s *Layers) Values(release string) (*hierarchy.Values, []*problem.Problem, error) {
	layers := s.layers
	if release != "" {
		layer, err := s.Releases.layerOf(release, s.releaseLabel(), s.versionSelectors())
		if err != nil {
			return nil, nil, err
		}
		i := slices.IndexFunc(s.choices, func(c Choice) bool { return c.Release == release })
		switch {
		case s.onNone():
			layer = s.Releases.layer(Choice{Release: release, Labelled: true})
		case i >= 0 && s.inputs.Release == "":
			layer = s.Releases.layer(s.choices[i])
		}
		layers = append(slices.Clip(layers), layer)
	}
	layers = slices.Concat(layers, s.inputs.Flags)
	catalog, err := s.openRelease(release)
	if err != nil {
		return nil, nil, err
	}
	inGroup := s.inputs.Group != nil
	components, missing, err := catalog.components(hierarchy.Merge(nil, catalog.defaults, layers), inGroup)
	if err != nil {
		return nil, nil, err
	}
	warnings := slices.Clone(catalog.warnings)
	for _, layer := range components {
		warnings = append(warnings, layer.Warnings()...)
	}
	for _, file := range missing {
		if inGroup && !s.inOtherRelease(release, file.name) {
			file.found.Stops = true
		}
		warnings = append(warnings, file.found)
	}
	for _, p := range replacedComponents(components, catalog.defaults, layers) {
		if inGroup {
			p.Stops = true
		}
		warnings = append(warnings, p)
	}
	return hierarchy.Merge(components, catalog.defaults, layers), warnings, nil
}

// inOtherRelease tells whether the catalog of another release has a component file: then it may be that release's
// alone.
func (s *Layers) inOtherRelease(release, component string) bool {
	for _, other := range s.Releases.Names() {
		if other == release {
			continue
		}
		if catalog, err := s.openRelease(other); err == nil && catalog.hasComponents(component) {
			return true
		}
	}
	return false
}

package hierarchy

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Inputs are what the values of a group are merged from. Without a group, only Catalog is needed.
type Inputs struct {
	Repository *Repository // nil: there is no hierarchy, only the catalog and the files
	Fleet      *Fleet
	Group      *Group
	Cluster    Cluster
	Clusters   []Cluster // of the fleet, with Cluster; nil: not known
	Release    string    // the lane that is asked for; "" for those that the cluster's label selects
	AppPaths   []string  // relative to the root of the repository

	Catalog    Catalog   // of all lanes; the zero value for the fleet's, and those of the lanes
	Defaults   *Document // in place of the catalog's values.yaml, if not nil
	Components []string  // component files in place of the group's, if not nil
	Files      []*Document
	Flags      []Layer
}

// A Source holds the layers of a group for a cluster, from which the values of each release lane are merged.
type Source struct {
	Levels   []ClusterLevel // as they apply to the cluster
	Lanes    Lanes          // of the group
	Warnings []*Problem     // about the files that were read, and levels that were skipped

	inputs  Inputs
	catalog openCatalog // of what is not in a lane's
	layers  []Layer     // without those of the lane and the flags
	base    *Values     // with the flags, without the lane and the component files
	choices []Choice    // of the lanes, if none is asked for

	opened map[string]openCatalog // by lane
	read   []string               // the files with settings in the levels
}

// Files returns the names of the files with settings in the levels, of which no other group reads any.
func (s *Source) Files() []string { return slices.Clone(s.read) }

// An openCatalog is a catalog with its defaults.
type openCatalog struct {
	Catalog
	defaults *Layer // nil: it has none
	warnings []*Problem
}

// Load reads the layers of a group: the defaults, the levels of the cluster, the group's settings and the files. Which
// lanes there are is decided with the defaults of the fleet's catalog, or if there is none, of the first lane's.
func (in Inputs) Load() (*Source, error) {
	s := &Source{inputs: in, opened: map[string]openCatalog{}}
	if in.Group != nil {
		if err := s.loadGroup(); err != nil {
			return nil, err
		}
	}
	var err error
	if s.catalog, err = s.openBase(); err != nil {
		return nil, err
	}
	s.Warnings = append(s.Warnings, s.catalog.warnings...)
	for _, d := range in.Files {
		if err := d.single(); in.Group != nil && err != nil {
			return nil, err
		}
		s.layers = append(s.layers, LayerOf(LevelValues, d))
		s.Warnings = append(s.Warnings, d.Warnings...)
	}
	s.base = Merge(nil, s.catalog.defaults, slices.Concat(s.layers, in.Flags))
	clusters := s.reachable()
	s.choices = s.Lanes.Choose(s.laneLabel(), s.Lanes.labelsOf(clusters), s.versionSelectors())
	if label := s.laneLabel(); label != "" && len(s.Lanes.All) > 0 && !slices.Contains(s.Lanes.Names(), label) {
		s.Warnings = append(s.Warnings, s.Lanes.unknownLabel(in.Cluster))
	}
	s.Warnings = append(s.Warnings, s.unreached(clusters)...)
	return s, nil
}

// openBase opens the catalog of the group as a whole.
func (s *Source) openBase() (openCatalog, error) {
	in := s.inputs
	if in.Catalog.FS != nil {
		return s.open(in.Catalog)
	}
	exists := true
	if len(s.Lanes.All) > 0 {
		var err error
		if exists, err = in.Fleet.HasCatalog(in.Repository); err != nil {
			return openCatalog{}, err
		}
	}
	var c Catalog
	var err error
	if exists {
		c, err = in.Fleet.OpenCatalog(in.Repository)
	} else {
		c, _, err = in.Fleet.laneCatalog(in.Repository, s.Lanes, s.Lanes.All[0])
	}
	if err != nil {
		return openCatalog{}, err
	}
	return s.open(c)
}

// CatalogOf returns the catalog of a release lane, or of the group without lanes (""). The warnings are that the lane's
// own cannot be read, and about its defaults. It fails if there is none.
func (s *Source) CatalogOf(lane string) (Catalog, []*Problem, error) {
	open, err := s.openLane(lane)
	return open.Catalog, open.warnings, err
}

// openLane opens the catalog of a lane.
func (s *Source) openLane(lane string) (openCatalog, error) {
	i := slices.Index(s.Lanes.Names(), lane)
	if i < 0 || s.inputs.Catalog.FS != nil {
		return s.catalog, nil
	}
	if open, ok := s.opened[lane]; ok {
		return open, nil
	}
	c, warning, err := s.inputs.Fleet.laneCatalog(s.inputs.Repository, s.Lanes, s.Lanes.All[i])
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
	s.opened[lane] = open
	return open, nil
}

// open reads the defaults of a catalog.
func (s *Source) open(c Catalog) (openCatalog, error) {
	open := openCatalog{Catalog: c}
	defaults, err := s.inputs.Defaults, error(nil)
	if defaults == nil {
		defaults, err = c.Defaults()
	}
	if err == nil && s.inputs.Group != nil {
		err = defaults.single()
	}
	if defaults != nil {
		layer := LayerOf(LevelDefaults, defaults)
		open.defaults, open.warnings = &layer, defaults.Warnings
	}
	return open, err
}

func (s *Source) loadGroup() error {
	in := s.inputs
	var err error
	if s.Lanes, err = in.Fleet.ReadLanes(in.Repository, in.Group.Name); err != nil {
		return err
	}
	s.Warnings = append(s.Warnings, s.Lanes.Warnings...)
	if s.Levels, err = in.Fleet.LevelsOf(in.Repository, in.Cluster, in.AppPaths...); err != nil {
		return err
	}
	for _, level := range s.Levels {
		if level.Missing {
			s.Warnings = append(s.Warnings, problem.New(in.Cluster.File, 0, "cluster %q: level %s is skipped: %s",
				in.Cluster.Name, level.Name, level.Skipped).WithHint("give the cluster what is missing, or --labels"))
		}
	}
	lost, err := s.lostLanes()
	if err != nil {
		return err
	}
	unknown, err := in.Fleet.UnknownTenant(in.Repository, in.Cluster)
	if err != nil {
		return err
	}
	for _, p := range []*Problem{lost, unknown} {
		if p != nil {
			s.Warnings = append(s.Warnings, p)
		}
	}
	if s.layers, err = SettingsFiles(in.Repository, s.Levels, in.Group.Name); err != nil {
		return err
	}
	for _, layer := range s.layers {
		if err := layer.Document().single(); err != nil {
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

// lostLanes is the finding of [Lanes.noneFor] about the cluster, or another one that it has the group for.
func (s *Source) lostLanes() (*Problem, error) {
	in := s.inputs
	knows, ok := KnownTo(in.Cluster.Name, in.Clusters)
	for _, c := range append([]Cluster{in.Cluster}, in.Clusters...) {
		if c.Name != in.Cluster.Name && (!ok || !knows(c) || in.Cluster.IsSpoke()) {
			continue
		}
		if lost, err := s.Lanes.noneFor(c, in.Fleet.Names("releases")); lost != nil || err != nil {
			return lost, err
		}
	}
	return nil, nil
}

// SelectedLanes returns the release lanes to render: the one that is asked for, or those that [Lanes.Choose] chooses
// for the cluster. Where there are none, the one lane is "".
func (s *Source) SelectedLanes(asked string) []string {
	if asked != "" {
		return []string{asked}
	}
	if len(s.choices) == 0 {
		return []string{""}
	}
	names := make([]string, len(s.choices))
	for i, choice := range s.choices {
		names[i] = choice.Lane
	}
	return names
}

// CheckLanes fails as [Lanes.Check] does for the lanes that the cluster's label selects. One that is asked for may have
// no cluster yet.
func (s *Source) CheckLanes() error {
	if s.inputs.Release != "" {
		return nil
	}
	return s.Lanes.Check(s.choices, s.inputs.Clusters)
}

// reachable returns the clusters that the group's globalSelectors let through.
func (s *Source) reachable() []Cluster {
	if s.inputs.Group == nil {
		return nil
	}
	selects := labels.SelectorFromSet(Reader(s.base, "").TextMap("globalSelectors"))
	var clusters []Cluster
	for _, c := range s.inputs.Clusters {
		if selects.Matches(c.AllLabels()) {
			clusters = append(clusters, c)
		}
	}
	return clusters
}

// unreached warns about those of the clusters that are a hub's, and that none of its lanes is for. The clusters that
// deploy the group themselves choose their lane themselves.
func (s *Source) unreached(clusters []Cluster) []*Problem {
	in := s.inputs
	if in.Group == nil || in.Release != "" || in.Cluster.IsSpoke() {
		return nil
	}
	knows, ok := KnownTo(in.Cluster.Name, in.Clusters)
	if !ok {
		return nil
	}
	others := func(c Cluster) bool { return !knows(c) || c.Manages(in.Group.Name) }
	return s.Lanes.unreached(s.choices, in.Cluster, slices.DeleteFunc(clusters, others))
}

// ClusterLane returns the lane that the cluster's label names, or else the first that is selected.
func (s *Source) ClusterLane() string {
	selected := s.SelectedLanes("")
	if slices.Contains(selected, s.laneLabel()) {
		return s.laneLabel()
	}
	return selected[0]
}

// Base returns the values without those of the component files and the lane.
func (s *Source) Base() *Values { return s.base }

func (s *Source) laneLabel() string {
	if s.inputs.Group == nil {
		return ""
	}
	return s.inputs.Cluster.Labels[ReleaseLabel(s.inputs.Group.Name)]
}

func (s *Source) versionSelectors() bool {
	return Reader(s.base, "").True("useVersionSelectors")
}

// Values merges the values of a lane ("" for none) by the rules at the top of merge.go. The warnings are about its
// catalog. It fails for an unknown lane, without its catalog, and on a component file that cannot be read.
func (s *Source) Values(lane string) (*Values, []*Problem, error) {
	layers := s.layers
	if lane != "" {
		layer, err := s.Lanes.Layer(lane, s.laneLabel(), s.versionSelectors())
		if err != nil {
			return nil, nil, err
		}
		i := slices.IndexFunc(s.choices, func(c Choice) bool { return c.Lane == lane })
		if i >= 0 && s.inputs.Release == "" {
			layer = s.Lanes.layer(s.choices[i])
		}
		layers = append(slices.Clip(layers), layer)
	}
	layers = slices.Concat(layers, s.inputs.Flags)
	catalog, err := s.openLane(lane)
	if err != nil {
		return nil, nil, err
	}
	inGroup := s.inputs.Group != nil
	components, missing, err := catalog.components(Merge(nil, catalog.defaults, layers), inGroup)
	if err != nil {
		return nil, nil, err
	}
	warnings := slices.Clone(catalog.warnings)
	for _, layer := range components {
		warnings = append(warnings, layer.Warnings()...)
	}
	for _, file := range missing {
		if inGroup && !s.inOtherLane(lane, file.name) {
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
	return Merge(components, catalog.defaults, layers), warnings, nil
}

// inOtherLane tells whether the catalog of another lane has a component file: then it may be that lane's alone.
func (s *Source) inOtherLane(lane, component string) bool {
	for _, other := range s.Lanes.Names() {
		if other == lane {
			continue
		}
		if catalog, err := s.openLane(other); err == nil && catalog.hasComponents(component) {
			return true
		}
	}
	return false
}

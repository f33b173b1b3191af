package why

import (
	"fmt"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A requirement is one condition of a selector.
type requirement struct {
	stages.Requirement
	met bool

	path   []string // in the values of the group; nil if it is not written there
	own    bool     // the component's own, and not one of all components
	origin Origin
}

func unmet(all []requirement) []requirement {
	return slices.DeleteFunc(slices.Clone(all), func(r requirement) bool { return r.met })
}

// requirements returns the conditions that a cluster meets to get an Application of an ApplicationSet. Of several
// generators it takes the one of which the cluster meets the most.
func (s *sight) requirements(object map[string]any, values *hierarchy.Values) []requirement {
	spec := fields.AsMap(object["spec"])
	generators, _ := spec["generators"].([]any)
	var best []requirement
	for i, generator := range generators {
		found := s.ofSelector(stages.BaseSelector(generator), values)
		if i == 0 || len(unmet(found)) < len(unmet(best)) {
			best = found
		}
	}
	return best
}

func (s *sight) ofSelector(selector map[string]any, values *hierarchy.Values) []requirement {
	var all []requirement
	expressions, _ := selector["matchExpressions"].([]any)
	written, _ := fields.AsMap(fields.AsMap(values.Map()[s.answer.Component])["selector"])["matchExpressions"].([]any)
	of := stages.Requirements(selector)
	for i, one := range of {
		r := requirement{Requirement: one}
		switch i -= len(of) - len(expressions); { // which come last
		case i < 0:
			r.path, r.own = s.pathOfLabel(r.Label, values)
		case i < len(written): // further ones are those of a hand-over
			r.path, r.own = []string{s.answer.Component, "selector", "matchExpressions", fmt.Sprint(i)}, true
		}
		all = append(all, r)
	}
	for i := range all {
		all[i].met = all[i].Matches(s.identity.Labels)
		all[i].origin = s.written(values, all[i].path)
		if all[i].ofRelease() {
			all[i].origin.Source = sourceRelease
		}
	}
	return all
}

// pathOfLabel returns where a label of matchLabels is written, and whether that is in the component: where several have
// it, the most specific counts (rule selector-labels-precedence in docs/rules/generators.md).
func (s *sight) pathOfLabel(label string, values *hierarchy.Values) (path []string, own bool) {
	for _, path := range [][]string{
		{s.answer.Component, "selector", "matchLabels", label}, {s.answer.Component, "selectorMatchLabels", label},
		{wellknown.SettingGlobalSelectors, label}, {wellknown.SettingReleases, label},
	} {
		if path[1] == "selector" && !s.usesSelectors(values) {
			continue
		}
		if values.Origins(path...) != nil {
			return path, path[0] == s.answer.Component
		}
	}
	return nil, false
}

func (s *sight) usesSelectors(values *hierarchy.Values) bool {
	return hierarchy.SettingsReader(values).True(wellknown.SettingUseSelectors)
}

// written returns where a path of the values is written. Lists have no origins of their own: an item of one is looked
// for where the list is.
func (s *sight) written(values *hierarchy.Values, path []string) Origin {
	var o Origin
	for n := len(path); n > 0 && o.File == ""; n-- {
		if origins := values.Origins(path[:n]...); len(origins) > 0 {
			o = Origin{origins[0].Source, origins[0].File, origins[0].Line}
			d, err := s.session.Repository().Document(o.File)
			if err == nil && d != nil && d.Line(path[:n]...) == o.Line {
				o.Line = d.Line(path...)
			}
		}
	}
	return o
}

// sourceRelease is the source of a condition that comes with a release, and stands in the file of releases.
const sourceRelease = "release"

func (r requirement) ofRelease() bool {
	return len(r.path) > 0 && r.path[0] == wellknown.SettingReleases
}

// from says whose condition it is.
func (r requirement) from() string {
	switch {
	case len(r.path) == 0:
		return "the ApplicationSet"
	case r.own:
		return "its " + r.path[1]
	case r.ofRelease():
		return "the release"
	}
	return r.path[0]
}

package render

import (
	"maps"
	"path"
	"reflect"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// checkOverridden warns of the keys of value files in the levels that have no effect, since the component's
// valuesObject has them too: Argo CD lays it over all value files (Argo CD documentation, Helm, Values), unless the
// plugin delivers.
func (p *prepared) checkOverridden(values *hierarchy.Values, components []applicationset.Component) ([]*problem.Problem,
	error) {
	if p.group == nil {
		return nil, nil
	}
	var warnings []*problem.Problem
	for _, c := range components {
		object := values.At(c.Key, "valuesObject").Over(values.SettingAt(wellknown.SettingGlobalValuesObject))
		if c.ValueFiles.Win || len(object.Map()) == 0 {
			continue
		}
		seen := map[string]bool{}
		for _, on := range p.clusters {
			levels, err := p.levelsOf(on)
			if err != nil {
				return nil, err
			}
			for _, file := range p.existingFiles(levels, c.ValueFiles) { // what is broken fails where it is read
				if seen[file.File] {
					continue
				}
				seen[file.File] = true
				overridden(file.Values, object.Map(), nil, func(path []string) {
					winner, line := object.Locate(path...)
					warnings = append(warnings, problem.New(file.File, file.Line(path...),
						"%s has no effect: the valuesObject of component %q has it too (%s:%d), which Argo CD lays "+
							"over all value files",
						hierarchy.Key(path), c.Key, winner, line).
						WithHint("remove one of the two, or set delivery: plugin for the component").
						WithRule(problem.RuleDeadValue, winner))
				})
			}
		}
	}
	return warnings, nil
}

// checkFurther warns of value files of the rendered cluster's levels of which only a part is read. Those of other
// clusters, and those that cannot be read at all, are left to the stage manifests.
func (p *prepared) checkFurther(components []applicationset.Component) []*problem.Problem {
	if p.group == nil {
		return nil
	}
	var warnings []*problem.Problem
	for _, c := range components {
		files, err := p.componentFiles(p.source.Levels, c.ValueFiles)
		if err != nil {
			continue
		}
		for _, file := range files {
			if further := file.FurtherDocument(); further != nil {
				warnings = append(warnings, further)
			}
		}
	}
	return warnings
}

// componentFiles returns a component's value files in levels, as the Helm of the Argo CD at hand reads them.
func (p *prepared) componentFiles(levels []fleet.ClusterLevel, of applicationset.ValueFiles) ([]hierarchy.Layer,
	error) {
	layers, err := fleet.ComponentFiles(p.repository, levels, of.Group, of.Chart, "", of.File)
	if err != nil || p.session.argoCD.OneDocument {
		return layers, err
	}
	return hierarchy.AllDocuments(layers)
}

// existingFiles returns a component's value files in levels; those that cannot be read without their values.
func (p *prepared) existingFiles(levels []fleet.ClusterLevel, of applicationset.ValueFiles) []hierarchy.Layer {
	var all []hierarchy.Layer
	for _, level := range levels {
		for _, directory := range level.Directories {
			one := fleet.ClusterLevel{Name: level.Name, Directories: []string{directory}}
			layers, err := p.componentFiles([]fleet.ClusterLevel{one}, of)
			if err != nil {
				file := path.Join(directory, of.Group, of.Chart, of.File)
				layers = []hierarchy.Layer{{Source: level.Name, File: file}}
			}
			all = append(all, layers...)
		}
	}
	return all
}

// levelsOf returns the levels of any cluster of the fleet for the group. They are looked for once per cluster.
func (p *prepared) levelsOf(c cluster.Cluster) ([]fleet.ClusterLevel, error) {
	if levels, known := p.levels[c.Name]; known {
		return levels, nil
	}
	levels, err := p.fleet.LevelsOf(p.repository, c, p.appPaths()...)
	if err != nil {
		return nil, err
	}
	if p.levels == nil {
		p.levels = map[string][]fleet.ClusterLevel{}
	}
	p.levels[c.Name] = levels
	return levels, nil
}

// overridden reports the paths of values that another map has with other values.
func overridden(values, over map[string]any, path []string, report func(path []string)) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		other, ok := over[key]
		if !ok || reflect.DeepEqual(values[key], other) {
			continue
		}
		at := append(slices.Clip(path), key)
		inner, isMap := values[key].(map[string]any)
		otherInner, otherIsMap := other.(map[string]any)
		if isMap && otherIsMap {
			overridden(inner, otherInner, at, report)
			continue
		}
		report(at)
	}
}

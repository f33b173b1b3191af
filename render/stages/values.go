package stages

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/explanation"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest"
)

// Values merges the Helm values that the Application of the request's component reads on the request's cluster. They
// are its own value files in its order, its valuesObject or values, evaluated for the cluster, and its parameters.
// Below them are the defaults of its chart and of the subcharts. What the levels have of value files and the
// Application does not read is in [render.Merged.Unread].
//
// If there is no such Application, that is a warning, and the values are those of [render.Session.Values]. If its chart
// cannot be had, likewise, and they are without its defaults. The limits are those of each ApplicationSet that is
// looked at, those of [limits.Default] where nothing is said; working is told of it, unless it is nil.
func (s *Session) Values(ctx context.Context, r render.Request, o render.ValuesOptions, l limits.Limits,
	working func(on string) (done func())) (*render.Merged, error) {
	if s.tree == nil {
		return s.Session.Values(r)
	}
	merged, err := s.LevelValues(r)
	if err != nil {
		return nil, err
	}
	on, err := s.deploymentOf(ctx, r, newBounder(l.Or(limits.Default), working, nil))
	if err == nil {
		var missing error
		if missing, err = s.read(ctx, r, o, on, merged); err != nil {
			return nil, inCluster(err, r.Cluster)
		}
		err = missing
	}
	if on == nil && merged.Broken != nil { // all levels count
		return nil, merged.Broken
	}
	if err != nil {
		var shown string
		if on == nil {
			shown = "the value files of all levels are shown, and templates as they are written"
		}
		warning := problem.New("", 0, "component %q: the defaults of its chart are left out: %w", r.Components[0], err).
			WithHint("%s", shown).WithRule(problem.RuleChartUnavailable, s.placeOf(r, r.Components[0]).file)
		merged.Warnings = append(merged.Warnings, warning)
	}
	merged.Warnings = s.Fleet().Wanted(merged.Warnings)
	if r.Strict && len(merged.Warnings) > 0 {
		return nil, render.Findings(merged.Warnings)
	}
	return merged, nil
}

// read replaces merged values by those that an Application reads. It returns why the defaults of the chart are not
// among them, if they are not.
func (s *Session) read(ctx context.Context, r render.Request, o render.ValuesOptions, on *deployment,
	merged *render.Merged) (missing, err error) {
	main := on.set.component.MainSource
	at := main
	if o.Source > 0 {
		at = o.Source - 1
	}
	if o.Raw && at != main {
		return nil, problem.New("", 0, "what source %d says itself is known only as it is evaluated", o.Source).
			WithHint("leave out --raw")
	}
	run := &run{session: s, request: r, manifests: s.newManifests(r, false)}
	renderer := run.manifests.argoCD
	if on.set.component.ValueFiles.Win {
		renderer = run.manifests.plugin
	}
	version, _ := run.kubernetesVersion(on.cluster)
	found, err := renderer.Values(ctx, on.app, at, manifest.Destination{KubeVersion: version})
	if err != nil {
		return nil, err
	}
	own := hierarchy.Merge(nil, nil, nil)
	if at == main {
		own = merged.Inline
		merged.Unread = unread(merged.ValueFiles, found.Files)
	}
	merged.Application = on.app.Name()
	merged.Values = over(found, own, merged.Levels, o.Raw)
	if err := agree(found, merged); err != nil {
		return nil, err
	}
	for _, layer := range found.Defaults {
		merged.Warnings = append(merged.Warnings, layer.Warnings()...)
	}
	return found.NoChart, nil
}

// agree sees to it that Helm makes of the values, as they are shown, what it makes of the source. They differ where a
// chart has nulls, of which each version of Helm has its own opinion.
func agree(found *manifest.SourceValues, merged *render.Merged) error {
	for _, change := range []func(paths [][]string){
		func(paths [][]string) { merged.Removed = paths },
		func(paths [][]string) {
			for _, path := range paths {
				merged.Inherited = append(merged.Inherited, path[:1])
			}
		},
		func([][]string) { merged.Inherited = [][]string{{}} }, // nothing but what the Application gives
	} {
		paths, err := found.Differ(explanation.Given(merged))
		if err != nil || len(paths) == 0 {
			return err
		}
		change(paths)
	}
	return nil
}

// over lays the values of a source over each other.
func over(found *manifest.SourceValues, inline *hierarchy.Values, levels []fleet.ClusterLevel,
	raw bool) *hierarchy.Values {
	if !found.Helm {
		return hierarchy.Merge(nil, nil, nil)
	}
	of := hierarchy.Layer{Source: hierarchy.SourceApplication, File: "helm.valuesObject"}
	files := slices.Clone(found.Files)
	for i := range files {
		files[i].Source = sourceOf(files[i].File, levels)
	}
	own, values := inline, hierarchy.Merge(nil, nil, files)
	if !raw {
		own = inline.Evaluated(found.Own, of)
	}
	if found.Lowest {
		values = values.Over(own)
	} else {
		values = own.Over(values)
	}
	if len(found.Parameters) > 0 {
		of.File, of.Values = "helm.parameters", found.Parameters
		values = hierarchy.Merge(nil, nil, []hierarchy.Layer{of}).Over(values)
	}
	given := values
	values = given.OverDefaults(hierarchy.Merge(nil, nil, found.Defaults))
	if imported := found.Imported(values.Map()); len(imported) > 0 {
		lowest := hierarchy.Layer{Source: hierarchy.SourceChart, File: "import-values", Values: imported}
		values = given.OverDefaults(hierarchy.Merge(nil, nil, append([]hierarchy.Layer{lowest}, found.Defaults...)))
	}
	return values
}

// A Giver knows which values Applications are given: all but those of their charts. It is for one request.
type Giver struct{ manifests *manifests }

// Giver returns one for a request.
func (s *Session) Giver(r render.Request) *Giver { return &Giver{s.newManifests(r, false)} }

// Given returns the values that an Application is given, with their origins: of its valuesObject, those of inline, and
// of its value files the levels, which are those of its cluster. Go templates are evaluated unless raw is set. It fails
// for files and values that cannot be read.
func (g *Giver) Given(ctx context.Context, v Visited, inline *hierarchy.Values, levels []fleet.ClusterLevel,
	raw bool) (*hierarchy.Values, error) {
	renderer := g.manifests.argoCD
	if v.Component.ValueFiles.Win {
		renderer = g.manifests.plugin
	}
	found, err := renderer.Given(ctx, v.Application, v.Component.MainSource)
	if err != nil {
		return nil, err
	}
	return over(found, inline, levels, raw), nil
}

// sourceOf returns the level that a value file is of.
func sourceOf(file string, levels []fleet.ClusterLevel) string {
	source, longest := hierarchy.SourceFile, -1
	for _, level := range levels {
		for _, directory := range level.Directories {
			if strings.HasPrefix(file, directory+"/") && len(directory) > longest {
				source, longest = level.Name, len(directory)
			}
		}
	}
	return source
}

// unread returns the files that exist and are not among those that are read.
func unread(exist, read []hierarchy.Layer) []string {
	var names []string
	for _, file := range exist {
		if !slices.ContainsFunc(read, func(l hierarchy.Layer) bool { return l.File == file.File }) {
			names = append(names, file.File)
		}
	}
	return names
}

// A deployment is an Application of a component on a cluster.
type deployment struct {
	set     set
	app     application.Application
	cluster cluster.Cluster
}

// deploymentOf returns the Application that the request's component has on its cluster.
func (s *Session) deploymentOf(ctx context.Context, r render.Request, bounds *bounder) (*deployment, error) {
	r.Targets = render.Targets{}
	argoCDs, _, err := s.ArgoCDs(r)
	if err != nil {
		return nil, err
	}
	for _, a := range argoCDs {
		result, err := s.ApplicationSets(r, a, true)
		if err != nil {
			return nil, err
		}
		expander, err := application.New(s.expansionOptions(ctx, a), a.Targets)
		if err != nil {
			return nil, err
		}
		for _, set := range setsOf(result) {
			expansion, err := bounded(ctx, bounds, fmt.Sprintf("ApplicationSet %q", hierarchy.NameOf(set.object)),
				func(ctx context.Context) (*application.Expansion, bool) {
					return expander.Expand(ctx, set.object), false
				})
			if err != nil {
				return nil, err
			}
			if len(expansion.Problems) > 0 {
				return nil, expansion.Problems[0]
			}
			for _, app := range expansion.Applications {
				i := slices.IndexFunc(a.Targets, func(c cluster.Cluster) bool { return c.Name == app.Cluster })
				if i >= 0 {
					return &deployment{set, app, a.Targets[i]}, nil
				}
			}
		}
	}
	return nil, errors.New("no ApplicationSet deploys it to the cluster")
}

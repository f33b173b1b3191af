package stages

import (
	"context"
	"errors"
	"fmt"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	helmchart "helm.sh/helm/v3/pkg/chart"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// Values merges the Helm values of the request's component as [render.Session.Values] does, over the defaults of its
// chart. If the chart cannot be had, that is a warning, and the values are without its defaults. The limits are those
// of each ApplicationSet that is looked at, those of [limits.Default] where nothing is said; working is told of it,
// unless it is nil.
func (s *Session) Values(ctx context.Context, r render.Request, l limits.Limits,
	working func(on string) (done func())) (*render.Merged, error) {
	merged, err := s.Session.Values(r)
	if err != nil || s.tree == nil {
		return merged, err
	}
	bounds := newBounder(l.Or(limits.Default), working, nil)
	defaults, err := s.chartDefaults(ctx, r, bounds)
	if err != nil {
		warning := problem.New("", 0, "component %q: the defaults of its chart are left out: %w", r.Components[0], err).
			WithRule(problem.RuleChartUnavailable, s.placeOf(r, r.Components[0]).file)
		wanted := s.Fleet().Wanted([]*problem.Problem{warning})
		if r.Strict && len(wanted) > 0 {
			return nil, render.Findings(wanted)
		}
		merged.Warnings = append(merged.Warnings, wanted...)
		return merged, nil
	}
	if defaults != nil {
		merged.OverDefaults(hierarchy.LayerOf(hierarchy.SourceChart, defaults))
		merged.Warnings = s.Fleet().Wanted(merged.Warnings)
	}
	return merged, nil
}

// chartDefaults returns the values.yaml of the chart that the request's component has on its cluster; nil if it has no
// chart, or the chart no such file.
func (s *Session) chartDefaults(ctx context.Context, r render.Request, bounds *bounder) (*hierarchy.Document, error) {
	source, err := s.mainSource(ctx, r, bounds)
	if err != nil {
		return nil, err
	}
	if source.Helm == nil && source.Chart == "" {
		return nil, nil // plain manifests
	}
	name := source.Path
	var loaded *helmchart.Chart
	if source.Chart != "" {
		reference := chart.ReferenceOf(source)
		name = fmt.Sprintf("chart %s %s", reference.Name, reference.Version)
		loaded, err = s.charts.Fetch(ctx, reference)
	} else {
		loaded, err = s.charts.Directory(ctx, s.tree, name)
	}
	if err != nil {
		return nil, err
	}
	for _, file := range loaded.Raw {
		if file.Name == "values.yaml" {
			d, err := hierarchy.ParseDocument(name+"/values.yaml", file.Data)
			if err != nil || s.ArgoCD().OneDocument {
				return d, err
			}
			return d.AllDocuments()
		}
	}
	return nil, nil
}

// mainSource returns the source that is the component itself, of the Application that it has on the request's cluster.
func (s *Session) mainSource(ctx context.Context, r render.Request, bounds *bounder) (*v1alpha1.ApplicationSource,
	error) {
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
				typed, err := app.Typed()
				if err != nil {
					return nil, err
				}
				if i := set.component.MainSource; i < len(typed.Spec.Sources) {
					return &typed.Spec.Sources[i], nil
				}
			}
		}
	}
	return nil, errors.New("no ApplicationSet deploys it to the cluster")
}

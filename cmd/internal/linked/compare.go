package linked

import (
	"context"
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/report"
)

// Compare is [compare.Run], with the result printed.
func (Stages) Compare(ctx context.Context, c workshop.Compare) (workshop.Compared, error) {
	var sides [2]compare.Side
	for i := range c.Sides {
		side := &c.Sides[i]
		sides[i] = compare.Side{Name: side.Tree.Name, Tree: side.Tree.FS, Request: side.Request, Err: side.Err}
		if side.Err != nil {
			continue
		}
		session, err := sessionOf(side.Session)
		if err != nil {
			return workshop.Compared{}, err
		}
		sides[i].Session = session
	}
	result, err := compare.Run(ctx, sides[0], sides[1], compare.Options{Stage: c.Stage, Whole: c.Whole,
		Identities: c.Promotion, Apart: c.Apart, Only: c.Only, Filter: compare.Filter(c.Filter), Output: c.Output})
	c.Done()
	if err != nil {
		return workshop.Compared{}, err
	}
	return printCompared(c, result)
}

// CompareRendered is [compare.Rendered], with the result printed.
func (Stages) CompareRendered(ctx context.Context, c workshop.CompareRendered) (workshop.Compared, error) {
	session, err := sessionOf(c.Sides[1].Session)
	if err != nil {
		return workshop.Compared{}, err
	}
	clusters, err := session.TargetsOf(render.Request{Targets: render.Targets{All: true}})
	if err != nil {
		return workshop.Compared{}, err
	}
	result, err := compare.Rendered(compare.Renderings{Before: c.Names[0], After: c.Names[1], Stage: c.Stage,
		Clusters: clusters,
		Each: func(use func(compare.Application, []render.Object, []render.Object) error) error {
			return c.Each(ctx, func(r workshop.Rendered) error {
				return use(compare.Application{Name: r.Application, Cluster: r.Cluster, Group: r.Group,
					Component: r.Component, ArgoCD: r.Cluster}, r.Before, r.After)
			})
		},
		Failures: func() (all []compare.Failure) {
			for _, f := range c.Failures() {
				all = append(all, compare.Failure{Side: []string{"before", "after"}[f.Side], Message: f.Message,
					Known: f.Known})
			}
			return all
		}})
	c.Done()
	if err != nil {
		return workshop.Compared{}, err
	}
	return printCompared(c.Compare, result)
}

// printCompared prints what differs, and says what of it counts.
func printCompared(c workshop.Compare, result *compare.Result) (workshop.Compared, error) {
	found := workshop.Compared{Changed: len(result.Changes) > 0 || len(result.Dangers) > 0,
		Dangerous: result.Dangerous()}
	for _, failure := range result.Failures {
		found.Failures = append(found.Failures, fmt.Errorf("%s: %s", failure.Side, failure.Message))
	}
	if c.Keep != nil {
		c.Keep(result)
		return found, nil
	}
	return found, report.Print(c.Stdout, result, report.Options{Format: c.Format, MaxBytes: c.MaxBytes,
		Color: c.Color})
}

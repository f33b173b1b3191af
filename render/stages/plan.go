package stages

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// A Plan is what a request renders, for whoever wants parts of it only: the ApplicationSets of each Argo CD, of which
// each is expanded, and each Application rendered, when it is asked for.
type Plan struct {
	Sets     []*Set             // in a fixed order
	Failures render.Failures    // groups and Argo CDs without their ApplicationSets
	Broken   map[string]bool    // these, as GROUP/CLUSTER, or GROUP/ for all Argo CDs of a group
	Warnings []*problem.Problem // of what was rendered so far

	run *run
}

// A Set is an ApplicationSet on an Argo CD.
type Set struct {
	Group     string
	On        render.ArgoCD
	Object    render.Object
	Component applicationset.Component
	Files     func() []string // that the ApplicationSets of the group on this Argo CD depend on

	run     *run                              // for its group
	targets func() map[string]cluster.Cluster // of the Argo CD, by their names
}

// Plan renders the ApplicationSets of a request, and returns what can be rendered of them. It goes on without a group
// or an Argo CD that cannot be rendered. It fails for a request that asks for what does not exist, and when the
// context ends.
func (s *Session) Plan(ctx context.Context, r render.Request, out render.Output) (*Plan, error) {
	if out.Progress != nil {
		defer out.Progress(1, 1)
	}
	r.Unjudged = true
	ctx, cancel := context.WithCancelCause(ctx)
	plan := &Plan{run: &run{session: s, out: out,
		bounder:   newBounder(out.Limits.Or(limits.Default), out.Working, cancel),
		manifests: s.newManifests(r, false), unresolved: r.Stage == render.StageApplications}}
	plan.Broken = map[string]bool{}
	plan.run.visitor = &Visitor{ApplicationSets: plan.add}
	plan.run.broken = func(on string) { plan.Broken[plan.run.request.Group+"/"+on] = true }
	warnings, err := plan.run.all(ctx, r)
	plan.Warnings = warnings
	var failures render.Failures
	if errors.As(err, &failures) {
		plan.Failures, err = failures, nil
	}
	return plan, err
}

// add adds the ApplicationSets of a group on an Argo CD.
func (p *Plan) add(group string, on render.ArgoCD, result *render.Result) {
	own := *p.run
	own.visitor, own.seen, own.warnings, own.failures = &Visitor{}, nil, nil, nil
	files := sync.OnceValue(result.Files)
	targets := sync.OnceValue(func() map[string]cluster.Cluster {
		byName := make(map[string]cluster.Cluster, len(on.Targets))
		for _, target := range on.Targets {
			byName[target.Name] = target
		}
		return byName
	})
	for _, of := range setsOf(result) {
		p.Sets = append(p.Sets, &Set{Group: group, On: on, Object: of.object, Component: of.component, Files: files,
			run: &own, targets: targets})
	}
}

// Expanded is what an ApplicationSet gives for some clusters.
type Expanded struct {
	Applications []Visited
	Problems     []*problem.Problem // why there are not more
}

// Expand returns the Applications of an ApplicationSet for the clusters that are wanted; nil means all. What is wrong
// for others is not found: see [Set.ExpandFor].
func (s *Set) Expand(ctx context.Context, wanted map[string]bool) (*Expanded, error) {
	on := s.On
	if wanted != nil {
		on.Others = slices.Clone(on.Others)
		on.Targets = nil
		for _, c := range s.On.Targets {
			if wanted[c.Name] {
				on.Targets = append(on.Targets, c)
			} else {
				on.Others = append(on.Others, c)
			}
		}
	}
	return s.expand(ctx, on, func(*expanded) {})
}

// ExpandFor returns what Argo CD makes of an ApplicationSet for the clusters that are wanted. It is expanded for all
// that Argo CD knows, since where one of them fails, there are no Applications for any.
func (s *Set) ExpandFor(ctx context.Context, wanted map[string]bool) (*Expanded, error) {
	return s.expand(ctx, knowing(s.On), func(x *expanded) { x.narrow(wanted, knowing(s.On).Targets) })
}

func (s *Set) expand(ctx context.Context, on render.ArgoCD, narrow func(*expanded)) (*Expanded, error) {
	options := s.run.session.expansionOptions(ctx, on)
	options.Whole = len(s.On.Others) == 0
	expander, err := application.New(options, on.Targets)
	if err != nil {
		return nil, err
	}
	x := &expanded{set: set{object: s.Object, component: s.Component}}
	name := fmt.Sprintf("%s %q", s.Object["kind"], hierarchy.NameOf(s.Object))
	x.expansion, err = bounded(ctx, s.run.bounder, name, func(ctx context.Context) (*application.Expansion, bool) {
		expansion := expander.Expand(ctx, s.Object)
		return expansion, len(expansion.Problems) > 0
	})
	if over := s.run.bounder.over(); over != nil {
		return nil, over
	}
	if err != nil {
		return &Expanded{Problems: []*problem.Problem{problem.New("", 0, "%w", err)}}, ctx.Err()
	}
	narrow(x)
	s.run.look(on, x)
	for i := range x.visited {
		x.visited[i].Group, x.visited[i].ArgoCD = s.Group, s.On.Cluster.Name
	}
	result := &Expanded{Applications: x.visited, Problems: x.expansion.Problems}
	for _, err := range x.failures {
		result.Problems = append(result.Problems, problem.New("", 0, "%w", err))
	}
	return result, nil
}

// knowing returns an Argo CD with all clusters that it knows as its targets.
func knowing(a render.ArgoCD) render.ArgoCD {
	a.Targets = slices.Concat(a.Targets, a.Others)
	slices.SortFunc(a.Targets, func(a, b cluster.Cluster) int { return strings.Compare(a.Name, b.Name) })
	a.Others = nil
	return a
}

// narrow leaves what an ApplicationSet gives some of the clusters for which it was expanded. What is wrong with it
// stays if that can keep one of these from an Application.
func (x *expanded) narrow(wanted map[string]bool, clusters []cluster.Cluster) {
	has := map[string]bool{}
	x.expansion.Applications = slices.DeleteFunc(x.expansion.Applications, func(app application.Application) bool {
		has[app.Cluster] = true
		return !wanted[app.Cluster]
	})
	single := onePerCluster(x.set.object)
	if !slices.ContainsFunc(applicationset.Selected(x.set.object, clusters),
		func(name string) bool { return wanted[name] && (!single || !has[name]) }) {
		x.expansion.Problems = nil
	}
}

// onePerCluster tells whether an ApplicationSet is meant to give each cluster that it selects one Application.
func onePerCluster(object render.Object) bool {
	generators, _ := fields.AsMap(object["spec"])["generators"].([]any)
	for _, item := range generators {
		generator := fields.AsMap(item)
		if merged, _ := fields.AsMap(generator["merge"])["generators"].([]any); len(merged) > 0 {
			generator = fields.AsMap(merged[0]) // which the others only change
		}
		if _, is := generator["clusters"]; !is {
			return false
		}
	}
	return len(generators) > 0
}

// Objects renders an Application of the ApplicationSet. It fails as [Session.RenderTo] does for one Application, and
// where a source of it cannot be had.
func (s *Set) Objects(ctx context.Context, of Visited) ([]render.Object, error) {
	c := s.targets()[of.Application.Cluster]
	name := fmt.Sprintf("Application %q", of.Application.Name())
	o, err := bounded(ctx, s.run.bounder, name, func(ctx context.Context) (objects, bool) {
		o := s.run.objectsOf(ctx, set{object: s.Object, component: s.Component}, of.Application, c)
		return o, o.err != nil
	})
	if over := s.run.bounder.over(); over != nil {
		return nil, over
	}
	return o.objects, errors.Join(slices.Concat([]error{err, o.err}, o.missing)...)
}

// At returns an Application of the ApplicationSet as it would be with another version, or revision, of one of its
// sources.
func (s *Set) At(of Visited, source int, version string) Visited {
	of.Application = s.run.session.withSource(of.Application, source,
		func(changed render.Object) { changed["targetRevision"] = version })
	return of
}

package stages

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest"
)

// A Visitor is shown what a render makes, step by step, in a fixed order and never twice at once. What it is shown is
// not its own to change or keep.
type Visitor struct {
	// ApplicationSets is shown those of a group on an Argo CD, with the sources behind the plugin.
	ApplicationSets func(group string, on render.ArgoCD, result *render.Result)
	// Application is shown each Application, and Objects what it consists of, at the stage manifests. Without
	// Application nothing is expanded.
	Application func(Visited)
	Objects     func(of Visited, found Objects)
	KeysTwice   bool // keys that a chart prints twice are findings
	NamesOnly   bool // what Applications read is left out, and their overlays
	// Whole expands ApplicationSets for all clusters that their Argo CD knows, of which the targets are shown: where
	// one cluster fails, there are no Applications for any.
	Whole bool
	// Failed is shown why there is less than there should be, besides the error that Survey returns; nil: nobody wants
	// to know.
	Failed func(Failure)
}

// Both returns a visitor for two who look at the same survey: each is shown what it wants to see, the first one first.
func Both(a, b Visitor) Visitor {
	return Visitor{
		ApplicationSets: func(group string, on render.ArgoCD, result *render.Result) {
			a.ApplicationSets(group, on, result)
			b.ApplicationSets(group, on, result)
		},
		Application: eachOf(a.Application, b.Application),
		Failed:      eachOf(a.Failed, b.Failed),
		Objects: func(of Visited, found Objects) {
			for _, see := range []func(Visited, Objects){a.Objects, b.Objects} {
				if see != nil {
					see(of, found)
				}
			}
		},
		KeysTwice: a.KeysTwice || b.KeysTwice,
		NamesOnly: a.NamesOnly && b.NamesOnly,
		Whole:     a.Whole || b.Whole,
	}
}

// eachOf returns a function that calls those that are not nil; nil if both are.
func eachOf[T any](a, b func(T)) func(T) {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(shown T) { a(shown); b(shown) }
}

// A Failure is why something is not there: a group on all Argo CDs or on one, or what an ApplicationSet should give.
type Failure struct {
	Group          string
	ArgoCD         string // the name of the cluster that it runs on; "" for all of the group
	ApplicationSet string // its name; "" for all
	Err            error
}

// Objects are what an Application consists of.
type Objects struct {
	Kubernetes string // the version that they are for; "" if it is not known
	Objects    []render.Object

	// Origins returns the file of the repository that each object is written in, "" if that is a chart; nil if nothing
	// can be told.
	Origins func(ctx context.Context) []string
	// Charts returns the charts that they are of. Again returns what they would be with another text of a value file,
	// and With what they would be with another valuesObject of a source.
	Charts func(ctx context.Context) ([]manifest.SourceChart, error)
	Again  func(ctx context.Context, file string, data []byte) ([]render.Object, error)
	With   func(ctx context.Context, source int, valuesObject map[string]any) ([]render.Object, error)
}

// Visited is an Application with what is known of it.
type Visited struct {
	Group     string
	ArgoCD    string // the name of the cluster whose Argo CD has it
	Component applicationset.Component
	// ApplicationSet is the name of the one that it is of.
	ApplicationSet string
	Application    application.Application
	Reads          manifest.Reads
	Overlays       []string // directories of the levels that are laid over what the plugin delivers
}

// Sources returns the sources of the Application, and which of them is the component itself.
func (v Visited) Sources() (sources []render.Object, main int) {
	spec, _ := v.Application.Object["spec"].(render.Object)
	list, _ := spec["sources"].([]any)
	if len(list) == 0 {
		list = []any{spec["source"]}
	}
	for _, source := range list {
		object, _ := source.(render.Object)
		sources = append(sources, object)
	}
	return sources, min(v.Component.MainSource, len(sources)-1) // a patch may have other sources
}

// Survey renders a request for a visitor instead of emitting anything. Other than [Session.RenderTo] it goes on without
// a group or an Argo CD that cannot be rendered, which is a failure then, and returns all findings, whatever fleet.yaml
// says of them.
func (s *Session) Survey(ctx context.Context, r render.Request, out render.Output, v Visitor) ([]*problem.Problem,
	error) {
	return s.survey(ctx, r, nil, out, v)
}

// SurveyOn surveys the ApplicationSets and Applications of files, as they are on an Argo CD, for the clusters that this
// one knows. It is else as [Session.Survey].
func (s *Session) SurveyOn(ctx context.Context, r render.Request, on render.ArgoCD, out render.Output, v Visitor) (
	[]*problem.Problem, error) {
	return s.survey(ctx, r, &on, out, v)
}

func (s *Session) survey(ctx context.Context, r render.Request, on *render.ArgoCD, out render.Output, v Visitor) (
	[]*problem.Problem, error) {
	r.AllFindings = true
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	run := &run{session: s, out: out, bounder: newBounder(out.Limits.Or(limits.Default), out.Working, cancel),
		visitor: &v, manifests: s.newManifests(r, v.KeysTwice), deep: r.Stage == render.StageManifests, on: on}
	if warning := s.ArgoCDWarning(); warning != nil {
		run.warn([]*problem.Problem{warning})
	}
	return run.all(ctx, r)
}

// survive makes an error of an Argo CD, or "" for all of a group, a failure, if that can be left out: in a survey all
// but the end of the context.
func (s *run) survive(ctx context.Context, on string, err error) error {
	if err == nil || s.visitor == nil || ctx.Err() != nil {
		return err
	}
	if s.broken != nil {
		s.broken(on)
	}
	s.tell(on, set{}, err)
	var findings render.Findings
	if errors.As(err, &findings) {
		for _, finding := range findings {
			s.fail(finding)
		}
		return nil
	}
	s.fail(err)
	return nil
}

// tell tells the visitor of a failure: of an ApplicationSet, or of all on an Argo CD, or of all in the group.
func (s *run) tell(on string, of set, err error) {
	if s.visitor != nil && s.visitor.Failed != nil {
		s.visitor.Failed(Failure{Group: s.request.Group, ArgoCD: on, ApplicationSet: hierarchy.NameOf(of.object),
			Err: err})
	}
}

// look finds out what the Applications of an ApplicationSet read.
func (s *run) look(a render.ArgoCD, x *expanded) {
	clusters := make(map[string]cluster.Cluster, len(a.Targets))
	for _, c := range a.Targets {
		clusters[c.Name] = c
	}
	x.visited = make([]Visited, 0, len(x.expansion.Applications))
	for _, app := range x.expansion.Applications {
		if s.visitor != nil && s.visitor.NamesOnly {
			x.visited = append(x.visited, Visited{Component: x.set.component,
				ApplicationSet: hierarchy.NameOf(x.set.object), Application: app})
			continue
		}
		renderer := s.manifests.argoCD
		if x.set.component.ValueFiles.Win {
			renderer = s.manifests.plugin
		}
		reads, err := renderer.Reads(app)
		if err != nil {
			x.failures = append(x.failures, inCluster(err, app.Cluster))
		}
		var overlays []string
		if x.set.component.ValueFiles.Win { // to the others they mean nothing
			if overlays, err = s.session.Overlays(s.request, clusters[app.Cluster], x.set.component); err != nil {
				x.failures = append(x.failures, inCluster(err, app.Cluster))
			}
		}
		x.visited = append(x.visited,
			Visited{Component: x.set.component, ApplicationSet: hierarchy.NameOf(x.set.object), Application: app,
				Reads: reads, Overlays: overlays})
	}
}

// pass shows the Applications of an ApplicationSet to the visitor.
func (s *run) pass(a render.ArgoCD, x *expanded) {
	for _, err := range x.failures {
		s.fail(err)
	}
	for i := range x.visited {
		visited := &x.visited[i]
		visited.Group, visited.ArgoCD = s.request.Group, a.Cluster.Name
		s.visitor.Application(*visited)
	}
}

// show shows the objects of an Application to the visitor.
func (s *run) show(v Visited, of set, o objects, c cluster.Cluster) {
	renderer := s.manifests.argoCD
	if of.component.ValueFiles.Win {
		renderer = s.manifests.plugin
	}
	origins := o.origins // and nothing else of it, since a visitor may keep the function
	s.visitor.Objects(v, Objects{Kubernetes: o.kubernetes, Objects: o.objects,
		Origins: func(ctx context.Context) []string {
			name := fmt.Sprintf("Application %q", v.Application.Name())
			files, _ := bounded(ctx, s.bounder, name, func(ctx context.Context) ([]string, bool) {
				files, err := origins(ctx)
				return files, err != nil
			})
			return files
		},
		Charts: func(ctx context.Context) ([]manifest.SourceChart, error) {
			return renderer.ChartsOf(ctx, v.Application)
		},
		Again: func(ctx context.Context, file string, data []byte) ([]render.Object, error) {
			changed := worktree.With(s.session.tree, file, data)
			again := *s
			again.manifests = &manifests{argoCD: s.manifests.argoCD.With(changed),
				plugin: s.manifests.plugin.With(changed)}
			return again.objectsAgain(ctx, of, v.Application, c)
		},
		With: func(ctx context.Context, source int, valuesObject map[string]any) ([]render.Object, error) {
			changed := s.session.withSource(v.Application, source, func(changed render.Object) {
				helm, _ := changed["helm"].(render.Object)
				helm = maps.Clone(helm)
				helm["valuesObject"] = valuesObject
				changed["helm"] = helm
			})
			return s.objectsAgain(ctx, of, changed, c)
		},
	})
}

// objectsAgain renders an Application once more, in its bounds.
func (s *run) objectsAgain(ctx context.Context, of set, app application.Application, c cluster.Cluster) (
	[]render.Object, error) {
	name := fmt.Sprintf("Application %q", app.Name())
	o, err := bounded(ctx, s.bounder, name, func(ctx context.Context) (objects, bool) {
		o := s.objectsOf(ctx, of, app, c)
		return o, o.err != nil
	})
	return o.objects, errors.Join(err, o.err)
}

// withSource returns a copy of an Application with another source.
func (s *Session) withSource(of application.Application, source int,
	change func(source render.Object)) application.Application {
	object := maps.Clone(of.Object)
	spec, _ := object["spec"].(render.Object)
	spec = maps.Clone(spec)
	object["spec"] = spec
	replaced := func(value any) any {
		s, _ := value.(render.Object)
		s = maps.Clone(s)
		change(s)
		return s
	}
	if sources, several := spec["sources"].([]any); several {
		sources = slices.Clone(sources)
		sources[source] = replaced(sources[source])
		spec["sources"] = sources
	} else {
		spec["source"] = replaced(spec["source"])
	}
	changed := application.Read(object, s.ArgoCD())
	changed.Cluster = of.Cluster
	return changed
}

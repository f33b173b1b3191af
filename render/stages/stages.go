package stages

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// RenderTo renders the stage applications or manifests of a request. Clusters and Applications that fail are left out,
// and returned as [render.Failures] once all others are emitted; other errors mean that what was emitted is a part of
// the result. The warnings are those of all that was rendered; they are failures if the request is strict.
func (s *Session) RenderTo(ctx context.Context, r render.Request, out render.Output) ([]*problem.Problem, error) {
	if s.tree == nil {
		return nil, render.Incomplete("there is no repository: name its root (--repo-root)")
	}
	if out.Progress != nil {
		defer out.Progress(1, 1) // however it ends: a display goes away
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	run := &run{session: s, out: out, bounder: newBounder(out.Limits.Or(limits.Default), out.Working, cancel)}
	if warning := s.ArgoCDWarning(); warning != nil {
		run.warn([]*problem.Problem{warning})
	}
	if r.Targets.All { // also those that a misspelt name hides
		lost, err := s.Lost()
		if err != nil {
			return nil, err
		}
		run.warn(lost)
	}
	if r.Stage == render.StageManifests {
		run.manifests, run.deep = s.newManifests(r, false), true
	}
	return run.all(ctx, r)
}

// all renders all groups of a request.
func (s *run) all(ctx context.Context, r render.Request) ([]*problem.Problem, error) {
	groups := []string{r.Group}
	if r.Group == "" && len(r.From) == 0 {
		groups, r.AppPath = s.session.Fleet().AllGroups(path.Clean("./" + r.AppPath))
		r.Anywhere = true // each group at its own path
	}
	for i, group := range groups {
		r.Group = group
		s.request, s.group = r, share{i, len(groups)}
		err := s.survive(ctx, "", s.renderGroup(ctx))
		if over := s.bounder.over(); over != nil {
			return s.warnings, over
		}
		if errors.Is(err, errEnough) {
			break
		}
		if err != nil {
			return s.warnings, err
		}
	}
	if s.emitted == 0 && len(s.failures) == 0 && !r.AllowEmpty && s.visitor == nil {
		s.fail(s.idle.err())
	}
	if r.Strict {
		for _, warning := range s.warnings {
			s.failures = append(s.failures, warning) // fail knows it already, as a warning
		}
		s.warnings = nil
	}
	if len(s.failures) > 0 {
		return s.warnings, s.failures
	}
	return s.warnings, nil
}

// A run is the rendering of one request.
type run struct {
	session    *Session
	manifests  *manifests     // nil: the stage is applications, and nobody visits
	deep       bool           // the stage is manifests
	unresolved bool           // Applications are as Argo CD has them, without the sources behind the plugin
	visitor    *Visitor       // nil: what is rendered is emitted
	on         *render.ArgoCD // of ApplicationSets of files; nil: the one that the request asks for
	// broken is told of Argo CDs, "" for all of a group, that are left out; nil: nobody wants to know
	broken  func(on string)
	out     render.Output
	bounder *bounder

	templates map[string]place // where those that fail are set

	owners map[string]string // the ApplicationSets of the Applications so far, by Argo CD and name
	places map[string]place  // of components, by group, Argo CD and key

	request render.Request // for one group
	group   share
	argoCD  share

	emitted  int
	idle     idle
	warnings []*problem.Problem
	failures render.Failures
	seen     map[string]bool
}

func (s *run) renderGroup(ctx context.Context) error {
	if s.on != nil {
		return s.survive(ctx, s.on.Cluster.Name, s.renderArgoCD(ctx, *s.on))
	}
	argoCDs, warnings, err := s.session.ArgoCDs(s.request)
	if err != nil {
		return err
	}
	if len(s.request.From) == 0 && s.visitor == nil {
		warnings, _ = s.session.Fleet().Judge(warnings) // the others, a group has as errors
	}
	s.warn(warnings)
	for i, a := range argoCDs {
		s.argoCD = share{i, len(argoCDs)}
		if err := s.survive(ctx, a.Cluster.Name, s.renderArgoCD(ctx, a)); err != nil {
			return err
		}
	}
	return nil
}

// A share is one of several equal parts of the work.
type share struct{ index, of int }

// progress tells how far the work is, if done of total are done of the current part.
func (s *run) progress(done, total int) {
	if s.out.Progress != nil {
		parts := s.group.of * s.argoCD.of
		s.out.Progress((s.group.index*s.argoCD.of+s.argoCD.index)*total+done, parts*total)
	}
}

// warn adds findings, but for those that fleet.yaml ignores, if not all are asked for.
func (s *run) warn(found []*problem.Problem) {
	if s.visitor == nil {
		found = s.session.Fleet().Wanted(found)
	}
	for _, w := range found {
		if s.isNew(w.Error()) {
			s.warnings = append(s.warnings, w)
		}
	}
}

func (s *run) fail(err error) {
	if s.isNew(err.Error()) {
		s.failures = append(s.failures, err)
	}
}

// isNew tells whether a message was not there before, as those of several clusters are.
func (s *run) isNew(message string) bool {
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	if s.seen[message] {
		return false
	}
	s.seen[message] = true
	return true
}

// A set is an ApplicationSet, with the component that it was made of, if it was made here.
type set struct {
	object    render.Object
	component applicationset.Component
	file      string // that it was read from, if it was not made here
}

// renderArgoCD renders what one Argo CD deploys to the targets.
func (s *run) renderArgoCD(ctx context.Context, a render.ArgoCD) error {
	sets, err := s.applicationSets(a)
	if err != nil {
		return err
	}
	if s.visitor != nil && s.visitor.Application == nil {
		s.progress(1, 1)
		return nil
	}
	expander, narrow, err := s.expander(ctx, a)
	if err != nil {
		return err
	}
	expand := func(ctx context.Context, i int) (*expanded, error) {
		x := &expanded{set: sets[i]}
		kind, _ := sets[i].object["kind"].(string)
		x.title = fmt.Sprintf("%s %q", kind, hierarchy.NameOf(sets[i].object))
		var err error
		x.expansion, err = bounded(ctx, s.bounder, x.title,
			func(ctx context.Context) (*application.Expansion, bool) {
				if kind == kindApplication {
					return expander.Take(sets[i].object), false
				}
				expansion := expander.Expand(ctx, sets[i].object)
				return expansion, len(expansion.Problems) > 0
			})
		if err != nil {
			x.expansion = &application.Expansion{Problems: []*problem.Problem{problem.New("", 0, "%w", err)}}
			return x, ctx.Err()
		}
		narrow(x)
		if s.visitor != nil {
			s.look(a, x)
		}
		if s.deep || s.visitor != nil {
			return x, nil
		}
		return x, s.encode(x)
	}
	use := func(i int, x *expanded) error {
		s.dropOwned(a, x)
		if x.set.file != "" { // for others, values would have to be merged
			s.place(a, x.set, x.expansion.Warnings...)
		}
		s.locate(a, x.set, x.expansion.Warnings...)
		s.warn(x.expansion.Warnings)
		for _, p := range x.expansion.Problems {
			s.locateTemplate(a, x.set, p)
			s.place(a, x.set, p)
			s.locateError(a, x.set, p)
			s.fail(p)
			s.tell(a.Cluster.Name, x.set, p)
			if err := s.enough(p); err != nil {
				return err
			}
		}
		if s.emitted == 0 && s.visitor == nil && len(x.expansion.Applications) == 0 {
			s.idle.add(x.set.object, a.Targets)
		}
		if s.visitor != nil {
			s.pass(a, x)
		}
		if s.deep {
			if err := s.renderManifests(ctx, a, i, len(sets), x); err != nil {
				return err
			}
		}
		if err := s.emitAll(x); err != nil {
			return err
		}
		s.progress(i+1, len(sets))
		return nil
	}
	return ordered(ctx, len(sets), expand, use)
}

// expander returns what expands ApplicationSets on an Argo CD, and what leaves of that what is for its targets.
func (s *run) expander(ctx context.Context, a render.ArgoCD) (*application.Expander, func(*expanded), error) {
	narrow := func(*expanded) {}
	if s.visitor != nil && s.visitor.Whole && len(a.Others) > 0 {
		targets := make(map[string]bool, len(a.Targets))
		for _, c := range a.Targets {
			targets[c.Name] = true
		}
		of := a.Targets
		narrow = func(x *expanded) { x.narrow(targets, of) }
		a = knowing(a)
	}
	expander, err := application.New(s.session.expansionOptions(ctx, a), a.Targets)
	return expander, narrow, err
}

// expansionOptions returns what ApplicationSets are expanded with on an Argo CD.
func (s *Session) expansionOptions(ctx context.Context, a render.ArgoCD) application.Options {
	fleet := s.Fleet()
	return application.Options{
		Version: s.ArgoCD(),
		Others:  a.Others,
		Repository: generator.Repository{FS: s.tree, FileSize: fleet.FileSize, URLs: fleet.GitURLs(),
			At: fleet.LocateIn},
		Artifact: func(of chart.Reference) (fs.FS, error) {
			return s.charts.Artifact(ctx, of)
		},
	}
}

// expanded is what an ApplicationSet gives.
type expanded struct {
	set       set
	title     string // what messages call the set
	expansion *application.Expansion
	rendered  []render.Rendered // the Applications, if they are what is asked for

	visited  []Visited // the Applications, if somebody visits
	failures []error   // to find out what they read
}

// dropOwned leaves out Applications of a name that another ApplicationSet makes: Argo CD gives them to the first, and
// the second fails (SetControllerReference of the ApplicationSet controller).
func (s *run) dropOwned(a render.ArgoCD, x *expanded) {
	kind, _ := x.set.object["kind"].(string)
	maker := fmt.Sprintf("%s %q", kind, hierarchy.NameOf(x.set.object))
	kept := x.expansion.Applications[:0]
	var rendered []render.Rendered
	var visited []Visited
	for i, app := range x.expansion.Applications {
		metadata, _ := app.Object["metadata"].(render.Object)
		key := a.Cluster.Name + "/" + namespaced(app.Object)
		if first, taken := s.owners[key]; taken {
			what := fmt.Sprintf(": here %s fails in Argo CD, and it is left out", maker)
			if kind == kindApplication {
				what = ", which takes it over: what it says itself is left out"
			}
			p := problem.New("", 0, "Application %q is also made by %s%s", metadata["name"], first, what).
				WithHint("give one of them another name").WithRule(problem.RuleConflicts)
			s.place(a, x.set, p)
			x.expansion.Warnings = append(x.expansion.Warnings, p)
			if kind != kindApplication {
				s.tell(a.Cluster.Name, x.set, p)
			}
			continue
		}
		if s.owners == nil {
			s.owners = map[string]string{}
		}
		s.owners[key] = maker
		kept = append(kept, app)
		if i < len(x.rendered) {
			rendered = append(rendered, x.rendered[i])
		}
		if i < len(x.visited) {
			visited = append(visited, x.visited[i])
		}
	}
	x.expansion.Applications, x.rendered, x.visited = kept, rendered, visited
}

func (s *run) emit(r render.Rendered) error {
	s.emitted++
	return s.out.Emit(r)
}

// applicationSets returns the ApplicationSets of an Argo CD: those of files, or those of the group.
func (s *run) applicationSets(a render.ArgoCD) ([]set, error) {
	if len(s.request.From) > 0 {
		return s.fromFiles()
	}
	result, err := s.session.ApplicationSets(s.request, a, s.manifests != nil && !s.unresolved)
	if err != nil {
		return nil, err
	}
	s.warn(result.Warnings)
	if s.visitor != nil {
		s.visitor.ApplicationSets(s.request.Group, a, result)
	}
	return setsOf(result), nil
}

// setsOf returns the ApplicationSets of a result.
func setsOf(result *render.Result) []set {
	sets := make([]set, len(result.Objects))
	for i, object := range result.Objects {
		sets[i] = set{object: object, component: result.Components[i]}
	}
	return sets
}

const (
	kindApplicationSet = "ApplicationSet"
	kindApplication    = "Application"
)

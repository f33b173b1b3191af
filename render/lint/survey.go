package lint

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A Work is a report that is begun. Who surveys the fleet for something else does it with [Work.Survey], so that one
// survey is enough for both.
type Work struct {
	linter   *linter
	ready    bool // it is known which clusters there are
	surveyed bool
	err      error // of the survey
}

// Begin begins a report about the fleet of a session, which must note what it reads ([render.Options]).
func Begin(ctx context.Context, s *stages.Session, o Options) *Work {
	o.Stage = cmp.Or(o.Stage, render.StageApplications)
	l := newLinter(ctx, s, o)
	return &Work{linter: l, ready: l.identify()}
}

// Survey is [stages.Session.Survey], at which the report looks too if it is about the same. What is empty is a failure
// then, also if the request allows it ([render.ErrNothing]), and all is judged.
func (w *Work) Survey(ctx context.Context, r render.Request, out render.Output, v stages.Visitor) ([]*problem.Problem,
	error) {
	l := w.linter
	own := l.request()
	if !w.ready || w.surveyed || !same(own, r) {
		return l.session.Survey(ctx, r, out, v)
	}
	warnings, err := l.session.Survey(ctx, own, out, stages.Both(v, l.visitor()))
	w.surveyed, w.err = true, l.take(ctx, own, warnings, err)
	return warnings, err
}

// same tells whether another request shows what the own one shows. Strict makes failures of what is judged, so that
// more would fail; without a group, each is at its own path anyway; and Described is about the words of an error.
func same(own, other render.Request) bool {
	other.Described = own.Described
	other.AllowEmpty, other.Anywhere, other.Unjudged = own.AllowEmpty, own.Anywhere, own.Unjudged
	return own.Group == "" && !own.Strict && reflect.DeepEqual(own, other)
}

// Finish returns the report, and surveys the fleet for it if that is not done. It fails as [Run] does.
func (w *Work) Finish(ctx context.Context) (*Report, error) {
	l := w.linter
	if w.ready {
		if !w.surveyed {
			w.surveyed, w.err = true, l.survey(ctx)
		}
		if w.err != nil {
			return nil, w.err
		}
		l.renderLives()
	}
	l.judge()
	return l.finish()
}

// request is what is surveyed.
func (l *linter) request() render.Request {
	r := l.options.Request
	r.Stage = l.options.Stage
	return r
}

// survey renders the fleet; of several components one after the other, since each can be of another group.
func (l *linter) survey(ctx context.Context) error {
	r := l.request()
	asked := r.Components
	if len(asked) < 2 {
		return l.surveyOnce(ctx, r)
	}
	for _, component := range asked {
		r.Components = []string{component}
		if err := l.surveyOnce(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (l *linter) surveyOnce(ctx context.Context, r render.Request) error {
	l.built = false
	warnings, err := l.session.Survey(ctx, r, l.options.Output, l.visitor())
	return l.take(ctx, r, warnings, err)
}

// visitor is what looks at a survey.
func (l *linter) visitor() stages.Visitor {
	visitor := stages.Visitor{ApplicationSets: l.seeApplicationSets}
	if l.reaches(render.StageApplications) {
		visitor.Application = l.seeApplication
		visitor.Objects = l.seeObjects
	}
	return visitor
}

// take adds what a survey found. It fails where there is no report.
func (l *linter) take(ctx context.Context, r render.Request, warnings []*problem.Problem, err error) error {
	if ctx.Err() != nil || errors.Is(err, render.ErrIncomplete) {
		return err
	}
	l.add(warnings...)
	var failures render.Failures
	if !errors.As(err, &failures) && err != nil {
		failures = render.Failures{err}
	}
	if err := l.noComponent(r, failures); err != nil {
		return err
	}
	for _, failure := range failures {
		l.fail(failure)
	}
	return nil
}

// noComponent is an error if no group has the component that a request asks for.
func (l *linter) noComponent(r render.Request, failures render.Failures) error {
	var known []string
	for _, failure := range failures {
		if !errors.Is(failure, applicationset.ErrNoComponent) {
			return nil
		}
		known = append(known, applicationset.ComponentsOf(failure)...)
	}
	if len(failures) == 0 || l.built {
		return nil
	}
	slices.Sort(known)
	return applicationset.NoComponent(r.Components[0], slices.Compact(known))
}

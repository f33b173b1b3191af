package application

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers/template"
	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/sirupsen/logrus"

	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
)

// A candidate is an Application as the generators and templates give it.
type candidate struct {
	cluster string // that the parameters are about, or ""
	app     appv1.Application
	unknown any // fields of its spec that the types do not know
}

// An outcome is what Argo CD's code makes of a generator.
type outcome struct {
	apps     []candidate
	failures []failure // of single sets of parameters
	err      error     // of the generator or of a patch, without any Applications then
}

// A generatorError is the error of a generator, which gives no parameters then.
type generatorError struct{ err error }

// Error returns the message of the generator.
func (e *generatorError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *generatorError) Unwrap() error { return e.err }

// generate runs Argo CD's code for an ApplicationSet with one generator, on a part of the fleet.
func (x *expansion) generate(set *appv1.ApplicationSet, v view, drop map[string]bool, checkPatch bool) outcome {
	r := newRenderer(x.fleet, x.templates)
	r.drop, r.checkPatch, r.unknown, r.patches = drop, checkPatch, x.unknown, &x.patches
	// Argo CD changes the generators that it is given (nested selectors), so that each run gets its own.
	copied := *set
	copied.Spec.Generators = []appv1.ApplicationSetGenerator{*set.Spec.Generators[0].DeepCopy()}
	apps, reason, err := template.GenerateApplications(logrus.NewEntry(logrus.StandardLogger()), copied,
		x.generators.For(v.client(), v.local, x.elements), r, v.client())
	o := outcome{failures: r.failures}
	switch {
	case err != nil && reason == appv1.ApplicationSetReasonApplicationParamsGenerationError:
		o.err = &generatorError{err}
	case len(r.rendered) != len(apps) && !checkPatch:
		return x.generate(set, v, drop, true) // a patch failed, and only this tells for which cluster
	case len(r.rendered) != len(apps):
		o.err = err
	default:
		for i := range apps {
			o.apps = append(o.apps, candidate{app: apps[i], cluster: r.rendered[i].cluster,
				unknown: r.rendered[i].unknown})
		}
	}
	return o
}

// elements evaluates the elementsYaml of a list, if it is one that Argo CD's code may not evaluate.
func (x *expansion) elements(text string, params map[string]any) (string, bool, error) {
	if x.texts == nil || !x.texts.bounded[text] {
		return "", false, nil
	}
	evaluated, err := x.templates.execute(text, params)
	return evaluated, true, err
}

// expandGenerator adds the Applications of an ApplicationSet with one generator, and reports what fails.
func (x *expansion) expandGenerator(set *appv1.ApplicationSet, index int) {
	o := x.generate(set, x.fleet.all(), nil, false)
	var failed *generatorError
	if errors.As(o.err, &failed) {
		o = x.withoutFailing(set, o.err)
	}
	if o.err != nil {
		x.fail("spec.generators[%d]: %w", index, cause(o.err))
		return
	}
	x.reportFailures(set, o.failures)
	x.apps = append(x.apps, o.apps...)
}

// cause returns the error of a generator, if it is one that is known, without what Argo CD says about the way there.
func cause(err error) error {
	if errors.Is(err, generator.ErrTooMany) {
		return generator.ErrTooMany
	}
	if strings.HasSuffix(err.Error(), "child generator generated no parameters") {
		return fmt.Errorf("%w: a generator in the matrix or merge is of no kind that this Argo CD knows", err)
	}
	const failed = "failed to execute go template "
	if at := strings.LastIndex(err.Error(), failed); at >= 0 {
		text, message, _ := strings.Cut(err.Error()[at+len(failed):], ": template: base:")
		return templateError(text, errors.New(strings.Replace(message, `executing "base" at `, "", 1)))
	}
	return err
}

// withoutFailing finds the clusters for which a generator fails, reports them, and returns the outcome without them.
// The error is the one with all clusters; it stays if it is about none in particular.
func (x *expansion) withoutFailing(set *appv1.ApplicationSet, err error) outcome {
	failed := outcome{err: err}
	if errors.Is(err, generator.ErrRefused) || errors.Is(err, generator.ErrTooMany) {
		return failed
	}
	if none := x.generate(set, view{}, nil, false); none.err != nil {
		return failed
	}
	failing := map[string]bool{}
	var failures []failure
	for _, name := range x.fleet.names() {
		if alone := x.generate(set, x.fleet.only(name), nil, false); alone.err != nil {
			failing[name] = true
			failures = append(failures, failure{cluster: name, err: cause(alone.err)})
		}
	}
	x.reportFailures(set, failures)
	switch {
	case len(failing) == 0:
		return failed
	case hasFlatList(set):
		return outcome{} // one set of parameters is about all clusters, and wrong without some
	}
	return x.generate(set, x.fleet.without(failing), failing, false)
}

func hasFlatList(set *appv1.ApplicationSet) bool {
	data, err := json.Marshal(set.Spec.Generators)
	return err == nil && strings.Contains(string(data), `"flatList":true`)
}

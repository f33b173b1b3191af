package conformance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"github.com/eks-fleet-management/fleet-cmp/internal/kubernetes/schema"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// mostFindings is how many findings about one object are told.
const mostFindings = 20

// errUnchecked says that a part of an object could not be checked.
var errUnchecked = errors.New("cannot be checked")

// judge judges a custom resource that the definition serves.
func (d *definition) judge(j *judgement, o identity, kubernetes *schema.Version) {
	v := d.versions[o.version()]
	compiled := v.compile()
	if compiled.err != nil {
		j.leave(o.api() + ", whose CustomResourceDefinition cannot be used")
		return
	}
	for _, m := range kubernetes.CheckMetadata(o.object) {
		p := o.finding(problem.RuleSchema, "%s %s", m.Path, m.Text)
		if m.Likely != "" {
			p = p.WithHint("did you mean %s?", m.Likely)
		}
		j.add(p)
	}
	if len(j.findings) > 0 { // what follows needs metadata that can be read
		return
	}
	findings, err := v.judge(o)
	if err != nil {
		j.leave(fmt.Sprintf("%s, which %s", o.api(), err.Error()))
	}
	for _, p := range findings[:min(len(findings), mostFindings)] {
		j.add(p)
	}
}

// judge does what a server does with a new object: it looks for unknown fields, sets defaults, and validates.
func (v *version) judge(o identity) (findings []*problem.Problem, err error) {
	defer recovered(&err)
	copied, err := copyOf(o.object)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnchecked, err)
	}
	object, ok := copied.(map[string]any)
	if !ok {
		return nil, errUnchecked
	}
	compiled := &v.compiled
	if v.status {
		delete(object, "status")
	}
	if !v.keeps {
		findings = unknownFields(o, compiled.schema, object)
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(object, compiled.schema)
	defaulting.Default(object, compiled.schema)

	errs := validation.ValidateCustomResource(nil, object, compiled.validator)
	errs = append(errs, objectmeta.Validate(nil, object, compiled.schema, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, compiled.schema, object)...)
	if len(errs) > 0 { // rules expect values of the right type
		return append(findings, schemaFindings(o, errs)...), nil
	}
	rules := compiled.rules()
	if rules == nil {
		return findings, nil
	}
	errs, _ = rules.Validate(context.Background(), nil, compiled.schema, object, nil, celconfig.RuntimeCELCostBudget)
	broken, err := ruleFindings(o, errs)
	return append(findings, broken...), err
}

// unknownFields finds the fields that a server drops, or refuses when it is asked to be strict, and drops them.
func unknownFields(o identity, s *structural.Structural, object map[string]any) []*problem.Problem {
	paths := pruning.PruneWithOptions(object, s, true, structural.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	slices.Sort(paths)
	var out []*problem.Problem
	for _, path := range paths {
		p := o.finding(problem.RuleSchema, "%s is not a field of %s", path, o.kind)
		if likely := likely(path, s); likely != "" {
			p = p.WithHint("did you mean %s?", likely)
		}
		out = append(out, p)
	}
	return out
}

// step is one of a path: a field, or an index.
var step = regexp.MustCompile(`[^.\[\]]+|\[[0-9]+\]`)

// likely returns the field that was probably meant by the last one of a path; "" if none is like it.
func likely(path string, s *structural.Structural) string {
	steps := step.FindAllString(path, -1)
	for i, name := range steps {
		if i == len(steps)-1 {
			return problem.Likely(name, slices.Sorted(maps.Keys(s.Properties)))
		}
		property, isProperty := s.Properties[name]
		switch {
		case strings.HasPrefix(name, "[") && s.Items != nil:
			s = s.Items
		case isProperty:
			s = &property
		case s.AdditionalProperties != nil && s.AdditionalProperties.Structural != nil:
			s = s.AdditionalProperties.Structural
		default:
			return ""
		}
	}
	return ""
}

// alternatives is how an error begins that is about anyOf, oneOf, allOf or not.
var alternatives = regexp.MustCompile(`^"([^"]*)" must `)

// schemaFindings says what is wrong by the schema, without the values. Of alternatives, Kubernetes tells what is wrong
// by the one that fits best.
func schemaFindings(o identity, errs field.ErrorList) []*problem.Problem {
	var choices []string
	for _, err := range errs {
		if found := alternatives.FindStringSubmatch(err.Detail); found != nil {
			choices = append(choices, found[1])
		}
	}
	var out []*problem.Problem
	told := map[string]bool{} // by choice
	for _, err := range errs {
		if alternatives.MatchString(err.Detail) {
			continue
		}
		text, inner := place(err.Field)+" "+reason(err), ""
		for _, choice := range choices {
			if strings.HasPrefix(err.Field, choice) {
				inner, told[choice] = longer(inner, choice), true
			}
		}
		if inner != "" {
			text += fmt.Sprintf(" (or another alternative of %s)", inner)
		}
		out = append(out, o.finding(problem.RuleSchema, "%s", text))
	}
	for _, choice := range choices {
		if !told[choice] {
			out = append(out, o.finding(problem.RuleSchema,
				"%s fits none of the alternatives of its schema, or more than it may", place(choice)))
		}
	}
	return out
}

func longer(a, b string) string {
	if len(b) > len(a) {
		return b
	}
	return a
}

// reason says what is wrong with a field. Details can have its value at their end.
func reason(err *field.Error) string {
	detail := err.Detail
	if _, after, found := strings.Cut(detail, " in body "); found {
		detail = after
	}
	switch err.Type {
	case field.ErrorTypeRequired:
		return "is missing"
	case field.ErrorTypeDuplicate:
		return "is there twice"
	case field.ErrorTypeNotSupported:
		if values, ok := strings.CutPrefix(detail, "supported values: "); ok {
			return "must be one of " + strings.ReplaceAll(values, `"`, "")
		}
	case field.ErrorTypeTypeInvalid:
		detail, _, _ = strings.Cut(detail, ": ")
		if _, wanted, ok := strings.Cut(detail, "must be of type "); ok {
			return "must be of type " + wanted
		}
		return "has the wrong type"
	case field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeInvalid:
		if detail != "" {
			return detail
		}
	}
	return "is not what the schema says"
}

// ruleFindings says which rules an object breaks. A rule that cannot be evaluated is not checked, and neither are those
// for which no budget is left.
func ruleFindings(o identity, errs field.ErrorList) (out []*problem.Problem, err error) {
	for _, e := range errs {
		says := func(texts ...string) bool {
			return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(e.Detail, text) })
		}
		switch {
		case says("rule compile error", "rule compiler initialization error"):
			err = fmt.Errorf("has a rule that %w", errUnchecked)
		case says("running out of cost budget", "call cost exceeds limit", "runtime cost could not be calculated"):
			err = fmt.Errorf("has rules that cost too much: all of it %w", errUnchecked)
		case says("evaluating rule: ", "call arguments did not match"):
			out = append(out, o.finding(problem.RuleSchema, "%s does not fit a rule of its schema: %s",
				place(e.Field), afterRule(e.Detail)))
		default:
			out = append(out, o.finding(problem.RuleSchema, "%s breaks a rule of its schema: %s",
				place(e.Field), e.Detail))
		}
	}
	return out, err
}

// afterRule returns the rule that an error is about. What comes before it can have values.
func afterRule(detail string) string {
	if i := strings.LastIndex(detail, "rule: "); i >= 0 {
		return detail[i+len("rule: "):]
	}
	return "one of its expressions"
}

package applicationset

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/gotemplate"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// checkTemplates checks that what the templates need is there: the generator's values, and the labels and annotations
// of the clusters that the ApplicationSet selects.
func (f *findings) checkTemplates(c *component, spec, selector Object) {
	needed := map[string][]string{}
	f.visitTemplates(c, Object{"spec": spec}, func(_ string, parsed parsedFields) {
		for _, field := range parsed.fields {
			needed[strings.Join(field, ".")] = field
		}
	})
	values := c.generatorValues()
	var absent []string
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		field := needed[name]
		if len(field) == 2 && field[0] == "values" && values[field[1]] == "" {
			absent = append(absent, field[1])
		}
	}
	if len(absent) > 0 {
		f.add(f.at([]string{c.key}, "component %q: the template needs .values.%s, which the generator does not set",
			c.key, strings.Join(absent, ", .values.")).
			WithHint("set defaultVersion, and chartRepository or path").WithRule(problem.RuleTemplate))
	}
	if len(f.clusters) == 0 {
		return
	}
	selects, err := toSelector(selector)
	if err != nil {
		at := append([]string{c.key, "selector", "matchExpressions"}, c.wrongOperator()...)
		f.add(f.at(f.longestPath(at...), "component %q: the selector will be refused: %w", c.key, err).
			WithHint("correct it").WithRule(problem.RuleInvalidName))
		return
	}
	for i, on := range f.clusters {
		if !selects.Matches(f.labelSets[i]) {
			continue
		}
		for name, field := range needed {
			if len(field) != 3 || field[0] != "metadata" {
				continue
			}
			have := on.Labels
			if field[1] == "annotations" {
				have = on.Annotations
			}
			if _, ok := have[field[2]]; !ok {
				f.addMissing(name, c.key, on)
			}
		}
	}
}

// visitTemplates calls visit for each template in the Applications of an ApplicationSet, with what it needs.
func (f *findings) visitTemplates(c *component, object Object, visit func(text string, parsed parsedFields)) {
	spec, _ := object["spec"].(Object)
	f.visitTexts(Object{"template": spec["template"], "templatePatch": spec["templatePatch"]}, func(text string) {
		parsed := f.parsed(text)
		if parsed.err != nil {
			p := f.at([]string{c.key}, "component %q: %w", c.key, parsed.err).WithHint("correct the template").
				WithRule(problem.RuleTemplate)
			move(p)(LocateText(f.values, c.key, text))
			f.add(p)
		}
		visit(text, parsed)
	})
}

func (f *findings) addMissing(field, component string, c cluster.Cluster) {
	m := f.missing[field]
	if m == nil {
		m = &missing{file: c.File}
		f.missing[field] = m
	}
	if !slices.Contains(m.components, component) {
		m.components = append(m.components, component)
	}
	if !slices.Contains(m.clusters, c.Name) {
		m.clusters = append(m.clusters, c.Name)
	}
}

// finish adds the findings that concern several components, once each.
func (f *findings) finish() []*problem.Problem {
	if len(f.everyCluster) > 0 {
		f.add(f.at([]string{f.everyCluster[0]}, "%s every cluster", subject("component", f.everyCluster, "select")).
			WithHint("set globalSelectors or selectorMatchLabels, or a selector with useSelectors: true").
			WithRule(problem.RuleSelectsEverybody))
	}
	for _, field := range slices.Sorted(maps.Keys(f.missing)) {
		m := f.missing[field]
		slices.Sort(m.clusters)
		p := f.at([]string{m.components[0]}, "%s .%s, which %s: Argo CD will make no Application",
			subject("component", m.components, "need"), field, subject("cluster", m.clusters, "lack")).
			WithHint("add it to the cluster, for example in %s, or make it optional with index and default",
				or(m.file, "its Secret")).WithRule(problem.RuleMissingLabel, m.file)
		move(p)(locate(f.values, m.components[0], func(text string) bool { return f.needs(text, field) }))
		f.add(p)
	}
	return f.all
}

// parsed returns what a template needs.
func (f *findings) parsed(text string) parsedFields {
	parsed, known := f.fields[text]
	if !known {
		parsed.fields, parsed.err = gotemplate.Fields(text)
		f.fields[text] = parsed
	}
	return parsed
}

// needs tells whether a text is a template that needs a field.
func (f *findings) needs(text, field string) bool {
	if !strings.Contains(text, "{{") {
		return false
	}
	return slices.ContainsFunc(f.parsed(text).fields,
		func(path []string) bool { return strings.Join(path, ".") == field })
}

// move returns a function that moves a problem with a component to a place of its own, if there is one. By that of the
// component it can be ignored all the same.
func move(p *problem.Problem) func(file string, line int) {
	return func(file string, line int) {
		if file == "" {
			return
		}
		if file != p.File {
			p.Places = append(slices.Clip(p.Places), p.File)
		}
		p.File, p.Line = file, line
	}
}

// subject lists the first few names, as the subject of a verb.
func subject(what string, names []string, verb string) string {
	const few = 5
	switch n := len(names); {
	case n == 1:
		return fmt.Sprintf("%s %s %ss", what, names[0], verb)
	case n > few:
		return fmt.Sprintf("%ss %s and %d more %s", what, strings.Join(names[:few], ", "), n-few, verb)
	}
	return fmt.Sprintf("%ss %s %s", what, strings.Join(names, ", "), verb)
}

// visitTexts calls visit for each text in a value.
func (f *findings) visitTexts(value any, visit func(string)) {
	switch value := value.(type) {
	case string:
		if strings.Contains(value, "{{") {
			visit(value)
		}
	case map[string]any:
		for _, key := range fields.SortedKeys(value) {
			f.visitTexts(value[key], visit)
		}
	case []any:
		for _, item := range value {
			f.visitTexts(item, visit)
		}
	}
}

// wrongOperator returns the path of the first operator in the component's selector that is none, from its
// matchExpressions; none if all are right.
func (c *component) wrongOperator() []string {
	expressions, _ := c.selector["matchExpressions"].([]any)
	for i, item := range expressions {
		expression, _ := item.(Object)
		if written, _ := expression["operator"].(string); operators[written] == "" {
			return []string{strconv.Itoa(i), "operator"}
		}
	}
	return nil
}

// operators are those of selectors.
var operators = map[string]selection.Operator{"In": selection.In, "NotIn": selection.NotIn, "Exists": selection.Exists,
	"DoesNotExist": selection.DoesNotExist}

// toSelector returns a label selector in its Kubernetes form. It fails where Kubernetes would refuse it.
func toSelector(selector Object) (labels.Selector, error) {
	var all labels.Requirements
	add := func(key string, operator selection.Operator, values []string) error {
		requirement, err := labels.NewRequirement(key, operator, values)
		if err != nil {
			return err
		}
		all = append(all, *requirement)
		return nil
	}
	matchLabels, _ := selector["matchLabels"].(Object)
	for _, key := range fields.SortedKeys(matchLabels) {
		value, _ := matchLabels[key].(string)
		if err := add(key, selection.Equals, []string{value}); err != nil {
			return nil, err
		}
	}
	expressions, _ := selector["matchExpressions"].([]any)
	for _, item := range expressions {
		expression, _ := item.(Object)
		written, _ := expression["operator"].(string) // a map would be no key of a map
		operator, ok := operators[written]
		if !ok {
			return nil, fmt.Errorf("%v is no operator of a selector: In, NotIn, Exists, DoesNotExist",
				expression["operator"])
		}
		key, _ := expression["key"].(string)
		list, _ := expression["values"].([]any)
		values := make([]string, len(list))
		for i, value := range list {
			if values[i], ok = value.(string); !ok {
				return nil, fmt.Errorf("%v is no string in the values of %s", value, key)
			}
		}
		if err := add(key, operator, values); err != nil {
			return nil, err
		}
	}
	return labels.NewSelector().Add(all...), nil // which sorts them at each call
}

package written

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A step is a condition on the labels of Applications, in a step of the rolling sync of a component.
type step struct {
	key      policyField
	operator string
	values   []policyField
}

// labelsOfApplications are the labels that the Applications of each component have, with the values.
type labelsOfApplications map[string]map[string]map[string]bool

func (l labelsOfApplications) add(a Application) {
	key := a.Component
	if l[key] == nil {
		l[key] = map[string]map[string]bool{}
	}
	metadata, _ := a.Object["metadata"].(map[string]any)
	labels, _ := metadata["labels"].(map[string]any)
	for name, value := range labels {
		text, _ := value.(string)
		if l[key][name] == nil {
			l[key][name] = map[string]bool{}
		}
		l[key][name][text] = true
	}
}

// noteStep remembers the conditions of steps.
func (j *Judge) noteStep(f policyField) {
	const expressions = "strategy.rollingSync.steps.[].matchExpressions.[]."
	name, is := strings.CutPrefix(f.name, expressions)
	if !is || f.component == "" {
		return
	}
	at := f.File + "\x00" + strings.Join(f.Path[:7], "\x00")
	s := j.steppings[at]
	if s == nil {
		s = &step{}
		j.steppings[at] = s
	}
	switch name {
	case "key":
		s.key = f
	case "operator":
		s.operator = f.Node.Value
	case "values.[]":
		s.values = append(s.values, f)
	}
}

// checkSteps finds steps of which the conditions name labels and values that no Application of the component has.
func (j *Judge) checkSteps() {
	for _, at := range slices.Sorted(maps.Keys(j.steppings)) {
		s := j.steppings[at]
		labels := j.applicationLabels[s.key.component]
		if s.key.Node == nil || len(labels) == 0 || s.operator != "In" && s.operator != "NotIn" {
			continue
		}
		key := s.key.Node.Value
		values, known := labels[key]
		if !known {
			p := problem.New(s.key.File, s.key.Node.Line, "%s: no Application of the component has the label %s",
				s.key.title(), key).WithRule(problem.RuleSelectsNobody)
			j.addAt(s.key.Value, p.WithHint("%s", problem.Suggest(key, slices.Sorted(maps.Keys(labels)),
				"add it to labelsApp, or correct the name")))
			continue
		}
		for _, value := range s.values {
			text := value.Node.Value
			near := problem.Likely(text, slices.Sorted(maps.Keys(values)))
			if values[text] || near == "" || lettersOf(near) == lettersOf(text) || j.inSomeStep(s.key.component, near) {
				continue
			}
			p := problem.New(value.File, value.Node.Line, "%s: no Application of the component has the label %s=%s",
				value.title(), key, text).WithHint("did you mean %s?", near).WithRule(problem.RuleSelectsNobody)
			j.addAt(value.Value, p)
		}
	}
}

// inSomeStep tells whether a condition of some step of a component has a value.
func (j *Judge) inSomeStep(component, value string) bool {
	for _, s := range j.steppings {
		if s.key.component == component &&
			slices.ContainsFunc(s.values, func(v policyField) bool { return v.Node.Value == value }) {
			return true
		}
	}
	return false
}

package stages

import (
	"encoding/json"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// Selected returns the clusters that the generators of an ApplicationSet select. Those of other generators than that of
// clusters are taken for all.
func (s *Set) Selected() []string {
	return applicationset.Selected(s.Object, s.On.Targets)
}

// selectorOf reads a label selector as Kubernetes does.
func selectorOf(value any) (labels.Selector, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var selector metav1.LabelSelector
	if err := json.Unmarshal(data, &selector); err != nil {
		return nil, err
	}
	return metav1.LabelSelectorAsSelector(&selector)
}

// A Requirement is one condition of a label selector.
type Requirement struct {
	Label    string
	Operator metav1.LabelSelectorOperator
	Values   []string
}

// Requirements returns the conditions of a selector as it is written: those of matchLabels by their names, without the
// one that makes a Secret a cluster of Argo CD, and then those of matchExpressions.
func Requirements(selector map[string]any) []Requirement {
	var all []Requirement
	matchLabels := asObject(selector["matchLabels"])
	for _, label := range fields.SortedKeys(matchLabels) {
		if label != wellknown.LabelSecretType {
			all = append(all, Requirement{label, metav1.LabelSelectorOpIn, []string{word(matchLabels[label])}})
		}
	}
	expressions, _ := selector["matchExpressions"].([]any)
	for _, item := range expressions {
		expression := asObject(item)
		r := Requirement{Label: word(expression["key"]),
			Operator: metav1.LabelSelectorOperator(word(expression["operator"]))}
		values, _ := expression["values"].([]any)
		for _, value := range values {
			r.Values = append(r.Values, word(value))
		}
		all = append(all, r)
	}
	return all
}

// AllRequirements returns the conditions of all cluster generators in an ApplicationSet, but for Argo CD's own.
func AllRequirements(value any) []Requirement {
	var all []Requirement
	switch value := value.(type) {
	case map[string]any:
		all = append(all, Requirements(asObject(value["selector"]))...)
		for _, key := range fields.SortedKeys(value) {
			if key != "template" && key != "templatePatch" {
				all = append(all, AllRequirements(value[key])...)
			}
		}
	case []any:
		for _, item := range value {
			all = append(all, AllRequirements(item)...)
		}
	}
	return all
}

// Equal tells whether two conditions are the same.
func (r Requirement) Equal(other Requirement) bool {
	return r.Label == other.Label && r.Operator == other.Operator && slices.Equal(r.Values, other.Values)
}

// Shares tells whether another condition is for the same label, and has one of the same values.
func (r Requirement) Shares(other Requirement) bool {
	return other.Label == r.Label &&
		slices.ContainsFunc(other.Values, func(v string) bool { return slices.Contains(r.Values, v) })
}

func word(value any) string {
	text, _ := fields.Text(value)
	return text
}

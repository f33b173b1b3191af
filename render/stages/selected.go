package stages

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
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

// BaseSelector returns the selector of a generator, or of the first one of clusters in it: that one decides which
// clusters there are.
func BaseSelector(generator any) map[string]any {
	g := asObject(generator)
	if clusters, is := g["clusters"].(map[string]any); is {
		return asObject(clusters["selector"])
	}
	for _, kind := range []string{"merge", "matrix"} {
		inner, _ := asObject(g[kind])["generators"].([]any)
		for _, child := range inner {
			if selector := BaseSelector(child); selector != nil {
				return selector
			}
		}
	}
	return nil
}

// Unmet returns the conditions of an ApplicationSet that labels do not meet. Of several generators it takes the one of
// which they meet the most.
func Unmet(object map[string]any, labels map[string]string) []Requirement {
	generators, _ := asObject(object["spec"])["generators"].([]any)
	var best []Requirement
	for i, generator := range generators {
		found := slices.DeleteFunc(Requirements(BaseSelector(generator)),
			func(r Requirement) bool { return r.Matches(labels) })
		if i == 0 || len(found) < len(best) {
			best = found
		}
	}
	return best
}

// Matches tells whether labels meet the condition. What is no operator matches nothing.
func (r Requirement) Matches(labels map[string]string) bool {
	value, has := labels[r.Label]
	switch r.Operator {
	case metav1.LabelSelectorOpIn:
		return has && slices.Contains(r.Values, value)
	case metav1.LabelSelectorOpNotIn:
		return !has || !slices.Contains(r.Values, value)
	case metav1.LabelSelectorOpExists:
		return has
	case metav1.LabelSelectorOpDoesNotExist:
		return !has
	}
	return false
}

// Want says in words what the condition is.
func (r Requirement) Want() string {
	quoted := make([]string, len(r.Values))
	for i, value := range r.Values {
		quoted[i] = fmt.Sprintf("%q", value)
	}
	list := strings.Join(quoted, " or ")
	switch r.Operator {
	case metav1.LabelSelectorOpIn:
		return list
	case metav1.LabelSelectorOpNotIn:
		return "anything but " + list
	case metav1.LabelSelectorOpExists:
		return "any value"
	case metav1.LabelSelectorOpDoesNotExist:
		return "it to be missing"
	}
	return fmt.Sprintf("%s %s", r.Operator, list)
}

// ReleaseOf returns the release that an ApplicationSet of a group is of, whose releases are named; "" without releases.
func ReleaseOf(object map[string]any, releases []string) string {
	found := ""
	for _, name := range releases {
		if strings.HasSuffix(hierarchy.NameOf(object), "-"+strings.ToLower(name)) && len(name) > len(found) {
			found = name
		}
	}
	return found
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

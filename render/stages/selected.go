package stages

import (
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Selected returns the clusters that the generators of an ApplicationSet select. Those of other generators than that of
// clusters are taken for all.
func (s *Set) Selected() []string {
	selectors := clusterSelectors(asObject(s.Object["spec"])["generators"])
	var names []string
	for _, target := range s.On.Targets {
		matches := len(selectors) == 0
		for _, selector := range selectors {
			matches = matches || selector.Matches(target.AllLabels())
		}
		if matches {
			names = append(names, target.Name)
		}
	}
	return names
}

// clusterSelectors returns what selects the clusters: of a merge, its first generator, whose Applications the others
// only change.
func clusterSelectors(list any) []labels.Selector {
	generators, _ := list.([]any)
	var found []labels.Selector
	for _, generator := range generators {
		g, _ := generator.(map[string]any)
		for kind, value := range g {
			of, _ := value.(map[string]any)
			inner, _ := of["generators"].([]any)
			switch kind {
			case "clusters":
				if selector, err := selectorOf(of["selector"]); err == nil {
					found = append(found, selector)
				}
			case "merge":
				found = append(found, clusterSelectors(inner[:min(len(inner), 1)])...)
			case "matrix":
				found = append(found, clusterSelectors(inner)...)
			}
		}
	}
	return found
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

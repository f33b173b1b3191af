package applicationset

import (
	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

// Selected returns the names of the clusters that the generators of an ApplicationSet select, of those that there are.
// Those of other generators than that of clusters are taken for all.
func Selected(set Object, clusters []cluster.Cluster) []string {
	spec, _ := set["spec"].(Object)
	selectors := clusterSelectors(spec["generators"])
	var names []string
	for _, c := range clusters {
		matches := len(selectors) == 0
		for _, selector := range selectors {
			matches = matches || selector.Matches(c.AllLabels())
		}
		if matches {
			names = append(names, c.Name)
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
		g, _ := generator.(Object)
		for kind, value := range g {
			of, _ := value.(Object)
			inner, _ := of["generators"].([]any)
			switch kind {
			case "clusters":
				written, _ := of["selector"].(Object)
				if selector, err := toSelector(written); err == nil {
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

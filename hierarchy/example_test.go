package hierarchy_test

import (
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// Layers are merged from the lowest to the highest, and each value knows where it was set.
func ExampleMerge() {
	var layers []hierarchy.Layer
	for _, level := range []struct{ name, text string }{
		{"system", "replicas: 1\nimage: {tag: v1}\n"},
		{"cluster", "image:\n  tag: v2\n"},
	} {
		d, err := hierarchy.ParseDocument(level.name+"/values.yaml", []byte(level.text))
		if err != nil {
			fmt.Println(err)
			return
		}
		layers = append(layers, hierarchy.LayerOf(level.name, d))
	}
	for _, e := range hierarchy.Merge(nil, nil, layers).Explain() {
		fmt.Printf("%s: %v, of the %s level, %s:%d\n", hierarchy.Key(e.Path), e.Value, e.Source, e.File, e.Line)
	}
	// Output:
	// image.tag: v2, of the cluster level, cluster/values.yaml:2
	// replicas: 1, of the system level, system/values.yaml:1
}

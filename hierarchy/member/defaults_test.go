package member

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

func TestOverDefaultsKnowsTheOrigins(t *testing.T) {
	chart := hierarchy.LayerOf(hierarchy.SourceChart,
		document(t, "charts/web/values.yaml", "replicas: 1\nimage:\n  tag: a\n  name: web\nextra: [a]\n"))
	values := hierarchy.Merge(nil, nil, layersOf(t, "layer", "component:\n  image:\n    tag: b\n  extra: null\n",
		"component: {image: {tag: c}, own: true}\n"))
	require.Equal(t, []string{
		"extra: removed (layer layer1.yaml:4) over [a] (chart charts/web/values.yaml:5)",
		"image.name: web (chart charts/web/values.yaml:4)",
		"image.tag: c (layer layer2.yaml:1) over b (layer layer1.yaml:3) over a (chart charts/web/values.yaml:3)",
		"own: true (layer layer2.yaml:1)",
		"replicas: 1 (chart charts/web/values.yaml:1)",
	}, explained(values.At("component").OverDefaults(hierarchy.Merge(nil, nil, []hierarchy.Layer{chart})).Explain()))
}

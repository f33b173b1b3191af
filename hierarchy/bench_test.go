package hierarchy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// benchFile returns the text of a values file with components, about 500 bytes each.
func benchFile(components, variant int) string {
	var text strings.Builder
	for i := range components {
		fmt.Fprintf(&text, `component-%d:
  enabled: true
  namespace: namespace-%d
  defaultVersion: 1.%d.0
  chartRepository: https://charts.example.com/stable
  selector:
    matchExpressions:
    - {key: enable_component_%d, operator: In, values: ["true"]}
  valuesObject:
    replicas: %d
    image: {repository: registry.example.com/component, tag: v%d}
    resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {cpu: %d, memory: 1Gi}}
    own-%d: {a: 1, b: [x, z], c: null}
`, i, i, variant, i, variant, variant, variant, variant)
	}
	return text.String()
}

// BenchmarkMerge merges files that all have the same components over defaults with these as well: what it costs should
// grow with the product of both.
func BenchmarkMerge(b *testing.B) {
	for _, components := range []int{10, 100, 1000} {
		for _, count := range []int{1, 10, 50} {
			b.Run(fmt.Sprintf("components=%d/files=%d", components, count), func(b *testing.B) {
				defaults := LayerOf(SourceDefaults, document(b, "values.yaml", benchFile(components, 0)))
				catalog := []Layer{LayerOf(SourceCatalog, document(b, "a.yaml", benchFile(components, -1)))}
				var layers []Layer
				for i := range count {
					layers = append(layers, LayerOf("x",
						document(b, fmt.Sprintf("%d.yaml", i), benchFile(components, i+1))))
				}
				b.ReportAllocs()
				for b.Loop() {
					Merge(catalog, &defaults, layers)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(components*count),
					"ns/component/file")
			})
		}
	}
}

// BenchmarkExplain is the price of knowing all origins.
func BenchmarkExplain(b *testing.B) {
	for _, components := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("components=%d", components), func(b *testing.B) {
			layers := layersOf(b, "x", benchFile(components, 1), benchFile(components, 2), benchFile(components, 3))
			b.ReportAllocs()
			for b.Loop() {
				require.NotEmpty(b, Merge(nil, &layers[0], layers[1:]).Explain())
			}
		})
	}
}

// BenchmarkParseDocument reads a values file of 100 KiB.
func BenchmarkParseDocument(b *testing.B) {
	text := benchFile(1000, 1)
	end := strings.LastIndex(text[:100<<10], "\ncomponent-") + 1
	for name, data := range map[string][]byte{"100KiB": []byte(text[:end])} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseDocument("values.yaml", data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

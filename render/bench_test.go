package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// BenchmarkRender renders as many components as values files say something about. In each file each component has a key
// of its own and one that all files set, so that the work is proportional to components x files; the ApplicationSets
// are encoded, too.
func BenchmarkRender(b *testing.B) {
	for _, components := range []int{10, 100, 1000} {
		for _, count := range []int{1, 10, 50} {
			b.Run(fmt.Sprintf("components=%d/files=%d", components, count), func(b *testing.B) {
				r := benchRequest(components, count)
				b.ReportAllocs()
				for b.Loop() {
					result, err := renderOf(r)
					if err != nil {
						b.Fatal(err)
					}
					data, err := render.Encode(result.Objects, "yaml")
					if err != nil || len(result.Objects) != components || len(data) == 0 {
						b.Fatal(len(result.Objects), len(data), err)
					}
				}
			})
		}
	}
}

func benchRequest(components, count int) question {
	each := func(line func(i int) string) string {
		var out strings.Builder
		for i := range components {
			out.WriteString(line(i))
		}
		return out.String()
	}
	base := each(func(i int) string {
		return fmt.Sprintf(`part%d:
  enabled: true
  namespace: ns-%d
  chartRepository: https://charts.example
  defaultVersion: 1.2.%d
  selectorMatchLabels: {tier: t%d}
  valuesObject: {replicas: 2, image: {repository: registry.example/part%d}}
`, i, i, i, i%7, i)
	})
	list := []render.File{{Name: "select.yaml", Data: []byte("mergeValues: {base: {use: true}}\n")}}
	for f := range count {
		text := each(func(i int) string {
			return fmt.Sprintf("part%d: {valuesObject: {layer: f%d, key%d: [a, b], image: {tag: v%d}}}\n", i, f, f, f)
		})
		list = append(list, render.File{Name: fmt.Sprintf("f%d.yaml", f), Data: []byte(text)})
	}
	return question{Request: render.Request{Catalog: catalog("-- values.yaml --\n" +
		"repoURLGit: https://git.example/fleet\nglobalSelectors: {fleet: one}\nglobalValuesObject: {labels: {a: " +
		"b}}\nvalueFiles: [defaults, '{{.name}}']\n" +
		"-- values/base.yaml --\n" + base),
		Files: list}}
}

package applicationset_test

import (
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// Build makes an ApplicationSet of each component that is enabled.
func ExampleBuild() {
	components, err := hierarchy.ParseDocument("values/web.yaml", []byte(`
web:
  enabled: true
  namespace: web
  chartName: web
  chartRepository: https://charts.example
  defaultVersion: 1.2.3
database:
  enabled: false
`))
	if err != nil {
		panic(err)
	}
	settings, err := hierarchy.ParseDocument("bootstrap/defaults/addons.yaml", []byte(`
repoURLGit: https://git.example/fleet
repoURLGitRevision: main
`))
	if err != nil {
		panic(err)
	}
	values := hierarchy.Merge([]hierarchy.Layer{hierarchy.LayerOf("catalog", components)}, nil,
		[]hierarchy.Layer{hierarchy.LayerOf("system", settings)})
	result, err := applicationset.Build(values, applicationset.Options{ReleaseName: "addons"})
	if err != nil {
		panic(err)
	}
	for i, object := range result.Objects {
		fmt.Println(result.Components[i].Key, object["kind"], object["metadata"].(map[string]any)["name"])
	}
	// Output: web ApplicationSet web
}

package application_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/application/generator"
)

// An Expander makes the Applications that Argo CD would make for its clusters.
func Example() {
	var set map[string]any
	err := yaml.Unmarshal([]byte(`
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: web}
spec:
  goTemplate: true
  generators: [{clusters: {selector: {matchLabels: {env: prod}}}}]
  template:
    metadata: {name: 'web-{{.name}}'}
    spec:
      source: {repoURL: https://charts.example, chart: web, targetRevision: 1.0.0}
      destination: {name: '{{.name}}'}
`), &set)
	if err != nil {
		panic(err)
	}
	expander, err := application.New(
		application.Options{Version: argocd.Newest(), Repository: generator.Repository{FS: fstest.MapFS{}}},
		[]cluster.Cluster{
			{Name: "east", Server: "https://east.example", Labels: map[string]string{"env": "prod"}},
			{Name: "west", Server: "https://west.example", Labels: map[string]string{"env": "test"}},
		})
	if err != nil {
		panic(err)
	}
	for _, app := range expander.Expand(context.Background(), set).Applications {
		typed, err := app.Typed()
		fmt.Println(app.Name(), app.Cluster, typed.Spec.Source.Chart, err)
	}
	// Output: web-east east web <nil>
}

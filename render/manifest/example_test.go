package manifest_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest"
)

// A Renderer makes the objects that Argo CD would make of an Application.
func Example() {
	repository := fstest.MapFS{
		"web/config.yaml": {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n")}}
	app := application.Read(map[string]any{
		"metadata": map[string]any{"name": "web-east"},
		"spec": map[string]any{
			"source":      map[string]any{"repoURL": "https://git.example/fleet", "path": "web"},
			"destination": map[string]any{"name": "east", "namespace": "web"},
		},
	}, argocd.Newest())
	objects, warnings, err := manifest.New(manifest.Options{Repository: repository}).
		Render(context.Background(), app, manifest.Destination{})
	fmt.Println(objects, warnings, err)
	// Output: [map[apiVersion:v1 kind:ConfigMap metadata:map[name:web]]] [] <nil>
}

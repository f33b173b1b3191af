package stages_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// RenderTo hands over what each cluster gets, object by object.
func ExampleSession_RenderTo() {
	tree := fstest.MapFS{
		"fleet.yaml": {Data: []byte(`
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  catalog: catalog
  groups: {addons: {path: addons, components: [base]}}
  clusters: [{name: hub, labels: {fleet_member: hub-cluster, environment: prod}}]
`)},
		"catalog/values.yaml": {Data: []byte("{repoURLGit: https://git.example/fleet, repoURLGitRevision: main}")},
		"catalog/values/base.yaml": {Data: []byte(
			"web: {enabled: true, type: manifest, namespace: web, path: web, defaultVersion: '1'}")},
		"addons/.keep": {},
		"web/map.yaml": {Data: []byte("{apiVersion: v1, kind: ConfigMap, metadata: {name: web}}")},
	}
	session, err := stages.Config{}.Open(context.Background(), tree, render.Options{}, stages.Charts{Offline: true})
	if err != nil {
		panic(err)
	}
	_, err = session.RenderTo(context.Background(),
		render.Request{Group: "addons", Cluster: "hub", Stage: render.StageManifests},
		render.Output{
			Encode: func(object render.Object) ([]byte, error) { return render.EncodeValue(object, "json") },
			Emit: func(r render.Rendered) error {
				fmt.Println(r.Cluster, r.Application, r.Name)
				return nil
			},
		})
	if err != nil {
		panic(err)
	}
	// Output: hub hub-web-1 v1_configmap_web
}

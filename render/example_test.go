package render_test

import (
	"fmt"
	"testing/fstest"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A session is opened on a tree of files. Its methods answer requests, such as what a group is on a hub.
func ExampleOpen() {
	session, err := render.Open(fstest.MapFS{
		"fleet.yaml": {Data: []byte(`
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  catalog: catalog
  groups: {addons: {path: addons, components: [base]}}
  clusters: [{name: hub, labels: {fleet_member: hub-cluster}}]
`)},
		"catalog/values.yaml": {
			Data: []byte("{repoURLGit: https://git.example/fleet, repoURLGitRevision: main}")},
		"catalog/values/base.yaml": {
			Data: []byte("web: {namespace: web, path: charts/web, defaultVersion: '1'}")},
		"addons/defaults/application-sets/addons.yaml": {Data: []byte("web: {enabled: true}")},
	}, render.Options{})
	if err != nil {
		panic(err)
	}
	result, err := session.Render(render.Request{Group: "addons", Cluster: "hub"})
	if err != nil {
		panic(err)
	}
	for _, object := range result.Objects {
		fmt.Println(object["kind"], object["metadata"].(render.Object)["name"])
	}
	// Output: ApplicationSet web
}

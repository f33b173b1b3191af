package bootstrap_test

import (
	"fmt"
	"testing/fstest"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

// Build makes the Applications that start the groups of a hub.
func ExampleBuild() {
	repository := hierarchy.NewRepository(fstest.MapFS{
		"fleet.yaml": {Data: []byte(`
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  catalog: catalog
  groups: {addons: {path: addons, components: [base]}}
  clusters:
  - name: hub
    labels: {fleet_member: hub-cluster}
    annotations: {addons_repo_url: https://git.example/fleet, addons_repo_revision: main}
`)},
		"catalog/values.yaml": {Data: []byte("{}")},
		"catalog/values/base.yaml": {
			Data: []byte("web: {enabled: true, namespace: web, path: web, defaultVersion: '1'}")},
		"addons/.keep": {},
	})
	f, err := fleet.Load(repository)
	if err != nil {
		panic(err)
	}
	in, _, err := bootstrap.Load(repository, f, f.Clusters, f.Clusters[0], bootstrap.OptionsOf(f))
	if err != nil {
		panic(err)
	}
	built, err := bootstrap.Build(in)
	if err != nil {
		panic(err)
	}
	for i, object := range built.Objects {
		fmt.Printf("%s %s: %s\n", object["kind"], object["metadata"].(bootstrap.Object)["name"], built.Sources[i])
	}
	// Output:
	// Application cluster-addons-hub-default: fleet.yaml, group addons
	// Application fleet-bootstrap-hub: fleet.yaml, cluster hub
	// Application fleet-registration-hub: fleet.yaml, cluster hub
	// ApplicationSet fleet-member-bootstrap-hub: fleet.yaml, cluster hub
	// ApplicationSet fleet-member-registration-hub: fleet.yaml, cluster hub
}

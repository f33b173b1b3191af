package registration_test

import (
	"fmt"
	"testing/fstest"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render/registration"
)

// Build makes the ExternalSecrets from which a hub has its clusters.
func ExampleBuild() {
	repository := hierarchy.NewRepository(fstest.MapFS{
		"fleet.yaml": {Data: []byte(`
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  members: members
  groups: {addons: {path: addons, components: [base]}}
  clusters: [{name: hub, labels: {fleet_member: hub-cluster}, annotations: {aws_region: eu-west-1}}]
`)},
		"members/hub/shop.yaml": {
			Data: []byte("{tenant: shops, environment: test, secretManagerSecretName: fleet/shop}")},
		"addons/tenants/shops/environments/test/.keep": {},
	})
	f, err := fleet.Load(repository)
	if err != nil {
		panic(err)
	}
	in, _, err := registration.Load(repository, f, f.Clusters[0])
	if err != nil {
		panic(err)
	}
	built, err := registration.Build(in)
	if err != nil {
		panic(err)
	}
	for i, object := range built.Objects {
		fmt.Printf("%s %s: %s\n", object["kind"], object["metadata"].(registration.Object)["name"], built.Sources[i])
	}
	// Output:
	// SecretStore fleet-eks-secret-store: fleet.yaml, cluster hub
	// ExternalSecret hub-fleet-secret: fleet.yaml, cluster hub
	// ExternalSecret shop-fleet-secret: members/hub/shop.yaml, cluster shop
}

package member_test

import (
	"fmt"
	"testing/fstest"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
)

// A member's own keys become labels of its cluster, and its levels add to them.
func ExampleClusters() {
	repo := hierarchy.NewRepository(fstest.MapFS{
		"fleet/fleet-bootstrap/fleet-members/hub/shop.yaml": {Data: []byte("tenant: retail\n")},
		"addons/tenants/retail/defaults/fleet/fleet-secret/values.yaml": {
			Data: []byte("externalSecret: {labels: {addonsRelease: next}}\n")},
	})
	f, err := fleet.Load(repo)
	if err != nil {
		fmt.Println(err)
		return
	}
	clusters, _, err := member.Clusters(f, repo, nil)
	for _, c := range clusters {
		fmt.Println(c.Name, "of", c.Hub, c.Labels)
	}
	fmt.Println(err)
	// Output:
	// shop of hub map[addonsRelease:next fleet_member:spoke tenant:retail]
	// <nil>
}

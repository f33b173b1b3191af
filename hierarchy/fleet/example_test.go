package fleet_test

import (
	"fmt"
	"testing/fstest"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

// The levels of a cluster are those directories that exist; without a fleet.yaml, the built-in levels apply.
func ExampleFleet_LevelsOf() {
	repo := hierarchy.NewRepository(fstest.MapFS{
		"addons/bootstrap/defaults/addons.yaml":           {},
		"addons/tenants/retail/clusters/shop/README.md":   {},
		"addons/tenants/retail/environments/np/README.md": {},
	})
	f, err := fleet.Load(repo)
	if err != nil {
		fmt.Println(err)
		return
	}
	shop := cluster.Cluster{Name: "shop", Labels: map[string]string{"tenant": "retail"}}
	levels, err := f.LevelsOf(repo, shop, "addons")
	for _, level := range levels {
		fmt.Printf("%s: %v %q\n", level.Name, level.Directories, level.Skipped)
	}
	fmt.Println(err)
	// Output:
	// system: [addons/bootstrap/defaults] ""
	// tenants: [] ""
	// tenant: [] ""
	// environment: [] "the cluster has no label environment"
	// cluster: [addons/tenants/retail/clusters/shop] ""
	// <nil>
}

package release_test

import (
	"fmt"
	"testing/fstest"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
)

// A cluster is on the release that its label names, or else on the first.
func ExampleReleases_Of() {
	repo := hierarchy.NewRepository(fstest.MapFS{
		"fleet/bootstrap/versions/applicationSets.yaml": {Data: []byte(
			"releases: {addons: [{type: stable}, {type: next}]}")},
	})
	f, err := fleet.Load(repo)
	if err != nil {
		fmt.Println(err)
		return
	}
	releases, err := release.Read(f, repo, "addons")
	fmt.Println(releases.Names(), err)
	for _, label := range []string{"next", "", "nxt"} {
		fmt.Println(releases.Of(cluster.Cluster{Labels: map[string]string{"addonsRelease": label}}))
	}
	// Output:
	// [stable next] <nil>
	// next true
	// stable true
	// nxt false
}

package fleet

import (
	"testing"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/internal/repositorytest"
)

// What the tests of packages below hierarchy have in common.
type files = repositorytest.Files

var (
	document       = repositorytest.Document
	yamlMap        = repositorytest.Map
	valueAt        = repositorytest.ValueAt
	requireOneLine = repositorytest.RequireOneLine
)

const fleetHeader = repositorytest.FleetHeader

// builtIn returns the fleet without a fleet.yaml.
func builtIn() *Fleet {
	fleet, err := Load(files{}.Repository())
	if err != nil {
		panic(err)
	}
	return fleet
}

// loadFleet loads a fleet from the spec of its fleet.yaml; the first line of the spec is line 4 of the file.
func loadFleet(t testing.TB, spec string) (*Fleet, error) {
	t.Helper()
	return Load(files{hierarchy.FleetFile: fleetHeader + spec}.Repository())
}

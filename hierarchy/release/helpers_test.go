package release

import (
	"testing"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/internal/repositorytest"
)

// What the tests of packages below hierarchy have in common.
type files = repositorytest.Files

var (
	document       = repositorytest.Document
	yamlMap        = repositorytest.Map
	layersOf       = repositorytest.Layers
	valueAt        = repositorytest.ValueAt
	requireOneLine = repositorytest.RequireOneLine
	messages       = repositorytest.Messages
)

const fleetHeader = repositorytest.FleetHeader

// builtIn returns the fleet without a fleet.yaml.
func builtIn() *fleet.Fleet {
	f, err := fleet.Load(files{}.Repository())
	if err != nil {
		panic(err)
	}
	return f
}

// loadFleet loads a fleet from the spec of its fleet.yaml; the first line of the spec is line 4 of the file.
func loadFleet(t testing.TB, spec string) (*fleet.Fleet, error) {
	t.Helper()
	return fleet.Load(files{hierarchy.FleetFile: fleetHeader + spec}.Repository())
}

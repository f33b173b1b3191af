package member

import (
	"errors"
	"slices"
	"testing"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/internal/repositorytest"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// What the tests of packages below hierarchy have in common.
type files = repositorytest.Files

var (
	document       = repositorytest.Document
	layersOf       = repositorytest.Layers
	requireOneLine = repositorytest.RequireOneLine
	messages       = repositorytest.Messages
)

const fleetHeader = repositorytest.FleetHeader

// besidesTenants returns findings without those about unknown or missing tenants, for fleets that do not care about
// them.
func besidesTenants(found []*problem.Problem) []*problem.Problem {
	return slices.DeleteFunc(slices.Clone(found),
		func(p *problem.Problem) bool { return p.Rule == problem.RuleUnknownTenant || errors.Is(p, errNoTenant) })
}

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

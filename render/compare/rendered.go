package compare

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/identity"
)

// Renderings are what something else than sessions rendered on two sides.
type Renderings struct {
	Before, After string // what the sides are called
	Stage         string
	Clusters      []cluster.Cluster // of the fleet
	// Each calls use with the objects of each Application on both sides. It fails if use does.
	Each func(use func(app Application, before, after []render.Object) error) error
	// Failures are asked for when all is used.
	Failures func() []Failure
}

// Rendered compares renderings. Causes are not known then, nor what is dangerous about whole clusters. It fails as Each
// does, and for objects that cannot be written.
func Rendered(r Renderings) (*Result, error) {
	ids := identity.Of(r.Clusters)
	result := &Result{Before: r.Before, After: r.After, Stage: r.Stage, Clusters: len(ids.Names), Labels: ids.Labels}
	grouper := newGrouper(ids)
	err := r.Each(func(app Application, before, after []render.Object) error {
		mark(grouper.selected, app.Group+"/"+app.Component, app.Cluster)
		if reflect.DeepEqual(before, after) {
			return nil
		}
		app.Sides = sidesOf(len(before) > 0, len(after) > 0)
		changes := len(grouper.order)
		if err := grouper.add(app, [2]objects{before, after}, nil, removal{happens: true}); err != nil {
			return fmt.Errorf("Application %q: %w", app.Name, err)
		}
		if len(grouper.order) > changes || !grouper.unchanged[app.Group+"/"+app.Component][app.Cluster] {
			result.Applications = append(result.Applications, app)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	result.Changes, result.Failures = grouper.changes(), r.Failures()
	slices.SortStableFunc(result.Applications, orderApplications)
	return result, nil
}

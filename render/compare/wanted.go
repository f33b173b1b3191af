package compare

import (
	"maps"
	"reflect"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/reading"
)

// concerned returns the clusters for which an ApplicationSet can give something else; nil for all.
func (c *comparison) concerned(p *pair) map[string]bool {
	if c.whole || !p.equal() {
		return nil
	}
	clusters := map[string][2]*cluster.Cluster{}
	for side, set := range p {
		for i := range set.On.Targets {
			both := clusters[set.On.Targets[i].Name]
			both[side] = &set.On.Targets[i]
			clusters[set.On.Targets[i].Name] = both
		}
	}
	wanted := map[string]bool{}
	reader := reading.New(p[1], c.sides[1].Session.Fleet().Places)
	for name, both := range clusters {
		same := both[0] != nil && both[1] != nil && sameIdentity(*both[0], *both[1])
		if !same || reader.Reads(*both[1], c.changed, c.reach) || c.overlaid(p, both) {
			wanted[name] = true
		}
	}
	return wanted
}

// wanted returns the clusters that an ApplicationSet is expanded for; nil for all.
func (c *comparison) wanted(p *pair) map[string]bool {
	concerned := c.concerned(p)
	if c.selected == nil {
		return concerned
	}
	if concerned == nil {
		return c.selected
	}
	maps.DeleteFunc(concerned, func(name string, _ bool) bool { return !c.selected[name] })
	return concerned
}

// sameIdentity tells whether ApplicationSets and charts see the same of a cluster.
func sameIdentity(a, b cluster.Cluster) bool {
	a.File, b.File = "", ""
	return reflect.DeepEqual(a, b)
}

// overlaid tells whether an overlay of a cluster for what the plugin delivers can differ.
func (c *comparison) overlaid(p *pair, both [2]*cluster.Cluster) bool {
	for side, set := range p {
		if !set.Component.ValueFiles.Win || both[side] == nil {
			continue
		}
		request := c.sides[side].Request
		request.Group = set.Group
		directories, err := c.sides[side].Session.Overlays(request, *both[side], set.Component)
		if err != nil {
			return true
		}
		for _, directory := range directories {
			if c.changed.Below(directory) || slices.ContainsFunc(c.reach.Of(directory), c.changed.Below) {
				return true
			}
		}
	}
	return false
}

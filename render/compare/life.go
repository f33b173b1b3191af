package compare

import (
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/syncing"
)

// lives are the stages that start a fleet and make its clusters known, of which no ApplicationSet knows. The first says
// by which Application both are synced.
var lives = []string{render.StageBootstrap, render.StageRegistration}

// groupOfLife is what changes of these stages are called by, together with the stage.
const groupOfLife = "fleet"

// A life is what one of these stages gives for an Argo CD on a side.
type life struct {
	objects objects
	files   []string // that it depends on
	err     error
}

// compareLives compares what starts the fleet, and makes its clusters known. It depends on nothing that ApplicationSets
// do not depend on. What none of the files that differ concerns is rendered once, for the hubs only: they depend on
// what the others do.
func (c *comparison) compareLives() {
	if c.options.Filter.Group != "" || len(c.options.Filter.Components) > 0 {
		return
	}
	if c.plans[0] == nil || c.plans[1] == nil {
		return // whose failure is told
	}
	may := c.whole || c.options.Identities
	var known [2]map[string]cluster.Cluster
	for side, plan := range c.plans {
		known[side] = map[string]cluster.Cluster{}
		last := ""
		for _, set := range plan.Sets {
			known[side][set.On.Cluster.Name] = set.On.Cluster
			if of := set.Group + "/" + set.On.Cluster.Name; of != last { // others have the same files
				last = of
				may = may || len(c.changed.Matching(set.Files(), nil)) > 0
			}
		}
	}
	if !may {
		return
	}
	var hubs, others []string
	for name, on := range known[1] {
		switch _, both := known[0][name]; {
		case !both: // with all that it gets
		case on.IsSpoke():
			others = append(others, name)
		default:
			hubs = append(hubs, name)
		}
	}
	concerned := false
	slices.Sort(hubs)
	for _, name := range hubs {
		concerned = c.compareLife(name) || concerned
	}
	if concerned {
		for _, name := range slices.Sorted(slices.Values(others)) {
			c.compareLife(name)
		}
	}
}

// compareLife compares the stages of one Argo CD, and tells whether they can differ.
func (c *comparison) compareLife(on string) (concerned bool) {
	var gone [2]removal // by stage
	for i, stage := range lives {
		sides := [2]life{c.liveOn(0, stage, on)}
		all := c.whole || c.options.Identities || sides[0].err != nil
		if !all && len(c.changed.Matching(sides[0].files, nil)) == 0 {
			continue
		}
		concerned = true
		sides[1] = c.liveOn(1, stage, on)
		if sides[0].err != nil || sides[1].err != nil {
			if sides[0].err == nil || sides[1].err == nil { // else it is no matter of the change
				c.fail(0, sides[0].err)
				c.fail(1, sides[1].err)
			}
			continue
		}
		for j, of := range lives {
			for _, object := range sides[1].objects {
				if i == 0 && hierarchy.NameOf(object) == applicationOfLife(of, on) {
					prune, _ := at(object, "spec.syncPolicy.automated.prune").(bool)
					gone[j] = removal{happens: prune, byDefault: syncing.ApplicationOption(object, "Prune")}
				}
			}
		}
		c.addLife(stage, on, sides, gone[i])
	}
	return concerned
}

func applicationOfLife(stage, on string) string { return groupOfLife + "-" + stage + "-" + on }

func (c *comparison) liveOn(side int, stage, on string) life {
	r := c.sides[side].Request
	r.Stage, r.Cluster, r.Targets, r.AllFindings = stage, on, render.Targets{}, true
	result, err := c.sides[side].Session.Render(r)
	if err != nil {
		return life{err: err}
	}
	return life{objects: result.Objects, files: result.Files()}
}

// addLife compares the objects of a stage, each as one of the cluster that it is about.
func (c *comparison) addLife(stage, on string, sides [2]life, gone removal) {
	byCluster := map[string]*[2]objects{}
	for side, of := range sides {
		for _, object := range of.objects {
			name, is := strings.CutSuffix(hierarchy.NameOf(object), "-fleet-secret")
			if is = is && c.identities.Labels[name] != nil; !is {
				name = on
			}
			if byCluster[name] == nil {
				byCluster[name] = &[2]objects{}
			}
			byCluster[name][side] = append(byCluster[name][side], object)
		}
	}
	if c.options.Only {
		c.listLife(stage, on, byCluster)
		return
	}
	files := c.changed.Matching(slices.Concat(sides[0].files, sides[1].files), nil)
	for _, name := range slices.Sorted(maps.Keys(byCluster)) {
		if c.selected != nil && !c.selected[name] {
			continue
		}
		var causes []Cause
		for _, file := range files {
			if !c.isOfAnother(file, name, on) {
				causes = append(causes, c.causesIn(file)...)
			}
		}
		mark(c.grouper.selected, groupOfLife+"/"+stage, name)
		c.add(Application{Name: applicationOfLife(stage, on), Cluster: name, Group: groupOfLife, Component: stage,
			ArgoCD: on, Sides: Changed}, *byCluster[name], causes, gone)
	}
	delete(c.grouper.unchanged, groupOfLife+"/"+stage) // which no value keeps from it
}

// listLife names the Application by which a stage is synced, if its objects differ. A fleet in several repositories has
// none for its bootstrap, whose objects are what is named then.
func (c *comparison) listLife(stage, on string, byCluster map[string]*[2]objects) {
	for name, of := range byCluster {
		before, after := index(of[0]), index(of[1])
		if c.selected != nil && !c.selected[name] || reflect.DeepEqual(before, after) {
			continue
		}
		names := map[string]bool{applicationOfLife(stage, on): true}
		if stage == render.StageBootstrap && len(c.sides[1].Session.Fleet().Repositories) > 0 {
			clear(names)
			for _, object := range slices.Concat(of[0], of[1]) {
				if key := keyOf(object); !reflect.DeepEqual(before[key], after[key]) {
					names[key.name] = true
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			c.result.Applications = append(c.result.Applications, Application{Name: name, Cluster: on,
				Group: groupOfLife, Component: stage, ArgoCD: on, Sides: Changed})
		}
		return
	}
}

// isOfAnother tells whether a file is in the directory of another cluster, or registers it.
func (c *comparison) isOfAnother(file, name, on string) bool {
	parts := strings.Split(strings.TrimSuffix(file, path.Ext(file)), "/")
	return !slices.Contains(parts, name) && slices.ContainsFunc(parts, func(part string) bool {
		return part != on && c.identities.Labels[part] != nil
	})
}

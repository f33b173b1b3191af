package compare

import (
	"context"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// both is an Application on both sides; nil where a side does not have it.
type both [2]*stages.Visited

// match pairs Applications by their names, and returns those that are alone, too.
func match(before, after []stages.Visited) []both {
	index := map[string]*both{}
	var order []*both
	for side, applications := range [2][]stages.Visited{before, after} {
		for i := range applications {
			name := applications[i].Application.Name()
			if index[name] == nil {
				index[name] = &both{}
				order = append(order, index[name])
			}
			index[name][side] = &applications[i]
		}
	}
	matched := make([]both, len(order))
	for i, b := range order {
		matched[i] = *b
	}
	return matched
}

// of returns the Application of the side that there is, if possible the one after.
func (b both) of() *stages.Visited {
	if b[1] != nil {
		return b[1]
	}
	return b[0]
}

// isOther tells whether the Application after is another one that takes the place of the one before.
func (b both) isOther() bool {
	return b[0] != nil && b[1] != nil &&
		(b[0].Application.Name() != b[1].Application.Name() || b[0].ArgoCD != b[1].ArgoCD)
}

// outcome is what comparing one Application gives.
type outcome struct {
	app     Application
	objects [2]objects
	failed  [2]error
	causes  []Cause
	same    bool // as two renders prove, where only the Applications that differ are asked for
}

// compareApplications compares Applications, in their order.
func (c *comparison) compareApplications(ctx context.Context, p *pair, all []both, broken [2]bool) error {
	all = slices.DeleteFunc(all, func(b both) bool {
		if b[0] == nil && broken[0] || b[1] == nil && broken[1] {
			app := describe(b)
			app.Sides = Changed // for all that is known
			c.result.Applications = append(c.result.Applications, app)
			return true
		}
		if b[0] == nil || b[1] == nil {
			c.loners.add(p, b)
			return true
		}
		if c.differs(p, b) {
			return false
		}
		if !c.options.Only && c.overridden(b.of()) {
			mark(c.grouper.unchanged, b.of().Group+"/"+b.of().Component.Key, b.of().Application.Cluster)
		}
		return true
	})
	return c.compareAll(ctx, p, all)
}

// compareAll compares Applications that differ, in their order.
func (c *comparison) compareAll(ctx context.Context, p *pair, all []both) error {
	const batch = 64 // so that few objects are in memory
	for len(all) > 0 {
		now := all[:min(batch, len(all))]
		all = all[len(now):]
		outcomes := make([]outcome, len(now))
		group, groupContext := errgroup.WithContext(ctx)
		group.SetLimit(runtime.GOMAXPROCS(0))
		for i, b := range now {
			group.Go(func() error {
				outcomes[i] = c.compareApplication(groupContext, p, b)
				return groupContext.Err()
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		for i, o := range outcomes {
			c.use(now[i], o)
		}
	}
	return nil
}

// differs tells whether an Application is another one, or reads something that differs.
func (c *comparison) differs(p *pair, b both) bool {
	if c.whole || !reflect.DeepEqual(b[0].Application.Object, b[1].Application.Object) ||
		!reflect.DeepEqual(p[0].Component, p[1].Component) {
		return true
	}
	if c.options.Stage != render.StageManifests {
		return false
	}
	for _, side := range b {
		if len(c.readBy(side)) > 0 {
			return true
		}
	}
	return !slices.Equal(b[0].Overlays, b[1].Overlays) || c.versionDiffers(p, b)
}

// readBy returns the paths that differ and that an Application reads.
func (c *comparison) readBy(v *stages.Visited) []string {
	directories := slices.Concat(v.Reads.Directories, v.Overlays)
	for _, directory := range slices.Clone(directories) {
		directories = append(directories, c.reach.Of(directory)...)
	}
	files := slices.Clone(v.Reads.Files)
	for _, valueFiles := range v.Reads.ValueFiles {
		if !slices.ContainsFunc(valueFiles, c.changed.Has) || !c.sameValues(valueFiles) {
			continue
		}
		for _, name := range valueFiles { // but not where another source reads it otherwise
			if at := slices.Index(files, name); at >= 0 {
				files = slices.Delete(files, at, at+1)
			}
		}
	}
	return c.changed.Matching(files, directories)
}

// overridden tells whether an Application reads a value that differs, and that a later file overrides.
func (c *comparison) overridden(v *stages.Visited) bool {
	return slices.ContainsFunc(v.Reads.ValueFiles, func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			return c.changed.Has(name) && !c.sameValues([]string{name}) && c.sameValues(names)
		})
	})
}

// sameValues tells whether value files together say the same on both sides: in other words, with other comments, or
// where a later file has the last word.
func (c *comparison) sameValues(names []string) bool {
	if slices.ContainsFunc(names, func(name string) bool { return strings.ContainsAny(name, "*?[") }) {
		return false
	}
	key := strings.Join(names, "\x00")
	c.mu.Lock()
	defer c.mu.Unlock()
	if same, known := c.same[key]; known {
		return same
	}
	var values [2]map[string]any
	for side := range c.sides {
		for _, name := range names {
			document, err := c.sides[side].Session.Repository().Document(name)
			if err != nil {
				return false
			}
			if document != nil {
				values[side] = hierarchy.MergeMaps(values[side], document.Values)
			}
		}
	}
	c.same[key] = reflect.DeepEqual(values[0], values[1])
	return c.same[key]
}

// versionDiffers tells whether charts see another version of Kubernetes.
func (c *comparison) versionDiffers(p *pair, b both) bool {
	var versions [2]string
	for side, set := range p {
		for _, target := range set.On.Targets {
			if target.Name == b[side].Application.Cluster {
				versions[side], _ = target.KubernetesVersion()
			}
		}
	}
	return versions[0] != versions[1]
}

// describe returns what is known of an Application.
func describe(b both) Application {
	of := b.of()
	app := Application{Name: of.Application.Name(), Cluster: of.Application.Cluster, Group: of.Group,
		Component: of.Component.Key, ArgoCD: of.ArgoCD, Sides: sidesOf(b[0] != nil, b[1] != nil)}
	if b.isOther() {
		app.Was = b[0].Application.Name()
		if b[0].ArgoCD != app.ArgoCD {
			app.WasArgoCD = b[0].ArgoCD
		}
	}
	return app
}

// compareApplication renders one Application on both sides.
func (c *comparison) compareApplication(ctx context.Context, p *pair, b both) outcome {
	o := outcome{app: describe(b)}
	if c.options.Only && !c.isProvable(b) {
		return o
	}
	for side, visited := range b {
		if visited == nil {
			continue
		}
		if c.options.Stage == render.StageApplications {
			// Under the name that it gets, so that it shows what else changes: of the name, a danger tells.
			o.objects[side] = objects{underName(visited.Application.Object, o.app.Name)}
			continue
		}
		o.objects[side], o.failed[side] = p[side].Objects(ctx, *visited)
	}
	if c.options.Only {
		o.same = o.failed[0] == nil && o.failed[1] == nil &&
			reflect.DeepEqual(index(o.objects[0]), index(o.objects[1]))
		o.objects = [2]objects{}
		return o
	}
	if c.options.Stage == render.StageManifests {
		o.addSettings(b)
	}
	o.causes = c.causesOf(p, b)
	return o
}

// isProvable tells whether it takes two renders to see that an Application differs: it is the same itself, and all that
// it reads is in the repository, so that no chart is fetched just for a list.
func (c *comparison) isProvable(b both) bool {
	if c.options.Stage != render.StageManifests || b[0] == nil || b[1] == nil ||
		!reflect.DeepEqual(b[0].Application.Object, b[1].Application.Object) {
		return false
	}
	spec, _ := b[1].Application.Object["spec"].(render.Object)
	sources, _ := spec["sources"].([]any)
	return !slices.ContainsFunc(append(slices.Clip(sources), spec["source"]), func(source any) bool {
		of, _ := source.(render.Object)
		return of["chart"] != nil
	})
}

// underName returns an object under another name.
func underName(object render.Object, name string) render.Object {
	if hierarchy.NameOf(object) == name {
		return object
	}
	metadata, _ := object["metadata"].(render.Object)
	object, metadata = maps.Clone(object), maps.Clone(metadata)
	metadata["name"] = name
	object["metadata"] = metadata
	return object
}

// use adds the outcome of one Application to the result.
func (c *comparison) use(b both, o outcome) {
	if !o.same {
		c.result.Applications = append(c.result.Applications, o.app)
	}
	if c.options.Only {
		return
	}
	c.failApplication(o.app, o.failed)
	c.endanger(b, o.app)
	if o.failed[0] == nil && o.failed[1] == nil {
		c.add(o.app, o.objects, o.causes, removalOf(b))
	}
}

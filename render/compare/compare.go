package compare

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/revision"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/identity"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/paths"
	"github.com/eks-fleet-management/fleet-cmp/render/reach"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A Side is one of the two renders that are compared.
type Side struct {
	Name    string // what it is called: a revision, a directory, a version
	Session *stages.Session
	Tree    fs.FS          // that of the session
	Request render.Request // what is rendered of it: all clusters of the fleet
	Err     error          // why there is no session
}

// Options say how to compare.
type Options struct {
	Stage string // applicationsets, applications or manifests
	Whole bool   // the sides differ in more than their files, so that everything is rendered
	// Identities says that the same files describe clusters otherwise, as after a promotion.
	Identities bool
	Apart      bool // the sides are of different checkouts, whose branches can differ too
	Only       bool // only the Applications that are concerned are asked for
	Filter     Filter
	Output     render.Output // its limits and progress; nothing is emitted
}

// A Filter leaves out a part of a comparison.
type Filter struct {
	Group      string
	Cluster    string
	Selector   string // as of kubectl
	Components []string
}

func (f Filter) isEmpty() bool {
	return f.Group == "" && f.Cluster == "" && f.Selector == "" && len(f.Components) == 0
}

// Run compares two renders of a fleet. What cannot be rendered on a side is a failure of the result. It fails for a
// request that asks for what exists on neither side, and when the context ends.
func Run(ctx context.Context, before, after Side, o Options) (*Result, error) {
	c := &comparison{options: o, sides: [2]Side{before, after},
		result:   &Result{Before: before.Name, After: after.Name, Stage: o.Stage},
		presence: presence{}, described: map[string]bool{}, same: map[string]bool{},
		failed: map[failure]int{}, joints: map[int]joint{}}
	if err := c.look(); err != nil {
		return nil, err
	}
	same := !c.whole && !o.Identities && !o.Apart && len(c.result.Files) == 0
	// What is asked for must exist, also where nothing differs.
	if len(c.result.Failures) > 0 || same && o.Filter.isEmpty() {
		return c.result, nil
	}
	if err := c.plan(ctx); err != nil {
		return nil, err
	}
	if o.Output.Progress != nil {
		defer o.Output.Progress(1, 1) // however it ends: a display goes away
	}
	for i, p := range c.pairs {
		if o.Output.Progress != nil {
			o.Output.Progress(i, len(c.pairs))
		}
		if err := c.compare(ctx, p); err != nil {
			return nil, err
		}
	}
	if err := c.compareLoners(ctx); err != nil {
		return nil, err
	}
	c.compareLives()
	c.finish()
	return c.result, nil
}

// A comparison is the work on one result.
type comparison struct {
	options Options
	sides   [2]Side
	result  *Result

	whole      bool // every Application can differ
	changed    *paths.Paths
	reach      *reach.Reach
	plans      [2]*stages.Plan
	pairs      []*pair
	identities identity.Identities
	grouper    grouper
	causes     causes
	dangers    dangers
	loners     loners
	presence   presence
	failed     map[failure]int // where each failure is in the result
	joints     map[int]joint   // of failures in the result that are of no Application
	selected   map[string]bool // clusters that are asked for; nil for all
	described  map[string]bool // clusters that are described otherwise, or that one side does not have

	mu   sync.Mutex      // of the causes, and of same
	same map[string]bool // whether value files, in their order, say the same on both sides
}

// A pair is an ApplicationSet on both sides; nil where a side does not have it.
type pair [2]*stages.Set

// of returns the side that there is, if possible the one after.
func (p pair) of() *stages.Set {
	if p[1] != nil {
		return p[1]
	}
	return p[0]
}

// look finds out what differs between the trees.
func (c *comparison) look() error {
	var err error
	if c.result.Files, err = revision.Changes(c.sides[0].Tree, c.sides[1].Tree); err != nil {
		return err
	}
	links := map[string][]string{}
	for i := range c.sides {
		if err := paths.Links(c.sides[i].Tree, links); err != nil {
			return err
		}
	}
	c.changed = paths.New(c.result.Files, links)
	c.causes = causes{trees: [2]fs.FS{c.sides[0].Tree, c.sides[1].Tree}, lines: map[string][]Cause{},
		files: map[*stages.Set][]string{}}
	for i := range c.sides {
		if c.sides[i].Err != nil {
			c.fail(i, c.sides[i].Err)
		}
	}
	if c.sides[0].Err != nil || c.sides[1].Err != nil {
		return nil // nothing can be compared
	}
	a, b := c.sides[0].Session, c.sides[1].Session
	c.reach = reach.New(reach.Tree{Repository: a.Repository(), Files: c.sides[0].Tree},
		reach.Tree{Repository: b.Repository(), Files: c.sides[1].Tree})
	c.whole = c.options.Whole || a.Fleet().KubernetesVersion != b.Fleet().KubernetesVersion ||
		a.ArgoCD().Name != b.ArgoCD().Name ||
		!reflect.DeepEqual(a.Fleet().RepositoryURLs, b.Fleet().RepositoryURLs) ||
		!reflect.DeepEqual(a.Fleet().Repositories, b.Fleet().Repositories) ||
		!reflect.DeepEqual(a.Fleet().ChartRepositories, b.Fleet().ChartRepositories)
	return nil
}

// equal tells whether an ApplicationSet is the same on both sides.
func (p pair) equal() bool {
	return p[0] != nil && p[1] != nil && reflect.DeepEqual(p[0].Component, p[1].Component) &&
		reflect.DeepEqual(p[0].Object, p[1].Object)
}

// compare compares what an ApplicationSet gives on both sides.
func (c *comparison) compare(ctx context.Context, p *pair) error {
	if c.options.Stage == render.StageApplicationSets {
		c.compareSets(p)
		return nil
	}
	if !p.equal() {
		c.compareSettings(p)
	}
	wanted := c.wanted(p)
	if wanted != nil && len(wanted) == 0 {
		return nil
	}
	expanded, err := p.expand(ctx, wanted)
	if err == nil && wanted != nil && len(expanded[0].Problems)+len(expanded[1].Problems) > 0 {
		// Argo CD makes and updates none of the others either, which are not looked for else.
		expanded, err = p.expand(ctx, nil)
	}
	if err != nil {
		return err
	}
	for side := range expanded {
		expanded[side].Applications = slices.DeleteFunc(expanded[side].Applications, func(v stages.Visited) bool {
			return c.selected != nil && !c.selected[v.Application.Cluster]
		})
		for _, problem := range expanded[side].Problems {
			c.fail(side, problem)
		}
	}
	// Where one side fails, the other's Applications are neither added nor removed.
	broken := [2]bool{len(expanded[0].Problems) > 0, len(expanded[1].Problems) > 0}
	for side, set := range p {
		broken[side] = broken[side] || set == nil && c.broken(side, p.of())
	}
	for side, e := range expanded {
		for _, v := range e.Applications {
			c.presence.count(side, v)
			if broken[1-side] { // for all that is known
				c.presence.count(1-side, v)
			}
		}
	}
	return c.compareApplications(ctx, p, match(expanded[0].Applications, expanded[1].Applications), broken)
}

// expand expands an ApplicationSet on both sides.
func (p pair) expand(ctx context.Context, wanted map[string]bool) (expanded [2]*stages.Expanded, err error) {
	for side, set := range p {
		expanded[side] = &stages.Expanded{}
		if set == nil {
			continue
		}
		if expanded[side], err = set.Expand(ctx, wanted); err != nil {
			return expanded, err
		}
	}
	return expanded, nil
}

// broken tells whether a side has no ApplicationSet since its group, or all, could not be rendered.
func (c *comparison) broken(side int, of *stages.Set) bool {
	plan := c.plans[side]
	return plan == nil || plan.Broken[of.Group+"/"] || plan.Broken[of.Group+"/"+of.On.Cluster.Name]
}

// compareSets compares the ApplicationSet itself.
func (c *comparison) compareSets(p *pair) {
	for side, set := range p {
		if set == nil && c.broken(side, p.of()) {
			return
		}
	}
	if p.equal() {
		return
	}
	var before, after []render.Object
	if p[0] != nil {
		before = []render.Object{p[0].Object}
	}
	if p[1] != nil {
		after = []render.Object{p[1].Object}
	}
	app := describeSet(p)
	c.result.Applications = append(c.result.Applications, app)
	c.add(app, [2]objects{before, after}, c.causesOf(p, both{}), removal{happens: true})
}

// describeSet returns what is known of an ApplicationSet, as of an Application.
func describeSet(p *pair) Application {
	of := p.of()
	return Application{Name: hierarchy.NameOf(of.Object), Cluster: of.On.Cluster.Name, Group: of.Group,
		Component: of.Component.Key, ArgoCD: of.On.Cluster.Name, Sides: sidesOf(p[0] != nil, p[1] != nil)}
}

// add compares the objects of an Application.
func (c *comparison) add(app Application, all [2]objects, causes []Cause, gone removal) {
	if err := c.grouper.add(app, all, causes, gone); err != nil {
		c.fail(1, fmt.Errorf("Application %q: %w", app.Name, err))
	}
}

// finish puts the result together.
func (c *comparison) finish() {
	c.lost()
	c.countSelected()
	c.result.Changes, c.result.Dangers = c.grouper.changes(), c.dangers.all()
	slices.SortFunc(c.result.Applications, orderApplications)
}

// orderApplications orders Applications by what they are of.
func orderApplications(a, b Application) int {
	return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Component, b.Component),
		strings.Compare(a.ArgoCD, b.ArgoCD), strings.Compare(a.Name, b.Name))
}

// countSelected finds the clusters that components select which change: of all of their ApplicationSets, also of those
// that nothing concerns. Clusters that are not asked for do not count.
func (c *comparison) countSelected() {
	changed := map[string]bool{}
	for _, found := range c.grouper.order {
		changed[found.Group+"/"+found.Component] = true
	}
	for _, p := range c.pairs {
		for _, set := range p {
			if set == nil || !changed[set.Group+"/"+set.Component.Key] {
				continue
			}
			for _, name := range set.Selected() {
				if c.selected == nil || c.selected[name] {
					mark(c.grouper.selected, set.Group+"/"+set.Component.Key, name)
				}
			}
		}
	}
}

func sidesOf(before, after bool) Sides {
	switch {
	case !before:
		return Added
	case !after:
		return Removed
	}
	return Changed
}

package images

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/identity"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// Options say of what the images are.
type Options struct {
	Request render.Request // for all clusters; what else is asked for is the filter's
	Filter  Filter
	Output  render.Output // its limits and progress; nothing is emitted
}

// A Filter leaves out a part of the fleet; what is "" or none leaves out nothing.
type Filter struct {
	Group      string
	Cluster    string
	Selector   string // as of kubectl
	Hub        string // with its clusters
	Components []string
}

// Of returns the images of a session. Applications that cannot be rendered are failures of the result, and all others
// are in it. It fails for a filter that names what the fleet does not have ([render.ErrIncomplete]), where nobody can
// tell which clusters there are, and when the context ends.
func Of(ctx context.Context, s *stages.Session, o Options) (*Inventory, error) {
	inventory, known, err := of(ctx, s, o)
	if err != nil {
		return nil, err
	}
	return inventory, o.Filter.check(known)
}

// names are what a fleet has, for the filter.
type names struct {
	groups, clusters, hubs, components []string
	identities                         []cluster.Cluster
	selected                           bool // some cluster is
	failing                            bool // there can be more components
}

// check fails for what a filter names and none of the fleets has.
func (f Filter) check(fleets ...names) error {
	var all names
	for _, n := range fleets {
		all = names{groups: append(all.groups, n.groups...), clusters: append(all.clusters, n.clusters...),
			hubs: append(all.hubs, n.hubs...), components: append(all.components, n.components...),
			identities: append(all.identities, n.identities...),
			selected:   all.selected || n.selected, failing: all.failing || n.failing}
	}
	if err := missing("group", f.Group, all.groups, "the groups are those of fleet.yaml"); err != nil {
		return err
	}
	if err := missing("cluster", f.Cluster, all.clusters, "list them with cmp clusters"); err != nil {
		return err
	}
	if err := missing("hub", f.Hub, all.hubs, "list them with cmp clusters"); err != nil {
		return err
	}
	if !all.selected {
		return f.nothing(all.identities)
	}
	for _, component := range f.Components {
		if all.failing {
			break // nobody can tell
		}
		if err := missing("component", component, all.components, "list them with cmp matrix"); err != nil {
			return err
		}
	}
	return nil
}

// nothing returns the error for a filter that selects none of these clusters.
func (f Filter) nothing(clusters []cluster.Cluster) error {
	selector, err := labels.Parse(f.Selector)
	if err != nil {
		return err
	}
	selects := func(c cluster.Cluster) bool { return selector.Matches(c.AllLabels()) }
	switch {
	case !slices.ContainsFunc(clusters, selects):
		return render.Incomplete("%w", render.NoMatch(selector, clusters))
	case f.Cluster != "":
		return render.Incomplete("cluster %q is not all that is asked for: leave out the other flags that select "+
			"clusters, or --cluster", f.Cluster)
	}
	return render.Incomplete("no cluster of hub %q matches %q; see cmp clusters", f.Hub, f.Selector)
}

func missing(what, name string, all []string, hint string) error {
	if name == "" || slices.Contains(all, name) {
		return nil
	}
	slices.Sort(all)
	return render.Incomplete("there is no %s %q; %s", what, name,
		problem.Suggest(name, slices.Compact(all), hint))
}

// A builder is the work on an inventory.
type builder struct {
	filter    Filter
	known     names
	wanted    map[string]bool // clusters; nil for all
	inventory *Inventory
	index     map[string]int             // of clusters
	images    map[string]map[string]int  // by cluster
	owners    map[string]string          // ApplicationSets of the Applications so far, by Argo CD and name
	said      map[string]bool            // failures
	odd       map[string]map[string]bool // clusters of what is odd
}

func of(ctx context.Context, s *stages.Session, o Options) (*Inventory, names, error) {
	b := &builder{filter: o.Filter, index: map[string]int{}, images: map[string]map[string]int{},
		owners: map[string]string{}, said: map[string]bool{}, odd: map[string]map[string]bool{},
		inventory: &Inventory{Clusters: []Cluster{}, unknown: unknown{argoCDs: map[string]bool{},
			sets: map[[3]string]bool{}, applications: map[[2]string]bool{}}}}
	if err := b.addClusters(s); err != nil {
		return nil, b.known, err
	}
	r := o.Request
	r.Stage, r.AllowEmpty, r.Anywhere, r.Targets = render.StageManifests, true, true, render.Targets{All: true}
	b.known.groups = slices.Sorted(maps.Keys(s.Fleet().Groups))
	if r.Group = o.Filter.Group; r.Group != "" && !slices.Contains(b.known.groups, r.Group) || !b.known.selected {
		return b.inventory, b.known, nil
	}
	plan, err := s.Plan(ctx, r, o.Output)
	if err != nil {
		return nil, b.known, err
	}
	for _, err := range plan.Failures {
		if errors.Is(err, render.ErrIncomplete) { // it is asked for what does not exist
			return nil, b.known, err
		}
		b.fail(err)
	}
	b.known.failing = len(plan.Failures) > 0
	b.inventory.unknown.argoCDs = plan.Broken
	if b.inventory.Findings, err = s.Findings(); err != nil {
		return nil, b.known, err
	}
	for _, warning := range plan.Warnings {
		if warning.Rule == problem.RuleForeignCatalog { // these are not the images that will be there
			b.fail(warning)
			continue
		}
		b.inventory.Findings = append(b.inventory.Findings, warning)
	}
	if o.Output.Progress != nil {
		defer o.Output.Progress(1, 1) // however it ends: a display goes away
	}
	for i, set := range plan.Sets {
		if o.Output.Progress != nil {
			o.Output.Progress(i, len(plan.Sets))
		}
		b.known.components = append(b.known.components, set.Component.Key)
		if len(o.Filter.Components) > 0 && !slices.Contains(o.Filter.Components, set.Component.Key) {
			continue
		}
		if err := b.addSet(ctx, set); err != nil {
			return nil, b.known, err
		}
	}
	b.finish()
	return b.inventory, b.known, nil
}

// addClusters adds the clusters that are asked for.
func (b *builder) addClusters(s *stages.Session) error {
	identities, _, err := s.Identities()
	if err != nil {
		return err
	}
	selector, err := labels.Parse(b.filter.Selector)
	if err != nil {
		return render.Incomplete("--selector: %w", err)
	}
	f := b.filter
	if f.Cluster != "" || f.Selector != "" || f.Hub != "" {
		b.wanted = map[string]bool{}
	}
	var selected []cluster.Cluster
	for _, i := range identities {
		b.known.clusters = append(b.known.clusters, i.Name)
		b.known.identities = append(b.known.identities, i.Cluster)
		hub := cmp.Or(i.Hub, i.Name)
		b.known.hubs = append(b.known.hubs, hub)
		if f.Cluster != "" && i.Name != f.Cluster || f.Hub != "" && hub != f.Hub || !selector.Matches(i.AllLabels()) {
			continue
		}
		selected = append(selected, i.Cluster)
		if b.wanted != nil {
			b.wanted[i.Name] = true
		}
		b.add(Cluster{Name: i.Name, Hub: i.Hub, Tenant: i.Labels[wellknown.LabelTenant],
			Environment: i.Labels[wellknown.LabelEnvironment], Images: []Image{}})
	}
	b.known.selected = len(selected) > 0
	b.inventory.Identities = identity.Of(selected)
	return nil
}

func (b *builder) add(c Cluster) {
	b.index[c.Name] = len(b.inventory.Clusters)
	b.images[c.Name] = map[string]int{}
	b.inventory.Clusters = append(b.inventory.Clusters, c)
}

func (b *builder) fail(err error) {
	if text := err.Error(); !b.said[text] {
		b.said[text] = true
		b.inventory.Failures = append(b.inventory.Failures, err)
	}
}

// note notes what is odd about a cluster.
func (b *builder) note(cluster, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if b.odd[text] == nil {
		b.odd[text] = map[string]bool{}
	}
	b.odd[text][cluster] = true
}

// addSet adds the images of the Applications of an ApplicationSet.
func (b *builder) addSet(ctx context.Context, set *stages.Set) error {
	expand := set.Expand
	if b.wanted != nil {
		expand = set.ExpandFor
	}
	expanded, err := expand(ctx, b.wanted)
	if err != nil {
		return err
	}
	name := hierarchy.NameOf(set.Object)
	for _, p := range expanded.Problems {
		b.inventory.unknown.sets[[3]string{set.Group, set.On.Cluster.Name, name}] = true
		b.fail(p)
	}
	applications := slices.DeleteFunc(expanded.Applications, func(v stages.Visited) bool {
		return b.wanted != nil && !b.wanted[v.Application.Cluster] || b.isTaken(name, v)
	})
	const batch = 64 // so that few objects are in memory
	for len(applications) > 0 {
		now := applications[:min(batch, len(applications))]
		applications = applications[len(now):]
		found, failed := make([][]Use, len(now)), make([]error, len(now))
		missing := make([][]string, len(now))
		work, ctx := errgroup.WithContext(ctx)
		work.SetLimit(runtime.GOMAXPROCS(0))
		for i, v := range now {
			work.Go(func() error {
				var objects []render.Object
				objects, failed[i] = set.Objects(ctx, v)
				found[i], missing[i] = usesIn(objects)
				return ctx.Err()
			})
		}
		if err := work.Wait(); err != nil {
			return err
		}
		for i, v := range now {
			b.use(set, v, found[i], missing[i], failed[i])
		}
	}
	return nil
}

// isTaken tells whether another ApplicationSet makes the Application: Argo CD leaves it to the first.
func (b *builder) isTaken(set string, v stages.Visited) bool {
	namespace, _ := mapAt(v.Application.Object, "metadata")["namespace"].(string)
	key := strings.Join([]string{v.ArgoCD, namespace, v.Application.Name()}, "/")
	if first, taken := b.owners[key]; taken {
		b.note(v.Application.Cluster, "Application %q is also made by ApplicationSet %q: the one of ApplicationSet %q "+
			"fails in Argo CD, and its images are left out", v.Application.Name(), first, set)
		return true
	}
	b.owners[key] = set
	return false
}

// usesIn returns the places of objects that name images, and what is odd about those that name none.
func usesIn(objects []render.Object) (uses []Use, missing []string) {
	for _, object := range objects {
		for _, m := range mentionsIn(object) {
			use := useOf(object, m)
			if m.missing == "" {
				uses = append(uses, use)
				continue
			}
			missing = append(missing, fmt.Sprintf("%s: %s %q %s", objectName(use), m.field, m.name, m.missing))
		}
	}
	return uses, missing
}

// objectName returns the kind, the namespace and the name of an object.
func objectName(u Use) string {
	return strings.TrimSpace(u.Kind + " " + strings.TrimPrefix(u.Namespace+"/"+u.Name, "/"))
}

// use adds the images of an Application, or why there are none.
func (b *builder) use(set *stages.Set, v stages.Visited, uses []Use, missing []string, failed error) {
	of := v.Application.Cluster
	if failed != nil {
		b.inventory.unknown.applications[[2]string{v.ArgoCD, v.Application.Name()}] = true
		b.failApplication(v, failed)
	}
	at, known := b.index[of]
	if !known {
		if len(uses) == 0 {
			return
		}
		b.add(Cluster{Name: of, Images: []Image{}})
		at = b.index[of]
	}
	for _, text := range missing {
		b.note(of, "component %s: %s", v.Component.Key, text)
	}
	for _, use := range uses {
		use.Group, use.Component, use.ArgoCD = v.Group, v.Component.Key, v.ArgoCD
		use.Application, use.set = v.Application.Name(), hierarchy.NameOf(set.Object)
		image := imageOf(use.Written)
		if image.Invalid != "" {
			b.note(of, "component %s: %s: %q is no image: %s", use.Component, objectName(use), use.Written,
				image.Invalid)
		}
		b.inventory.Clusters[at].add(image, use, b.images[of])
	}
}

// failApplication adds why an Application cannot be rendered, a line for each reason.
func (b *builder) failApplication(v stages.Visited, failed error) {
	errs := []error{failed}
	if all, several := failed.(interface{ Unwrap() []error }); several {
		errs = all.Unwrap()
	}
	for _, err := range errs {
		if strings.Contains(err.Error(), v.Application.Name()) {
			b.fail(err)
			continue
		}
		b.fail(problem.New("", 0, "Application %q: %w", v.Application.Name(), err))
	}
}

// finish puts everything in order.
func (b *builder) finish() {
	for i := range b.inventory.Clusters {
		b.inventory.Clusters[i].sort()
	}
	slices.SortFunc(b.inventory.Clusters, func(a, b Cluster) int { return strings.Compare(a.Name, b.Name) })
	for _, text := range slices.Sorted(maps.Keys(b.odd)) {
		b.inventory.Notes = append(b.inventory.Notes, text+" ("+inClusters(b.odd[text])+")")
	}
}

// inClusters names a cluster, or says how many there are.
func inClusters(clusters map[string]bool) string {
	if len(clusters) == 1 {
		return "cluster " + cmp.Or(slices.Collect(maps.Keys(clusters))[0], "unknown")
	}
	return fmt.Sprintf("%d clusters", len(clusters))
}

package matrix

import (
	"cmp"
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// Options say which part of the fleet is looked at.
type Options struct {
	// Request has the group, the cluster or else the targets, and the components; what is "" or none means all.
	Request render.Request
	Hub     string // only clusters of this hub, and the hub itself; "" for all
	Release string // only clusters that are on this release of a group; "" for all
	Output  render.Output

	// Settings is shown what a group has of settings on an Argo CD for the clusters on a release, and Application after
	// all of these each Application. Neither is called twice at once; nil: nobody wants to see that.
	Settings    func(group, argoCD, release string, merged *render.Merged)
	Application func(stages.Visited, Deployment)

	// Survey is in place of [stages.Session.Survey], of somebody who looks at the same; nil: nobody does.
	Survey func(context.Context, render.Request, render.Output, stages.Visitor) ([]*problem.Problem, error)
}

// ErrNone is the cause where no cluster is what is asked for.
var ErrNone = errors.New("there is no cluster")

// Of returns the matrix of a session. What cannot be rendered is a cell that fails, with the failures beside. It fails
// where nobody can tell which clusters there are, and when the context ends. So it does for what the fleet does not
// have: [ErrNone], [render.ErrNoMatch], [render.ErrNoCluster], [applicationset.ErrNoComponent].
func Of(ctx context.Context, s *stages.Session, o Options) (*Matrix, error) {
	o.Request.Described = true
	b := &builder{session: s, options: o, groups: map[string]*group{}, others: map[string]bool{}}
	if err := b.columns(); err != nil {
		return nil, err
	}
	r := o.Request
	r.Stage, r.Unjudged, r.AllowEmpty, r.Anywhere = render.StageApplications, true, true, true
	names, appPath := []string{r.Group}, r.AppPath
	if r.Group == "" {
		names, appPath = s.Fleet().AllGroups(path.Clean("./" + r.AppPath))
	}
	for _, name := range names {
		of := r
		of.Group, of.AppPath = name, appPath
		if err := b.readGroup(of); err != nil {
			return nil, err
		}
	}
	if err := b.describeAll(ctx); err != nil {
		return nil, err
	}
	r.Components = nil // one that another group has would be an error
	if err := b.survey(ctx, r); err != nil {
		return nil, err
	}
	b.failToDescribe()
	return b.matrix(names)
}

// A builder is the work on one matrix.
type builder struct {
	session  *stages.Session
	options  Options
	clusters []Cluster
	groups   map[string]*group
	failures render.Failures
	findings []*problem.Problem
	others   map[string]bool // messages of failures of components that are not asked for
}

// A group is one with what its Argo CDs make.
type group struct {
	name     string
	request  render.Request
	releases release.Releases
	err      error                       // why it cannot be read
	argoCDs  []render.ArgoCD             // that deploy to the clusters
	choices  map[string][]release.Choice // by Argo CD: the releases that it renders
	own      map[string]string           // by Argo CD: the release that it is on itself
	places   map[string][]int            // by cluster: which of the Argo CDs could deploy to it, its own first
	made     map[on]*made                // by Argo CD
	values   map[on]described            // by Argo CD and release
}

// on is a place where things are made: an Argo CD, and where that counts, a release.
type on struct{ argoCD, release string }

// made is what an Argo CD has of a group.
type made struct {
	sets        map[string][]set                   // by component
	deployments map[string]map[string][]Deployment // by component and cluster
	failures    map[string][]error                 // by ApplicationSet; "" for all
}

// A set is an ApplicationSet with the clusters that it selects.
type set struct {
	name     string
	object   render.Object
	release  string
	selected map[string]bool
}

// columns finds out which clusters there are.
func (b *builder) columns() error {
	identities, _, err := b.session.Identities()
	if err != nil {
		return err
	}
	r := b.options.Request
	targets, err := b.session.TargetsOf(r)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, c := range targets {
		wanted[c.Name] = b.options.Hub == "" || c.Hub == b.options.Hub || c.Name == b.options.Hub
	}
	var hubs []string
	for _, i := range identities {
		hubs = append(hubs, cmp.Or(i.Hub, i.Name))
		if wanted[i.Name] {
			b.clusters = append(b.clusters, Cluster{Name: i.Name, Hub: i.Hub,
				Tenant: i.Labels[wellknown.LabelTenant], Environment: i.Labels[wellknown.LabelEnvironment],
				Releases: map[string]string{}, Identity: i})
		}
	}
	if len(b.clusters) == 0 {
		slices.Sort(hubs)
		return problem.New("", 0, "%w of the hub %q", ErrNone, b.options.Hub).
			WithHint("%s", problem.Suggest(b.options.Hub, slices.Compact(hubs), "see cmp clusters"))
	}
	return nil
}

// readGroup reads which releases a group has, and which Argo CDs deploy it.
func (b *builder) readGroup(r render.Request) error {
	g := &group{name: r.Group, request: r, choices: map[string][]release.Choice{}, own: map[string]string{},
		places: map[string][]int{}, made: map[on]*made{}, values: map[on]described{}}
	b.groups[r.Group] = g
	if g.releases, g.err = release.Read(b.session.Fleet(), b.session.Repository(), r.Group); g.err != nil {
		return nil // which the survey also finds
	}
	b.setReleases(g)
	if g.argoCDs, _, g.err = b.session.ArgoCDs(r); g.err != nil {
		return g.err
	}
	for i, a := range g.argoCDs {
		for _, c := range a.Targets {
			own := c.Name == a.Cluster.Name && c.Manages(g.name)
			if own {
				g.places[c.Name] = append([]int{i}, g.places[c.Name]...)
				continue
			}
			g.places[c.Name] = append(g.places[c.Name], i)
		}
	}
	return nil
}

// setReleases says on which release of a group each cluster is, as far as that is known.
func (b *builder) setReleases(g *group) {
	for _, c := range b.clusters {
		argoCD := ""
		if places := g.places[c.Name]; len(places) > 0 {
			argoCD = g.argoCDs[places[0]].Cluster.Name
		}
		if name := g.releaseOn(argoCD, c.Identity.Cluster); name != "" {
			c.Releases[g.name] = name
		}
	}
}

// releaseOn returns the release that a cluster is on by an Argo CD, which may not exist; "" if the group has none.
func (g *group) releaseOn(argoCD string, c cluster.Cluster) string {
	if len(g.releases.All) == 0 {
		return ""
	}
	return g.releases.On(g.choices[argoCD], c)
}

// survey renders what there is.
func (b *builder) survey(ctx context.Context, r render.Request) error {
	survey := b.session.Survey
	if b.options.Survey != nil {
		survey = b.options.Survey
	}
	found, err := survey(ctx, r, b.options.Output, stages.Visitor{ApplicationSets: b.seeSets,
		Application: b.seeApplication, Failed: b.seeFailure, NamesOnly: b.options.Application == nil, Whole: true})
	if ctx.Err() != nil || errors.Is(err, render.ErrIncomplete) {
		return err
	}
	var failures render.Failures
	if !errors.As(err, &failures) && err != nil {
		failures = render.Failures{err}
	}
	for _, err := range failures {
		if !errors.Is(err, render.ErrNothing) && !b.others[err.Error()] { // nothing: which others may not allow
			b.failures = append(b.failures, err)
		}
	}
	b.findings = found
	return nil
}

func (b *builder) madeOn(groupName, argoCD string) *made {
	g := b.groups[groupName]
	if g.made[on{argoCD: argoCD}] == nil {
		g.made[on{argoCD: argoCD}] = &made{sets: map[string][]set{}, failures: map[string][]error{},
			deployments: map[string]map[string][]Deployment{}}
	}
	return g.made[on{argoCD: argoCD}]
}

func (b *builder) seeSets(name string, a render.ArgoCD, result *render.Result) {
	m := b.madeOn(name, a.Cluster.Name)
	releases := b.groups[name].releases.Names()
	for i, object := range result.Objects {
		s := set{name: hierarchy.NameOf(object), object: object, release: stages.ReleaseOf(object, releases),
			selected: map[string]bool{}}
		for _, selected := range applicationset.Selected(object, a.Targets) {
			s.selected[selected] = true
		}
		key := result.Components[i].Key
		m.sets[key] = append(m.sets[key], s)
	}
}

func (b *builder) seeApplication(v stages.Visited) {
	m := b.madeOn(v.Group, v.ArgoCD)
	if m.deployments[v.Component.Key] == nil {
		m.deployments[v.Component.Key] = map[string][]Deployment{}
	}
	sources := sourcesOf(v)
	d := Deployment{ArgoCD: v.ArgoCD, ApplicationSet: v.ApplicationSet, Application: v.Application.Name(),
		Version: sources[0].Version, Sources: sources}
	for _, s := range m.sets[v.Component.Key] {
		if s.name == v.ApplicationSet {
			d.Release = s.release
		}
	}
	of := m.deployments[v.Component.Key]
	of[v.Application.Cluster] = append(of[v.Application.Cluster], d)
	if b.options.Application != nil {
		b.options.Application(v, d)
	}
}

func (b *builder) seeFailure(f stages.Failure) {
	m := b.madeOn(f.Group, f.ArgoCD)
	if errors.Is(f.Err, render.ErrNothing) {
		return
	}
	m.failures[f.ApplicationSet] = append(m.failures[f.ApplicationSet], f.Err)
	if f.ApplicationSet != "" && !b.asked(m.componentOf(f.ApplicationSet)) {
		b.others[f.Err.Error()] = true
		return
	}
	var p *problem.Problem
	if errors.As(f.Err, &p) && p.Rule == problem.RuleConflicts { // which is a finding elsewhere
		b.failures = append(b.failures, f.Err)
	}
}

// asked tells whether a component is asked for.
func (b *builder) asked(component string) bool {
	return len(b.options.Request.Components) == 0 || slices.Contains(b.options.Request.Components, component)
}

// componentOf returns the component of an ApplicationSet; "" if it is none of these.
func (m *made) componentOf(applicationSet string) string {
	for component, sets := range m.sets {
		if slices.ContainsFunc(sets, func(s set) bool { return s.name == applicationSet }) {
			return component
		}
	}
	return ""
}

// sourcesOf returns the source that is the component itself, and behind it those that are charts too.
func sourcesOf(v stages.Visited) []Source {
	sources, main := v.Sources()
	found := []Source{readSource(sources, main)}
	for i := range sources {
		if s := readSource(sources, i); i != main && s.IsVersioned() {
			found = append(found, s)
		}
	}
	return found
}

func readSource(sources []render.Object, at int) Source {
	text := func(key string) string {
		text, _ := sources[at][key].(string)
		return strings.TrimSpace(text)
	}
	return Source{At: at, RepoURL: text("repoURL"), Chart: text("chart"), Version: text("targetRevision")}
}

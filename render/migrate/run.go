package migrate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/hub"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/starting"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// ErrQuestion is the cause when a question asks for what cannot be, so that it is the caller's fault.
var ErrQuestion = errors.New("wrong question")

// A Fleet is what is looked at.
type Fleet struct {
	Tree    fs.FS
	Options render.Options // of its sessions
	Open    func(tree fs.FS, o render.Options) (*stages.Session, error)
	Output  render.Output // its limits, and what is told of the work; nothing is emitted
}

// A Question says for which hub to compare, and how deep.
type Question struct {
	Hub         string
	Labels      map[string]string // of the hub, winning over what is known of it
	Annotations map[string]string
	Stage       string   // applicationsets, applications or manifests
	Bootstrap   []string // files or directories with the ApplicationSets of today; none: they are found
	Chart       fs.FS    // the wrapper chart, in place of the one that the Applications name; nil: that one
	ChartName   string   // what the wrapper chart is called
	Versions    render.Versions
}

// Run compares what a repository makes today with what cmp makes. What cannot be rendered is a failure of the plan. It
// fails with [ErrQuestion] for a question that asks for what cannot be, without ApplicationSets that start the fleet,
// and when the context ends.
func Run(ctx context.Context, f Fleet, q Question) (*Plan, error) {
	m, err := begin(ctx, f, q, hub.SupposedRegion)
	if err != nil {
		return nil, err
	}
	if region := m.regionOfStores(); region != "" { // which is a better guess
		if m, err = begin(ctx, f, q, region); err != nil {
			return nil, err
		}
	}
	if err := m.compare(ctx); err != nil {
		return nil, err
	}
	return m.plan, nil
}

// begin looks at the fleet and at what is made of it today. The hub is in the region, if nobody says where.
func begin(ctx context.Context, f Fleet, q Question, region string) (*migration, error) {
	m := &migration{Fleet: f, Question: q, plan: &Plan{Hub: q.Hub, Stage: q.Stage}, region: region}
	var err error
	if m.given, err = render.ParseClusterSecrets(f.Options.ClusterSecrets); err != nil {
		return nil, err
	}
	if err := m.prepare(); err != nil {
		return nil, err
	}
	if err := m.lookAtToday(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// A migration is the work on one plan.
type migration struct {
	Fleet
	Question
	plan   *Plan
	hub    hub.Hub
	region string // of the hub, if nobody says it
	given  []cluster.Cluster
	today  *side
	named  string // the catalog of the fleet, if it is a chart
}

// prepare opens the fleet as it is, and finds out about its hub.
func (m *migration) prepare() error {
	if m.Chart != nil {
		if _, err := fs.Stat(m.Chart, "Chart.yaml"); err != nil {
			return problem.New("", 0, "%w: --chart: the directory has no Chart.yaml", ErrQuestion)
		}
	}
	session, err := m.Open(m.Tree, m.Options)
	if err != nil {
		return err
	}
	var notes []string
	m.hub, notes, err = hub.Of(session.Session, m.Tree, hub.Question{Name: m.Hub, Labels: m.Labels,
		Annotations: m.Annotations, Region: m.region})
	if errors.Is(err, hub.ErrSpoke) {
		err = fmt.Errorf("%w: %w", ErrQuestion, err)
	}
	if err != nil {
		return err
	}
	m.note(notes)
	if err := m.describe(session.Session); err != nil {
		return err
	}
	m.named = session.Fleet().Catalog.Path
	if exists, err := session.Repository().HasFile(path.Join(m.named, "Chart.yaml")); err != nil || !exists {
		m.named = ""
		return err
	}
	return nil
}

// describe hands what is known of the hub to all sessions, where the repository does not say it. Where something of the
// hub is supposed, so is the region of its members.
func (m *migration) describe(session *render.Session) error {
	if len(m.hub.Supposed)+len(m.Labels)+len(m.Annotations) == 0 {
		return nil
	}
	all := []cluster.Cluster{m.hub.Cluster}
	if len(m.hub.Supposed) > 0 {
		known, _, err := session.Clusters(render.Request{})
		if err != nil {
			return err
		}
		for _, c := range known {
			if c.Hub == m.Hub && c.Annotations[wellknown.AnnotationRegion] == "" {
				region := map[string]string{wellknown.AnnotationRegion: m.hub.Annotations[wellknown.AnnotationRegion]}
				all = append(all, c.WithMetadata(nil, region))
			}
		}
	}
	for _, c := range all {
		secret, err := hub.Secret(c)
		if err != nil {
			return err
		}
		m.Options.ClusterSecrets = append(slices.Clip(m.Options.ClusterSecrets), secret)
	}
	return nil
}

// open opens a side on a tree, with the clusters of the hub.
func (m *migration) open(name string, tree fs.FS) (*side, error) {
	session, err := m.Open(tree, m.Options)
	if err != nil {
		return nil, err
	}
	clusters, _, err := session.Clusters(render.Request{})
	if err != nil {
		return nil, err
	}
	of := &side{name: name, session: session, question: m.Question, output: m.Output}
	for _, c := range clusters {
		if c.Name == m.Hub || c.Hub == m.Hub {
			of.clusters = append(of.clusters, c)
		}
	}
	if !slices.ContainsFunc(of.clusters, func(c cluster.Cluster) bool { return c.Name == m.Hub }) {
		return nil, problem.New("", 0, "%w: there is no hub %q", ErrQuestion, m.Hub)
	}
	return of, nil
}

// lookAtToday follows what starts the fleet today.
func (m *migration) lookAtToday(ctx context.Context) error {
	tree := m.Tree
	if m.Chart != nil {
		tree = worktree.Mount(tree, chartDirectory, m.Chart)
	}
	var err error
	if m.today, err = m.open("today", tree); err != nil {
		return err
	}
	files, notes, err := starting.Files(m.Tree, m.Hub, m.ChartName, m.Bootstrap)
	m.note(notes)
	if err != nil {
		return err
	}
	m.today.describe = m.describeToday
	m.today.starter = wrapper{tree: m.Tree, name: m.ChartName, catalog: m.named, given: m.Chart != nil}.start
	for _, file := range files {
		m.plan.Files = append(m.plan.Files, file.Name)
		for _, o := range file.Objects {
			m.today.queue = append(m.today.queue, step{argoCD: m.Hub, object: o, file: file.Name})
		}
	}
	if err := m.today.follow(ctx); err != nil {
		return err
	}
	if len(m.today.leaves()) == 0 {
		m.today.fail(problem.New("", 0, "the ApplicationSets in %s lead to no Application with the chart %s",
			problem.Few(m.plan.Files), m.ChartName).
			WithHint("say what the chart is called (--chart-name), or where the ApplicationSets are (--bootstrap)"))
	}
	return nil
}

// leaves returns the ApplicationSets of groups.
func (s *side) leaves() []*set {
	var all []*set
	for _, of := range s.sets {
		if of.group != "" {
			all = append(all, of)
		}
	}
	return all
}

// compare compares with what cmp makes: with the fleet.yaml that there is, or else with the best of those that are
// proposed.
func (m *migration) compare(ctx context.Context) error {
	exists, err := hierarchy.NewRepository(m.Tree).HasFile(hierarchy.FleetFile)
	if err != nil {
		return err
	}
	if exists {
		return m.compareWith(ctx, nil)
	}
	candidates, err := m.candidates()
	if err != nil {
		return err
	}
	base, best := *m.plan, (*Plan)(nil)
	for i, candidate := range candidates {
		if candidate.fork && best.GroupsSame() {
			break // nothing has to be said of a fork
		}
		own := base
		m.plan = &own
		err := m.compareWith(ctx, candidate.file)
		switch {
		case err != nil && (i == 0 || ctx.Err() != nil):
			return err
		case err != nil: // it cannot be what is looked for
			continue
		}
		if best == nil || slices.Compare(own.distance(), best.distance()) < 0 {
			best = &own
		}
	}
	m.plan = best
	return nil
}

// compareWith compares with what cmp makes with a fleet.yaml; nil: with the repository's.
func (m *migration) compareWith(ctx context.Context, fleetFile []byte) error {
	tree := m.Tree
	if fleetFile == nil {
		data, err := worktree.ReadFile(tree, hierarchy.FleetFile, hierarchy.MaxFileSize)
		if err != nil {
			return err
		}
		m.plan.Fleet, m.plan.Exists = string(data), true
	} else {
		m.plan.Fleet = string(fleetFile)
		tree = worktree.With(tree, hierarchy.FleetFile, fleetFile)
	}
	after, err := m.open("cmp", tree)
	if err != nil {
		return err
	}
	after.starter, after.describe = start, m.describeAfter
	result, err := after.session.Render(render.Request{Stage: render.StageBootstrap, Cluster: m.Hub, AllFindings: true})
	if err != nil {
		after.fail(err)
	} else {
		for _, o := range result.Objects {
			if kind, _ := o["kind"].(string); kind == argo.KindApplication || kind == argo.KindApplicationSet {
				after.queue = append(after.queue, step{argoCD: m.Hub, object: o})
			}
		}
	}
	if err := after.follow(ctx); err != nil {
		return err
	}
	return m.conclude(after)
}

// conclude puts the plan together.
func (m *migration) conclude(after *side) error {
	p := m.plan
	for i, of := range []*side{m.today, after} {
		other := []*side{after, m.today}[i]
		for _, failure := range of.failures {
			switch known := slices.Contains(other.failures, failure); {
			case known && of == after:
			case known:
				p.Known = append(p.Known, failure)
			default:
				p.Failures = append(p.Failures, of.name+": "+failure)
			}
		}
	}
	m.note(m.today.notes)
	matches := matched(m.today.things(), after.things())
	f := newFates(matches)
	var found []classified
	for _, one := range matches {
		item, err := classify(one, f)
		if err != nil {
			return err
		}
		found = append(found, classified{one, item})
	}
	if m.Stage != render.StageApplicationSets {
		markSame(found)
	}
	m.markRegistered(found)
	for _, one := range found {
		p.Items = append(p.Items, one.Item)
	}
	sortItems(p.Items)
	p.Traps = m.traps(matches, f, after)
	return nil
}

// A classified match has its item.
type classified struct {
	match
	Item
}

// markSame marks the ApplicationSets that differ, but make the same Applications on both sides: if it is on one side
// only, none.
func markSame(found []classified) {
	differs := map[*set]bool{}
	for _, one := range found {
		for _, t := range one.match {
			if t != nil && t.kind == argo.KindApplication && t.app.of != nil && one.Class != Same {
				differs[t.app.of] = true
			}
		}
	}
	for i := range found {
		of := &found[i]
		if of.Kind != argo.KindApplicationSet || of.Class == Same || of.Class == Renamed || of.match.of().starts {
			continue
		}
		of.SameApplications = true
		for _, t := range of.match {
			if t != nil && differs[t.set] {
				of.SameApplications = false
			}
		}
	}
}

func (m *migration) note(found []string) {
	for _, note := range found {
		if text := problem.OneLine(note); !slices.Contains(m.plan.Notes, text) {
			m.plan.Notes = append(m.plan.Notes, text)
		}
	}
}

package lint

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/conformance"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/dead"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/written"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// Options say what to look at.
type Options struct {
	Stage   string         // applicationsets, applications or manifests; "" for applications
	Request render.Request // what is rendered: with all targets and no group, the whole fleet
	Rules   []string       // only findings of these; all if empty
	Output  render.Output  // its limits and progress; nothing is emitted
	Tree    fs.FS          // that of the session, without its note
}

// Run judges the fleet of a session, which must note what it reads ([render.Options]). What cannot be rendered is a
// finding; it fails only for a request that asks for what does not exist ([applicationset.ErrNoComponent], for a
// component), and when the context ends.
func Run(ctx context.Context, s *stages.Session, o Options) (*Report, error) {
	return Begin(ctx, s, o).Finish(ctx)
}

// A linter is the work on one report.
type linter struct {
	ctx     context.Context // of the run, for what it is shown
	session *stages.Session
	options Options
	report  *Report
	seen    map[string]int // index in the report's findings, by text

	steps      int // that were told of
	identities []member.Identity
	clusters   []cluster.Cluster
	registers  bool // some member has a secret, so that the stage registration is used
	built      bool // some group has ApplicationSets, in the survey that goes on
	failed     bool // something could not be rendered, so that nobody knows what it would have read
	partial    bool // a file that is for all of a group cannot be read, so that nobody knows which labels it names
	lost       bool // the file of a member cannot be read, so that nobody knows where its levels are
	texts      *texts
	levels     map[string]bool // directories of the levels of all clusters, once they are asked for

	groups      map[string]*group
	reads       reads
	owners      map[string]string          // of components and objects: the first who has them
	componentOf map[string]place           // of each Application
	used        map[string]map[string]bool // labels that selectors and templates name, with the values
	values      map[string]map[string]bool // of the labels of all clusters
	misspelt    map[string]bool            // labels in selectors
	merged      map[string]*hierarchy.Values

	dead *dead.Ledger

	written *written.Judge

	checker          *conformance.Checker
	conformings      map[string]*conforming // by cluster
	definitions      map[[sha256.Size]byte]map[string]any
	uncheckedObjects map[string]int
	origins          map[string]string // files of objects that findings are about
}

func newLinter(ctx context.Context, s *stages.Session, o Options) *linter {
	l := &linter{
		ctx: ctx, session: s, options: o, report: &Report{}, seen: map[string]int{},
		groups: map[string]*group{}, owners: map[string]string{}, componentOf: map[string]place{},
		reads: reads{files: map[string]bool{}, patterns: map[string]bool{}, directories: map[string]bool{}},
		used:  map[string]map[string]bool{}, values: map[string]map[string]bool{},
		merged:  map[string]*hierarchy.Values{},
		checker: conformance.New(), conformings: map[string]*conforming{}, uncheckedObjects: map[string]int{},
		definitions: map[[sha256.Size]byte]map[string]any{}, origins: map[string]string{},
		written: written.New(s.Fleet(), o.Tree),
	}
	l.dead = dead.New(l.document, l.valuesOf)
	return l
}

// whole tells whether the request is for all that the fleet has, so that what nobody uses can be told.
func (l *linter) whole() bool {
	r := l.options.Request
	return r.Group == "" && r.Cluster == "" && r.Targets.All && len(r.Components) == 0 && r.Release == "" &&
		len(r.Settings) == 0 && len(r.Files) == 0
}

// identify finds out which clusters there are. Without them nothing else can be looked at.
func (l *linter) identify() bool {
	members, identities, warnings, failures := l.session.Check()
	l.add(warnings...)
	for _, err := range failures {
		l.fail(err)
	}
	for _, m := range members {
		l.registers = l.registers || m.SecretName != ""
	}
	if len(failures) > 0 {
		l.clusters = slices.Clone(l.session.Fleet().Clusters)
		for _, m := range members {
			labels := map[string]string{wellknown.LabelTenant: m.Tenant, wellknown.LabelEnvironment: m.Environment}
			l.clusters = append(l.clusters, cluster.Cluster{Name: m.Name, Hub: m.Hub, File: m.File, Labels: labels})
		}
		l.lost = slices.ContainsFunc(failures, func(err error) bool {
			var p *problem.Problem
			return errors.As(err, &p) && strings.HasPrefix(p.File, l.session.Fleet().Members+"/") &&
				!slices.ContainsFunc(members, func(m member.Member) bool { return m.File == p.File })
		})
		return false
	}
	l.identities = identities
	for _, i := range identities {
		l.clusters = append(l.clusters, i.Cluster)
	}
	l.report.Checked.Clusters = len(l.clusters)
	return true
}

// renderLives renders the stages of each Argo CD's life: what registers its clusters, and what starts it.
func (l *linter) renderLives() {
	if !l.whole() {
		return
	}
	for _, c := range l.clusters {
		if c.Labels[wellknown.LabelFleetMember] != wellknown.FleetMemberHub {
			continue
		}
		for _, stage := range []string{render.StageRegistration, render.StageBootstrap} {
			if stage == render.StageRegistration && !l.registers || stage == render.StageBootstrap && !startedHere(c) {
				continue
			}
			r := render.Request{Stage: stage, Cluster: c.Name, AllowEmpty: true, AllFindings: true}
			result, err := l.session.Render(r)
			if err != nil {
				l.fail(err)
				continue
			}
			l.add(result.Warnings...)
		}
	}
}

// startedHere tells whether a hub has what the stage bootstrap needs of it: others are started in another way.
func startedHere(hub cluster.Cluster) bool {
	for key := range hub.Annotations {
		if strings.HasSuffix(key, wellknown.RepositoryAnnotation("", "url")) {
			return true
		}
	}
	return false
}

// getOn tells whoever watches the run that it gets on: every few steps of what, since it costs to tell.
func (l *linter) getOn(what string) {
	const few = 100
	if l.steps++; l.steps%few == 0 && l.options.Output.Working != nil {
		l.options.Output.Working(what)()
	}
}

// judge finds what only a look at the whole fleet can tell.
func (l *linter) judge() {
	l.readTexts()
	l.checkTexts()
	l.checkSecrets()
	l.checkDocuments()
	if l.identities != nil {
		l.checkLabels()
	}
	l.checkWritten()
	if !l.whole() {
		return
	}
	l.checkUnread()
	l.add(l.dead.Unknown()...)
	if !l.failed { // an Application that could not be rendered may be the one for which a key counts
		l.add(l.dead.Overridden()...)
	}
	l.checkCustom()
	if l.identities != nil {
		l.checkSelectors()
		l.checkCentral()
		l.checkComponents()
	}
}

// fail adds an error as a finding.
func (l *linter) fail(err error) {
	if errors.Is(err, chart.ErrOffline) {
		var p *problem.Problem
		if errors.As(err, &p) {
			unscoped := *p
			unscoped.Scope = ""
			err = &unscoped
		}
		if note := err.Error(); !slices.Contains(l.report.Unchecked, note) {
			l.report.Unchecked = append(l.report.Unchecked, note)
		}
		return
	}
	if errors.Is(err, applicationset.ErrNoComponent) {
		return // another group has it
	}
	l.failed, l.partial = true, l.partial || problem.Mistake(err) != ""
	var findings render.Findings
	if errors.As(err, &findings) {
		l.add(findings...)
		return
	}
	var p *problem.Problem
	if !errors.As(err, &p) {
		p = problem.New("", 0, "%w", err)
	}
	of := *p
	of.Rule = cmp.Or(p.Rule, problem.RuleRender)
	l.placeUnfit(&of)
	l.add(&of)
}

// add adds findings to the report: those that say the same of several clusters once.
func (l *linter) add(found ...*problem.Problem) {
	for _, p := range found {
		p := *p
		p.Stops = false
		p.Rule = cmp.Or(p.Rule, problem.RuleRender)
		if len(l.options.Rules) > 0 && !slices.Contains(l.options.Rules, p.Rule) {
			continue
		}
		effect := p.Scope
		key := textOf(&p)
		i, known := l.seen[key]
		if !known {
			i = len(l.report.Findings)
			l.seen[key] = i
			l.report.Findings = append(l.report.Findings, Finding{Problem: &p, Severity: severity(p.Rule)})
		}
		f := &l.report.Findings[i]
		if effect != "" && !slices.Contains(f.Effects, effect) {
			f.Effects = append(f.Effects, effect)
		}
	}
}

// textOf returns what a finding says, whatever it is said of.
func textOf(p *problem.Problem) string {
	unscoped := *p
	unscoped.Scope = ""
	return p.Rule + "\x00" + unscoped.Error()
}

func severity(rule string) problem.Severity {
	if r, known := problem.RuleOf(rule); known {
		return r.Severity
	}
	return problem.Error
}

// finish leaves out what fleet.yaml ignores, and sorts the rest.
func (l *linter) finish() (*Report, error) {
	fleet := l.session.Fleet()
	var all []*problem.Problem
	for _, f := range l.report.Findings {
		all = append(all, f.Problem)
	}
	kept := l.report.Findings[:0]
	for _, f := range l.report.Findings {
		if fleet.Ignored(f.Problem) {
			l.report.Ignored++
			continue
		}
		kept = append(kept, f)
	}
	l.report.Findings = kept
	if l.whole() && !l.failed && len(l.options.Rules) == 0 {
		for _, entry := range fleet.Ignores {
			if rule, _ := problem.RuleOf(entry.Rule); !l.reaches(rule.Stage) ||
				slices.ContainsFunc(all, entry.Covers) {
				continue
			}
			p := entry.Unmatched()
			l.report.Findings = append(l.report.Findings, Finding{Problem: p, Severity: severity(p.Rule)})
		}
	}
	l.report.Findings = mergeMany(merge(withoutEffects(l.report.Findings)))
	for i := range l.report.Findings {
		f := &l.report.Findings[i]
		slices.Sort(f.Effects)
		l.complete(f)
	}
	slices.SortStableFunc(l.report.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Message, b.Message))
	})
	return l.report, nil
}

// reaches tells whether the report's stage is that of a rule, or a later one.
func (l *linter) reaches(stage string) bool {
	return slices.Index(render.Stages, l.options.Stage) >= slices.Index(render.Stages, stage)
}

// complete sets the column of a finding: that of the first character in its line.
func (l *linter) complete(f *Finding) {
	if f.Line == 0 || f.Column != 0 {
		return
	}
	if line := l.lineOf(f.File, f.Line); line != "" {
		f.Column = 1 + len(line) - len(strings.TrimLeft(line, " \t"))
	}
}

package outdated

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/chartutil"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// Options say which part of the fleet is looked at, and how deep.
type Options struct {
	Matrix matrix.Options
	Diff   bool // also what the updates do
	// Patience is how long repositories are asked, all together; 0: five minutes.
	Patience time.Duration
}

// usualPatience is half of the time that a run has by default.
const usualPatience = 5 * time.Minute

// Of returns the versions of the components of a session. What cannot be rendered, and repositories that cannot be
// asked, are rows of which nothing is known, with the failures beside. It fails as [matrix.Of] does.
func Of(ctx context.Context, s *stages.Session, o Options) (*Report, error) {
	m, err := matrix.Of(ctx, s, o.Matrix)
	if err != nil {
		return nil, err
	}
	b := &builder{session: s, options: o, report: &Report{Rows: []Row{}, Failures: m.Failures,
		Findings: m.Findings}, rows: map[key]*Row{},
		at: map[chart.Reference]int{}}
	for _, row := range m.Rows {
		b.addRow(m, row)
	}
	if err := b.ask(ctx); err != nil {
		return nil, err
	}
	if o.Diff {
		if err := b.diff(ctx); err != nil {
			return nil, err
		}
	}
	b.finish()
	return b.report, nil
}

// A builder is the work on one report.
type builder struct {
	session    *stages.Session
	options    Options
	report     *Report
	rows       map[key]*Row
	references []chart.Reference
	at         map[chart.Reference]int // where each is among the references
	said       map[string]bool         // the failures of the report, once updates are compared
}

// key is what a row is known by.
type key struct {
	group, component, release, version string
	source                             chart.Reference
	additional                         bool
	status                             Status
}

// addRow adds what clusters have of a component.
func (b *builder) addRow(m *matrix.Matrix, of matrix.Row) {
	known := false
	for i, cell := range of.Cells {
		k := key{group: of.Group, component: of.Component, release: cell.Release}
		if cell.State == matrix.Failing {
			k.status = Unknown
			r := b.row(k)
			r.Reason = cmp.Or(r.Reason, cell.Reason)
			r.Clusters = append(r.Clusters, m.Clusters[i].Name)
			known = true
		}
		version := b.kubernetesOf(m.Clusters[i])
		for _, d := range cell.Deployments {
			k.release = d.Release
			for j, source := range d.Sources {
				k.additional, k.version = j > 0, source.Version
				k.source = chart.Reference{RepoURL: source.RepoURL, Name: source.Chart}
				k.status = ""
				if !source.IsVersioned() || !isVersion(source.Version) {
					k.status = NotVersioned
				}
				r := b.row(k)
				r.Clusters = append(r.Clusters, m.Clusters[i].Name)
				if version != "" {
					r.kubernetes[version] = append(r.kubernetes[version], m.Clusters[i].Name)
				}
				r.deployments[deployment{d.ArgoCD, d.ApplicationSet, d.Application, source.At}] = true
				known = true
			}
		}
	}
	if !known {
		b.row(key{group: of.Group, component: of.Component, status: NotDeployed}).Reason = "no cluster has it"
	}
}

// kubernetesOf returns the Kubernetes version of a cluster, that of its label or of fleet.yaml, as Helm compares it; ""
// if nothing says it. That of the own Argo CD would be a guess.
func (b *builder) kubernetesOf(c matrix.Cluster) string {
	text, _ := c.Identity.KubernetesVersion() // a label that is none is a finding where Applications are rendered
	version, err := chartutil.ParseKubeVersion(cmp.Or(text, b.session.Fleet().KubernetesVersion))
	if err != nil {
		return ""
	}
	return version.Version
}

// row returns the row of a key.
func (b *builder) row(k key) *Row {
	if r := b.rows[k]; r != nil {
		return r
	}
	r := &Row{Group: k.group, Component: k.component, Release: k.release, Chart: k.source.Name,
		Additional: k.additional, Repository: k.source.RepoURL, Version: k.version, Status: k.status,
		deployments: map[deployment]bool{}, kubernetes: map[string][]string{}}
	b.rows[k] = r
	switch k.status {
	case "":
		at, is := b.at[k.source]
		if !is {
			at = len(b.references)
			b.at[k.source] = at
			b.references = append(b.references, k.source)
		}
		r.at = at
	case NotVersioned:
		r.Reason = "it is a directory of a Git repository"
		if k.source.Name != "" || strings.HasPrefix(k.source.RepoURL, chart.SchemeArtifact) {
			r.Reason = fmt.Sprintf("the revision %q is no version", k.version)
		}
	}
	return r
}

// list asks the repositories, for some minutes together. What is not known by then fails, so that the rest is shown.
func (b *builder) list(ctx context.Context, of map[int][]*Row) []chart.Listing {
	patience := cmp.Or(b.options.Patience, usualPatience)
	ctx, cancel := context.WithTimeoutCause(ctx, patience, problem.Hinted(
		"ask for a part with --group or --component; with --offline, what was fetched before is used",
		"the repositories together took longer than %s", patience))
	defer cancel()
	progress := b.options.Matrix.Output.Progress
	if progress != nil {
		defer progress(1, 1) // a display goes away
	}
	return b.session.ListCharts(ctx, b.references, chart.Wanted{Progress: progress,
		Describe: func(at int, l chart.Listing) []string {
			var wanted []string
			for _, r := range of[at] {
				wanted = append(wanted, r.wanted(l)...)
			}
			return wanted
		}})
}

// ask asks the repositories which versions they have.
func (b *builder) ask(ctx context.Context) error {
	of := map[int][]*Row{}
	for _, r := range b.rows {
		if r.Status == "" {
			of[r.at] = append(of[r.at], r)
		}
	}
	listings := b.list(ctx, of)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	failing := map[string][]*Row{}
	causes := map[string]error{}
	for at, rows := range of {
		for _, r := range rows {
			r.judge(listings[at])
			err := listings[at].Err
			if err == nil && r.Status == Unknown {
				err = problem.New("", 0, "chart %s from %s: %s: %s", cmp.Or(r.Chart, "of an artifact"), r.Repository,
					r.Version, r.Reason).WithHint("check the version")
			}
			if err != nil {
				causes[err.Error()] = err
				failing[err.Error()] = append(failing[err.Error()], r)
			}
		}
	}
	for _, text := range slices.Sorted(maps.Keys(failing)) {
		b.report.Failures = append(b.report.Failures, b.located(causes[text], failing[text]))
	}
	return nil
}

// located adds to an error about a repository which components have it, and where the first one says so.
func (b *builder) located(err error, rows []*Row) error {
	var p *problem.Problem
	if !errors.As(err, &p) {
		p = problem.New("", 0, "%w", err).WithHint("%s", problem.HintOf(err))
	}
	slices.SortFunc(rows, compareRows)
	var names []string
	for _, r := range rows {
		names = append(names, r.Group+"/"+r.Component)
	}
	names = slices.Compact(names)
	scope := "component " + names[0]
	if len(names) > 1 {
		scope = "components " + problem.Few(names)
	}
	p = p.InScope(scope)
	p.File, p.Line = b.placeOf(rows[0])
	return p
}

// placeOf returns where the repository of a row is written, or else its component.
func (b *builder) placeOf(r *Row) (file string, line int) {
	var argoCDs []string
	for d := range r.deployments {
		argoCDs = append(argoCDs, d.argoCD)
	}
	request := b.options.Matrix.Request
	request.Group, request.Cluster, request.Release, request.AllFindings = r.Group, slices.Min(argoCDs), r.Release, true
	request.Targets, request.Components, request.Stage, request.Anywhere = render.Targets{}, nil, "", true
	merged, err := b.session.Session.Values(request)
	if err != nil {
		return "", 0 // which is a failure of its own
	}
	for _, path := range [][]string{{r.Component, "chartRepository"}, {r.Component}} {
		if origins := merged.Values.Origins(path...); len(origins) > 0 {
			return origins[0].File, origins[0].Line
		}
	}
	return "", 0
}

// finish puts the rows in their order.
func (b *builder) finish() {
	for _, r := range b.rows {
		slices.Sort(r.Clusters)
		r.Clusters = slices.Compact(r.Clusters)
		b.report.Rows = append(b.report.Rows, *r)
	}
	slices.SortFunc(b.report.Rows, func(x, y Row) int { return compareRows(&x, &y) })
}

func compareRows(x, y *Row) int {
	additional := map[bool]int{true: 1}
	return cmp.Or(cmp.Compare(x.Group, y.Group), cmp.Compare(x.Component, y.Component),
		cmp.Compare(additional[x.Additional], additional[y.Additional]), cmp.Compare(x.Chart, y.Chart),
		cmp.Compare(x.Repository, y.Repository), cmp.Compare(x.Release, y.Release), cmp.Compare(x.Version, y.Version),
		cmp.Compare(x.Status, y.Status))
}

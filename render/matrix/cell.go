package matrix

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// everything is the component of a row that stands for all of a group whose components nobody can tell.
const everything = "*"

// matrix puts together what was found.
func (b *builder) matrix(names []string) (*Matrix, error) {
	m := &Matrix{Clusters: b.clusters, Rows: []Row{}, Failures: b.failures}
	known := map[string]bool{}
	for _, name := range names {
		g := b.groups[name]
		components := g.components()
		if len(components) == 0 {
			b.seeEmpty(g)
		}
		for _, component := range components {
			known[component] = true
			if !b.asked(component) && component != everything {
				continue
			}
			row := Row{Group: name, Component: component}
			for _, c := range b.clusters {
				row.Cells = append(row.Cells, g.cell(component, c))
			}
			b.seeTwice(g, row)
			row.compare(b.clusters)
			m.Rows = append(m.Rows, row)
		}
	}
	if err := unknownComponent(b.options.Request.Components, known); err != nil {
		return nil, err
	}
	m.Findings = b.findings
	return m, b.onlyRelease(m)
}

// seeTwice adds a finding about clusters to which two Argo CDs deploy a component, which its cells say as well.
func (b *builder) seeTwice(g *group, row Row) {
	var clusters []string
	for i := range row.Cells {
		cell := &row.Cells[i]
		others := slices.DeleteFunc(slices.Clone(cell.Deployments), func(d Deployment) bool {
			return d.ArgoCD == cell.ArgoCD
		})
		if len(others) == 0 || len(others) == len(cell.Deployments) {
			continue
		}
		cell.Reason = fmt.Sprintf("the Argo CD of %s deploys it, too", others[0].ArgoCD)
		clusters = append(clusters, b.clusters[i].Name)
	}
	if len(clusters) == 0 {
		return
	}
	p := problem.New("", 0, "component %q: two Argo CDs deploy it to the same cluster: %s", row.Component,
		problem.Few(clusters)).
		WithHint("leave it to one of them: the labels %s, or the selectors", wellknown.RemoteLabel(g.name)).
		WithRule(problem.RuleConflicts)
	for _, d := range g.values {
		if o := d.origins[row.Component]; o != nil && (p.File == "" || o.File < p.File) {
			p.File, p.Line = o.File, o.Line
		}
	}
	b.findings = append(b.findings, p)
}

// seeEmpty adds a finding about a group that has no row, so that it does not go missing without a word.
func (b *builder) seeEmpty(g *group) {
	known := b.session.Fleet().Groups[g.name]
	if known == nil || known.Bootstrap.AllowEmpty != "" {
		return
	}
	file, line := b.session.Fleet().PlaceOf("spec", "groups", g.name, "components")
	b.findings = append(b.findings, problem.New(file, line,
		"group %s has no components: neither a component file nor a level describes one", g.name).
		WithHint("name component files of the catalog in components, or say why it is empty "+
			"(bootstrap.allowEmpty: REASON)").
		WithRule(problem.RuleEmptyGroup))
}

// unknownComponent fails for a component that is asked for and that no group has.
func unknownComponent(asked []string, known map[string]bool) error {
	if known[everything] {
		return nil // nobody can tell
	}
	for _, component := range asked {
		if !known[component] {
			var names []string
			for name := range known {
				names = append(names, name)
			}
			slices.Sort(names)
			return applicationset.NoComponent(component, names)
		}
	}
	return nil
}

// components returns the components that a group has anywhere, sorted.
func (g *group) components() []string {
	var all []string
	for _, d := range g.values {
		for key := range d.enabled {
			all = append(all, key)
		}
	}
	for _, m := range g.made {
		for key := range m.sets {
			all = append(all, key)
		}
	}
	if len(all) == 0 && len(g.made) > 0 {
		for _, m := range g.made {
			if len(m.failures) > 0 {
				return []string{everything}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// cell returns what a cluster has of a component. Of several Argo CDs that could have it, the first that does counts,
// or else one on which it fails, or else its own.
func (g *group) cell(component string, c Cluster) Cell {
	var best *Cell
	for _, i := range g.places[c.Name] {
		found := g.on(component, g.argoCDs[i].Cluster.Name, c)
		switch {
		case best == nil, best.State != Deployed && found.State == Deployed,
			best.State != Deployed && best.State != Failing && found.State == Failing:
			if best != nil {
				found.Deployments = append(found.Deployments, best.Deployments...)
			}
			best = &found
		default:
			best.Deployments = append(best.Deployments, found.Deployments...)
		}
	}
	if best == nil {
		failed := g.failuresOn("", "")
		return Cell{State: Failing, Release: c.Releases[g.name], Reason: oneLine(failed, Cluster{})}
	}
	return *best
}

// on returns what a cluster has of a component by one Argo CD.
func (g *group) on(component, argoCD string, c Cluster) Cell {
	cell := Cell{ArgoCD: argoCD, Release: g.releaseOn(argoCD, c.Identity.Cluster)}
	m := g.made[on{argoCD: argoCD}]
	if m != nil {
		if cell.Deployments = slices.Clone(m.deployments[component][c.Name]); len(cell.Deployments) > 0 {
			cell.State = Deployed
			var versions []string
			for _, d := range cell.Deployments {
				if d.Version != "" && !slices.Contains(versions, d.Version) {
					versions = append(versions, d.Version)
				}
				cell.Release = d.Release
			}
			cell.Version = strings.Join(versions, ",")
			return cell
		}
	}
	d := g.values[on{argoCD, cell.Release}]
	g.explain(&cell, component, d, m, c)
	return cell
}

// explain says why a cluster has no Application of a component.
func (g *group) explain(cell *Cell, component string, d described, m *made, c Cluster) {
	if failed := g.failuresOn(cell.ArgoCD, ""); len(failed) > 0 {
		cell.State, cell.Reason = Failing, oneLine(failed, c)
		return
	}
	if !g.has(cell.Release) {
		file, line := g.releases.Place("")
		cell.State, cell.Origin = NoRelease, &Origin{File: file, Line: line}
		cell.Reason = fmt.Sprintf("there is no release %q of the group", cell.Release)
		return
	}
	on, is := d.enabled[component]
	switch {
	case d.err != nil:
		cell.State, cell.Reason = Failing, oneLine([]error{d.err}, c)
	case !is:
		cell.State, cell.Reason = NotDescribed, "nothing describes it there"
		if cell.Release != "" {
			cell.Reason = "nothing describes it in the release " + cell.Release
		}
	case !on:
		cell.State, cell.Origin = Off, d.origins[component]
		cell.Reason = "it is off"
		if o := cell.Origin; o != nil {
			cell.Reason += ": " + o.Source + ", " + problem.Place(o.File, o.Line)
		}
	default:
		g.explainSets(cell, component, d, m, c)
	}
}

// explainSets says why the ApplicationSets of a component make no Application for a cluster.
func (g *group) explainSets(cell *Cell, component string, d described, m *made, c Cluster) {
	var of *set
	if m != nil {
		for i, s := range m.sets[component] {
			if s.release == cell.Release {
				of = &m.sets[component][i]
			}
		}
	}
	switch {
	case of == nil && cell.Release == "":
		cell.State, cell.Reason = Handover, "the Argo CD leaves it to another one (handover)"
	case of == nil:
		cell.State = NoRelease
		cell.Reason = fmt.Sprintf("the Argo CD of %s does not render the release %s", cell.ArgoCD, cell.Release)
	case of.selected[c.Name]:
		if failed := g.failuresOn(cell.ArgoCD, of.name); len(failed) > 0 {
			cell.State, cell.Reason = Failing, oneLine(failed, c)
			return
		}
		cell.State = NothingMade
		cell.Reason = "the generators of the ApplicationSet " + of.name + " make no Application for it"
	default:
		g.explainLabels(cell, stages.Unmet(of.object, c.Identity.Labels), d.handover, c.Identity.Cluster)
	}
}

// explainLabels says which label keeps a component away: one that says whose Argo CD has it, or else the first.
func (g *group) explainLabels(cell *Cell, unmet []stages.Requirement, handover bool, c cluster.Cluster) {
	if len(unmet) == 0 {
		cell.State, cell.Reason = NothingMade, "its generators do not select the cluster"
		return
	}
	r, whose := unmet[0], false
	for _, one := range unmet {
		if one.Label == wellknown.LabelRemoteArgo || one.Label == wellknown.RemoteLabel(g.name) {
			r, whose = one, true
			break
		}
	}
	value, has := c.Labels[r.Label]
	is := "is missing"
	if has {
		is = fmt.Sprintf("is %q", value)
	}
	cell.Reason = fmt.Sprintf("the label %s %s, and %s is wanted", r.Label, is, r.Want())
	switch {
	case whose && handover:
		cell.State = Handover
	case whose:
		cell.State = OtherArgoCD
	case r.Label == wellknown.ReleaseLabel(g.name):
		cell.State = NoRelease
	case has:
		cell.State = Selector
	default:
		cell.State = NoLabel
	}
}

// failuresOn returns why there is less of an ApplicationSet on an Argo CD than there should be; "" stands for all on
// it. What is wrong with the group on all Argo CDs is among that.
func (g *group) failuresOn(argoCD, applicationSet string) []error {
	var all []error
	if m := g.made[on{}]; m != nil {
		all = append(all, m.failures[""]...)
	}
	if m := g.made[on{argoCD: argoCD}]; m != nil && argoCD != "" {
		all = append(all, m.failures[applicationSet]...)
	}
	return all
}

// oneLine returns the failure that is about a cluster, or else the first one.
func oneLine(failures []error, c Cluster) string {
	if len(failures) == 0 {
		return "it cannot be rendered"
	}
	for _, err := range failures {
		var p *problem.Problem
		if errors.As(err, &p) && p.File != "" && p.File == c.Identity.File {
			return problem.OneLine(err.Error())
		}
	}
	return problem.OneLine(failures[0].Error())
}

// onlyRelease leaves out the clusters that are in no group on the release that is asked for. Of the others it marks the
// cells of the groups in which they are not. It fails if no cluster is on it.
func (b *builder) onlyRelease(m *Matrix) error {
	asked := b.options.Release
	if asked == "" {
		return nil
	}
	keep := map[int]bool{}
	var releases []string
	for _, g := range b.groups {
		releases = append(releases, g.releases.Names()...)
		for i, c := range m.Clusters {
			keep[i] = keep[i] || c.Releases[g.name] == asked
		}
	}
	var clusters []Cluster
	for i, c := range m.Clusters {
		if keep[i] {
			clusters = append(clusters, c)
		}
	}
	if len(clusters) == 0 {
		slices.Sort(releases)
		return problem.New("", 0, "%w on a release %q", ErrNone, asked).
			WithHint("%s", problem.Suggest(asked, slices.Compact(releases), "see cmp releases"))
	}
	var rows []Row
	for _, row := range m.Rows {
		some := false
		var cells []Cell
		for i, cell := range row.Cells {
			if !keep[i] {
				continue
			}
			if on := m.Clusters[i].Releases[row.Group]; on != asked {
				cell = Cell{State: NotOfInterest, Release: on, Reason: "the cluster is on another release of the group"}
			} else {
				some = true
			}
			cells = append(cells, cell)
		}
		if row.Cells = cells; some {
			row.compare(clusters)
			rows = append(rows, row)
		}
	}
	m.Clusters, m.Rows = clusters, rows
	return nil
}

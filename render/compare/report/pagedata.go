package report

import (
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// A pager puts the data of the page together.
type pager struct {
	data         pageData
	clusters     map[string]int
	components   map[string]int
	applications map[[2]string]int // by cluster and name
	texts        map[string]int
	size         int // of the texts
}

// dataOf returns what the page shows of a result.
func dataOf(result *compare.Result) pageData {
	p := &pager{data: pageData{Before: result.Before, After: result.After, Stage: result.Stage, Totals: totals(result),
		ClusterCount: result.Clusters, Clusters: []pageCluster{}, Components: []string{}, Texts: []string{},
		Changes: []pageChange{}, Applications: []pageApplication{}, Dangers: []pageDanger{}, Failures: [][2]string{}},
		clusters: map[string]int{}, components: map[string]int{}, applications: map[[2]string]int{},
		texts: map[string]int{}}
	p.addNames(result)
	for _, app := range result.Applications {
		p.applications[[2]string{app.Cluster, app.Name}] = len(p.data.Applications)
		p.data.Applications = append(p.data.Applications, pageApplication{Name: app.Name, Was: app.Was,
			Cluster: p.clusters[app.Cluster], Component: p.components[app.Group+"/"+app.Component], Action: app.Sides,
			Kinds: []string{}})
	}
	for _, change := range result.Changes {
		p.addChange(change)
	}
	for _, t := range threats(result) {
		p.data.Dangers = append(p.data.Dangers, pageDanger{Kind: t.kind, About: t.about(),
			Clusters: runs(t.clusters, p.clusters)})
	}
	p.endanger(result)
	for _, failure := range result.Failures {
		p.data.Failures = append(p.data.Failures, [2]string{side(failure), message(failure)})
	}
	return p.data
}

// addNames adds the clusters and components, sorted.
func (p *pager) addNames(result *compare.Result) {
	clusters, components := map[string]bool{}, map[string]bool{}
	addAll := func(names []string) {
		for _, name := range names {
			clusters[name] = true
		}
	}
	for _, app := range result.Applications {
		clusters[app.Cluster], components[app.Group+"/"+app.Component] = true, true
	}
	for _, change := range result.Changes {
		addAll(change.Clusters.Names)
		components[component(change)] = true
	}
	for _, danger := range result.Dangers {
		addAll(danger.Clusters)
	}
	for i, name := range slices.Sorted(maps.Keys(clusters)) {
		p.clusters[name] = i
		tenant := problem.OneLine(result.Labels[name][wellknown.LabelTenant])
		p.data.Clusters = append(p.data.Clusters, pageCluster{name, tenant})
	}
	for i, name := range slices.Sorted(maps.Keys(components)) {
		p.components[name] = i
		p.data.Components = append(p.data.Components, name)
	}
}

func (p *pager) addChange(c compare.Change) {
	change := pageChange{Action: c.Sides, Component: p.components[component(c)], APIVersion: c.APIVersion,
		Object: object(c), Added: c.Added, Deleted: c.Deleted, Selector: c.Clusters.Selector,
		Clusters: runs(c.Clusters.Names, p.clusters), Without: list(c.Clusters.Without), Causes: []string{},
		Dangers: [][2]string{}}
	change.Text, change.Left = p.addText(strings.TrimSuffix(c.Diff+c.Object, "\n"))
	change.Causes = append(change.Causes, places(c.Causes)...)
	for _, danger := range c.Dangers {
		change.Dangers = append(change.Dangers, [2]string{danger.Kind, danger.Message})
	}
	var applications []int
	for _, object := range c.Objects {
		if at, known := p.applications[[2]string{object.Cluster, object.Application}]; known {
			applications = append(applications, at)
			for _, danger := range c.Dangers {
				p.addKind(at, danger.Kind)
			}
		}
	}
	change.Applications = runsOf(applications)
	p.data.Changes = append(p.data.Changes, change)
}

// addText returns the place of a text, and how many of its lines are not in the page.
func (p *pager) addText(text string) (at, left int) {
	if text == "" {
		return -1, 0
	}
	most := min(mostOfText, mostOfTexts-p.size)
	if len(text) > most {
		end := strings.LastIndex(text[:max(most, 0)], "\n")
		if end < 0 {
			return -1, strings.Count(text, "\n") + 1
		}
		text, left = text[:end], strings.Count(text[end:], "\n")
	}
	at, known := p.texts[text]
	if !known {
		at = len(p.data.Texts)
		p.texts[text] = at
		p.data.Texts = append(p.data.Texts, text)
		p.size += len(text)
	}
	return at, left
}

// endanger marks the Applications that dangers of whole Applications are about.
func (p *pager) endanger(result *compare.Result) {
	kinds := map[[3]string][]string{} // by cluster, group and component
	for _, danger := range result.Dangers {
		for _, cluster := range danger.Clusters {
			key := [3]string{cluster, danger.Group, danger.Component}
			kinds[key] = append(kinds[key], danger.Kind)
		}
	}
	for i, app := range result.Applications {
		for _, component := range []string{"", app.Component} {
			for _, kind := range kinds[[3]string{app.Cluster, app.Group, component}] {
				p.addKind(i, kind)
			}
		}
	}
}

func (p *pager) addKind(application int, kind string) {
	if app := &p.data.Applications[application]; !slices.Contains(app.Kinds, kind) {
		app.Kinds = append(app.Kinds, kind)
	}
}

// runs returns the numbers of names as runs.
func runs(names []string, numbers map[string]int) []int {
	all := make([]int, len(names))
	for i, name := range names {
		all[i] = numbers[name]
	}
	return runsOf(all)
}

// runsOf returns numbers as runs of successive ones: the first and the last of each.
func runsOf(numbers []int) []int {
	found := []int{}
	for _, number := range slices.Compact(slices.Sorted(slices.Values(numbers))) {
		if last := len(found) - 1; last > 0 && found[last] == number-1 {
			found[last] = number
			continue
		}
		found = append(found, number, number)
	}
	return found
}

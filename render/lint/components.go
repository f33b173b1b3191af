package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/written"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A group is what is known of one group of the fleet.
type group struct {
	name       string
	argoCDs    []string                        // that deploy it
	components map[string]*component           // by key
	clusters   map[string]int                  // how many Applications each gets
	charts     map[string]*written.ChartPlaces // of the values of all components, once they are asked for
}

// A component is what is known of one component of a group, on all Argo CDs and releases.
type component struct {
	key       string
	on        string // the first Argo CD that has it
	directory string // of its value files, below that of the group
	selector  []stages.Requirement
}

func (l *linter) groupOf(name string) *group {
	g := l.groups[name]
	if g == nil {
		g = &group{name: name, components: map[string]*component{}, clusters: map[string]int{}}
		l.groups[name] = g
	}
	return g
}

// seeApplicationSets remembers the selectors of the components.
func (l *linter) seeApplicationSets(name string, on render.ArgoCD, result *render.Result) {
	l.built = true
	g := l.groupOf(name)
	g.argoCDs = append(g.argoCDs, on.Cluster.Name)
	for i, object := range result.Objects {
		key := result.Components[i].Key
		c := g.components[key]
		if c == nil {
			c = &component{key: key, on: on.Cluster.Name, directory: result.Components[i].ValueFiles.Chart}
			g.components[key] = c
		}
		for _, r := range stages.AllRequirements(object) {
			if !slices.ContainsFunc(c.selector, r.Equal) {
				c.selector = append(c.selector, r)
			}
		}
		written.EachLabel(object, func(name string) { use(l.used, name) })
		l.written.SeeApplicationSet(object)
	}
}

// seeApplication remembers who gets an Application, and what it reads.
func (l *linter) seeApplication(v stages.Visited) {
	l.report.Checked.Applications++
	l.getOn("the Applications of group " + v.Group)
	l.groupOf(v.Group).clusters[v.Application.Cluster]++
	l.reads.add(v)
	l.written.SeeApplication(written.Application{Group: v.Group, ArgoCD: v.ArgoCD, Component: v.Component.Key,
		Cluster: v.Application.Cluster, Object: v.Application.Object})
	l.componentOf[v.Application.Name()] = place{v.Group, v.ArgoCD, v.Component.Key}
	for _, files := range v.Reads.ValueFiles {
		l.dead.SeeValueFiles(files, v.Application.Cluster)
	}
	l.checkOwner(v)
}

// A place is where a component is: of a group, on an Argo CD.
type place struct{ group, argoCD, component string }

// placeUnfit sets where a component has the value that does not fit its chart, if that is in no file of values.
func (l *linter) placeUnfit(p *problem.Problem) {
	path := manifest.UnfitOwn(p.Err)
	name, _, _ := strings.Cut(strings.TrimPrefix(p.Scope, "application "), ",")
	of, known := l.componentOf[name]
	values := l.valuesOf(of.group, of.argoCD)
	if path == nil || !known || values == nil {
		return
	}
	p.Message = fmt.Sprintf("component %q: %s", of.component, p.Message)
	own := values.At(of.component, "valuesObject").Over(values.SettingAt(wellknown.SettingGlobalValuesObject))
	if file, line := own.Locate(path...); file != "" {
		p.File, p.Line = file, line
	}
}

// checkOwner finds a component that two Argo CDs deploy to one cluster.
func (l *linter) checkOwner(v stages.Visited) {
	if v.Application.Cluster == "" {
		return
	}
	key := v.Group + "\x00" + v.Component.Key + "\x00" + v.Application.Cluster
	first, known := l.owners[key]
	if !known {
		l.owners[key] = v.ArgoCD
		return
	}
	if first != v.ArgoCD {
		file, line := l.placeOfComponent(v)
		p := problem.New(file, line, "component %q: two Argo CDs deploy components of group %s to a cluster, "+
			"the one of %s and another", v.Component.Key, v.Group, first).
			WithHint("leave it to one of them: the labels %s, or the selectors", wellknown.RemoteLabel(v.Group)).
			WithRule(problem.RuleConflicts)
		p.Scope = fmt.Sprintf("cluster %s, also by the Argo CD of %s", v.Application.Cluster, v.ArgoCD)
		l.add(p)
	}
}

// checkComponents finds components that every cluster gets, and entries of levels that are no component.
func (l *linter) checkComponents() {
	for _, name := range slices.Sorted(maps.Keys(l.groups)) {
		g := l.groups[name]
		for _, key := range slices.Sorted(maps.Keys(g.components)) {
			l.checkEverybody(g, g.components[key])
		}
		for _, on := range g.argoCDs {
			l.getOn("the components of group " + name)
			l.checkUnknownComponents(g, on)
		}
		l.checkSwitches(g)
	}
}

// checkEverybody finds a component that has no selector where others of its group have one.
func (l *linter) checkEverybody(g *group, c *component) {
	values := l.valuesOf(g.name, c.on)
	if values == nil || fmt.Sprint(values.Settings()[wellknown.SettingUseSelectors]) != "true" {
		return
	}
	selects := func(key string) bool {
		return slices.ContainsFunc([]string{"selector", "selectorMatchLabels", wellknown.SettingUseSelectors},
			func(field string) bool { return has(values.Map(), []string{key, field}) })
	}
	if selects(c.key) || !slices.ContainsFunc(slices.Collect(maps.Keys(g.components)), selects) {
		return // so it is meant
	}
	file, line := values.DescribedAt(c.key)
	l.add(problem.New(file, line, "component %q has no selector: each cluster of its release gets it", c.key).
		WithHint("add selectorMatchLabels, which can be {} if that is meant").WithRule(problem.RuleSelectsEverybody))
}

// checkUnknownComponents finds what levels say about components that no component file describes.
func (l *linter) checkUnknownComponents(g *group, on string) {
	values := l.valuesOf(g.name, on)
	if values == nil {
		return
	}
	var known []string
	for _, key := range slices.Sorted(maps.Keys(values.Map())) {
		if written.IsInCatalog(values, key) {
			known = append(known, key)
		}
	}
	for key, value := range values.Map() {
		m, isMap := value.(map[string]any)
		if !isMap || slices.Contains(known, key) || wellknown.IsSetting(key) || g.components[key] != nil ||
			m["chartRepository"] != nil || m["path"] != nil || m["chartName"] != nil || m["enabled"] == nil {
			continue
		}
		file, line := values.Locate(key)
		p := problem.New(file, line, "there is no component %q in the component files of group %s", key, g.name)
		hint := "correct its name, or remove it"
		if near := problem.Likely(key, known); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		l.add(p.WithHint("%s", hint).WithRule(problem.RuleUnknownComponent))
	}
}

// isAskedFor tells whether some cluster has a label that a component is chosen by.
func (l *linter) isAskedFor(component map[string]any) bool {
	labels, _ := component["selectorMatchLabels"].(map[string]any)
	names := slices.Collect(maps.Keys(labels))
	expressions, _ := written.ValueAt(component, []string{"selector", "matchExpressions"}).([]any)
	for _, expression := range expressions {
		e, _ := expression.(map[string]any)
		names = append(names, fmt.Sprint(e["key"]))
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.HasPrefix(name, "enable_") && l.values[name]["true"]
	}) && component["enable"] == nil // which is a finding by itself
}

// checkSwitches finds components that clusters ask for and that nobody switches on or off, while others say which they
// are.
func (l *linter) checkSwitches(g *group) {
	without, with := map[string]*hierarchy.Values{}, map[string]bool{}
	for _, on := range g.argoCDs {
		values := l.valuesOf(g.name, on)
		if values == nil {
			continue
		}
		for key, value := range values.Map() {
			m, isMap := value.(map[string]any)
			switch {
			case isMap && m["enabled"] != nil:
				with[key] = true
			case isMap && l.isAskedFor(m) && !wellknown.IsSetting(key) && written.IsInCatalog(values, key):
				without[key] = values
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(without)) {
		if with[key] || len(with) == 0 {
			continue
		}
		file, line := without[key].DescribedAt(key)
		l.add(problem.New(file, line, "component %q is off for every cluster: nothing says enabled", key).
			WithHint("add enabled: true, or enabled: false if levels are to switch it on").
			WithRule(problem.RuleNoEffect))
	}
}

// placeOfComponent returns where the component of an Application is described.
func (l *linter) placeOfComponent(v stages.Visited) (file string, line int) {
	if values := l.valuesOf(v.Group, v.ArgoCD); values != nil && v.Component.Key != "" {
		return values.DescribedAt(v.Component.Key)
	}
	return "", 0
}

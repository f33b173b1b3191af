package lint

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/value"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/written"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

func use(used map[string]map[string]bool, key string, values ...string) {
	if used[key] == nil {
		used[key] = map[string]bool{}
	}
	for _, value := range values {
		used[key][value] = true
	}
}

// readUsed notes the labels that selectors and templates name, also those of components that are off.
func (l *linter) readUsed() {
	for _, g := range l.groups {
		use(l.used, wellknown.ReleaseLabel(g.name))
		for _, c := range g.components {
			for _, r := range c.selector {
				use(l.used, r.Label, r.Values...)
			}
		}
	}
	l.eachScalar(func(s scalar) {
		written.EachLabel(s.node.Value, func(name string) { use(l.used, name) })
		switch {
		case slices.Contains(selectorKeys, s.parent()):
			use(l.used, s.path[len(s.path)-1], s.node.Value)
		case len(s.path) > 2 && s.path[len(s.path)-3] == "matchExpressions" && s.path[len(s.path)-1] == "key":
			use(l.used, s.node.Value)
		}
	})
	for _, key := range []string{wellknown.LabelTenant, wellknown.LabelEnvironment, wellknown.LabelFleetMember,
		wellknown.LabelSecretType, wellknown.LabelKubernetesVersion, wellknown.LabelRemoteArgo,
		wellknown.LabelRemoteAddons, wellknown.LabelRemoteResources, wellknown.LabelExternalSecrets} {
		use(l.used, key)
	}
}

// selectorKeys are the fields that hold labels of clusters and their values.
var selectorKeys = []string{"selectorMatchLabels", "matchLabels", "globalSelectors", "selector", "clusterSelector"}

// checkLabels finds labels of clusters that nobody uses and that are nearly one that is used, and values of such.
func (l *linter) checkLabels() {
	l.readUsed()
	for _, c := range l.clusters {
		for key, value := range c.Labels {
			use(l.values, key, value)
		}
	}
	if l.whole() {
		l.misspelt = l.written.MisspeltLabels(l.values)
	}
	known := slices.DeleteFunc(slices.Sorted(maps.Keys(l.used)), func(label string) bool { return l.misspelt[label] })
	mistyped := slices.Sorted(maps.Keys(l.misspelt))
	for _, i := range l.identities {
		l.getOn("the labels of cluster " + i.Name)
		for _, key := range slices.Sorted(maps.Keys(i.Labels)) {
			values, isUsed := l.used[key]
			if isUsed {
				l.checkLabelValue(i, key, values)
			}
			if isUsed || problem.LikelySlip(key, mistyped) != "" { // the selector is wrong
				continue
			}
			others := slices.DeleteFunc(slices.Clone(known), func(other string) bool {
				_, has := i.Labels[other]
				return has && !strings.HasPrefix(other, "enable_") && !strings.HasSuffix(other, "Release")
			})
			near := problem.Likely(key, others)
			if near == "" && slices.Contains(others, "enable_"+key) {
				near = "enable_" + key
			}
			switch {
			case near != "":
				l.addLabel(i, key, fmt.Sprintf("did you mean %s?", near),
					"no selector and no template uses the label %s", key)
			case strings.HasPrefix(key, "enable_") && l.whole() && !l.partial:
				l.addLabel(i, key, "correct its name, or remove it",
					"no component selects clusters by the label %s", key)
			}
		}
	}
}

// checkLabelValue finds values that nobody selects, where others are selected that are nearly the same.
func (l *linter) checkLabelValue(i member.Identity, key string, values map[string]bool) {
	text := i.Labels[key]
	kinds := []string{wellknown.FleetMemberHub, wellknown.FleetMemberSpoke}
	if key == wellknown.LabelFleetMember && !slices.Contains(kinds, text) {
		if near := value.MemberKind(text); near != "" {
			l.addLabel(i, key, "did you mean "+near+"?",
				"the label %s is %q, which is neither hub nor spoke", key, text)
			return
		}
	}
	slip := problem.LikelySlip(text, []string{"true", "false"})
	if len(values) == 0 && strings.HasPrefix(key, "enable_") && slip != "" {
		l.addLabel(i, key, "did you mean "+slip+"?", "the label %s is %q, which is neither true nor false", key, text)
	}
	group, isRelease := strings.CutSuffix(key, wellknown.ReleaseLabel(""))
	if values[text] || len(values) == 0 || isRelease && len(l.releasesOf(group)) > 0 { // which has its own finding
		return
	}
	selected := slices.Sorted(maps.Keys(values))
	isSwitch := areSwitches(selected)
	switch {
	case isSwitch && text != "true" && text != "false":
		l.addLabel(i, key, fmt.Sprintf("write %s", strings.Join(selected, " or ")),
			"the label %s is %q, where selectors know %s only", key, text, strings.Join(selected, ", "))
	case isSwitch:
	default:
		for _, want := range selected {
			if strings.EqualFold(want, text) {
				l.addLabel(i, key, "write "+want, "the label %s is %q, where selectors have %q", key, text, want)
				return
			}
		}
		// A text that selectors name and no cluster has was probably meant.
		missing := slices.DeleteFunc(selected, func(want string) bool { return l.values[key][want] })
		if near := problem.Likely(text, missing); near != "" {
			l.addLabel(i, key, "did you mean "+near+"?", "the label %s is %q, which no selector has", key, text)
		}
	}
}

// areSwitches tells whether values are those of a label that is on or off.
func areSwitches(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return v != "true" && v != "false" })
}

func (l *linter) addLabel(i member.Identity, key, hint, format string, args ...any) {
	file, line := i.Metadata().Locate("labels", key)
	p := problem.New(file, line, format, args...).WithHint("%s", hint).WithRule(problem.RuleUnknownLabel, i.File)
	p.Scope = "cluster " + i.Name
	l.add(p)
}

// checkSelectors finds components that nobody can get.
func (l *linter) checkSelectors() {
	labels := maps.Clone(l.values)
	for _, name := range slices.Sorted(maps.Keys(l.groups)) {
		g, label := l.groups[name], wellknown.ReleaseLabel(name)
		if releases, err := release.Read(l.session.Fleet(), l.session.Repository(), name); err == nil {
			l.add(releases.Strays...)
			labels[label] = maps.Clone(labels[label])
			use(labels, label, releases.Names()...)
		}
		for _, key := range slices.Sorted(maps.Keys(g.components)) {
			c := g.components[key]
			for _, r := range c.selector {
				if r.Operator != metav1.LabelSelectorOpIn {
					continue
				}
				l.checkRequirement(g, c, r, labels)
			}
		}
	}
}

// checkRequirement finds a condition that no cluster meets, and that is no switch which nobody has turned on yet.
func (l *linter) checkRequirement(g *group, c *component, r stages.Requirement, labels map[string]map[string]bool) {
	isGlobal := l.isGlobal(g, c, r)
	isMet := func(v string) bool { return strings.Contains(v, "{{") || labels[r.Label][v] }
	if l.misspelt[r.Label] || slices.ContainsFunc(r.Values, isMet) || !isGlobal && l.usedElsewhere(c, r) {
		return
	}
	values, known := labels[r.Label]
	isSwitch := areSwitches(r.Values)
	var hint, what string
	if !known {
		what = fmt.Sprintf("no cluster has the label %s", r.Label)
		near := problem.Likely(r.Label, slices.Sorted(maps.Keys(labels)))
		switch {
		case near != "" && (problem.IsSlip(r.Label, near) || !l.selectedElsewhere(c, near)):
			hint = fmt.Sprintf("did you mean %s?", near)
		case isSwitch:
			return // a component that nobody has asked for yet
		default:
			hint = "label the clusters that are to have it, or correct the selector"
		}
	} else {
		all := slices.Sorted(maps.Keys(values))
		if isSwitch && areSwitches(all) {
			return
		}
		what = fmt.Sprintf("no cluster has the label %s=%s", r.Label, strings.Join(r.Values, ","))
		hint = "the clusters have " + problem.Few(all)
		for _, v := range r.Values {
			if near := problem.Likely(v, all); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			}
		}
	}
	file, line := l.placeOfSelector(g, c, r)
	p := problem.New(file, line, "component %q selects nobody: %s", c.key, what)
	if isGlobal {
		file, line = l.valuesOf(g.name, c.on).Locate(wellknown.SettingGlobalSelectors, r.Label)
		p = problem.New(file, line, "the globalSelectors of group %s select nobody: %s", g.name, what)
	}
	if at := l.environmentOf(g, c, r); at != nil {
		file, line = l.valuesOf(g.name, c.on).Locate(at...)
		p = problem.New(file, line, "component %q: an entry of environments is for nobody: %s", c.key, what)
	}
	l.add(p.WithHint("%s", hint).WithRule(problem.RuleSelectsNobody))
}

// usedElsewhere tells whether another component has the same condition: then it is the clusters that lack it.
func (l *linter) usedElsewhere(c *component, r stages.Requirement) bool {
	for _, g := range l.groups {
		for _, other := range g.components {
			if other != c && slices.ContainsFunc(other.selector, r.Shares) {
				return true
			}
		}
	}
	return false
}

func (l *linter) selectedElsewhere(c *component, key string) bool {
	for _, g := range l.groups {
		for _, other := range g.components {
			names := func(o stages.Requirement) bool { return o.Label == key }
			if other != c && slices.ContainsFunc(other.selector, names) {
				return true
			}
		}
	}
	return false
}

// isGlobal tells whether a condition of a component is one of the globalSelectors that all of its group have.
func (l *linter) isGlobal(g *group, c *component, r stages.Requirement) bool {
	values := l.valuesOf(g.name, c.on)
	if values == nil || slices.ContainsFunc([][]string{{c.key, "selectorMatchLabels", r.Label},
		{c.key, "selector", "matchLabels", r.Label}}, func(at []string) bool { return has(values.Map(), at) }) {
		return false
	}
	value := written.ValueAt(values.Map(), []string{wellknown.SettingGlobalSelectors, r.Label})
	return value != nil && slices.Contains(r.Values, fmt.Sprint(value))
}

// placeOfSelector returns where a condition of a component is written.
func (l *linter) placeOfSelector(g *group, c *component, r stages.Requirement) (file string, line int) {
	values := l.valuesOf(g.name, c.on)
	if values == nil {
		return "", 0
	}
	expressions := []string{c.key, "selector", "matchExpressions"}
	list, _ := written.ValueAt(values.Map(), expressions).([]any)
	for i, item := range list {
		expression, _ := item.(map[string]any)
		if expression["key"] == r.Label {
			return values.Locate(append(expressions, strconv.Itoa(i), "key")...)
		}
	}
	for _, path := range [][]string{
		{c.key, "selectorMatchLabels", r.Label}, {c.key, "selector", "matchLabels", r.Label}, expressions,
		{wellknown.SettingGlobalSelectors, r.Label}, {c.key},
	} {
		if has(values.Map(), path) {
			return values.Locate(path...)
		}
	}
	return "", 0
}

// environmentOf returns the path of the entry of environments that a condition comes from; none if it comes from
// elsewhere.
func (l *linter) environmentOf(g *group, c *component, r stages.Requirement) []string {
	values := l.valuesOf(g.name, c.on)
	if values == nil {
		return nil
	}
	at := []string{c.key, "environments"}
	entries := map[string]any{}
	switch found := written.ValueAt(values.Map(), at).(type) {
	case map[string]any:
		entries = found
	case []any:
		for i, entry := range found {
			entries[strconv.Itoa(i)] = entry
		}
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		value := written.ValueAt(entries[name], []string{"selector", r.Label})
		if value != nil && slices.Contains(r.Values, fmt.Sprint(value)) {
			return append(at, name, "selector", r.Label)
		}
	}
	return nil
}

// has tells whether there is something at a path.
func has(value any, path []string) bool {
	for _, key := range path {
		m, _ := value.(map[string]any)
		var is bool
		if value, is = m[key]; !is {
			return false
		}
	}
	return true
}

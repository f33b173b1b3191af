package lint

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// valuesOf returns the merged values of a group on an Argo CD; nil if there are none.
func (l *linter) valuesOf(group, on string) *hierarchy.Values {
	key := group + "\x00" + on
	values, known := l.merged[key]
	if !known {
		r := l.options.Request
		r.Group, r.Cluster, r.Targets, r.Anywhere = group, on, render.Targets{}, true
		if merged, err := l.session.Session.Values(r); err == nil {
			values = merged.Values
		}
		l.merged[key] = values
	}
	return values
}

// checkCentral finds spokes without an Argo CD of their own to which their hub deploys nothing, or nothing of a group.
func (l *linter) checkCentral() {
	if !l.reaches(render.StageApplications) {
		return
	}
	for _, i := range l.identities {
		if !i.IsSpoke() || i.Hub == "" {
			continue
		}
		total := 0
		for _, g := range l.groups {
			total += g.clusters[i.Name]
		}
		for _, name := range slices.Sorted(maps.Keys(l.groups)) {
			g := l.groups[name]
			if i.Manages(name) || !slices.Contains(g.argoCDs, i.Hub) || g.clusters[i.Name] > 0 {
				continue
			}
			if label := l.excludes(g, i); label != "" {
				file, line := l.valuesOf(name, i.Hub).Locate(wellknown.SettingGlobalSelectors, label)
				l.addCentral(i, file, line,
					"the globalSelectors of group %s keep the hub %s from deploying it to a spoke that has no Argo CD "+
						"of its own", name, i.Hub)
			}
		}
		if total == 0 && !l.failed {
			l.addCentral(i, i.File, 0,
				"the hub %s deploys nothing to the spoke, which has no Argo CD of its own", i.Hub)
		}
	}
}

// excludes returns the label of globalSelectors that keeps a group from a spoke which has a component's own labels; ""
// if none does.
func (l *linter) excludes(g *group, i member.Identity) string {
	values := l.valuesOf(g.name, i.Hub)
	if values == nil {
		return ""
	}
	globals, _ := values.Settings()[wellknown.SettingGlobalSelectors].(map[string]any)
	excluding := ""
	for _, key := range slices.Sorted(maps.Keys(globals)) {
		if text, _ := globals[key].(string); i.Labels[key] != text {
			excluding = key
		}
	}
	if excluding == "" {
		return ""
	}
	for _, c := range g.components {
		own, meets := false, true
		for _, r := range c.selector {
			_, global := globals[r.Label]
			is := r.Operator == metav1.LabelSelectorOpIn && slices.Contains(r.Values, i.Labels[r.Label])
			own = own || !global && r.Label != wellknown.ReleaseLabel(g.name)
			meets = meets && (global || is)
		}
		if own && meets {
			return excluding
		}
	}
	return ""
}

func (l *linter) addCentral(i member.Identity, file string, line int, format string, args ...any) {
	p := problem.New(file, line, format, args...).
		WithHint("correct its labels or the globalSelectors, or give it its own Argo CD (%s)",
			wellknown.LabelRemoteArgo).
		WithRule(problem.RuleCentralSpokeNothing, i.File)
	p.Scope = "cluster " + i.Name
	l.add(p)
}

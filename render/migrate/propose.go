package migrate

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// candidates returns the files fleet.yaml that may change nothing, the simplest first.
func (m *migration) candidates() ([][]byte, error) {
	var all [][]byte
	add := func(spec object, comments ...string) error {
		data, err := encodeFleet(spec, comments)
		all = append(all, data)
		return err
	}
	if err := add(m.spec(false)); err != nil {
		return nil, err
	}
	if err := add(m.spec(true)); err != nil {
		return nil, err
	}
	spec := m.spec(true)
	var comments []string
	for _, group := range fields.SortedKeys(at(spec, "groups")) {
		idle := m.idle(group)
		if len(idle) == 0 {
			continue
		}
		label := wellknown.ReleaseLabel(group)
		g := at(spec, "groups", group)
		bootstrap := clone(at(g, "bootstrap"))
		bootstrap["selectors"] = object{label: m.hub.Labels[label]}
		g["bootstrap"] = bootstrap
		comments = append(comments, fmt.Sprintf("The selectors of %s: the label %s of %s names no release, so that "+
			"the chart makes nothing for it; give it one, and take them out.", group, label, problem.Few(idle)))
	}
	if len(comments) == 0 {
		return all, nil
	}
	return all, add(spec, comments...)
}

// idle returns the clusters whose own Argo CD has the ApplicationSets of a group today, but no Application of it, since
// their release is not the hub's; none if another of them has Applications.
func (m *migration) idle(group string) []string {
	label := wellknown.ReleaseLabel(group)
	release := m.hub.Labels[label]
	if release == "" || m.Stage == render.StageApplicationSets {
		return nil
	}
	deploys := map[string]bool{}
	for _, a := range m.today.apps {
		if a.leaf && a.group == group {
			deploys[a.argoCD] = true
		}
	}
	var idle []string
	for _, c := range m.today.clusters {
		if c.Name == m.Hub || c.Labels[label] == release {
			continue
		}
		has := slices.ContainsFunc(m.today.leaves(), func(of *set) bool {
			return of.argoCD == c.Name && of.group == group
		})
		switch {
		case deploys[c.Name]:
			return nil
		case has:
			idle = append(idle, c.Name)
		}
	}
	return idle
}

// encodeFleet returns a fleet.yaml, with comments.
func encodeFleet(spec object, comments []string) ([]byte, error) {
	data, err := render.EncodeValue(object{"apiVersion": "fleet.cmp/v1alpha1", "kind": "Fleet", "spec": spec}, "yaml")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("# Proposed by cmp migrate: with it, cmp makes what the wrapper chart makes.\n")
	for _, comment := range comments {
		out.WriteString("# " + comment + "\n")
	}
	out.Write(data)
	return out.Bytes(), nil
}

// spec returns what the ApplicationSets of today say of the fleet.
func (m *migration) spec(withReleases bool) object {
	f := m.today.session.Fleet()
	spec := object{"catalog": f.Catalog.String(), "members": f.Members, "releases": f.Releases}
	groups, bootstrap, count, makes := object{}, object{}, map[string]int{}, map[string]int{}
	for _, a := range m.today.apps {
		if !a.leaf && a.group != "" && a.argoCD == m.Hub {
			count[a.group]++
			makes[a.group] += a.makes
		}
	}
	for _, a := range m.today.apps {
		if a.leaf || a.group == "" {
			continue
		}
		for _, source := range sourcesOf(a.object) {
			if !(wrapper{name: m.ChartName}).is(source) {
				continue
			}
			if groups[a.group] == nil && a.argoCD == m.Hub {
				g := groupOf(source, m.groupPath(a.group, source))
				if makes[a.group] == 0 {
					g["bootstrap"] = object{"allowEmpty": "the wrapper chart made nothing of it either"}
				}
				groups[a.group] = g
			}
			if releases := at(source, "helm", "valuesObject", "releases"); withReleases && count[a.group] == 1 &&
				a.argoCD == m.Hub && len(releases) > 0 {
				at(groups, a.group)[wellknown.SettingReleases] = releases
			}
		}
		if namespace := firstOf(placeOf(a.object)); namespace != defaultNamespace {
			key := "spokeNamespace"
			if a.argoCD == m.Hub {
				key = "namespace"
			}
			bootstrap[key] = namespace
		}
		if policy := at(a.object, "spec", "syncPolicy"); policy != nil && bootstrap["syncPolicy"] == nil {
			bootstrap["syncPolicy"] = policy
		}
	}
	if len(groups) > 0 {
		spec["groups"] = groups
	}
	if len(bootstrap) > 0 {
		spec["bootstrap"] = bootstrap
	}
	spec["clusters"] = []any{m.describedHub()}
	return spec
}

// groupPath returns the app path of a group: the directory that its value files begin with, or that of the default.
func (m *migration) groupPath(group string, source object) string {
	if known := m.today.session.Fleet().Groups[group]; known != nil && known.Path != "." {
		return known.Path
	}
	files, _ := at(source, "helm")["valueFiles"].([]any)
	for _, item := range files {
		name, _ := item.(string)
		if _, rest, is := strings.Cut(name, "/"); is && strings.HasPrefix(name, "$") {
			first, _, _ := strings.Cut(rest, "/")
			return first
		}
	}
	return group
}

// groupOf returns a group as the source with the wrapper chart describes it.
func groupOf(source object, path string) object {
	values := at(source, "helm", "valuesObject")
	g := object{"path": path}
	var components []any
	for _, name := range slices.Sorted(maps.Keys(at(values, "mergeValues"))) {
		if use, _ := fields.Text(at(values, "mergeValues", name)["use"]); use == "true" {
			components = append(components, name)
		}
	}
	if len(components) > 0 {
		g["components"] = components
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		switch key {
		case wellknown.SettingMergeValues, wellknown.SettingApplicationSetGroup, wellknown.SettingReleaseType,
			wellknown.SettingReleases, wellknown.SettingNamespace:
			continue
		}
		if value := values[key]; wellknown.IsSetting(key) {
			if text, is := value.(string); is && (text == "true" || text == "false") {
				value = text == "true"
			}
			g[key] = value
		}
	}
	return g
}

// describedHub returns the hub as an entry of fleet.yaml, without addresses that nobody gave.
func (m *migration) describedHub() object {
	labels, annotations := object{}, object{}
	for key, value := range m.hub.Labels {
		if key != wellknown.LabelSecretType {
			labels[key] = value
		}
	}
	for key, value := range m.hub.Annotations {
		if !slices.Contains(m.hub.supposed, key) {
			annotations[key] = value
		}
	}
	hub := object{"name": m.hub.Name, "labels": labels}
	if len(annotations) > 0 {
		hub["annotations"] = annotations
	}
	if m.hub.Server != "" {
		hub["server"] = m.hub.Server
	}
	return hub
}

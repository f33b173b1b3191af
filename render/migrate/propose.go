package migrate

import (
	"bytes"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/fork"
)

// A shape is a way in which a fleet.yaml is made.
type shape struct {
	releases bool // groups name their releases
	fork     bool // groups have settings for another fork of the chart
	both     bool // value files are read without the prefix and with it
}

// A candidate is a fleet.yaml that may change nothing.
type candidate struct {
	file []byte
	fork bool // it has settings for another fork of the chart
}

// candidates returns the files fleet.yaml that may change nothing, the simplest first.
func (m *migration) candidates() ([]candidate, error) {
	var all []candidate
	for _, of := range []shape{{}, {releases: true}, {fork: true}, {fork: true, both: true}} {
		spec, ok := m.spec(of)
		if !ok {
			continue
		}
		data, err := encodeFleet(spec)
		if err != nil {
			return nil, err
		}
		all = append(all, candidate{data, of.fork})
	}
	return all, nil
}

// encodeFleet returns a fleet.yaml.
func encodeFleet(spec object) ([]byte, error) {
	data, err := render.EncodeValue(object{"apiVersion": "fleet.cmp/v1alpha1", "kind": "Fleet", "spec": spec}, "yaml")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("# Proposed by cmp migrate: with it, cmp makes what the wrapper chart makes.\n")
	out.Write(data)
	return out.Bytes(), nil
}

// spec returns what the ApplicationSets of today say of the fleet, and whether there is something to say in a shape.
func (m *migration) spec(of shape) (object, bool) {
	f := m.today.session.Fleet()
	spec := object{"catalog": f.Catalog.String()}
	for key, name := range map[string]string{"members": f.Members, "releases": f.Releases} {
		if _, err := fs.Stat(m.Tree, name); err == nil {
			spec[key] = name
		}
	}
	groups, bootstrap, count, makes := object{}, object{}, map[string]int{}, map[string]int{}
	for _, a := range m.today.apps {
		if !a.leaf && a.group != "" && a.argoCD == m.Hub {
			count[a.group]++
			makes[a.group] += a.makes
		}
	}
	var levels []fork.Level
	for _, a := range m.today.apps {
		if a.leaf || a.group == "" {
			continue
		}
		for i, source := range argo.Sources(a.object) {
			if !(wrapper{name: m.ChartName}).is(source) {
				continue
			}
			if groups[a.group] == nil && a.argoCD == m.Hub {
				g := groupOf(source, m.groupPath(a.group, source))
				if makes[a.group] == 0 {
					g["bootstrap"] = object{"allowEmpty": "the wrapper chart made nothing of it either"}
				}
				groups[a.group] = g
				if m.named == "" && m.hasDirectory(argo.Text(source, "path")) {
					spec["catalog"] = argo.Text(source, "path")
				}
				if of.fork {
					levels = m.addFork(g, levels, a, i, of.both)
				}
			}
			if releases := argo.At(source, "helm", "valuesObject", "releases"); of.releases && count[a.group] == 1 &&
				a.argoCD == m.Hub && len(releases) > 0 {
				argo.At(groups, a.group)[wellknown.SettingReleases] = releases
			}
		}
		m.addBootstrap(bootstrap, a)
	}
	if len(groups) > 0 {
		spec["groups"] = groups
	}
	if len(bootstrap) > 0 {
		spec["bootstrap"] = bootstrap
	}
	if len(levels) > 0 {
		spec["levels"] = fork.Entries(levels)
	}
	spec["clusters"] = []any{m.describedHub()}
	return spec, !of.fork || len(levels) > 0
}

// addBootstrap adds what an Application that starts a group says of how it is started.
func (m *migration) addBootstrap(bootstrap object, a *app) {
	if namespace := firstOf(placeOf(a.object)); namespace != defaultNamespace {
		key := "spokeNamespace"
		if a.argoCD == m.Hub {
			key = "namespace"
		}
		bootstrap[key] = namespace
	}
	if policy := argo.At(a.object, "spec", "syncPolicy"); policy != nil && bootstrap["syncPolicy"] == nil {
		bootstrap["syncPolicy"] = policy
	}
}

// groupPath returns the app path of a group: the directory that its value files begin with, or that of the default.
func (m *migration) groupPath(group string, source object) string {
	if known := m.today.session.Fleet().Groups[group]; known != nil && known.Path != "." {
		return known.Path
	}
	files, _ := argo.At(source, "helm")["valueFiles"].([]any)
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
	values := argo.At(source, "helm", "valuesObject")
	g := object{"path": path}
	var components []any
	for _, name := range slices.Sorted(maps.Keys(argo.At(values, "mergeValues"))) {
		if use, _ := fields.Text(argo.At(values, "mergeValues", name)["use"]); use == "true" {
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
		if !slices.Contains(m.hub.Supposed, key) {
			annotations[key] = value
		}
	}
	described := object{"name": m.hub.Name, "labels": labels}
	if len(annotations) > 0 {
		described["annotations"] = annotations
	}
	if m.hub.Server != "" {
		described["server"] = m.hub.Server
	}
	return described
}

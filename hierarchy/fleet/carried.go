package fleet

import (
	"maps"
	"slices"
	"strconv"

	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// A Carry says what the plugin is told of the fleet in a repository without fleet.yaml.
type Carry struct {
	Groups         []string
	Members        string           // the hub that is there with its members; "" for none
	Hub            *cluster.Cluster // the hub that is there, with all that is known of it; nil for none
	SpokeNamespace string           // of the Argo CD of spokes; "" for what fleet.yaml says
}

// Carried returns what the plugin needs of fleet.yaml in one of the fleet's repositories, where that file is not: all
// that it says but for other groups and clusters. It fails without a fleet.yaml.
func (f *Fleet) Carried(c Carry) (string, error) {
	if f.document == nil {
		return "", NotFound("the repository")
	}
	spec := maps.Clone(fields.AsMap(f.document.Values["spec"]))
	if spec == nil {
		spec = map[string]any{}
	}
	all := fields.AsMap(spec["groups"])
	chosen := map[string]any{}
	for _, name := range c.Groups {
		if chosen[name] = all[name]; all == nil { // the groups are those that are built in
			g := f.Groups[name]
			chosen[name] = hierarchy.MergeMaps(g.Settings, map[string]any{"path": g.Path, "components": g.Components})
		}
	}
	spec["groups"] = chosen
	written, _ := spec["clusters"].([]any)
	var clusters []any
	for i, known := range f.Clusters {
		if known.Name == c.Members && c.Hub == nil {
			own := fields.AsMap(written[i])
			clusters = append(clusters, clusterAsWritten(f.document, own, i))
		}
	}
	if c.Hub != nil {
		clusters = []any{map[string]any{"name": c.Hub.Name, "labels": c.Hub.Labels, "annotations": c.Hub.Annotations}}
	}
	delete(spec, "clusters")
	if len(clusters) > 0 {
		spec["clusters"] = clusters
	}
	if c.Members == "" {
		delete(spec, "members")
	}
	if c.SpokeNamespace != "" {
		spec["bootstrap"] = hierarchy.MergeMaps(fields.AsMap(spec["bootstrap"]),
			map[string]any{"spokeNamespace": c.SpokeNamespace})
	}
	data, err := yaml.Marshal(map[string]any{"apiVersion": apiVersion, "kind": "Fleet", "spec": spec})
	return string(data), err
}

// CarriedReleases returns what the plugin needs of the releases file for some groups; "" if there is no such file. It
// fails if the file cannot be read.
func (f *Fleet) CarriedReleases(repo *hierarchy.Repository, groups []string) (string, error) {
	d, err := repo.Document(f.Releases)
	if err != nil || d == nil {
		return "", err
	}
	all, releases := fields.AsMap(d.Values["releases"]), map[string]any{}
	for name, value := range all {
		switch list, isList := value.([]any); {
		case name == "globals":
			releases[name] = d.AsWritten(fields.AsMap(value), "releases", name)
		case slices.Contains(groups, name) && isList:
			list = slices.Clone(list)
			for i, item := range list { // 1.10 is no number
				if m, isMap := item.(map[string]any); isMap {
					item = d.AsWritten(m, "releases", name, strconv.Itoa(i))
				}
				list[i] = item
			}
			releases[name] = list
		case slices.Contains(groups, name):
			releases[name] = value
		}
	}
	data, err := yaml.Marshal(map[string]any{"releases": releases})
	return string(data), err
}

package fleet

import (
	"maps"
	"slices"
	"strconv"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// file names the file for messages.
func (f *Fleet) file() string {
	if f.document == nil {
		return "the defaults of " + hierarchy.FleetFile
	}
	return hierarchy.FleetFile
}

// PlaceOf returns the file and line of a key of fleet.yaml, for messages; line 0 without such a file.
func (f *Fleet) PlaceOf(keys ...string) (file string, line int) { return f.file(), f.Line(keys...) }

// Names tells whether fleet.yaml has the key catalog, members or releases: what it names must exist.
func (f *Fleet) Names(key string) bool { return f.named[key] }

// Line returns the line of a key of fleet.yaml; 0 without such a file.
func (f *Fleet) Line(keys ...string) int {
	if f.document == nil {
		return 0
	}
	return f.document.Line(keys...)
}

// Layer returns the group's settings, and the component files that it (or, if not nil, components) selects, as a layer.
func (f *Fleet) Layer(g *Group, components []string) hierarchy.Layer {
	if components == nil {
		components = g.Components
	}
	values := maps.Clone(g.Settings)
	if values == nil {
		values = map[string]any{}
	}
	if _, own := values[wellknown.SettingApplicationSetGroup]; !own {
		values[wellknown.SettingApplicationSetGroup] = g.Name
	}
	if len(components) > 0 {
		selected := map[string]any{}
		for _, name := range components {
			selected[name] = map[string]any{"use": true}
		}
		values[wellknown.SettingMergeValues] = hierarchy.MergeMaps(selected,
			fields.AsMap(values[wellknown.SettingMergeValues]))
	}
	maps.Copy(values, g.ApplicationSets)
	layer := hierarchy.Layer{Source: hierarchy.SourceGroup, File: f.file(), Values: values}.At(f.document, "spec",
		"groups", g.Name)
	if f.document == nil {
		return layer
	}
	return layer.WithLines(func(keys ...string) int {
		if len(keys) > 3 && keys[3] == wellknown.SettingMergeValues &&
			fields.AsMap(g.Settings[wellknown.SettingMergeValues]) == nil {
			keys = []string{"spec", "groups", g.Name, "components"}
		}
		if len(keys) > 3 {
			if _, is := g.ApplicationSets[keys[3]]; is {
				keys = slices.Insert(slices.Clone(keys), 3, "applicationSets")
			}
		}
		return f.document.Line(keys...)
	})
}

// ClusterLayer returns the labels and annotations of a cluster of fleet.yaml, which is known by its index, as a layer.
func (f *Fleet) ClusterLayer(i int) hierarchy.Layer {
	c := f.Clusters[i]
	layer := hierarchy.Layer{Source: hierarchy.SourceFleet, File: c.File,
		Values: cluster.MetadataValues(c.Labels, c.Annotations)}
	return layer.At(f.document, "spec", "clusters", strconv.Itoa(i))
}

package dead

import (
	"maps"
	"slices"
	"strconv"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest"
)

// A keySearch finds keys of values that a chart does not seem to know.
type keySearch struct {
	chart  *manifest.ChartValues
	report func(suspect)
}

// find looks at a map of which the chart has defaults or a schema. Of the map of a subchart, both charts know keys.
func (k keySearch) find(values, defaults, schema map[string]any, at []string, top bool) {
	properties, _ := schema["properties"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if top && (key == "global" || key == "exports" || k.chart.Tagged && key == "tags") {
			continue
		}
		path := append(slices.Clip(at), key)
		below, hasDefault := defaults[key]
		defaultsBelow, _ := below.(map[string]any)
		if subchart, is := k.chart.Subcharts[key]; top && is {
			if value, isMap := values[key].(map[string]any); isMap && subchart != nil {
				merged := maps.Clone(subchart.Values)
				if merged == nil {
					merged = map[string]any{}
				}
				maps.Copy(merged, defaultsBelow)
				keySearch{subchart, k.report}.find(value, merged, subchart.Schema, path, true)
			}
			continue
		}
		property, inSchema := properties[key].(map[string]any)
		value, isMap := values[key].(map[string]any)
		switch {
		case isMap && (len(defaultsBelow) > 0 || property["properties"] != nil):
			k.find(value, defaultsBelow, property, path, false)
		case hasDefault || inSchema || k.names(path, top):
			known := map[string]bool{}
			keysOf(below, known)
			k.findFree(values[key], known, path)
		default:
			known := append(slices.Collect(maps.Keys(defaults)), slices.Collect(maps.Keys(properties))...)
			slices.Sort(known)
			k.report(suspect{path: path, near: problem.Likely(key, known)})
		}
	}
}

// names tells whether a template names a key. Of a subchart, the first key is one of the whole chart, too.
func (k keySearch) names(path []string, top bool) bool {
	if top {
		return k.chart.Names(path[len(path)-1]) || len(path) > 1 && k.chart.Names(path...)
	}
	return k.chart.Names(path...)
}

// findFree looks below what the chart leaves empty, or does not describe: any key may count there. One that no template
// names may be passed on as it is, or mean nothing.
func (k keySearch) findFree(value any, known map[string]bool, at []string) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			path := append(slices.Clip(at), key)
			if !known[key] && value[key] != nil && !k.chart.Names(path...) {
				k.report(suspect{path: path, free: true, of: k.chart})
			}
			k.findFree(value[key], known, path)
		}
	case []any:
		for i, item := range value {
			k.findFree(item, known, append(slices.Clip(at), strconv.Itoa(i)))
		}
	}
}

// keysOf notes the keys of all maps in a value.
func keysOf(value any, into map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			into[key] = true
			keysOf(child, into)
		}
	case []any:
		for _, item := range value {
			keysOf(item, into)
		}
	}
}

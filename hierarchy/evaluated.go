package hierarchy

import (
	"reflect"
	"strings"
	"sync"
)

// Evaluated returns values that came about when the Go templates in v were evaluated, with the origins of v. What does
// not come from v has the source and file of a layer.
func (v *Values) Evaluated(values map[string]any, otherwise Layer) *Values {
	otherwise.Values = values
	traced := sync.OnceValue(func() map[string]any { return evaluated(v.traced(), values, otherwise.trace()) })
	return &Values{merged: values, settings: values, traced: traced, tracedSettings: traced}
}

// evaluated returns values with the origins of a map that they were made from, or else of others, which are the same
// values.
func evaluated(from, values, others map[string]any) map[string]any {
	out := make(map[string]any, len(values)+1)
	for key, value := range values {
		under := from[key]
		over, isMap := value.(map[string]any)
		underMap, underIsMap := under.(map[string]any)
		other := others[key]
		origin, isTraced := under.(*traced)
		switch {
		case isMap && underIsMap:
			otherMap, _ := other.(map[string]any)
			out[key] = evaluated(underMap, over, otherMap)
		case isTraced && !isMap && cameFrom(origin.value, value):
			own := *origin
			own.value = value
			out[key] = &own
		default:
			out[key] = replace(under, other)
		}
	}
	if out[originKey] = from[originKey]; out[originKey] == nil {
		out[originKey] = others[originKey]
	}
	return out
}

// cameFrom tells whether a value can be another one with its templates evaluated.
func cameFrom(from, value any) bool {
	switch from := from.(type) {
	case string:
		_, isText := value.(string)
		return from == value || isText && strings.Contains(from, "{{")
	case []any:
		list, isList := value.([]any)
		if !isList || len(list) != len(from) {
			return false
		}
		for i := range from {
			if !cameFrom(from[i], list[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		object, isMap := value.(map[string]any)
		if !isMap || len(object) != len(from) {
			return false
		}
		for key, child := range from {
			if other, there := object[key]; !there || !cameFrom(child, other) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(from, value)
}

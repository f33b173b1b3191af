package hierarchy

import (
	"maps"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// Merging. There are three ways in which one YAML map is laid over another, and all values come about by them:
//
//	 1. Layers (the five levels, the group's settings, -f files, flags) merge as the files of `helm -f`:
//	    maps are merged key by key, at any depth.
//	 2. Lists and scalars are replaced whole; so is a value by one of another type.
//	 3. A null replaces what is below it and stays as null. A map above the null starts afresh.
//	 4. The merged layers are laid over the defaults (the catalog's values.yaml) as Helm lays values over those of a
//	    chart: by rules 1 and 2, but a null deletes the key if the defaults have it.
//	 5. Component files are merged by filling up: the file whose name sorts first wins, unless its value is empty
//	    (null, false, 0, "", an empty list or map), which any value but null of a later file replaces. Mappings
//	    are merged key by key. A null in a later file adds nothing to a map that is not empty.
//	    (Rule component-files-fill-up in docs/rules/merging.md.)
//	 6. The result of 4 is laid over that of 5 by rules 1 to 3: here a null stays, so that it reaches Argo CD and
//	    there deletes a default of the addon's chart. (Rule settings-over-component-files in docs/rules/merging.md.)
//
// Rules 1 to 3 are helm.sh/helm/v3/pkg/cli/values Options.MergeValues, rule 4 is pkg/chartutil CoalesceValues, rules 5
// and 6 are sprig's `merge` and `mergeOverwrite`; the fuzz targets compare each with the original. None of them changes
// its arguments. Each works on plain values, for speed, and on values that carry their origin (origin.go), so that an
// explanation cannot disagree with the merge: it is the same code.

// MergeMaps lays src over dst by rules 1 to 3 and returns the result, which may share parts with both.
func MergeMaps(dst, src map[string]any) map[string]any {
	out := clone(dst)
	for key, value := range src {
		over, overIsMap := value.(map[string]any)
		under, underIsMap := out[key].(map[string]any)
		switch {
		case overIsMap && underIsMap:
			out[key] = MergeMaps(under, over)
		case isRemoved(value) && out[key] != nil:
			out[key] = replace(value, out[key])
		default:
			out[key] = replace(out[key], value)
		}
	}
	return out
}

// coalesce lays values over defaults by rule 4.
func coalesce(defaults, values map[string]any) map[string]any {
	out := coalesceTable(defaults, values)
	for key, value := range values {
		// At the top, Helm deletes also where the default itself is null; deeper down, the null stays.
		if under, ok := defaults[key]; ok && isNull(under) && isNull(value) {
			remove(out, key, under, value)
		}
	}
	return out
}

func coalesceTable(defaults, values map[string]any) map[string]any {
	out := clone(defaults)
	for key, value := range values {
		over, overIsMap := value.(map[string]any)
		under, underIsMap := out[key].(map[string]any)
		switch {
		case overIsMap && underIsMap:
			out[key] = coalesceTable(under, over)
		case isNull(value) && !isNull(out[key]):
			remove(out, key, out[key], value)
		default:
			out[key] = replace(out[key], value)
		}
	}
	return out
}

// fill fills dst up with src by rule 5.
func fill(dst, src map[string]any) map[string]any {
	out := clone(dst)
	for key, value := range src {
		over, overIsMap := value.(map[string]any)
		under, underIsMap := out[key].(map[string]any)
		switch {
		case isNull(value):
		case overIsMap && underIsMap:
			out[key] = fill(under, over)
			if isEmpty(out[key]) { // the later one is empty too, or holds nothing but nulls, which then stay
				out[key] = replace(under, value)
			}
		case isEmpty(out[key]):
			out[key] = replace(out[key], value)
		default:
			out[key] = replace(value, out[key])
		}
	}
	return out
}

// removeNulls removes the keys that are null, at any depth; traced, they stay as removed.
func removeNulls(m map[string]any) map[string]any {
	out := clone(m)
	for key, value := range m {
		if child, isMap := value.(map[string]any); isMap {
			out[key] = removeNulls(child)
		} else if isNull(value) {
			remove(out, key, nil, value)
		}
	}
	return out
}

// clone copies a map one level deep; of a nil map it makes an empty one.
func clone(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return maps.Clone(m)
}

func isNull(v any) bool { return plain(v) == nil }

func isEmpty(v any) bool {
	if m, ok := v.(map[string]any); ok {
		_, hasOrigin := m[originKey].(*traced)
		return len(m) == 0 || (hasOrigin && len(m) == 1)
	}
	return fields.Empty(plain(v))
}

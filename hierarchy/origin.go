package hierarchy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// An Origin says where a value was set.
type Origin struct {
	Source string `json:"level"`
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"` // counted from 1; 0 if it does not come from a file
	Value  any    `json:"value"`
}

// An Explanation is one key of merged values with its origin.
type Explanation struct {
	Path    []string `json:"path"`
	Removed bool     `json:"removed,omitempty"` // the origin's null removed the key; it is not part of the values
	Origin
	Overrode []Origin `json:"overrode,omitempty"` // what had no effect because of it, nearest first
}

// While origins are traced, each value of a layer that is no map is a *traced, and each map holds one under originKey,
// which stands for the map itself. Merging it like any other key records which layers have a part in it.
type traced struct {
	value    any
	layer    *Layer
	removed  bool      // by a null over a default (rule 4): counts as absent
	overrode []*traced // nearest first
}

const originKey = "\xff" // no key of a YAML document: those are valid UTF-8

// trace returns a layer's values with their origin.
func (l *Layer) trace() map[string]any {
	return traceMap(l, l.Values)
}

func traceMap(l *Layer, m map[string]any) map[string]any {
	out := make(map[string]any, len(m)+1)
	for key, value := range m {
		if child, ok := value.(map[string]any); ok {
			out[key] = traceMap(l, child)
		} else {
			out[key] = &traced{value: value, layer: l}
		}
	}
	out[originKey] = &traced{value: true, layer: l}
	return out
}

// rebase returns traced values that stand at a path of their layers as if they stood at the root.
func rebase(values map[string]any, path []string, rebased map[*Layer]*Layer) map[string]any {
	move := func(t *traced) *traced {
		layer := rebased[t.layer]
		if layer == nil {
			layer = &Layer{Source: t.layer.Source, File: t.layer.File, document: t.layer.document,
				locate: t.layer.locate,
				Values: fields.AsMap(t.layer.lookup(path)), prefix: slices.Concat(t.layer.prefix, path)}
			rebased[t.layer] = layer
		}
		moved := *t
		moved.layer = layer
		return &moved
	}
	out := make(map[string]any, len(values))
	for key, value := range values {
		switch value := value.(type) {
		case map[string]any:
			out[key] = rebase(value, path, rebased)
		case *traced:
			moved := move(value)
			moved.overrode = make([]*traced, len(value.overrode))
			for i, t := range value.overrode {
				moved.overrode[i] = move(t)
			}
			out[key] = moved
		}
	}
	return out
}

// plain returns a value without its origin; a removed one is null.
func plain(v any) any {
	if t, ok := v.(*traced); ok {
		if t.removed {
			return nil
		}
		return t.value
	}
	return v
}

func isRemoved(v any) bool {
	t, ok := v.(*traced)
	return ok && t.removed
}

// replace returns the value that wins over another one, and traces the other as overridden.
func replace(under, value any) any {
	if t, ok := value.(*traced); ok && under != nil {
		t := *t
		t.overrode = append(slices.Clone(t.overrode), history(under)...)
		return &t
	}
	if m, ok := value.(map[string]any); ok && under != nil && m[originKey] != nil {
		m = clone(m)
		m[originKey] = replace(under, m[originKey])
		return m
	}
	return value
}

// remove deletes a key because of the null value over what is below it; traced, the key stays as removed.
func remove(m map[string]any, key string, under, value any) {
	if t, ok := value.(*traced); ok {
		removed := *t
		removed.removed = true
		m[key] = replace(under, &removed)
		return
	}
	delete(m, key)
}

// history returns a value and what it overrode; of a map, the layers that have a part in it.
func history(v any) []*traced {
	if m, ok := v.(map[string]any); ok {
		v = m[originKey]
	}
	t, ok := v.(*traced)
	if !ok {
		return nil
	}
	return append([]*traced{t}, t.overrode...)
}

// Origins returns where the value at a path was set, and after it what that overrode, nearest first; of a map, the
// layers that have a part in it. It returns nil for a path that nothing set, and tells of a removed key by the null
// that removed it.
func (v *Values) Origins(path ...string) []Origin { return origins(path, v.tracedAt(path)) }

func (v *Values) tracedAt(path []string) any {
	var value any = v.traced()
	for i, key := range path {
		m, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		if value, ok = m[key]; !ok {
			return nil
		}
		if isRemoved(value) && i < len(path)-1 {
			return nil
		}
	}
	return value
}

// FirstFile returns the file of the lowest layer that has a part in the value at a path; "" if none has.
func (v *Values) FirstFile(path ...string) string {
	set := history(v.tracedAt(path))
	if len(set) == 0 {
		return ""
	}
	return set[len(set)-1].layer.File
}

// Locate returns the file and line where the value at a path was set, or else the nearest map around it. The items of
// lists are counted from 0.
func (v *Values) Locate(path ...string) (file string, line int) {
	for n := len(path); n > 0; n-- {
		set := history(v.tracedAt(path[:n]))
		if len(set) == 0 {
			continue
		}
		if _, isList := set[0].value.([]any); !isList {
			path = path[:n]
		}
		return set[0].layer.File, set[0].layer.Line(path...)
	}
	return "", 0
}

// DescribedAt returns where a component is described: in its component file, or else in the lowest level that has it.
func (v *Values) DescribedAt(key string) (file string, line int) {
	if all := v.Origins(key); len(all) > 0 {
		return all[len(all)-1].File, all[len(all)-1].Line
	}
	return v.Locate(key)
}

func origins(path []string, value any) []Origin {
	var all []Origin
	for _, t := range history(value) {
		o := Origin{Source: t.layer.Source, File: t.layer.File, Line: t.layer.Line(path...), Value: t.value}
		if t.value == true { // stands for a map, perhaps
			o.Value = t.layer.lookup(path)
		}
		all = append(all, o)
	}
	return all
}

// lookup returns the layer's own value at a path.
func (l *Layer) lookup(path []string) any {
	var value any = l.Values
	for _, key := range path {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

// Explain returns every key of the merged values with its origins, sorted by path, and among them the keys that a null
// removed. Mappings are explained key by key; only an empty one counts as a value of its own.
func (v *Values) Explain() []Explanation {
	var all []Explanation
	var visit func(path []string, value any)
	visit = func(path []string, value any) {
		m, isMap := value.(map[string]any)
		if isMap {
			empty := true // or all its keys are removed
			for key, child := range m {
				if key != originKey {
					visit(append(slices.Clone(path), key), child)
					empty = empty && isRemoved(child)
				}
			}
			if !empty {
				return
			}
		}
		o := origins(path, value)
		if isMap {
			o[0].Value = map[string]any{}
		}
		all = append(all, Explanation{Path: path, Removed: isRemoved(value), Origin: o[0], Overrode: o[1:]})
	}
	for key, value := range v.traced() {
		if key != originKey {
			visit([]string{key}, value)
		}
	}
	slices.SortFunc(all, func(a, b Explanation) int { return slices.Compare(a.Path, b.Path) })
	return all
}

// Key returns the display form of a path of keys: a.b, with quotes around a key that holds a dot.
func Key(path []string) string {
	var b strings.Builder
	for i, key := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		if key == "" || strings.ContainsAny(key, ". \"'\\\t\n") {
			fmt.Fprintf(&b, "%q", key)
		} else {
			b.WriteString(key)
		}
	}
	return b.String()
}

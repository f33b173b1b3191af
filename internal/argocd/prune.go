package argocd

import (
	"maps"
	"slices"
	"strings"
)

// templateType is that of the template of an ApplicationSet and of its generators.
const templateType = "ApplicationSetTemplate"

// Prune returns an object of a kind, [Application] or [ApplicationSet], without the fields that a version does not know
// although another does, as Argo CD of that version would read it. Fields that no version knows stay, and so do the
// templates of ApplicationSets, since their fields pass through to the Applications. The object is not changed; the
// result is the object itself, and false, if there is nothing to take out, and shares what is the same with it
// otherwise. The newest version counts for none; objects of other kinds stay as they are.
func Prune(kind string, object map[string]any, v Version) (map[string]any, bool) {
	if v.IsZero() {
		v = Newest()
	}
	s := loadSchema()
	if s[kind] == nil {
		return object, false
	}
	return s.pruneMap(object, kind, v)
}

// prune returns a value without what a version does not know of its type, and whether that differs from the value.
func (s schema) prune(value any, typ string, v Version) (any, bool) {
	switch value := value.(type) {
	case map[string]any:
		if typ == templateType {
			break
		}
		return s.pruneMap(value, typ, v)
	case []any:
		item, isList := strings.CutPrefix(typ, "[]")
		if !isList {
			break
		}
		out := value
		for i, old := range value {
			pruned, changed := s.prune(old, item, v)
			if !changed {
				continue
			}
			if &out[0] == &value[0] {
				out = slices.Clone(value)
			}
			out[i] = pruned
		}
		return out, len(out) > 0 && &out[0] != &value[0]
	}
	return value, false
}

// pruneMap is prune for a map.
func (s schema) pruneMap(value map[string]any, typ string, v Version) (map[string]any, bool) {
	out, changed := value, false
	change := func() {
		if !changed {
			out, changed = maps.Clone(value), true
		}
	}
	item, isMap := strings.CutPrefix(typ, "{}")
	if !isMap && s[typ] == nil {
		return value, false
	}
	for key, old := range value {
		f, exists := s[typ][key]
		switch {
		case isMap:
			f.typ = item
		case !exists:
			continue
		case !f.known(v):
			change()
			delete(out, key)
			continue
		}
		if pruned, differs := s.prune(old, f.typ, v); differs {
			change()
			out[key] = pruned
		}
	}
	return out, changed
}

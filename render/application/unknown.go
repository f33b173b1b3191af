package application

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"sync"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// A newer Argo CD has fields that the linked types do not know, and so would lose. They are taken out of the spec of
// the template and of templatePatch, and put into that of each Application.

var (
	specType    = reflect.TypeFor[appv1.ApplicationSpec]()
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
)

// unknownFields returns what the types do not know of the template of an ApplicationSet's generator, which a
// generator's own template is laid over.
func unknownFields(set map[string]any, generator int) any {
	spec, _ := set["spec"].(map[string]any)
	merged := at(spec, "template", "spec")
	generators, _ := spec["generators"].([]any)
	kinds, _ := generators[generator].(map[string]any)
	for _, kind := range kinds {
		merged = filled(at(kind, "template", "spec"), merged)
	}
	_, unknown := split(merged, specType)
	return unknown
}

// at returns what is in nested maps; nil if there is nothing.
func at(value any, keys ...string) any {
	for _, key := range keys {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

// filled returns a value with those of another in the place of what is empty (generators.mergeGeneratorTemplate).
func filled(value, other any) any {
	from, ok := other.(map[string]any)
	into, isMap := value.(map[string]any)
	switch {
	case fields.Empty(value):
		return other
	case !ok || !isMap:
		return value
	}
	out := maps.Clone(into)
	for key, child := range from {
		out[key] = filled(into[key], child)
	}
	return out
}

// split returns what of a value a type has fields for, and the rest, nil if there is none. Both have the keys that lead
// to a field, and lists of the same length. A nil type knows nothing.
func split(value any, t reflect.Type) (known, unknown any) {
	if t == nil {
		return nil, value
	}
	switch value := value.(type) {
	case map[string]any:
		knownFields, unknownFields := map[string]any{}, map[string]any{}
		for key, child := range value {
			a, b := split(child, childType(t, key))
			if b != nil {
				unknownFields[key] = b
			}
			if a != nil || b == nil {
				knownFields[key] = a
			}
		}
		if len(unknownFields) > 0 {
			unknown = unknownFields
		}
		return knownFields, unknown
	case []any:
		if t.Kind() != reflect.Slice {
			break
		}
		knownItems, unknownItems, found := make([]any, len(value)), make([]any, len(value)), false
		for i, item := range value {
			knownItems[i], unknownItems[i] = split(item, indirect(t.Elem()))
			found = found || unknownItems[i] != nil
		}
		if found {
			unknown = unknownItems
		}
		return knownItems, unknown
	}
	return value, nil
}

// childType returns the type of a field or of a map's values; nil for a field that there is none of. Directives of a
// patch ($patch) are known. A type that can hold anything, or nothing, is that of its own children.
func childType(t reflect.Type, key string) reflect.Type {
	if t == nil || reflect.PointerTo(t).Implements(unmarshaler) {
		return t
	}
	switch t.Kind() {
	case reflect.Map:
		return indirect(t.Elem())
	case reflect.Struct:
		if !strings.HasPrefix(key, "$") {
			return fieldTypes(t)[key]
		}
	}
	return t
}

func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

var knownTypes sync.Map // map[string]reflect.Type by reflect.Type

// fieldTypes returns the types of a struct's fields by their names in JSON.
func fieldTypes(t reflect.Type) map[string]reflect.Type {
	if known, ok := knownTypes.Load(t); ok {
		return known.(map[string]reflect.Type) //nolint:errcheck // nothing else is stored
	}
	types := map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			types[name] = indirect(field.Type)
		}
	}
	knownTypes.Store(t, types)
	return types
}

// patched returns the text of a rendered templatePatch without what the types do not know, on which Argo CD's code
// would fail, and the unknown fields of the Application after it.
func patched(unknown any, patch map[string]any, text string) (string, any) {
	spec, ok := patch["spec"]
	if !ok {
		return text, unknown
	}
	known, own := split(spec, specType)
	if unknown == nil && own == nil {
		return text, nil
	}
	patch["spec"] = known
	if without, err := json.Marshal(patch); err == nil {
		text = string(without)
	}
	return text, patchUnknown(unknown, spec, specType)
}

// patchUnknown returns what is unknown after a patch of the whole value, which replaces lists.
func patchUnknown(unknown, patch any, t reflect.Type) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		_, unknown = split(patch, t)
		return unknown
	}
	old, _ := unknown.(map[string]any)
	if _, anew := changes["$patch"]; anew {
		old = nil
	}
	out := map[string]any{}
	maps.Copy(out, old)
	for key, change := range changes {
		delete(out, key)
		if child := patchUnknown(old[key], change, childType(t, key)); child != nil {
			out[key] = child
		}
	}
	if len(out) == 0 && t != nil {
		return nil
	}
	return out
}

// grafted returns a value with unknown fields put back, in place.
func grafted(value, unknown any) any {
	switch into := value.(type) {
	case map[string]any:
		from, _ := unknown.(map[string]any)
		for key, child := range from {
			into[key] = grafted(into[key], child)
		}
	case []any:
		from, _ := unknown.([]any)
		for i := range min(len(from), len(into)) {
			into[i] = grafted(into[i], from[i])
		}
	case nil:
		return unknown
	}
	return value
}

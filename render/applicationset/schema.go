package applicationset

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// schema.json is made of Argo CD's own Go types by TestSchemaIsCurrent -update. The types themselves would cost more
// than all the rest of a render: see cmd/cmp/main.go.
//
//go:embed schema.json
var schemaJSON []byte

// A schema says of each type which fields it has, and of each field its type: the name of another type, with [] in
// front for a list and {} for a mapping; or text, number, boolean, any.
type schema map[string]map[string]string

var loadSchema = sync.OnceValue(func() schema {
	var s schema
	if err := json.Unmarshal(schemaJSON, &s); err != nil {
		panic("schema.json: " + err.Error()) // embedded, and tested
	}
	return s
})

// UnknownFields returns where an ApplicationSet does not fit Argo CD's types, one sentence each: unknown fields, and
// values of the wrong type. Free-form parts are copied from the values, so this is where a typing error in them shows.
func UnknownFields(object Object) []string {
	var found []string
	loadSchema().check("", object, "ApplicationSet", &found)
	return found
}

func (s schema) check(path string, value any, typ string, found *[]string) {
	wrong := func(want string) {
		*found = append(*found, fmt.Sprintf("%s must be %s for Argo CD, not %s", path, want, fields.TypeName(value)))
	}
	if value == nil || typ == "any" {
		return
	}
	switch {
	case typ == "text":
		if _, ok := value.(string); !ok {
			wrong("a text")
		}
	case typ == "number":
		if _, ok := value.(float64); !ok {
			wrong("a number")
		}
	case typ == "boolean":
		if _, ok := value.(bool); !ok {
			wrong("a boolean")
		}
	case typ[:2] == "[]":
		list, ok := value.([]any)
		if !ok {
			wrong("a list")
		}
		for i, item := range list {
			s.check(fmt.Sprintf("%s[%d]", path, i), item, typ[2:], found)
		}
	case typ[:2] == "{}":
		m, ok := value.(map[string]any)
		if !ok {
			wrong("a mapping")
		}
		for _, key := range sortedKeys(m) {
			s.check(path+"."+key, m[key], typ[2:], found)
		}
	default:
		m, ok := value.(map[string]any)
		if !ok {
			wrong("a mapping")
		}
		for _, key := range sortedKeys(m) {
			child := key
			if path != "" {
				child = path + "." + key
			}
			if fieldType, known := s[typ][key]; known {
				s.check(child, m[key], fieldType, found)
			} else {
				*found = append(*found, "Argo CD does not know the field "+child)
			}
		}
	}
}

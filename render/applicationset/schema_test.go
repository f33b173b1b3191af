package applicationset

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite golden files and schema.json")

// TestSchemaIsCurrent makes the schema of Argo CD's Go types and compares it with the one that is embedded.
func TestSchemaIsCurrent(t *testing.T) {
	made := schema{}
	made.add(reflect.TypeFor[v1alpha1.ApplicationSet]())
	want, err := json.MarshalIndent(made, "", " ")
	require.NoError(t, err)
	want = append(want, '\n')
	if *update {
		require.NoError(t, os.WriteFile("schema.json", want, 0o644))
		return
	}
	require.Equal(t, string(want), string(schemaJSON), "run: go test ./render/applicationset -run TestSchemaIsCurrent -update")
}

// add adds a struct type, and those of its fields, and returns its name.
func (s schema) add(t reflect.Type) string {
	name := t.Name()
	if _, known := s[name]; known {
		return name
	}
	s[name] = map[string]string{}
	for i := range t.NumField() {
		field := t.Field(i)
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case tag == "-" || !field.IsExported():
		case field.Anonymous && tag == "":
			embedded := s.typeName(field.Type)
			for key, typ := range s[embedded] {
				s[name][key] = typ
			}
		default:
			s[name][tag] = s.typeName(field.Type)
		}
	}
	return name
}

func (s schema) typeName(t reflect.Type) string {
	// Types that read their JSON themselves can hold anything, except times and the like, which are texts.
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return "any"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.typeName(t.Elem())
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint32, reflect.Uint64, reflect.Float64:
		return "number"
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "text"
		}
		return "[]" + s.typeName(t.Elem())
	case reflect.Map:
		return "{}" + s.typeName(t.Elem())
	case reflect.Struct:
		return s.add(t)
	}
	return "any"
}

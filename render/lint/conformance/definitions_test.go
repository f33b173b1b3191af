package conformance

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDefinitions(t *testing.T) {
	widget := "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 1}"
	const unusable = "unchecked: 1 example.com/v1/Widget, whose CustomResourceDefinition cannot be used"
	const about = "schema: CustomResourceDefinition widgets.example.com: "
	for _, test := range []struct{ name, schema, want, object string }{
		{"not structural", "{type: object, properties: {spec: {properties: {size: {type: integer}}}}}", about +
			"version v1: its schema is not structural: properties[spec].type must not be empty for specified object " +
			"fields",
			unusable},
		{"none", "null", about + "version v1: it has no schema", unusable},
		{"rule", "{type: object, properties: {spec: {type: object, x-kubernetes-validations: [{rule: self.sice > " +
			"0}], " +
			"properties: {size: {type: integer}}}}}", about + "version v1: rule 1 at spec cannot be compiled: " +
			"compilation " +
			"failed: ERROR: <input>:1:5: undefined field 'sice'",
			"unchecked: 1 example.com/v1/Widget, which has a rule that cannot be checked"},
		{"keeps everything", "{type: object, x-kubernetes-preserve-unknown-fields: true}", "", ""},
		{"pattern", "{type: object, properties: {spec: {type: object, properties: {size: {type: string, pattern: " +
			"'('}}}}}",
			about + "version v1: its schema is not structural: properties[spec].properties[size].pattern must be a " +
				"valid " +
				"regular expression, but isn't: error parsing regexp: missing closing ): `(`", unusable},
		{"rule that costs", "{type: object, properties: {spec: {type: object, properties: {size: {type: integer}}, " +
			"x-kubernetes-validations: [{rule: '" + costly + "'}]}}}", "",
			"unchecked: 1 example.com/v1/Widget, which has rules that cost too much: all of it cannot be checked"},
		{"wrong type", "{type: object, properties: []}", "schema: CustomResourceDefinition widgets.example.com: " +
			"spec.versions[0].schema.openAPIV3Schema.properties is a list, not a map\n" + about +
			"version v1: its schema cannot be read: json: cannot unmarshal array into Go struct field " +
			"JSONSchemaProps.properties of type map[string]v1.JSONSchemaProps", unusable},
	} {
		t.Run(test.name, func(t *testing.T) {
			crds := read(t, "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"+
				"metadata: {name: widgets.example.com}\nspec:\n  group: example.com\n  scope: Namespaced\n"+
				"  names: {kind: Widget, plural: widgets}\n  versions:\n  - name: v1\n    served: true\n    storage: "+
				"true\n"+
				"    schema:\n      openAPIV3Schema: "+test.schema)
			c := New()
			assert.Equal(t, test.want, strings.Join(told(c, "1.33", nil, crds), "\n"))
			assert.Equal(t, test.object, strings.Join(told(c, "1.33", crds, read(t, widget)), "\n"))
		})
	}
}

func TestNestedTooDeeply(t *testing.T) {
	inner := map[string]any{}
	object := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "data": inner}
	for range deepest {
		next := map[string]any{}
		inner["a"], inner = next, next
	}
	assert.Equal(t, []string{"unchecked: 1 v1/ConfigMap, which is nested too deeply"},
		told(New(), "1.33", nil, []map[string]any{object}))
}

// TestTypesOfNumbers checks that all Go types of one number are one.
func TestTypesOfNumbers(t *testing.T) {
	crds := read(t, crd)
	for _, size := range []any{2, int64(2), uint64(2), 2.0} {
		object := map[string]any{"apiVersion": "example.com/v1", "kind": "Widget",
			"spec": map[string]any{"size": size, "parts": []any{map[string]any{"name": "a", "weight": 0.5}}}}
		assert.Empty(t, told(New(), "1.33", crds, []map[string]any{object}), "%T", size)
	}
}

func TestConcurrentUse(t *testing.T) {
	c, crds := New(), read(t, crd)
	objects := append(read(t, strings.Replace(deployment, "replicas", "replcas", 1)), read(t,
		"apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 2, minimum: 3}")...)
	want := told(New(), "1.33", crds, append(crds, objects...))
	assert.Len(t, want, 2)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { assert.Equal(t, want, told(c, "1.33", crds, append(slices.Clone(crds), objects...))) })
	}
	group.Wait()
}

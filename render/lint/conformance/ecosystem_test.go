package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// TestNoFalseAlarms checks objects as public charts render them, and those of the example fleet.
func TestNoFalseAlarms(t *testing.T) {
	text, err := os.ReadFile("testdata/ecosystem.yaml")
	require.NoError(t, err)
	objects := read(t, string(text))
	for _, minor := range []string{"1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"} {
		assert.Empty(t, told(New(), minor, objects, objects), minor)
	}
	golden, err := filepath.Glob("../../../testdata/golden/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, golden)
	for _, file := range golden {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		findings, _ := New().Check("1.33", nil, read(t, string(text)))
		assert.Empty(t, findings, file)
	}
}

// FuzzDefinition looks for definitions, and objects of them, that stop the program.
func FuzzDefinition(f *testing.F) {
	f.Add([]byte(crd), []byte("{size: 1, minimum: 2, parts: [{name: a}], template: {kind: Pod}}"))
	f.Add([]byte("spec: {versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: array}}}]}"),
		[]byte("[1]"))
	f.Add([]byte("spec: {versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: object, properties: "+
		"{spec: {type: object, x-kubernetes-validations: [{rule: 'self.all(k, k.matches(k))'}], "+
		"additionalProperties: {type: string, pattern: '(a|b)*', default: 1}}}}}}]}"), []byte("{a: b, b: 1}"))
	f.Fuzz(func(t *testing.T, definition, spec []byte) {
		const long = 4 << 10 // what is large takes time, which others bound
		if len(definition)+len(spec) > long || strings.Count(string(definition), "&") > 0 {
			return
		}
		var described map[string]any
		var value any
		if yaml.Unmarshal(definition, &described) != nil || yaml.Unmarshal(spec, &value) != nil || described == nil {
			return
		}
		described["apiVersion"], described["kind"] = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
		if inner, ok := described["spec"].(map[string]any); ok {
			inner["group"], inner["names"] = "example.com", map[string]any{"kind": "Widget", "plural": "widgets"}
		}
		object := map[string]any{"apiVersion": "example.com/v1", "kind": "Widget", "spec": value}
		crds, c := []map[string]any{described}, New()
		first := told(c, "1.33", crds, []map[string]any{described, object})
		if again := told(c, "1.33", crds, []map[string]any{described, object}); !slices.Equal(first, again) {
			t.Fatalf("%q, and then %q", first, again)
		}
	})
}

// Benchmark judges the objects of public charts: for the first time, as most clusters of a fleet do, and after they
// were read again.
func Benchmark(b *testing.B) {
	text, err := os.ReadFile("testdata/ecosystem.yaml")
	require.NoError(b, err)
	objects := read(b, string(text))
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			New().Check("1.33", objects, objects)
		}
	})
	b.Run("again", func(b *testing.B) {
		c := New()
		for b.Loop() {
			c.Check("1.33", objects, objects)
		}
	})
}

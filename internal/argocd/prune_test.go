package argocd

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func TestPrune(t *testing.T) {
	for _, test := range []struct{ name, version, kind, object, want string }{
		{
			"generators", "2.14", ApplicationSet,
			"spec: {new: 1, generators: [{git: {files: [{path: a}, {path: b, exclude: true}], values: {exclude: " +
				"c}}}, {oci: {}}, {x: 1}], strategy: {deletionOrder: Reverse, type: a}}",
			"spec: {new: 1, generators: [{git: {files: [{path: a}, {path: b}], values: {exclude: c}}}, {}, {x: 1}], " +
				"strategy: {type: a}}",
		},
		{
			"generators in others", "3.4", ApplicationSet,
			"spec: {generators: [{matrix: {generators: [{oci: {}, selector: {}}, {matrix: {generators: [{oci: {}}, " +
				"{list: {elements: [{oci: 1}]}}]}}, {merge: {generators: [{oci: {}}]}}]}}]}",
			"spec: {generators: [{matrix: {generators: [{selector: {}}, {matrix: {generators: [{}, {list: {elements: " +
				"[{oci: 1}]}}]}}, {merge: {generators: [{}]}}]}}]}",
		},
		{
			"but not templates", "2.14", ApplicationSet,
			"spec: {generators: [{git: {template: {spec: {source: {tagPrefix: a}}}, files: [{exclude: true}]}}], " +
				"template: {spec: {source: {tagPrefix: a}}}}",
			"spec: {generators: [{git: {template: {spec: {source: {tagPrefix: a}}}, files: [{}]}}], template: {spec: " +
				"{source: {tagPrefix: a}}}}",
		},
		{
			"Applications", "2.14", Application,
			"spec: {new: 1, source: {tagPrefix: v, kustomize: {ignoreMissingComponents: true}}, sources: [{path: a}, " +
				"{tagPrefix: v}], syncPolicy: {retry: {refresh: true}}}",
			"spec: {new: 1, source: {kustomize: {}}, sources: [{path: a}, {}], syncPolicy: {retry: {}}}",
		},
		{"values of wrong types", "2.14", ApplicationSet, "spec: {generators: {oci: {}}, strategy: [a], x: {}}",
			"spec: {generators: {oci: {}}, strategy: [a], x: {}}"},
		{"nothing of the version that knows all", "", ApplicationSet, "spec: {generators: [{oci: {}}]}",
			"spec: {generators: [{oci: {}}]}"},
		{"nothing of other kinds", "2.14", "AppProject", "spec: {source: {tagPrefix: v}}",
			"spec: {source: {tagPrefix: v}}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var v Version
			if test.version != "" {
				v = version(t, test.version)
			}
			given := object(t, test.object)
			want := object(t, test.want)
			pruned, changed := Prune(test.kind, given, v)
			assert.Equal(t, want, pruned)
			assert.Equal(t, !reflect.DeepEqual(want, given), changed)
			assert.Equal(t, object(t, test.object), given, "which is not changed")
		})
	}
}

func TestPruneShares(t *testing.T) {
	given := object(t, "{metadata: {name: a}, spec: {generators: [{clusters: {}}, {git: {files: [{exclude: true}]}}]}}")
	same := func(a, b any) bool { return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer() }
	whole, changed := Prune(ApplicationSet, given, version(t, "3.4"))
	assert.True(t, same(given, whole) && !changed, "nothing to take out")
	pruned, _ := Prune(ApplicationSet, given, version(t, "2.14"))
	assert.True(t, same(given["metadata"], pruned["metadata"]))
	generators := func(o map[string]any) []any { return o["spec"].(map[string]any)["generators"].([]any) }
	assert.True(t, same(generators(given)[0], generators(pruned)[0]))
	assert.False(t, same(generators(given)[1], generators(pruned)[1]))
}

// FuzzPrune: what is left has no field that the version does not know and another does, and nothing else is lost.
func FuzzPrune(f *testing.F) {
	for _, text := range []string{
		"spec: {generators: [{git: {files: [{exclude: true}]}}, {matrix: {generators: [{oci: {}}, {matrix: " +
			"{generators: [{oci: {}}]}}]}}]}",
		"spec: {source: {tagPrefix: v, kustomize: {ignoreMissingComponents: true}}, sources: [1, {tagPrefix: v}]}",
		"spec: {generators: {a: [1, null]}, strategy: {deletionOrder: {}}}", "{'': {a: []}}",
	} {
		for i := range Versions {
			f.Add(text, i)
		}
	}
	f.Fuzz(func(t *testing.T, text string, i int) {
		var given map[string]any
		if yaml.Unmarshal([]byte(text), &given) != nil || i < 0 || i >= len(Versions) {
			return
		}
		v := Versions[i]
		before, err := json.Marshal(given)
		require.NoError(t, err)
		for _, kind := range []string{Application, ApplicationSet} {
			_, others := count(kind, given, v)
			pruned, _ := Prune(kind, given, v)
			later, left := count(kind, pruned, v)
			if kind == Application && later > 0 || left != others { // templates of ApplicationSets stay as they are
				t.Fatalf("%s %s has %d and %d findings after %d", v.Name, kind, later, left, others)
			}
		}
		after, err := json.Marshal(given)
		require.NoError(t, err)
		require.JSONEq(t, string(before), string(after))
	})
}

// count returns how many fields another version knows, and how many other findings there are.
func count(kind string, object map[string]any, v Version) (later, others int) {
	for _, found := range Unknown(kind, object, v) {
		if found.Known != "" {
			later++
		} else {
			others++
		}
	}
	return later, others
}

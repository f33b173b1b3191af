package argocd

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// TestFieldsAreOfTheReleases: the table, the modules that Argo CD is built from, and what was read must be the same.
func TestFieldsAreOfTheReleases(t *testing.T) {
	var file struct{ Releases []string }
	require.NoError(t, json.Unmarshal(fieldsJSON, &file))
	var releases []string
	for _, v := range Versions {
		releases = append(releases, v.Release)
	}
	require.Equal(t, releases, file.Releases, "run: make schema")
	assert.Equal(t, "v"+version(t, "2.14").Release,
		required(t, "../../e2e/argocd-v2/go.mod", "github.com/argoproj/argo-cd/v2"))
	assert.Contains(t, releases, strings.TrimPrefix(required(t, "../../go.mod", "github.com/argoproj/argo-cd/v3"), "v"))
}

// TestFieldsAreThoseOfTheLinkedTypes: what was read from source code is what encoding/json sees.
func TestFieldsAreThoseOfTheLinkedTypes(t *testing.T) {
	linked := strings.TrimPrefix(required(t, "../../go.mod", "github.com/argoproj/argo-cd/v3"), "v")
	i := slices.IndexFunc(Versions, func(v Version) bool { return v.Release == linked })
	require.GreaterOrEqual(t, i, 0)
	want := view{}
	want.add(reflect.TypeFor[v1alpha1.Application]())
	want.add(reflect.TypeFor[v1alpha1.ApplicationSet]())
	want.add(reflect.TypeFor[v1alpha1.NestedMatrixGenerator]())
	want.add(reflect.TypeFor[v1alpha1.NestedMergeGenerator]())
	want["ApplicationSetNestedGenerator"]["matrix"] = "NestedMatrixGenerator" // JSON in Go
	want["ApplicationSetNestedGenerator"]["merge"] = "NestedMergeGenerator"
	require.Equal(t, want, loadSchema().of(Versions[i]), "run: make schema")
}

// TestGeneratorsAreThoseOfTheFields: the table lists those that not all versions have.
func TestGeneratorsAreThoseOfTheFields(t *testing.T) {
	for _, v := range Versions {
		var later []string
		for name, f := range loadSchema()["ApplicationSetGenerator"] {
			if f.known(v) && !f.known(Versions[0]) {
				later = append(later, name)
			}
		}
		assert.ElementsMatch(t, v.Generators, later, v.Name)
	}
}

// required returns the version of a module that a go.mod requires.
func required(t *testing.T, file, module string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == module {
			return words[1]
		}
	}
	require.Failf(t, "not required", "%s in %s", module, file)
	return ""
}

// A view is what one version knows, as text.
type view map[string]map[string]string

// of returns the view of a version, with those types that it reaches.
func (s schema) of(v Version) view {
	out := view{}
	var add func(name string)
	add = func(name string) {
		name = strings.NewReplacer("[]", "", "{}", "").Replace(name)
		if s[name] == nil || out[name] != nil {
			return
		}
		out[name] = map[string]string{}
		for key, f := range s[name] {
			if f.known(v) {
				out[name][key] = f.typ
				add(f.typ)
			}
		}
	}
	add(Application)
	add(ApplicationSet)
	return out
}

// add adds a struct type, and those of its fields, and returns its name.
func (w view) add(t reflect.Type) string {
	name := t.Name()
	if w[name] == nil {
		w[name] = map[string]string{}
		w.addFields(w[name], t)
	}
	return name
}

func (w view) addFields(to map[string]string, t reflect.Type) {
	for i := range t.NumField() {
		field := t.Field(i)
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case tag == "-" || !field.IsExported():
		case field.Anonymous && tag == "":
			embedded := field.Type
			if embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
			}
			w.addFields(to, embedded)
		case tag == "status" && (t.Name() == Application || t.Name() == ApplicationSet):
			to[tag] = "any" // which nobody but Argo CD writes
		default:
			to[tag] = w.typeName(field.Type)
		}
	}
}

func (w view) typeName(t reflect.Type) string {
	// Types that read their JSON themselves can hold anything.
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return "any"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return w.typeName(t.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint32, reflect.Uint64, reflect.Float64:
		return "number"
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "string"
		}
		return "[]" + w.typeName(t.Elem())
	case reflect.Map:
		return "{}" + w.typeName(t.Elem())
	case reflect.Struct:
		return w.add(t)
	}
	return "any"
}

func TestReadSchemaFails(t *testing.T) {
	for text, want := range map[string]string{
		`{`: "unexpected end", `{"types": {"A": {"b": 1}}}`: "cannot unmarshal number",
		`{"types": {"A": {"b": "any 9.9"}}}`:       "A.b: there are no versions 9.9",
		`{"types": {"A": {"b": "any 3.4-9.9"}}}`:   "A.b: there are no versions 3.4-9.9",
		`{"types": {"A": {"b": "any 2.14-3.6 "}}}`: "A.b: there are no versions",
	} {
		_, err := readSchema([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

func version(t *testing.T, name string) Version {
	t.Helper()
	v, _, err := Parse(name)
	require.NoError(t, err)
	return v
}

func object(t testing.TB, text string) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &out))
	return out
}

var unknowns = []struct {
	name, version, kind, object string
	want                        []string
}{
	{"what all know", "2.14", ApplicationSet,
		"{kind: x, metadata: {name: a, labels: {b: c}}, spec: {generators: [{clusters: {selector: {matchExpressions: " +
			"[{key: a, values: [b]}]}}}]}}", nil},
	{"what none knows", "3.6", ApplicationSet,
		"spec: {newField: 1, template: {spec: {destinationn: x}}, generators: [{clusterz: {}}]}", []string{
			"Argo CD does not know the field spec.generators[0].clusterz",
			"Argo CD does not know the field spec.newField",
			"Argo CD does not know the field spec.template.spec.destinationn",
		}},
	{"a later generator", "3.4", ApplicationSet, "spec: {generators: [{oci: {newField: 1}}]}", []string{
		"Argo CD 3.4 does not know the field spec.generators[0].oci, which 3.6 knows",
	}},
	{"the same in the version that knows it", "3.6", ApplicationSet, "spec: {generators: [{oci: {newField: 1}}]}",
		[]string{
			"Argo CD does not know the field spec.generators[0].oci.newField",
		}},
	{"the newest version where none is named", "", ApplicationSet, "spec: {generators: [{oci: {}}]}", nil},
	{"in three levels of generators", "2.14", ApplicationSet,
		"spec: {generators: [{matrix: {generators: [{git: {files: [{exclude: true}]}}, {merge: {mergeKeys: [a], " +
			"generators: [{git: {files: [{path: a}, {exclude: true}]}}, {oci: {}}, {list: {elements: [{a: 1}]}}, {a: " +
			"1}]}}]}}]}",
		[]string{
			"Argo CD 2.14 does not know the field spec.generators[0].matrix.generators[0].git.files[0].exclude, " +
				"which 3.4 knows",
			"Argo CD 2.14 does not know the field " +
				"spec.generators[0].matrix.generators[1].merge.generators[0].git.files[1].exclude, which 3.4 knows",
			"Argo CD 2.14 does not know the field spec.generators[0].matrix.generators[1].merge.generators[1].oci, " +
				"which 3.6 knows",
			"Argo CD does not know the field spec.generators[0].matrix.generators[1].merge.generators[3].a",
		}},
	{"fields of Applications", "2.14", Application,
		"spec: {source: {tagPrefix: v, kustomize: {ignoreMissingComponents: true}}, syncPolicy: {retry: {refresh: " +
			"true}}}", []string{
			"Argo CD 2.14 does not know the field spec.source.kustomize.ignoreMissingComponents, which 3.4 knows",
			"Argo CD 2.14 does not know the field spec.source.tagPrefix, which 3.5 knows",
			"Argo CD 2.14 does not know the field spec.syncPolicy.retry.refresh, which 3.4 knows",
		}},
	{"of which later versions know more", "3.4", Application,
		"spec: {source: {tagPrefix: v, kustomize: {ignoreMissingComponents: true}}}", []string{
			"Argo CD 3.4 does not know the field spec.source.tagPrefix, which 3.5 knows",
		}},
	{"null", "3.5", ApplicationSet, "spec: {template: null, newField: null, generators: [null]}",
		[]string{"Argo CD does not know the field spec.newField"}},
	{"wrong types", "3.5", ApplicationSet,
		"{metadata: {name: 1}, spec: {goTemplate: 'true', generators: {}, goTemplateOptions: [a, 1], syncPolicy: a, " +
			"template: {spec: {syncPolicy: {retry: {limit: a}}, source: {plugin: {parameters: [{map: {a: 1}}]}}}}}}",
		[]string{
			"metadata.name must be a string for Argo CD, not a number",
			"spec.generators must be a list for Argo CD, not a map",
			"spec.goTemplate must be a boolean for Argo CD, not a string",
			"spec.goTemplateOptions[1] must be a string for Argo CD, not a number",
			"spec.syncPolicy must be a map for Argo CD, not a string",
			"spec.template.spec.source.plugin.parameters[0].map.a must be a string for Argo CD, not a number",
			"spec.template.spec.syncPolicy.retry.limit must be a number for Argo CD, not a string",
		}},
	{"what anything fits", "3.5", Application, "{status: {a: b}, spec: {source: {helm: {valuesObject: {a: [1]}}}}}",
		nil},
	{"an empty key", "3.5", Application, "{spec: {'': 1}}", []string{"Argo CD does not know the field spec."}},
	{"another kind", "3.5", "AppProject", "{spec: {a: 1}}", nil},
}

func TestUnknown(t *testing.T) {
	for _, test := range unknowns {
		t.Run(test.name, func(t *testing.T) {
			var v Version
			if test.version != "" {
				v = version(t, test.version)
			}
			var got []string
			for _, f := range Unknown(test.kind, object(t, test.object), v) {
				got = append(got, f.Message)
				assert.Contains(t, f.Message, f.Path)
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestHints(t *testing.T) {
	var hints []string
	for _, f := range Unknown(Application, object(t, "spec: {project: 1, source: {tagPrefix: a}, x: 1}"),
		version(t, "3.4")) {
		hints = append(hints, f.Hint())
	}
	assert.Equal(t, []string{
		"correct it",
		"remove it, or render as Argo CD 3.5 (spec.argocdVersion) if that is what runs",
		"correct it, unless a newer Argo CD knows it",
	}, hints)
}

func TestFieldsThatAreGone(t *testing.T) {
	s, err := readSchema([]byte(
		`{"types": {"Application": {"old": "any 2.14-3.4", "mid": "any 3.4-3.5", "all": "any"}}}`))
	require.NoError(t, err)
	found := func(name string) (known []string) {
		c := check{schema: s, version: version(t, name)}
		c.value(nil, map[string]any{"all": 1.0, "mid": 1.0, "old": 1.0}, Application)
		for _, f := range c.found {
			known = append(known, f.Path+" "+f.Known)
		}
		return known
	}
	assert.Equal(t, []string{"mid 3.4"}, found("2.14"))
	assert.Empty(t, found("3.4"))
	assert.Equal(t, []string{"old 3.4"}, found("3.5"))
	assert.Equal(t, []string{"mid 3.5", "old 3.4"}, found("3.6"))
}

func BenchmarkReadSchema(b *testing.B) {
	for b.Loop() {
		if _, err := readSchema(fieldsJSON); err != nil {
			b.Fatal(err)
		}
	}
}

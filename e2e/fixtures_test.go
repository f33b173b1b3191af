package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// parityDirectory holds the fixtures: applicationsets/KIND.yaml and sources/KIND.yaml, each a map of names to fixtures;
// the repository that they are in, its charts, and the clusters that Argo CD knows. In all of them REPOSITORY stands
// for the URL of the repository, CHARTS for that of a chart repository, and REGISTRY for a registry.
const parityDirectory = "testdata/parity"

// fixture is an ApplicationSet, or an Application with sources, that cmp and servers render.
type fixture struct {
	kind string // the name of its file
	name string // KIND-NAME, which is that of the object
	spec map[string]any
	expectation
}

// expectation is what is known of the result beforehand. Each is one value for all versions, or a map of versions.
type expectation struct {
	Fails   any `json:"fails"`   // all refuse it, cmp with this in its message
	Nothing any `json:"nothing"` // it makes no object
	Partly  any `json:"partly"`  // they refuse it, but Argo CD makes some of its Applications nevertheless
	Pruned  any `json:"pruned"`  // it has a field that the version does not know: cmp says so, and the API server drops it
}

// of returns the value for a version such as 2.14, and whether there is one.
func (expectation) of(value any, version string) (any, bool) {
	if versions, ok := value.(map[string]any); ok {
		value, ok = versions[version]
		return value, ok
	}
	return value, value != nil
}

// fails tells that a version refuses the fixture, and what cmp says then.
func (e expectation) fails(version string) (text string, ok bool) {
	value, ok := e.of(e.Fails, version)
	if !ok {
		return "", false
	}
	return fmt.Sprint(value), true
}

// nothing tells that the fixture makes nothing.
func (e expectation) nothing(version string) bool {
	value, _ := e.of(e.Nothing, version)
	return value == true
}

// partly tells that Argo CD makes some Applications of the fixture although it refuses it.
func (e expectation) partly(version string) bool {
	value, _ := e.of(e.Partly, version)
	return value == true
}

// pruned tells that the API server of the version drops a field of the fixture.
func (e expectation) pruned(version string) bool {
	value, _ := e.of(e.Pruned, version)
	return value == true
}

// readFixtures reads the fixtures of a directory, by kind and name.
func readFixtures(t *testing.T, directory string, places *strings.Replacer,
	spec func(f fixture, fields map[string]any)) []fixture {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(parityDirectory, directory, "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all []fixture
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		text = []byte(places.Replace(string(text)))
		var fields map[string]map[string]any
		require.NoError(t, yaml.Unmarshal(text, &fields), file)
		require.Len(t, regexp.MustCompile(`(?m)^[a-z0-9-]+:$`).FindAll(text, -1), len(fields), "%s has two fixtures of one name", file)
		var expected map[string]expectation
		require.NoError(t, yaml.Unmarshal(text, &expected), file)
		kind := strings.TrimSuffix(filepath.Base(file), ".yaml")
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			f := fixture{kind: kind, name: kind + "-" + name, spec: map[string]any{}, expectation: expected[name]}
			for _, key := range []string{"fails", "nothing", "partly", "pruned"} {
				delete(fields[name], key)
			}
			spec(f, fields[name])
			all = append(all, f)
		}
	}
	return all
}

// setFixtures are ApplicationSets. A fixture is a spec, but for its template, of which it says what is special: name is
// what follows the fixture's name and a dot in those of its Applications. show is an annotation, in Go templates all
// parameters if there is none. template is merged into the rest.
func setFixtures(t *testing.T, places *strings.Replacer) []fixture {
	t.Helper()
	return readFixtures(t, "applicationsets", places, func(f fixture, fields map[string]any) {
		show := fields["show"]
		if show == nil {
			if show = "nothing"; fields["goTemplate"] == true {
				show = "{{toJson .}}"
			}
		}
		require.IsType(t, "", fields["name"], f.name)
		template := map[string]any{
			"metadata": map[string]any{
				"name": f.name + "." + fields["name"].(string), "annotations": map[string]any{"show": show},
			},
			"spec": map[string]any{
				"project": "default",
				"source": map[string]any{"repoURL": places.Replace("REPOSITORY"), "targetRevision": "main",
					"path": "manifests"},
				"destination": map[string]any{"name": "hub", "namespace": "default"},
			},
		}
		if own, ok := fields["template"].(map[string]any); ok {
			mergeInto(template, own)
		}
		for _, key := range []string{"show", "name", "template"} {
			delete(fields, key)
		}
		maps.Copy(f.spec, fields)
		f.spec["template"] = template
	})
}

// mergeInto merges a map into another; null removes a key.
func mergeInto(into, from map[string]any) {
	for key, value := range from {
		inner, isMap := value.(map[string]any)
		own, both := into[key].(map[string]any)
		switch {
		case value == nil:
			delete(into, key)
		case isMap && both:
			mergeInto(own, inner)
		default:
			into[key] = value
		}
	}
}

// sourceFixtures are sources of Applications, each made by an ApplicationSet with one element. repoURL and
// targetRevision are the repository's if there is none.
func sourceFixtures(t *testing.T, places *strings.Replacer) []fixture {
	t.Helper()
	return readFixtures(t, "sources", places, func(f fixture, fields map[string]any) {
		require.Len(t, fields, 1, f.name)
		sources, several := fields["sources"].([]any)
		if !several {
			sources = []any{fields["source"]}
		}
		for _, source := range sources {
			require.IsType(t, map[string]any{}, source, f.name)
			if one := source.(map[string]any); one["repoURL"] == nil {
				one["repoURL"], one["targetRevision"] = places.Replace("REPOSITORY"), "main"
			}
		}
		fields["project"] = "default"
		fields["destination"] = map[string]any{"name": "hub", "namespace": "there"}
		f.spec["goTemplate"] = true
		f.spec["generators"] = []any{
			map[string]any{"list": map[string]any{"elements": []any{map[string]any{"a": "b"}}}}}
		f.spec["template"] = map[string]any{"metadata": map[string]any{"name": f.name}, "spec": fields}
	})
}

// applicationSets are the fixtures as objects.
func applicationSets(fixtures []fixture) (all []any) {
	for _, f := range fixtures {
		all = append(all, map[string]any{
			"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet",
			"metadata": map[string]any{"name": f.name, "namespace": "argocd"}, "spec": f.spec,
		})
	}
	return all
}

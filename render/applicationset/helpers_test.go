package applicationset

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// neutral are defaults with nothing but what no render can do without, so that only a test's input shows.
const neutral = `repoURLGit: https://git.example/fleet
repoURLGitRevision: main
repoURLGitBasePath: apps
useVersionSelectors: "true"
`

// An input is what a table test renders.
type input struct {
	values   string            // the file values.yaml
	over     string            // the file over.yaml, on top of it
	catalog  map[string]string // component files by name
	defaults string            // in place of neutral
	options  Options
}

func (in input) merge(t testing.TB) *hierarchy.Values {
	t.Helper()
	layer := func(level, name, text string) hierarchy.Layer {
		d, err := hierarchy.ParseDocument(name, []byte(text))
		require.NoError(t, err)
		return hierarchy.LayerOf(level, d)
	}
	var components []hierarchy.Layer
	for _, name := range slices.Sorted(maps.Keys(in.catalog)) {
		components = append(components, layer(hierarchy.SourceCatalog, "values/"+name+".yaml", in.catalog[name]))
	}
	text := in.defaults
	if text == "" {
		text = neutral
	}
	defaults := layer(hierarchy.SourceDefaults, "defaults.yaml", text)
	layers := []hierarchy.Layer{layer(hierarchy.SourceValues, "values.yaml", in.values)}
	if in.over != "" {
		layers = append(layers, layer(hierarchy.SourceValues, "over.yaml", in.over))
	}
	return hierarchy.Merge(components, &defaults, layers)
}

func (in input) build(t testing.TB) ([]Object, []*problem.Problem, error) {
	t.Helper()
	options := in.options
	if options.ReleaseName == "" {
		options.ReleaseName = "rel"
	}
	return build(in.merge(t), options)
}

// render returns the objects by name. It fails the test where Build fails.
func (in input) render(t testing.TB) map[string]Object {
	t.Helper()
	objects, _, err := in.build(t)
	require.NoError(t, err)
	byName := map[string]Object{}
	for _, object := range objects {
		byName[at(object, "metadata/name").(string)] = object
	}
	return byName
}

// messages returns the findings as lines.
func (in input) messages(t testing.TB) []string {
	t.Helper()
	_, findings, err := in.build(t)
	require.NoError(t, err)
	lines := []string{}
	for _, f := range findings {
		lines = append(lines, f.Error())
	}
	return lines
}

// absent stands for a field that is not there, which null is not.
const absent = "absent"

// at returns the value at a path of keys and indexes between slashes, or absent.
func at(value any, path string) any {
	for key := range strings.SplitSeq(path, "/") {
		switch v := value.(type) {
		case map[string]any:
			child, ok := v[key]
			if !ok {
				return absent
			}
			value = child
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(v) {
				return absent
			}
			value = v[i]
		default:
			return absent
		}
	}
	return value
}

// requireAt compares parts of objects: the keys of want are "OBJECT PATH", the values YAML or absent.
func requireAt(t testing.TB, objects map[string]Object, want map[string]string) {
	t.Helper()
	for _, where := range slices.Sorted(maps.Keys(want)) {
		name, path, _ := strings.Cut(where, " ")
		require.Contains(t, objects, name)
		var expected any
		require.NoError(t, yaml.Unmarshal([]byte(want[where]), &expected), where)
		require.Equal(t, expected, at(objects[name], path), where)
	}
}

// requireOneLine checks what holds for every error about the input.
func requireOneLine(t testing.TB, err error) {
	t.Helper()
	require.Error(t, err)
	require.NotContains(t, err.Error(), "\n")
}

// requireRefused checks that the input is refused with this message, as a problem with a place.
func requireRefused(t testing.TB, in input, message string) {
	t.Helper()
	objects, findings, err := in.build(t)
	requireOneLine(t, err)
	require.Equal(t, message, err.Error())
	require.Empty(t, objects, "nothing comes with an error")
	require.Empty(t, findings)
	var p *problem.Problem
	require.True(t, errors.As(err, &p))
	require.NotEmpty(t, p.File)
	require.Positive(t, p.Line)
}

// deepCopy returns a copy that shares nothing, by way of JSON, as which all values were read.
func deepCopy(t testing.TB, value any) any {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	var out any
	require.NoError(t, json.Unmarshal(data, &out))
	return out
}

func build(values *hierarchy.Values, options Options) ([]Object, []*problem.Problem, error) {
	result, err := Build(values, options)
	if err != nil {
		return nil, nil, err
	}
	return result.Objects, result.Findings, nil
}

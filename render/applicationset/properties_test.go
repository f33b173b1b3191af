package applicationset

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// everything is an input with every setting and component key in use.
func everything(t testing.TB) input {
	t.Helper()
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		return string(data)
	}
	return input{
		defaults: read("defaults.yaml"),
		catalog:  map[string]string{"one": read("catalog-one.yaml"), "two": read("catalog-two.yaml")},
		values:   read("values.yaml"),
		options: Options{
			ReleaseName: "platform",
			Clusters: []cluster.Cluster{
				{Name: "east-1", Labels: map[string]string{"fleet": "one", "ring": "blue", "wave": "5"},
					File: "east.yaml"},
				{Name: "west-1", Labels: map[string]string{"fleet": "one", "environment": "prod"},
					Annotations: map[string]string{"aws_region": "x"}},
			},
		},
	}
}

// TestGolden pins down whole objects, and the findings, of an input with everything in it.
func TestGolden(t *testing.T) {
	in := everything(t)
	objects, findings, err := in.build(t)
	require.NoError(t, err)
	var out strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&out, "# %s\n", f)
	}
	for _, object := range objects {
		data, err := yaml.Marshal(object)
		require.NoError(t, err)
		fmt.Fprintf(&out, "---\n%s", data)
	}
	golden := filepath.Join("testdata", "golden.yaml")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(out.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), out.String(), "run: go test ./render/applicationset -run TestGolden -update")
}

// TestOrderOfKeysDoesNotMatter writes the same values with their keys in another order, 50 times.
func TestOrderOfKeysDoesNotMatter(t *testing.T) {
	in := everything(t)
	objects, findings, err := in.build(t)
	require.NoError(t, err)
	require.NotEmpty(t, findings)
	want, err := yaml.Marshal(objects)
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2)) // always the same permutations
	for range 50 {
		shuffled := in
		shuffled.defaults, shuffled.values = shuffle(t, random, in.defaults), shuffle(t, random, in.values)
		shuffled.catalog = map[string]string{}
		for name, text := range in.catalog {
			shuffled.catalog[name] = shuffle(t, random, text)
		}
		got, gotFindings, err := shuffled.build(t)
		require.NoError(t, err)
		data, err := yaml.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, string(want), string(data))
		require.Len(t, gotFindings, len(findings))
		for i, f := range findings { // all but the line stays
			require.Equal(t, f.File+f.Message+f.Hint, gotFindings[i].File+gotFindings[i].Message+gotFindings[i].Hint)
		}
	}
}

// shuffle returns YAML with the keys of all maps in a random order.
func shuffle(t testing.TB, random *rand.Rand, text string) string {
	t.Helper()
	var value any
	require.NoError(t, yaml.Unmarshal([]byte(text), &value))
	var write func(value any) string
	write = func(value any) string {
		var parts []string
		switch value := value.(type) {
		case map[string]any:
			keys := fields.SortedKeys(value)
			random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
			for _, key := range keys {
				parts = append(parts, write(key)+": "+write(value[key]))
			}
			return "{" + strings.Join(parts, ",\n ") + "}"
		case []any:
			for _, item := range value {
				parts = append(parts, write(item))
			}
			return "[" + strings.Join(parts, ", ") + "]"
		}
		data, err := json.Marshal(value)
		require.NoError(t, err)
		return string(data)
	}
	return write(value)
}

// TestValuesAreNotChanged: rendering is a function of the values, which other renders share.
func TestValuesAreNotChanged(t *testing.T) {
	in := everything(t)
	values := in.merge(t)
	merged, settings := deepCopy(t, values.Map()), deepCopy(t, values.Settings())
	clusters := deepCopy(t, in.options.Clusters)
	first, firstFindings, err := build(values, in.options)
	require.NoError(t, err)
	before := deepCopy(t, first)
	second, secondFindings, err := build(values, in.options)
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Equal(t, firstFindings, secondFindings)
	require.Equal(t, before, deepCopy(t, first), "the second render changed what the first one returned")
	require.Equal(t, merged, any(values.Map()))
	require.Equal(t, settings, any(values.Settings()))
	require.Equal(t, clusters, deepCopy(t, in.options.Clusters))

	t.Run("a selection of components gives the same objects", func(t *testing.T) {
		for _, object := range first {
			options := in.options
			options.Components = slices.DeleteFunc(Components(values), func(key string) bool {
				return normalize(key)+"-blue" != at(object, "metadata/name")
			})
			require.Len(t, options.Components, 1)
			one, _, err := build(values, options)
			require.NoError(t, err)
			require.Equal(t, []Object{object}, one)
		}
	})
	t.Run("many at a time", func(t *testing.T) { // says something with the race detector
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				objects, _, err := build(values, in.options)
				if err != nil || len(objects) != len(first) {
					t.Errorf("%d objects, %v", len(objects), err)
				}
			})
		}
		group.Wait()
	})
}

// TestEveryKeyIsInUse keeps testdata complete: a key that Build learns to read has to be in it.
func TestEveryKeyIsInUse(t *testing.T) {
	values := everything(t).merge(t)
	used := map[string]bool{}
	known := map[string]bool{}
	s, err := readSettings(values, Options{})
	require.NoError(t, err)
	for _, key := range Components(values) {
		m := values.Map()[key].(map[string]any)
		if on, _ := enabled(values, key); !on {
			continue
		}
		c, err := readComponent(values, key, s)
		require.NoError(t, err)
		for _, k := range c.reader.Known() {
			known[k] = true
		}
		for k := range m {
			used[k] = true
		}
	}
	for key := range known {
		require.True(t, used[key], "no component in testdata has the key %s", key)
	}
	for _, key := range wellknown.Settings() {
		require.Contains(t, values.Map(), key, "testdata has no setting %s", key)
	}
}

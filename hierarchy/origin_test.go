package hierarchy

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// requireExplained checks that an explanation agrees with the merged values and with the layers that they come from, of
// which no two have the same file. Below are the keys of the layers at which the values stand.
func requireExplained(t testing.TB, v *Values, layers []Layer, below ...string) {
	t.Helper()
	byFile := map[string]*Layer{}
	for i := range layers {
		byFile[layers[i].File] = &layers[i]
	}
	rebuilt := map[string]any{}
	explanations := v.Explain()
	for _, e := range explanations {
		for i, o := range slices.Concat([]Origin{e.Origin}, e.Overrode) {
			l := byFile[o.File]
			require.NotNil(t, l, "%v comes from %s", e.Path, o.File)
			require.Equal(t, l.Source, o.Source)
			path := slices.Concat(below, e.Path)
			value, ok := valueAt(l.Values, path...)
			require.True(t, ok, "%s has no %v", o.File, path)
			if _, isMap := value.(map[string]any); !isMap || i > 0 {
				require.Equal(t, value, o.Value, "%v in %s", path, o.File)
			}
			requireLine(t, l, o.Line, path)
		}
		value, there := valueAt(v.Map(), e.Path...)
		if e.Removed {
			require.False(t, there, "%v is removed", e.Path)
			require.Nil(t, e.Value)
			continue
		}
		require.True(t, there, "%v is not removed", e.Path)
		require.Equal(t, value, e.Value)
		set(rebuilt, e.Path, e.Value)
	}
	if len(v.Map()) > 0 || len(rebuilt) > 0 {
		require.Equal(t, v.Map(), rebuilt, "the explanations do not make up the values")
	}
	require.True(t, slices.IsSortedFunc(explanations,
		func(a, b Explanation) int { return slices.Compare(a.Path, b.Path) }))
}

// requireLine checks that the key at the end of a path stands on a line, if each key of the layer's file has its own.
func requireLine(t testing.TB, l *Layer, line int, path []string) {
	t.Helper()
	if l.document == nil || len(path) == 0 {
		return
	}
	lines := strings.Split(string(l.document.data), "\n")
	require.Greater(t, line, 0)
	require.LessOrEqual(t, line, len(lines))
	require.Contains(t, lines[line-1], path[len(path)-1]+":", "line %d of %s", line, l.File)
}

func set(values map[string]any, path []string, value any) {
	for _, key := range path[:len(path)-1] {
		inner, ok := values[key].(map[string]any)
		if !ok {
			inner = map[string]any{}
			values[key] = inner
		}
		values = inner
	}
	if _, there := values[path[len(path)-1]]; !there { // an empty map may come after the keys removed from it
		values[path[len(path)-1]] = value
	}
}

// randomValues returns values of few keys, so that layers meet, and of every kind.
func randomValues(r *rand.Rand, depth int) map[string]any {
	values := map[string]any{}
	for range r.Intn(5) {
		var value any
		switch kind := r.Intn(12); {
		case kind < 5 && depth > 0:
			value = randomValues(r, depth-1)
		case kind < 7:
			value = nil
		case kind == 7:
			value = r.Intn(2) == 0
		case kind == 8:
			value = float64(r.Intn(3))
		case kind == 9:
			value = []any{float64(r.Intn(3))}[:r.Intn(2)]
		default:
			value = string(rune('x' + r.Intn(3)))[:r.Intn(2)]
		}
		values[string(rune('a'+r.Intn(3)))] = value
	}
	return values
}

// randomLayers returns layers read from YAML in which each key has a line of its own.
func randomLayers(t testing.TB, r *rand.Rand, name string, count int) []Layer {
	t.Helper()
	var layers []Layer
	for i := range count {
		text, err := yaml.Marshal(randomValues(r, 3))
		require.NoError(t, err)
		layers = append(layers, LayerOf(name, document(t, fmt.Sprintf("%s%d", name, i), string(text))))
	}
	return layers
}

func TestExplanationAgreesWithMergeOfRandomLayers(t *testing.T) {
	removed := 0
	for seed := range int64(1500) {
		r := rand.New(rand.NewSource(seed))
		components, layers := randomLayers(t, r, "component", r.Intn(4)), randomLayers(t, r, "layer", r.Intn(4))
		all := slices.Concat(components, layers)
		var defaults *Layer
		if r.Intn(3) > 0 {
			defaults = &randomLayers(t, r, "defaults", 1)[0]
			all = append(all, *defaults)
		}
		v := Merge(components, defaults, layers)
		requireExplained(t, v, all)
		for _, e := range v.Explain() {
			require.Equal(t, slices.Concat([]Origin{e.Origin}, e.Overrode)[1:], v.Origins(e.Path...)[1:], "seed %d",
				seed)
			if e.Removed {
				removed++
			}
			requireDescending(t, e, components, defaults, layers)
		}
		for _, path := range [][]string{{"a"}, {"a", "b"}, {"c", "c", "c"}} {
			requireExplained(t, v.At(path...), all, path...)
			inner, _ := valueAt(v.Map(), path...)
			require.Equal(t, len(fields.AsMap(inner)), len(v.At(path...).Map()))
			inner, _ = valueAt(v.Settings(), path...)
			require.Equal(t, len(fields.AsMap(inner)), len(v.SettingAt(path...).Map()))
			requireExplained(t, v.SettingAt(path...), all[len(components):], path...)
		}
	}
	require.Greater(t, removed, 50, "the random layers should remove keys")
}

// requireDescending checks that what was overridden is told nearest first. Component files are left out: which of them
// stands nearer depends on which are empty.
func requireDescending(t testing.TB, e Explanation, components []Layer, defaults *Layer, layers []Layer) {
	t.Helper()
	rank := map[string]int{}
	if defaults != nil {
		rank[defaults.File] = 1
	}
	for i, l := range layers {
		rank[l.File] = i + 2
	}
	for _, l := range components {
		rank[l.File] = 0
	}
	before := len(layers) + 2
	for _, o := range slices.Concat([]Origin{e.Origin}, e.Overrode) {
		if rank[o.File] == 0 {
			continue
		}
		require.Less(t, rank[o.File], before, "%v: %v", e.Path, e)
		before = rank[o.File]
	}
}

func TestExplanationAgreesWithOverOfRandomLayers(t *testing.T) {
	for seed := range int64(500) {
		r := rand.New(rand.NewSource(seed))
		lower, upper := randomLayers(t, r, "lower", 3), randomLayers(t, r, "upper", 3)
		low, high := Merge(lower[:1], &lower[1], lower[2:]), Merge(upper[:1], &upper[1], upper[2:])
		before := slices.Concat(low.Explain(), high.Explain())
		v := high.Over(low)
		requireExplained(t, v, slices.Concat(lower, upper))
		require.Equal(t, before, slices.Concat(low.Explain(), high.Explain()),
			"the explanations of both stay as they are")
		require.Equal(t, MergeMaps(low.Map(), high.Map()), v.Map())
		require.Equal(t, v.Map(), v.Settings())

		// As for an addon: its values over those for all addons, each at a path of the same files.
		inner := low.At("a").Over(high.At("a"))
		require.Equal(t, MergeMaps(high.At("a").Map(), low.At("a").Map()), inner.Map())
		requireExplained(t, inner, slices.Concat(lower, upper), "a")
	}
}

func TestExplainTellsEveryKeyAndWhatItOverrode(t *testing.T) {
	components := layersOf(t, SourceCatalog, "c:\n  enabled: true\n  x: from-catalog\n", "c:\n  x: second\n")
	defaults := layersOf(t, SourceDefaults, "c:\n  x: default\n  gone: 1\nempty: {}\n")
	layers := layersOf(t, "system", "\nc:\n  gone: null\n", "c:\n  x: level\n  enabled: false\n")
	v := Merge(components, &defaults[0], layers)
	require.Equal(t, []Explanation{
		{Path: []string{"c", "enabled"}, Origin: Origin{"system", "system2.yaml", 3, false},
			Overrode: []Origin{{"catalog", "catalog1.yaml", 2, true}}},
		{Path: []string{"c", "gone"}, Removed: true, Origin: Origin{"system", "system1.yaml", 3, nil},
			Overrode: []Origin{{"defaults", "defaults1.yaml", 3, 1.0}}},
		{Path: []string{"c", "x"}, Origin: Origin{"system", "system2.yaml", 2, "level"}, Overrode: []Origin{
			{"defaults", "defaults1.yaml", 2, "default"}, {"catalog", "catalog1.yaml", 3, "from-catalog"},
			{"catalog", "catalog2.yaml", 2, "second"}}},
		{Path: []string{"empty"}, Origin: Origin{"defaults", "defaults1.yaml", 4, map[string]any{}},
			Overrode: []Origin{}},
	}, v.Explain())
}

func TestOriginsOfMappingsAreTheLayersWithAPartInThem(t *testing.T) {
	v := mergeAll(t, []string{"a:\n  b: 1\n"}, "x: 1\n", "a:\n  c: true\n", "z: 1\n")
	origins := v.Origins("a")
	require.Len(t, origins, 2)
	require.Equal(t, Origin{"layer", "layer1.yaml", 1, map[string]any{"c": true}}, origins[0])
	require.Equal(t, Origin{"component", "component1.yaml", 1, map[string]any{"b": 1.0}}, origins[1])
	require.Equal(t, []Origin{{"layer", "layer1.yaml", 2, true}}, v.Origins("a", "c"), "true is itself, not a map")

	require.Nil(t, v.Origins("b"))
	require.Nil(t, v.Origins("a", "c", "d"), "below a scalar")
	require.Nil(t, v.Origins("a", "d"))
}

func TestEmptyMappingThatIsLeftWhenItsKeysAreRemovedIsExplained(t *testing.T) {
	v := mergeAll(t, nil, "m: {o: {a: 1}}", "m: {o: {a: null}}")
	require.Equal(t, yamlMap(t, "m: {o: {}}"), v.Map())
	all := v.Explain()
	require.Len(t, all, 2)
	require.Equal(t, []string{"m", "o"}, all[0].Path)
	require.Equal(t, map[string]any{}, all[0].Value)
	require.True(t, all[1].Removed)
	require.NotNil(t, v.Origins("m", "o", "a"))
	require.Nil(t, v.Origins("m", "o", "a", "b"), "below a removed key there is nothing")
}

func TestAnyKeyIsExplained(t *testing.T) {
	for _, text := range []string{`"\0": 1`, `"\xff": 1`, `"": 1`, `"\ufffd": 1`} {
		mergeAllWithoutLines(t, text)
	}
}

func mergeAllWithoutLines(t *testing.T, text string) {
	t.Helper()
	layers := layersOf(t, "layer", text)
	layers[0].document = nil // a line is found by the key as it is written
	requireExplained(t, Merge(nil, nil, layers), layers)
}

func TestLocate(t *testing.T) {
	v := mergeAll(t, nil, "", "a:\n  b: {x: 1}\n  c: 2\n")
	for _, test := range []struct {
		path []string
		line int
	}{
		{[]string{"a", "c"}, 3}, {[]string{"a", "b", "x"}, 2}, {[]string{"a", "d"}, 1},
		{[]string{"a", "c", "d", "e"}, 3}, {[]string{"a"}, 1},
	} {
		file, line := v.Locate(test.path...)
		require.Equal(t, "layer1.yaml", file)
		require.Equal(t, test.line, line, test.path)
	}
	for _, path := range [][]string{{"z"}, {}, {"z", "a"}} {
		file, line := v.Locate(path...)
		require.Empty(t, file)
		require.Zero(t, line)
	}
}

func TestLocateInLists(t *testing.T) {
	v := mergeAll(t, nil, "", "a:\n  b:\n    - {x: 1}\n    - x: 2\n      w: 3\n")
	for _, test := range []struct {
		path []string
		line int
	}{
		{[]string{"a", "b"}, 2}, {[]string{"a", "b", "0"}, 3}, {[]string{"a", "b", "1", "w"}, 5},
		{[]string{"a", "b", "1", "z"}, 4}, {[]string{"a", "b", "2"}, 2},
	} {
		_, line := v.Locate(test.path...)
		require.Equal(t, test.line, line, test.path)
	}
}

func TestLayersWithoutFileHaveNoLines(t *testing.T) {
	flags := Layer{Source: SourceFlags, File: "--set-setting", Values: map[string]any{"a": "x"}}
	require.Zero(t, flags.Line("a"))
	require.Nil(t, flags.Warnings())
	v := Merge(nil, nil, append(layersOf(t, "layer", "\n\na: 1"), flags))
	require.Equal(t, []Origin{{SourceFlags, "--set-setting", 0, "x"}, {"layer", "layer1.yaml", 3, 1.0}}, v.Origins("a"))
}

func TestLayerWarningsAreThoseOfItsFile(t *testing.T) {
	l := LayerOf("x", document(t, "f.yaml", "a: 1\na: 2\n"))
	require.Len(t, l.Warnings(), 1)
	require.Equal(t, 2, l.Line("a"))
}

func TestAt(t *testing.T) {
	v := mergeAll(t, nil, "", "a:\n  b:\n    c: 1\n", "a:\n  b:\n    d: 2\n  s: x\n")
	inner := v.At("a", "b")
	require.Equal(t, yamlMap(t, "{c: 1, d: 2}"), inner.Map())
	require.Equal(t, inner.Map(), inner.Settings())
	require.Equal(t, []Origin{{"layer", "layer1.yaml", 3, 1.0}}, inner.Origins("c"))
	require.Equal(t, []Origin{{"layer", "layer2.yaml", 3, 2.0}}, inner.Origins("d"))
	require.Len(t, inner.Origins(), 2, "the map itself")
	require.Equal(t, []Origin{{"layer", "layer2.yaml", 3, 2.0}}, v.At("a").At("b").Origins("d"))
	for _, path := range [][]string{{"z"}, {"a", "s"}, {"a", "s", "x"}} {
		require.Empty(t, v.At(path...).Map())
		require.Empty(t, v.At(path...).Explain())
	}
	require.Equal(t, v.Map(), v.At().Map())
}

func TestSettingAtLeavesComponentFilesOut(t *testing.T) {
	v := mergeAll(t, []string{"a: {b: 1, c: 1}\nx: {z: 1}\n"}, "a: {d: 1, c: 2}\n", "a:\n  c: 3\n")
	require.Equal(t, yamlMap(t, "{b: 1, c: 3, d: 1}"), v.At("a").Map())
	require.Equal(t, yamlMap(t, "{c: 3, d: 1}"), v.SettingAt("a").Map())
	require.Equal(t, []Origin{{"layer", "layer1.yaml", 2, 3.0}, {"defaults", "defaults1.yaml", 1, 2.0}},
		v.SettingAt("a").Origins("c"))
	require.Empty(t, v.SettingAt("x").Map())
	require.Equal(t, v.SettingAt("a").Map(), v.SettingAt("a").SettingAt().Map())
}

func TestReaders(t *testing.T) {
	v := mergeAll(t, []string{"commonLabels: {a: b}\nuseSelectors: {}\n"}, "", "useSelectors: true\nc:\n  chart: [x]\n")
	require.True(t, Reader(v, "").True("useSelectors"))
	require.NotEmpty(t, Reader(v, "").Map("commonLabels"))
	require.Empty(t, SettingsReader(v).Map("commonLabels"), "a component file cannot change settings")
	require.Empty(t, Reader(v, "", "useSelectors", "below").Text("x"),
		"where there is no map, all keys are missing")

	r := Reader(v, "component c", "c")
	r.Text("chart")
	require.EqualError(t, r.Err(), "layer1.yaml:3: component c: chart must be a string, not a list")
	r = SettingsReader(v)
	r.Text("c")
	require.EqualError(t, r.Err(), "layer1.yaml:2: c must be a string, not a map")
}

func TestKey(t *testing.T) {
	require.Equal(t, `a.b-c."d.e"."".f/g."h i"."j\"k"."l\nm"`,
		Key([]string{"a", "b-c", "d.e", "", "f/g", "h i", `j"k`, "l\nm"}))
	require.Empty(t, Key(nil))
}

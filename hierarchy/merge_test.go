package hierarchy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The tables are named after the rules at the top of merge.go.

func TestRules1To3Layers(t *testing.T) {
	for _, test := range []struct {
		name   string
		layers []string
		want   string
	}{
		{"1: no layers", nil, "{}"},
		{"1: one layer", []string{"{a: 1}"}, "{a: 1}"},
		{"1: keys of all layers", []string{"{a: 1}", "{b: 2}", "{c: 3}"}, "{a: 1, b: 2, c: 3}"},
		{"1: maps merge key by key", []string{"{m: {a: 1, b: 1}}", "{m: {b: 2, c: 2}}"}, "{m: {a: 1, b: 2, c: 2}}"},
		{"1: at any depth", []string{"{m: {o: {p: {a: 1, b: 1}}}}", "{m: {o: {p: {b: 2}}}}"},
			"{m: {o: {p: {a: 1, b: 2}}}}"},
		{"1: an empty map over one changes nothing", []string{"{m: {a: 1}}", "{m: {}}"}, "{m: {a: 1}}"},
		{"1: nor does an empty file", []string{"{m: {a: 1}}", "# nothing", ""}, "{m: {a: 1}}"},
		{"2: a scalar is replaced", []string{"{a: 1}", "{a: 2}", "{a: 3}"}, "{a: 3}"},
		{"2: also by an empty one", []string{"{a: 1, b: true, c: x, d: [1]}", "{a: 0, b: false, c: '', d: []}"},
			"{a: 0, b: false, c: '', d: []}"},
		{"2: a list is replaced whole", []string{"{l: [1, 2]}", "{l: [3]}"}, "{l: [3]}"},
		{"2: lists of maps too", []string{"{l: [{a: 1}, {b: 1}]}", "{l: [{c: 1}]}"}, "{l: [{c: 1}]}"},
		{"2: a map by a scalar", []string{"{a: {b: 1}}", "{a: x}"}, "{a: x}"},
		{"2: a scalar by a map", []string{"{a: x}", "{a: {b: 1}}"}, "{a: {b: 1}}"},
		{"2: a list by a map", []string{"{a: [1]}", "{a: {b: 1}}"}, "{a: {b: 1}}"},
		{"2: a map by a list", []string{"{a: {b: 1}}", "{a: [1]}"}, "{a: [1]}"},
		{"2: a map after a scalar after a map is only the last",
			[]string{"{a: {b: 1}}", "{a: x}", "{a: {c: 1}}"}, "{a: {c: 1}}"},
		{"3: a null replaces and stays", []string{"{a: 1, b: [1], c: {d: 1}}", "{a: null, b: null, c: null}"},
			"{a: null, b: null, c: null}"},
		{"3: also where there is nothing below", []string{"{a: {}}", "{a: {b: null}, c: null}"},
			"{a: {b: null}, c: null}"},
		{"3: a null is replaced", []string{"{a: null}", "{a: 1}"}, "{a: 1}"},
		{"3: a map above a null starts afresh", []string{"{a: {b: 1}}", "{a: null}", "{a: {z: 9}}"}, "{a: {z: 9}}"},
		{"P1: nulls stay, lists are replaced",
			[]string{"c: {v: {a: {b: 1, c: 2}, l: [1, 2], m: {x: 1}}}", "c: {v: {a: {b: null}, l: [3], m: null}}"},
			"c: {v: {a: {b: null, c: 2}, l: [3], m: null}}"},
		{"P2: a map after a null is only the last map",
			[]string{"c: {v: {a: {b: 1}}}", "c: {v: {a: null}}", "c: {v: {a: {z: 9}}}"}, "c: {v: {a: {z: 9}}}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := mergeAll(t, nil, "", test.layers...)
			require.Equal(t, yamlMap(t, test.want), v.Map())
		})
	}
}

func TestRule4LayersOverDefaults(t *testing.T) {
	for _, test := range []struct{ name, defaults, layer, want string }{
		{"the defaults apply", "{a: 1, m: {b: 1}}", "", "{a: 1, m: {b: 1}}"},
		{"also their nulls", "{a: null, m: {b: null}}", "", "{a: null, m: {b: null}}"},
		{"rule 1: maps merge", "{m: {a: 1, b: 1}}", "{m: {b: 2}}", "{m: {a: 1, b: 2}}"},
		{"rule 2: lists and scalars are replaced", "{a: 1, l: [1]}", "{a: 2, l: []}", "{a: 2, l: []}"},
		{"rule 2: a map by a scalar", "{a: {b: 1}}", "{a: x}", "{a: x}"},
		{"rule 2: a scalar by a map", "{a: x}", "{a: {b: 1}}", "{a: {b: 1}}"},
		{"a null deletes a scalar", "{a: 1, b: 2}", "{a: null}", "{b: 2}"},
		{"a null deletes a map", "{a: {b: 1}}", "{a: null}", "{}"},
		{"a null deletes deep down", "{a: {b: {c: 1, d: 1}}}", "{a: {b: {c: null}}}", "{a: {b: {d: 1}}}"},
		{"a null may leave an empty map", "{a: {b: 1}}", "{a: {b: null}}", "{a: {}}"},
		{"a null that the defaults do not have stays", "{a: 1}", "{b: null}", "{a: 1, b: null}"},
		{"and deeper down", "{a: {b: 1}}", "{a: {c: null}}", "{a: {b: 1, c: null}}"},
		{"a null in a map that the defaults do not have stays", "{a: 1}", "{m: {b: null}}", "{a: 1, m: {b: null}}"},
		{"a null over a null deletes at the top", "{a: null}", "{a: null}", "{}"},
		{"but stays deeper down", "{m: {a: null}}", "{m: {a: null}}", "{m: {a: null}}"},
		{"a value over a null", "{a: null, m: {b: null}}", "{a: 1, m: {b: {c: 1}}}", "{a: 1, m: {b: {c: 1}}}"},
		{"P3: null deletes a key of values.yaml, at any depth",
			"c: {v: {a: {b: 1, c: 2}, d: {e: 1}}}", "c: {v: {a: {b: null}, d: null}}", "c: {v: {a: {c: 2}}}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := mergeAll(t, nil, test.defaults, test.layer)
			require.Equal(t, yamlMap(t, test.want), v.Map())
			require.Equal(t, yamlMap(t, test.want), v.Settings())
		})
	}
	t.Run("the layers merge first, so that a null may come to nothing", func(t *testing.T) {
		v := mergeAll(t, nil, "{a: 1, m: {b: 1, c: 1}}", "{a: null, m: null}", "{a: 2, m: {d: 1}}")
		require.Equal(t, yamlMap(t, "{a: 2, m: {b: 1, c: 1, d: 1}}"), v.Map())
	})
}

func TestRule5ComponentFiles(t *testing.T) {
	for _, test := range []struct {
		name       string
		components []string
		want       string
	}{
		{"no file", nil, "{}"},
		{"absent, then a value", []string{"{}", "{k: x}"}, "{k: x}"},
		{"absent, then null: absent", []string{"{}", "{k: null}"}, "{}"},
		{"absent, then a map with a null: as it is", []string{"{}", "{k: {o: null}}"}, "{k: {o: null}}"},
		{"a null at the top of the first file is dropped as well", []string{"{k: null}"}, "{}"},
		{"null, then a value", []string{"{m: {k: null}}", "{m: {k: x}}"}, "{m: {k: x}}"},
		{"null, then a map", []string{"{m: {k: null}}", "{m: {k: {a: null}}}"}, "{m: {k: {a: null}}}"},
		{"null, then null: null", []string{"{m: {k: null}}", "{m: {k: null}}"}, "{m: {k: null}}"},
		{"false, then a value", []string{"{k: false}", "{k: true}"}, "{k: true}"},
		{"0, then a value", []string{"{k: 0}", "{k: 1}"}, "{k: 1}"},
		{"0.0, then a value", []string{"{k: 0.0}", "{k: x}"}, "{k: x}"},
		{"empty text, then a value", []string{"{k: ''}", "{k: [1]}"}, "{k: [1]}"},
		{"empty list, then a value", []string{"{k: []}", "{k: x}"}, "{k: x}"},
		{"empty list, then a map", []string{"{k: []}", "{k: {a: 1}}"}, "{k: {a: 1}}"},
		{"empty map, then a value", []string{"{k: {}}", "{k: x}"}, "{k: x}"},
		{"empty map, then a map", []string{"{k: {}}", "{k: {a: 1}}"}, "{k: {a: 1}}"},
		{"empty map, then nothing but nulls", []string{"{k: {}}", "{k: {a: null}}"}, "{k: {a: null}}"},
		{"empty map, then a null and a value", []string{"{k: {}}", "{k: {a: null, b: 1}}"}, "{k: {b: 1}}"},
		{"empty, then another empty", []string{"{a: false, b: {}, c: ''}", "{a: 0, b: [], c: {}}"},
			"{a: 0, b: [], c: {}}"},
		{"empty, then null: empty", []string{"{a: false, b: {}, c: '', d: 0, e: []}",
			"{a: null, b: null, c: null, d: null, e: null}"},
			"{a: false, b: {}, c: '', d: 0, e: []}"},
		{"true stays", []string{"{k: true}", "{k: false}", "{k: x}"}, "{k: true}"},
		{"a scalar stays", []string{"{k: x}", "{k: y}", "{k: null}", "{k: {a: 1}}"}, "{k: x}"},
		{"a list stays, without concatenation", []string{"{k: [1]}", "{k: [2, 3]}"}, "{k: [1]}"},
		{"a list of one null is not empty", []string{"{k: [null]}", "{k: [2]}"}, "{k: [null]}"},
		{"maps merge by these rules", []string{"{m: {a: 1, o: {b: ''}}}", "{m: {a: 2, c: 2, o: {b: 2, d: null}}}"},
			"{m: {a: 1, c: 2, o: {b: 2}}}"},
		{"a map stays over another type", []string{"{m: {a: 1}}", "{m: x}", "{m: [1]}", "{m: null}"},
			"{m: {a: 1}}"},
		{"a map with a null is not empty", []string{"{m: {a: null}}", "{m: x}"}, "{m: {a: null}}"},
		{"another type stays over a map", []string{"{a: x, b: [1], c: true}", "{a: {k: 1}, b: {k: 1}, c: {k: 1}}"},
			"{a: x, b: [1], c: true}"},
		{"the first that is not empty wins", []string{"{k: ''}", "{k: 0}", "{k: x}", "{k: y}"}, "{k: x}"},
		{"P7: conflicts, empties, nulls, types", []string{`
c:
  enabled: false
  v:
    {s: A, f: false, t: true, e: '', z: 0, nul: null, el: [], em: {}, l: [a1, a2], m: {x: A, deep: {z: A}}, map_str: {q: 1},
     str_map: text, keep1: k, keep2: k, keep3: true}
`, `
c:
  enabled: true
  v:
    {s: B, f: true, t: false, e: B, z: 7, nul: B, el: [B], em: {b: 1}, l: [b1], m: {x: B, deep: {z: B, w: B}, v: B},
     map_str: text, str_map: {q: 1}, keep1: null, keep2: '', keep3: false, only_b_null: null, only_b: 1}
`}, `
c:
  enabled: true
  v:
    {e: B, el: [B], em: {b: 1}, f: true, keep1: k, keep2: k, keep3: true, l: [a1, a2], m: {deep: {w: B, z: A}, v: B, x: A},
     map_str: {q: 1}, nul: B, only_b: 1, s: A, str_map: text, t: true, z: 7}
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := mergeAll(t, test.components, "")
			require.Equal(t, yamlMap(t, test.want), v.Map())
			require.Empty(t, v.Settings(), "component files cannot change settings")
		})
	}
}

func TestRule6SettingsOverComponentFiles(t *testing.T) {
	for _, test := range []struct{ name, component, defaults, layer, want string }{
		{"the component file applies", "{a: {b: 1}}", "", "", "{a: {b: 1}}"},
		{"rule 1: maps merge", "{a: {b: 1, c: 1}}", "", "{a: {c: 2}}", "{a: {b: 1, c: 2}}"},
		{"rule 1: an empty map changes nothing", "{a: {b: 1}}", "", "{a: {}}", "{a: {b: 1}}"},
		{"rule 2: also an empty value replaces", "{a: true, b: [1], c: x, d: 1}", "", "{a: false, b: [], c: '', d: 0}",
			"{a: false, b: [], c: '', d: 0}"},
		{"rule 3: a null replaces and stays", "{a: {b: 1}, c: 1}", "", "{a: {b: null}, c: null}",
			"{a: {b: null}, c: null}"},
		{"the defaults win too", "{a: 1, b: 1}", "{a: 2}", "", "{a: 2, b: 1}"},
		{"also with a null", "{a: 1, m: {b: 1}}", "{a: null, m: {b: null}}", "", "{a: null, m: {b: null}}"},
		{"a default deleted by rule 4 lets the component file through", "{a: 1, m: {b: 1}}", "{a: 2, m: {b: 2}}",
			"{a: null, m: {b: null}}", "{a: 1, m: {b: 1}}"},
		{"so does a deleted map", "{m: {b: 1}}", "{m: {c: 2}}", "{m: null}", "{m: {b: 1}}"},
		{"a null that the defaults do not have stays", "{a: 1, m: {b: 1}}", "{m: {}}", "{a: null, m: {b: null}}",
			"{a: null, m: {b: null}}"},
		{"P4: a deleted default lets the catalogue through", "c: {enabled: true, namespace: from-catalogue}",
			"c: {namespace: from-values-yaml}",
			"c: {namespace: null}", "c: {enabled: true, namespace: from-catalogue}"},
		{"P11: user over catalogue",
			"c: {enabled: true, v: {t: true, num: 5, s: text, l: [1], m: {k: v}, nul: 1, mm: {a: 1, b: 1}, x: text}}",
			"",
			"c: {v: {t: false, num: 0, s: '', l: [], m: {}, nul: null, mm: {b: 2}, x: {now: map}}}",
			"c: {enabled: true, v: {l: [], m: {k: v}, mm: {a: 1, b: 2}, nul: null, num: 0, s: '', t: false, x: {now: " +
				"map}}}"},
		{"P12: switching a component off",
			"{a: {enabled: true}, b: {enabled: true}, c: {enabled: true}, d: {enabled: true}, e: {enabled: true}, f: " +
				"{enabled: true}}", "",
			"{a: {enabled: false}, b: {enabled: null}, c: null, d: x, e: [], f: {}}",
			"{a: {enabled: false}, b: {enabled: null}, c: null, d: x, e: [], f: {enabled: true}}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := mergeAll(t, []string{test.component}, test.defaults, test.layer)
			require.Equal(t, yamlMap(t, test.want), v.Map())
		})
	}
}

func TestMergeOfNothing(t *testing.T) {
	v := Merge(nil, nil, nil)
	require.Equal(t, map[string]any{}, v.Map())
	require.Empty(t, v.Settings())
	require.Empty(t, v.Explain())
	require.Equal(t, map[string]any{}, MergeMaps(nil, nil))
}

func TestMergeMapsLeavesItsArgumentsAlone(t *testing.T) {
	under, over := "{a: {b: {c: 1}}, d: 1, l: [1]}", "{a: {b: {c: 2, e: null}}, d: {f: 1}, l: null}"
	dst, src := yamlMap(t, under), yamlMap(t, over)
	require.Equal(t, yamlMap(t, "{a: {b: {c: 2, e: null}}, d: {f: 1}, l: null}"), MergeMaps(dst, src))
	require.Equal(t, yamlMap(t, under), dst)
	require.Equal(t, yamlMap(t, over), src)
}

package helm

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/yaml"
)

// TestNullsOfOlderHelm: what `helm template` of 3.16.3 and 3.19.4 printed.
func TestNullsOfOlderHelm(t *testing.T) {
	for _, test := range []struct {
		name, chart, subchart, values string
		helm316, helm319              string // .Values of the chart
	}{
		{"of the chart's own values", "a: ~\nb: {c: ~, d: 1}", "", "",
			`{"a":null,"b":{"c":null,"d":1},"sub":{"global":{}}}`, ""},
		{"of the chart's own values, beside others", "b: {c: ~, d: 1}", "", "b: {e: 2}",
			`{"b":{"c":null,"d":1,"e":2},"sub":{"global":{}}}`, ""},
		{"over the chart's own", "a: 1\nb: {c: 1, d: 1}", "", "a: ~\nb: {c: ~}", `{"b":{"d":1},"sub":{"global":{}}}`, ""},
		{"over what the chart does not have", "a: 1", "", "b: ~\nc: {d: ~}", `{"a":1,"b":null,"c":{"d":null},"sub":{"global":{}}}`, ""},
		{"over the chart's own nulls", "a: ~\nb: {c: ~, d: 1}", "", "a: ~\nb: {c: ~}", `{"b":{"d":1},"sub":{"global":{}}}`, ""},
		{"of a subchart's values", "", "a: ~\nb: {c: ~, d: 1}", "", `{"sub":{"b":{"d":1},"global":{}}}`, ""},
		{"of the chart over the subchart's", "sub: {a: ~, b: {c: ~}}", "a: 1\nb: {c: 1, d: 1}", "",
			`{"sub":{"b":{"d":1},"global":{}}}`, ""},
		{"of the chart over the subchart's, beside others", "sub: {a: ~, b: {c: ~}}", "a: 1\nb: {c: 1, d: 1}",
			"sub: {e: 2}",
			`{"sub":{"b":{"d":1},"e":2,"global":{}}}`, ""},
		{"over the chart's for the subchart", "sub: {b: {c: 5}}", "a: 1\nb: {c: 1, d: 1}", "sub: {b: {c: ~}}",
			`{"sub":{"a":1,"b":{"c":1,"d":1},"global":{}}}`, `{"sub":{"a":1,"b":{"d":1},"global":{}}}`},
		{"over the subchart's", "", "a: 1\nb: {c: 1, d: 1}", "sub: {a: ~, b: {c: ~}}",
			`{"sub":{"a":1,"b":{"c":1,"d":1},"global":{}}}`, `{"sub":{"b":{"d":1},"global":{}}}`},
		{"over the subchart's nulls", "", "b: {c: ~, d: 1}", "sub: {b: {c: ~}}",
			`{"sub":{"b":{"c":null,"d":1},"global":{}}}`, `{"sub":{"b":{"d":1},"global":{}}}`},
		{"of global values", "global: {a: ~}", "global: {a: 1}", "", `{"global":{"a":null},"sub":{"global":{}}}`, ""},
		{"over global values", "global: {a: 1}", "global: {a: 2}", "global: {a: ~}", `{"global":{},"sub":{"global":{"a":1}}}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := makeChart(t, map[string]string{
				"Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies: [{name: sub, " +
					"version: 1.0.0}]\n",
				"values.yaml":            test.chart,
				"templates/v.yaml":       configMap("v: {{ .Values | toJson | quote }}"),
				"charts/sub/Chart.yaml":  "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
				"charts/sub/values.yaml": test.subchart,
			})
			if test.helm319 == "" {
				test.helm319 = test.helm316
			}
			for version, want := range map[string]string{"3.16.3": test.helm316, "3.19.4": test.helm319} {
				require.Equal(t, want, dataOf(t, version, c, Options{Values: values(t, test.values)})["v"], version)
			}
		})
	}
}

func TestFunctionsOfOlderHelm(t *testing.T) {
	c := makeChart(t, map[string]string{"templates/v.yaml": configMap("v: {{ toYamlPretty .Values | quote }}")})
	_, err := renderAs(t, "3.16.3", c, Options{})
	require.ErrorContains(t, err, `function "toYamlPretty" not defined`)
	_, err = renderAs(t, "3.19.4", c, Options{})
	require.NoError(t, err)
}

func TestValuesOfASubchartThatAreNoMapping(t *testing.T) {
	c := makeChart(t, map[string]string{"charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n"})
	_, err := renderAs(t, "3.19.4", c, Options{Values: map[string]any{"sub": "text"}})
	require.ErrorContains(t, err, "type mismatch on sub: string is no map")
	_, err = renderAs(t, "3.19.4", c, Options{Values: map[string]any{"global": "text"}})
	require.NoError(t, err)
}

// FuzzCoalescing compares with the linked Helm, whose rules differ for nulls only.
func FuzzCoalescing(f *testing.F) {
	f.Add("a: 1\nb: {c: 1}\nsub: {b: {x: 1}}\nglobal: {g: {h: 1}}", "b: {c: 2, d: 3}\nglobal: {g: {i: 2}}",
		"b: {e: 1}\nsub: {b: {c: 4}, global: {z: 1}}")
	f.Add("global: 1", "global: {a: 1}", "a: [1]\nsub: {a: {b: c}}")
	f.Add("sub: 1", "a: 1", "sub: {a: 2}")
	f.Add("sub: {a: 1}", "a: {b: 1}", "sub: {a: {c: 1}}")
	f.Fuzz(func(t *testing.T, own, subcharts, given string) {
		var all [3]map[string]any
		for i, text := range []string{own, subcharts, given} {
			if len(text) > 1000 || yaml.Unmarshal([]byte(text), &all[i]) != nil {
				return
			}
			dropNulls(all[i])
			if all[i] == nil {
				all[i] = map[string]any{}
			}
		}
		sub := &chart.Chart{Metadata: &chart.Metadata{Name: "sub"}, Values: all[1]}
		c := &chart.Chart{Metadata: &chart.Metadata{Name: "app"}, Values: all[0]}
		c.SetDependencies(sub)
		before, err := json.Marshal(all)
		require.NoError(t, err)
		want, wantError := chartutil.CoalesceValues(c, all[2])
		for _, version := range []string{"3.16.3", "3.19.4"} {
			got, err := helm3{chart: c, version: version}.coalesced(c, all[2])
			require.Equal(t, wantError == nil, err == nil, "%v, %v", wantError, err)
			if err == nil {
				require.Equal(t, toJSON(want), toJSON(got))
			}
		}
		after, err := json.Marshal(all)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after))
	})
}

// dropNulls removes the nulls of maps.
func dropNulls(value any) {
	m, ok := value.(map[string]any)
	if !ok {
		return
	}
	for _, key := range slices.Collect(maps.Keys(m)) {
		if m[key] == nil {
			delete(m, key)
		} else {
			dropNulls(m[key])
		}
	}
}

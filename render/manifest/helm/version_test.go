package helm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNullsDependOnTheVersion compares with Helm's own libraries, too.
func TestNullsDependOnTheVersion(t *testing.T) {
	for _, test := range []struct {
		name, chart, subchart, values string
		helm3, helm4                  string // .Values of the chart, and of the subchart
	}{
		{"of the chart's own values", "a: ~\nb: {c: ~, d: 1}", "", "",
			`{"a":null,"b":{"c":null,"d":1},"sub":{"global":{}}} {"global":{}}`,
			`{"b":{"d":1},"sub":{"global":{}}} {"global":{}}`},
		{"of the chart's own values, beside others", "b: {c: ~, d: 1}", "", "b: {e: 2}",
			`{"b":{"c":null,"d":1,"e":2},"sub":{"global":{}}} {"global":{}}`,
			`{"b":{"d":1,"e":2},"sub":{"global":{}}} {"global":{}}`},
		{"over the chart's own", "a: 1\nb: {c: 1, d: 1}", "", "a: ~\nb: {c: ~}",
			`{"b":{"d":1},"sub":{"global":{}}} {"global":{}}`,
			`{"b":{"d":1},"sub":{"global":{}}} {"global":{}}`},
		{"over what the chart does not have", "a: 1", "", "b: ~\nc: {d: ~}",
			`{"a":1,"b":null,"c":{"d":null},"sub":{"global":{}}} {"global":{}}`,
			`{"a":1,"b":null,"c":{"d":null},"sub":{"global":{}}} {"global":{}}`},
		{"of a subchart's values", "", "a: ~\nb: {c: ~, d: 1}", "",
			`{"sub":{"b":{"c":null,"d":1},"global":{}}} {"b":{"c":null,"d":1},"global":{}}`,
			`{"sub":{"b":{"d":1},"global":{}}} {"b":{"d":1},"global":{}}`},
		{"of the chart over the subchart's", "sub: {a: ~, b: {c: ~}}", "a: 1\nb: {c: 1, d: 1}", "",
			`{"sub":{"b":{"d":1},"global":{}}} {"b":{"d":1},"global":{}}`,
			`{"sub":{"a":1,"b":{"c":1,"d":1},"global":{}}} {"a":1,"b":{"c":1,"d":1},"global":{}}`},
		{"of the chart over the subchart's, beside others", "sub: {a: ~, b: {c: ~}}", "a: 1\nb: {c: 1, d: 1}",
			"sub: {e: 2}",
			`{"sub":{"b":{"d":1},"e":2,"global":{}}} {"b":{"d":1},"e":2,"global":{}}`,
			`{"sub":{"b":{"d":1},"e":2,"global":{}}} {"b":{"d":1},"e":2,"global":{}}`},
		{"over the subchart's", "", "a: 1\nb: {c: 1, d: 1}", "sub: {a: ~, b: {c: ~}}",
			`{"sub":{"b":{"d":1},"global":{}}} {"b":{"d":1},"global":{}}`,
			`{"sub":{"b":{"d":1},"global":{}}} {"b":{"d":1},"global":{}}`},
		{"of global values", "global: {a: ~}", "global: {a: 1}", "",
			`{"global":{"a":null},"sub":{"global":{}}} {"global":{}}`,
			`{"global":{},"sub":{"global":{"a":1}}} {"global":{"a":1}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := makeChart(t, map[string]string{
				"Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies: [{name: sub, " +
					"version: 1.0.0}]\n",
				"values.yaml":                test.chart,
				"templates/v.yaml":           "{{ toJson .Values }}",
				"charts/sub/Chart.yaml":      "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
				"charts/sub/values.yaml":     test.subchart,
				"charts/sub/templates/v.yml": "{{ toJson .Values }}",
			})
			for version, want := range map[string]string{"3.22.0": test.helm3, "4.3.1": test.helm4} {
				helms, ours, helmError, ourError := renderBoth(t, version, c, Options{ReleaseName: "rel",
					Values: values(t, test.values)})
				require.NoError(t, helmError)
				require.NoError(t, ourError)
				require.Equal(t, helms, ours)
				require.Equal(t, want, ours["app/templates/v.yaml"]+" "+ours["app/charts/sub/templates/v.yml"], version)
			}
		})
	}
}

func TestDocumentsOfAFileDependOnTheVersion(t *testing.T) {
	const documents = "# comment\n---\na: {b: 1}\n---\n# nothing\n---\na: {c: 2}\n"
	data := map[string]string{"templates/c.yaml": configMap("v: {{ .Values | toJson | quote }}")}
	own := map[string]string{"values.yaml": documents, "templates/c.yaml": data["templates/c.yaml"]}
	for version, want := range map[string]string{"3.22.0": `{"a":{"b":1}}`, "4.3.1": `{"a":{"b":1,"c":2}}`} {
		require.Equal(t, want, dataOf(t, version, makeChart(t, data),
			Options{ValueFiles: []File{{Data: []byte(documents)}}})["v"])
		require.Equal(t, want, dataOf(t, version, makeChart(t, own), Options{})["v"])
		read, err := ReadValues([]byte(documents), version)
		require.NoError(t, err)
		require.JSONEq(t, want, toJSON(read))
	}

	_, err := renderAs(t, "4.3.1", makeChart(t, data),
		Options{ValueFiles: []File{{"v.yaml", []byte("a: 1\n---\nb: 2\nc: [\n")}}})
	require.ErrorContains(t, err, "v.yaml: is no YAML map: error converting YAML to JSON: yaml: line 2:")
	pointer := File{"v.yaml", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:1f\nsize 12\n")}
	_, err = renderAs(t, "4.3.1", makeChart(t, data), Options{ValueFiles: []File{pointer}})
	require.ErrorContains(t, err, "v.yaml: is a Git LFS pointer, and not the file that it stands for")
	_, err = renderAs(t, "4.3.1",
		makeChart(t, map[string]string{"charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
			"charts/sub/values.yaml": "a: 1\n---\n[b]\n"}), Options{})
	require.ErrorContains(t, err, "app/charts/sub/values.yaml: is no YAML map: ")
}

// TestValuesOfAChartBehindAnEmptyDocument: the first document need not be the one with values.
func TestValuesOfAChartBehindAnEmptyDocument(t *testing.T) {
	for text, want := range map[string]string{
		"---\n# Copyright\n---\nb: 2\n": `{"b":2}`, "---\n---\nb: 2\n": `{"b":2}`, "# a\n---\n# b\n---\nb: 2": `{"b":2}`, "a: 1\n---\n": `{"a":1}`,
	} {
		c := makeChart(t, map[string]string{"values.yaml": text, "templates/c.yaml": configMap(
			"v: {{ .Values | toJson | quote }}")})
		require.Equal(t, want, dataOf(t, usual, c, Options{})["v"], text)
	}
	_, err := New(makeChart(t, map[string]string{"values.yaml": "a: 1\n--- {b: 2}\n"}), usual)
	require.ErrorContains(t, err, "app/values.yaml: is no YAML map: ")
}

func TestWhatTemplatesSeeDependsOnTheVersion(t *testing.T) {
	const fails = "it fails"
	for _, test := range []struct {
		template     string
		helm3, helm4 string
	}{
		{"{{ .Capabilities.HelmVersion.Version }}", "v3.22.0", "v4.3.1"},
		{"{{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.KubeVersion }}", "v1.34.2 v1.34.2",
			"v1.34.2-eks-1 v1.34.2"},
		{"{{ kindOf .Chart }} {{ .Chart.Name }} {{ .Chart.IsRoot }}", "struct app true", "map app true"},
		{"{{ .Chart.Unknown }}", fails, ""},
		{"{{ typeOf .Values }}", "chartutil.Values", "common.Values"},
		{"{{ mustToYaml (list 1) }} {{ mustToToml (dict `a` 1) }}", fails, "- 1 a = 1\n"},
		{"{{ mustToToml (dict `a` (dict `b` nil `c` (list nil))) }}", fails, fails},
	} {
		c := makeChart(t, map[string]string{"templates/_v.tpl": `{{ define "v" }}` + test.template + `{{ end }}`,
			"templates/c.yaml": configMap(`v: {{ include "v" . | quote }}`)})
		for version, want := range map[string]string{"3.22.0": test.helm3, "4.3.1": test.helm4} {
			o := Options{ReleaseName: "rel", KubeVersion: "1.34.2-eks-1"}
			helms, ours, helmError, ourError := renderBoth(t, version, c, o)
			require.Equal(t, helmError == nil, ourError == nil, "%s: %v, %v", test.template, helmError, ourError)
			require.Equal(t, want == fails, ourError != nil, test.template)
			if want != fails {
				require.Equal(t, helms, ours)
				require.Equal(t, want, dataOf(t, version, c, o)["v"])
			}
		}
	}
}

func TestOrderDependsOnTheVersion(t *testing.T) {
	c := makeChart(t, map[string]string{"templates/a.yaml": "kind: MutatingWebhookConfiguration\n---\nkind: Custom\n"})
	for version, first := range map[string]string{"3.22.0": "Custom", "4.3.1": "MutatingWebhookConfiguration"} {
		objects, err := renderAs(t, version, c, Options{})
		require.NoError(t, err)
		require.Len(t, objects, 2)
		require.Equal(t, first, objects[0].Object["kind"])
	}
}

func TestAliasesOfAChartWithASubchart(t *testing.T) {
	c := makeChart(t, map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n" +
			"- {name: sub, version: 1.0.0, alias: first}\n- {name: sub, version: 1.0.0, alias: second, condition: " +
			"second.on}\n",
		"values.yaml": "first: {deep: {v: 1}}\nsecond: {on: true, deep: {on: false}}\n",
		"charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\ndependencies: [{name: " +
			"deep, version: 1.0.0, condition: deep.on}]\n",
		"charts/sub/templates/a.yaml":         "{{ .Chart.Name }} {{ toJson .Values }} {{ keys .Subcharts }}",
		"charts/sub/charts/deep/Chart.yaml":   "apiVersion: v2\nname: deep\nversion: 1.0.0\n",
		"charts/sub/charts/deep/templates/a":  "{{ .Chart.Name }} {{ toJson .Values }} {{ .Template.BasePath }}",
		"charts/sub/charts/deep/values.yaml":  "v: 0\n",
		"charts/sub/charts/deep/crds/crd.yml": "kind: CRD\n",
	})
	for _, version := range versions {
		helms, ours, helmError, ourError := renderBoth(t, version, c, Options{ReleaseName: "rel"})
		require.NoError(t, helmError)
		require.NoError(t, ourError)
		require.Equal(t, helms, ours, version)
	}
}

// TestKubeVersionDependsOnTheVersion: whether charts see what follows its three numbers.
func TestKubeVersionDependsOnTheVersion(t *testing.T) {
	c := makeChart(t, map[string]string{
		"Chart.yaml":  "apiVersion: v2\nname: app\nversion: 1.0.0\nkubeVersion: '>=1.25.0-0'\n",
		"templates/v": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Capabilities.KubeVersion.Version }}'}\n",
	})
	for version, want := range map[string]string{"3.16.3": "v1.30.2-eks-1a2b3c", "3.19.4": "v1.30.2"} {
		manifests, err := renderAs(t, version, c, Options{ReleaseName: "rel", KubeVersion: "1.30.2-eks-1a2b3c"})
		require.NoError(t, err, version)
		require.Len(t, manifests, 1)
		require.Equal(t, map[string]any{"name": want}, manifests[0].Object["metadata"], version)
	}
	_, err := renderAs(t, "3.16.3", c, Options{ReleaseName: "rel", KubeVersion: "one"})
	require.ErrorContains(t, err, "one")
}

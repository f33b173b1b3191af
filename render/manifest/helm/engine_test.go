package helm

import (
	"maps"
	"testing"

	"github.com/Masterminds/sprig/v3"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

// renderBoth renders a chart with Helm's engine and with ours.
func renderBoth(t testing.TB, c *chart.Chart, o Options) (helms, ours map[string]string, helmError, ourError error) {
	t.Helper()
	prepared, err := New(c)
	require.NoError(t, err)
	top := func() (*chart.Chart, chartutil.Values) {
		own := clone(c)
		vals, err := o.values()
		require.NoError(t, err)
		require.NoError(t, chartutil.ProcessDependenciesWithMerge(own, vals))
		caps, err := capabilities(o.KubeVersion, o.APIVersions)
		require.NoError(t, err)
		release := chartutil.ReleaseOptions{Name: o.ReleaseName, Namespace: o.Namespace, Revision: 1, IsInstall: true}
		out, err := chartutil.ToRenderValuesWithSchemaValidation(own, vals, release, caps, true)
		require.NoError(t, err)
		return own, out
	}
	own, vals := top()
	helms, helmError = engine.Render(own, vals)
	own, vals = top()
	ours, ourError = prepared.execute(t.Context(), renderables(own, vals))
	return helms, ours, helmError, ourError
}

func TestEngineGivesWhatHelmsEngineGives(t *testing.T) {
	for _, test := range goldenCases {
		t.Run(test.name, func(t *testing.T) {
			helms, ours, helmError, ourError := renderBoth(t, loadChart(t, test.chart), goldenOptions(t, test.files, test.change))
			require.NoError(t, helmError)
			require.NoError(t, ourError)
			require.Equal(t, helms, ours)
		})
	}
}

func TestTemplatesAreExecutedAsByHelm(t *testing.T) {
	const helpers = `
{{ define "twice" }}first{{ end }}
{{ define "empty" }}{{ end }}
{{ define "recurse" }}{{ if . }}<{{ first . }}{{ template "recurse" rest . }}>{{ end }}{{ end }}
{{ define "data" }}[{{ . }}]{{ end }}
{{ define "root" }}{{ $.a }}{{ with .b }}{{ $.a }}{{ . }}{{ end }}{{ end }}`
	for name, template := range map[string]string{
		"text":                          `plain text`,
		"no value":                      `{{ .Values.no }}{{ .Values.m.no }}{{ "<no value>" }}`,
		"missing deep":                  `{{ .Values.no.deeper }}`,
		"pointer with a String method":  `{{ .Capabilities.KubeVersion }} {{ $v := .Capabilities.KubeVersion }}{{ $v }} {{ with .Capabilities.KubeVersion }}{{ . }}{{ end }}`,
		"template without data":         `{{ template "data" }}{{ template "data" nil }}{{ template "data" .Values.no }}`,
		"template with a method":        `{{ template "data" .Capabilities.KubeVersion }}{{ include "data" .Capabilities.KubeVersion }}`,
		"recursive template":            `{{ template "recurse" list 1 2 3 }}`,
		"variables of a template":       `{{ template "root" dict "a" 1 "b" 2 }}`,
		"a template in a pipeline":      `{{ include "data" 1 | upper | quote }}`,
		"unknown template":              `{{ template "unknown" . }}`,
		"unknown include":               `{{ include "unknown" . }}`,
		"range with else":               `{{ range .Values.l }}a{{ else }}b{{ end }}{{ range .Values.no }}a{{ else }}b{{ end }}`,
		"range over an int":             `{{ range 3 }}{{ . }}{{ end }}{{ range $i, $e := .Values.l }}{{ $i }}{{ $e }}{{ continue }}x{{ end }}`,
		"range over a map":              `{{ range $k, $v := .Values.m }}{{ $k }}={{ $v }};{{ end }}`,
		"assignments print nothing":     `{{ $x := 1 }}{{ $x = 2 }}{{ $x }}`,
		"trimming":                      "a  {{- 1 -}}  b\n{{- /* c */ -}}\nd",
		"if chains":                     `{{ if .Values.no }}a{{ else if .Values.s }}b{{ else }}c{{ end }}{{ with .Values.no }}a{{ else with .Values.s }}{{ . }}{{ end }}`,
		"block":                         `{{ block "own" . }}default{{ .Values.s }}{{ end }}`,
		"later definition wins":         `{{ define "twice" }}second{{ end }}{{ include "twice" . }}`,
		"empty does not replace":        `{{ define "twice" }}{{ end }}{{ include "twice" . }}`,
		"tpl sees templates":            `{{ tpl "{{ include \"data\" .x }}{{ template \"data\" .x }}" (dict "x" 1) }}`,
		"tpl of blanks":                 `a{{ tpl "  {{/* c */}}" . }}b`,
		"tpl in tpl":                    `{{ tpl "a{{ tpl \"b{{ tpl .z . }}\" . }}" (dict "z" "c{{ 1 }}") }}`,
		"tpl defines for itself":        `{{ tpl "{{ define \"data\" }}own{{ end }}{{ include \"data\" . }}" . }}{{ include "data" 1 }}`,
		"tpl of only a definition":      `{{ tpl "x{{ tpl \"{{ define \\\"q\\\" }}{{ end }}\" . }}y" . }}`,
		"tpl with a bad text":           `{{ tpl "{{ .a " . }}`,
		"tpl with no value":             `{{ tpl "{{ .no }}" (dict) }}{{ tpl "<no value>" . }}`,
		"maps, lists, nil":              `{{ .Values.m }}{{ .Values.l }}{{ nil | toJson }}{{ .Values.f }}{{ .Values.i }}{{ .Values.b }}`,
		"print functions":               `{{ print 1 2 "a" "b" 3 }}{{ printf "%v-%5.2f-%q" 1 2.5 "x" }}{{ println "x" }}{{ html "<" }}{{ js "'" }}{{ urlquery "a b" }}`,
		"comparisons":                   `{{ eq 1 1 }}{{ ne "a" "b" }}{{ lt 1 2 }}{{ and 1 0 }}{{ or 0 "x" }}{{ not true }}{{ len .Values.l }}{{ index .Values.l 1 }}{{ slice "abc" 1 2 }}`,
		"files":                         `{{ .Files.Get "a.txt" }}{{ range $n, $d := .Files }}{{ $n }}:{{ len $d }}{{ end }}{{ .Files.Glob "[" | len }}{{ toYaml .Files | sha256sum }}`,
		"names":                         `{{ .Template.Name }} {{ .Template.BasePath }} {{ .Chart.Name }} {{ .Chart.IsRoot }} {{ .Chart.Version }}`,
		"fail":                          `{{ fail "reason" }}`,
		"required":                      `{{ required "reason" .Values.no }}`,
		"required is there":             `{{ required "reason" .Values.s }}{{ required "reason" .Values.m }}{{ required "reason" 0 }}`,
		"unknown function":              `{{ expandenv "$HOME" }}`,
		"env":                           `{{ env "HOME" }}`,
		"not closed":                    `{{ if 1 }}`,
		"wrong type":                    `{{ upper .Values.l }}`,
		"call on nil":                   `{{ .Values.no.a.b }}`,
		"from and to":                   `{{ "a: [1, {b: yes}]" | fromYaml | toJson }}{{ "[1" | fromYamlArray }}{{ "{" | fromJson }}{{ "[2]" | fromJsonArray }}{{ "a = 1" | fromToml }}{{ dict "a" 1 | toToml }}{{ "= " | fromToml }}`,
		"set changes values":            `{{ $_ := set .Values "s" "changed" }}{{ .Values.s }}{{ $_ := unset .Values.m "k" }}{{ .Values.m }}`,
		"subcharts":                     `{{ .Subcharts }}`,
		"break out of a deep loop":      `{{ range until 3 }}{{ range until 3 }}{{ if eq . 1 }}{{ break }}{{ end }}{{ . }}{{ end }}{{ end }}`,
		"parentheses":                   `{{ (index (dict "a" (list 1 2)) "a") | first }}{{ (dict "a" 1).a }}`,
		"a function of the internals":   `{{ _step }}`,
		"another function of internals": `{{ _template "data" . }}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := makeChart(t, map[string]string{
				"values.yaml":        "s: text\nl: [a, b]\nm: {k: v}\nf: 1.0\ni: 12345678\nb: yes\n",
				"a.txt":              "text of a",
				"templates/_h.tpl":   helpers,
				"templates/x.yaml":   template,
				"templates/y/z.yaml": "{{ .Values.s }}",
			})
			helms, ours, helmError, ourError := renderBoth(t, c, Options{ReleaseName: "rel"})
			if helmError != nil {
				require.Error(t, ourError)
				return
			}
			require.NoError(t, ourError)
			require.Equal(t, helms, ours)
		})
	}
}

func TestFunctionsAreThoseOfHelm(t *testing.T) {
	names := maps.Clone(map[string]any(sprig.TxtFuncMap()))
	maps.Copy(names, knownFunctions())
	names["unknownFunction"] = true
	for name := range names {
		c := makeChart(t, map[string]string{"templates/x.yaml": "{{ if false }}{{ " + name + " }}{{ end }}"})
		_, _, helmError, ourError := renderBoth(t, c, Options{ReleaseName: "rel"})
		require.Equal(t, helmError == nil, ourError == nil, "%s: %v, %v", name, helmError, ourError)
	}
}

func TestDefaultAPIVersionsAreThoseOfTheLinkedHelm(t *testing.T) {
	require.Equal(t, []string(chartutil.DefaultVersionSet), DefaultAPIVersions,
		"the linked Helm knows other API versions; decide whether charts should see them")
}

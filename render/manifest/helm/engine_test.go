package helm

import (
	"maps"
	"testing"

	"github.com/Masterminds/sprig/v3"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	engine3 "helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart4 "helm.sh/helm/v4/pkg/chart/v2"
	loader4 "helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil4 "helm.sh/helm/v4/pkg/chart/v2/util"
	engine4 "helm.sh/helm/v4/pkg/engine"
)

// renderBoth renders a chart with Helm's engine and with ours.
func renderBoth(t testing.TB, version string, c *chart.Chart, o Options) (helms, ours map[string]string, helmError,
	ourError error) {
	t.Helper()
	o = complete(o)
	chart, err := New(c, version)
	require.NoError(t, err)
	prepare := func() *prepared {
		values, err := o.values(chart)
		require.NoError(t, err)
		p, err := chart.engine.prepare(values, o)
		require.NoError(t, err)
		return p
	}
	values, err := o.values(chart)
	require.NoError(t, err)
	switch caps := prepare().scope["Capabilities"].(type) {
	case *chartutil.Capabilities:
		own := clone(c)
		require.NoError(t, chartutil.ProcessDependenciesWithMerge(own, values))
		top, err := chartutil.ToRenderValuesWithSchemaValidation(own, values, o.release(), caps, true)
		require.NoError(t, err)
		helms, helmError = engine3.Render(own, top)
	case *common.Capabilities:
		own := loadAs4(t, c)
		require.NoError(t, chartutil4.ProcessDependencies(own, values))
		top, err := util.ToRenderValuesWithSchemaValidation(own, values, common.ReleaseOptions(o.release()), caps, true)
		require.NoError(t, err)
		helms, helmError = engine4.Render(own, top)
	}
	p := prepare()
	ours, ourError = chart.execute(t.Context(), chart.renderables(p))
	return helms, ours, helmError, ourError
}

// loadAs4 loads the files of a chart with Helm 4's loader.
func loadAs4(t testing.TB, c *chart.Chart) *chart4.Chart {
	t.Helper()
	var files []*archive.BufferedFile
	for _, f := range c.Raw {
		files = append(files, &archive.BufferedFile{Name: f.Name, Data: f.Data})
	}
	out, err := loader4.LoadFiles(files)
	require.NoError(t, err)
	return out
}

func TestEngineGivesWhatHelmsEngineGives(t *testing.T) {
	for _, version := range versions {
		for _, test := range goldenCases {
			t.Run(version+" "+test.name, func(t *testing.T) {
				helms, ours, helmError, ourError := renderBoth(t, version, loadChart(t, test.chart),
					goldenOptions(t, test.files, test.change))
				require.NoError(t, helmError)
				require.NoError(t, ourError)
				require.Equal(t, helms, ours)
			})
		}
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
			for _, version := range versions {
				helms, ours, helmError, ourError := renderBoth(t, version, c, Options{ReleaseName: "rel"})
				if helmError != nil {
					require.Error(t, ourError, version)
					continue
				}
				require.NoError(t, ourError, version)
				require.Equal(t, helms, ours, version)
			}
		})
	}
}

func TestFunctionsAreThoseOfHelm(t *testing.T) {
	names := maps.Clone(map[string]any(sprig.TxtFuncMap()))
	maps.Copy(names, functions4().known)
	names["unknownFunction"] = true
	for name := range names {
		c := makeChart(t, map[string]string{"templates/x.yaml": "{{ if false }}{{ " + name + " }}{{ end }}"})
		for _, version := range versions {
			_, _, helmError, ourError := renderBoth(t, version, c, Options{ReleaseName: "rel"})
			require.Equal(t, helmError == nil, ourError == nil, "%s as Helm %s: %v, %v", name, version, helmError,
				ourError)
		}
	}
}

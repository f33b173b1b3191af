package helm

import (
	"context"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml/explosive"
)

// bombs are templates that would end a process: by its stack, its memory, or by never ending.
var bombs = map[string]string{
	"template calls itself":     `{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`,
	"templates call each other": `{{ define "a" }}{{ template "b" . }}{{ end }}{{ define "b" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`,
	"template in blocks":        `{{ define "a" }}` + strings.Repeat("{{ if 1 }}", 500) + `{{ template "a" . }}` + strings.Repeat("{{ end }}", 500) + `{{ end }}{{ template "a" . }}`,
	"include calls itself":      `{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`,
	"include and template":      `{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`,
	"many includes":             `{{ define "a" }}{{ range $i := until 300 }}{{ tpl (printf "{{ define \"t%d\" }}{{ include \"a\" . }}{{ end }}{{ include \"t%d\" . }}" $i $i) $ }}{{ end }}{{ end }}{{ include "a" . }}`,
	"tpl calls itself":          `{{ tpl .Values.self . }}`,
	"file calls itself":         `{{ include .Template.Name . }}`,
	"until":                     `{{ until 1000000000000 }}`,
	"until below":               `{{ until -1000000000000 }}`,
	"untilStep":                 `{{ untilStep -9223372036854775808 9223372036854775807 1 }}`,
	"seq":                       `{{ seq 1 1000000000 }}`,
	"seq with steps":            `{{ seq 0 1 1000000000 }}`,
	"repeat":                    `{{ repeat 1000000000 "text" }}`,
	"indent":                    `{{ indent 1000000000 "text" }}`,
	"nindent":                   `{{ nindent 1000000000 "text" }}`,
	"width":                     `{{ printf (repeat 10000 "%1000000d") 1 }}`,
	"star":                      `{{ printf (repeat 10000 "%*d") 1000000 1 }}`,
	"rand":                      `{{ randAlphaNum 2000000000 }}`,
	"replace":                   `{{ replace "a" (repeat 1000000 "b") (repeat 1000000 "a") }}`,
	"regex":                     `{{ regexReplaceAll ".*" (repeat 100000 "b") (repeat 100000 "$0") }}`,
	"join":                      `{{ join (repeat 1000000 "b") (until 100000) }}`,
	"wrapWith":                  `{{ wrapWith 1 (repeat 1000000 "b") (repeat 1000000 "a") }}`,
	"doubling text":             `{{ $s := "text" }}{{ range until 60 }}{{ $s = printf "%s%s" $s $s }}{{ end }}`,
	"quoting again":             `{{ $s := "\"" }}{{ range until 60 }}{{ $s = toJson $s }}{{ end }}`,
	"doubling list":             `{{ $l := list 1 2 }}{{ range until 60 }}{{ $l = concat $l $l }}{{ end }}`,
	"nested loops over a value": `{{ $l := until 100000 }}{{ range $l }}{{ range $l }}{{ range $l }}{{ end }}{{ end }}{{ end }}`,
	"range over an int":         `{{ range 1000000000000 }}{{ end }}`,
	"map in itself":             `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}`,
	"toYaml of itself":          `{{ $d := dict }}{{ $_ := set $d "d" (list $d) }}{{ toYaml $d }}`,
	"toYamlPretty of itself":    `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toYamlPretty $d }}`,
	"toToml of itself":          `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toToml $d }}`,
	"deepCopy of itself":        `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d }}`,
	"merge of itself":           `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ merge $d $d }}`,
	"printf of itself":          `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ printf "%v" $d }}`,
	"error with itself":         `{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ int $d }}`,
	"quote of itself":           `{{ $_ := set .Values "v" .Values }}{{ quote .Values }}`,
	"values in themselves":      `{{ $_ := set .Values "v" . }}{{ . }}`,
	"merged into itself":        `{{ $d := dict }}{{ $_ := merge $d (dict "x" $d) }}{{ toString $d }}`,
	"each level twice":          `{{ $d := dict }}{{ range until 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $d }}`,
	"each level twice as YAML":  `{{ $d := list }}{{ range until 60 }}{{ $d = list $d $d }}{{ end }}{{ toYaml $d }}`,
	"deep map":                  `{{ $d := dict }}{{ range until 1000000 }}{{ $d = dict "a" $d }}{{ end }}{{ $d }}`,
	"many keys":                 `{{ range until 1000 }}{{ $_ := genPrivateKey "ed25519" }}{{ end }}`,
	"many actions":              strings.Repeat("{{ if 1 }}", maxActions+1),
	"many actions given to tpl": `{{ tpl (repeat 200000 "{{ if 1 }}") . }}`,
	"deep parentheses":          "{{ " + strings.Repeat("(", 1_000_000) + "1" + strings.Repeat(")", 1_000_000) + " }}",
	"panic of a function of Go": `{{ index (list 1) 5 }}`,
	"panic of a function":       `{{ substr 5 1 "abc" }}`,
	"negative repeat":           `{{ repeat -1 "x" }}`,
	"division by zero":          `{{ div 1 0 }}`,
}

func TestBombsAreErrorsOfOneLine(t *testing.T) {
	for name, template := range bombs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := makeChart(t, map[string]string{
				"values.yaml":      `self: "{{ tpl .Values.self . }}"`,
				"templates/x.yaml": "{{/* the first line */}}\n" + template,
			})
			prepared, err := New(c, usual)
			require.NoError(t, err)
			prepared.limits.Steps /= 10 // for the sake of time
			if strings.Contains(template, "range until 60") {
				prepared.limits.Bytes /= 16
			}
			_, err = prepared.Render(t.Context(), complete(Options{ReleaseName: "rel"}))
			require.Error(t, err)
			require.NotContains(t, err.Error(), "\n")
			require.Less(t, len(err.Error()), 1000)
			require.Contains(t, err.Error(), "app/templates/x.yaml:")
		})
	}
}

func TestRenderStopsWhenItsContextEnds(t *testing.T) {
	c := makeChart(t, map[string]string{"templates/x.yaml": bombs["nested loops over a value"]})
	prepared, err := New(c, usual)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = prepared.Render(ctx, complete(Options{ReleaseName: "rel"}))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestRecursionWithAnEndIsAllowed(t *testing.T) {
	out, err := renderData(t, "", `a: {{ include "count" 900 | trim | len | quote }}`+"\n"+
		`b: {{ template "down" 900 }}`+"\n"+
		`{{ define "count" }}{{ if . }}x{{ include "count" (sub . 1) }}{{ end }}{{ end }}`+
		`{{ define "down" }}{{ if . }}{{ template "down" (sub . 1) }}{{ else }}end{{ end }}{{ end }}`, Options{})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": "900", "b": "end"}, out)
}

func TestMemoryDoesNotGrowWithRenders(t *testing.T) {
	prepared, err := New(loadChart(t, "bench"), usual)
	require.NoError(t, err)
	o := goldenOptions(t, benchFiles, nil)
	heap := func(renders int) uint64 {
		for range renders {
			_, err := prepared.Render(t.Context(), complete(o))
			require.NoError(t, err)
		}
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap(20)
	require.Less(t, heap(300), before+(2<<20))
}

func TestYAMLIsGuarded(t *testing.T) {
	const name = "app/templates/x.yaml"
	for _, document := range explosive.Documents {
		for place, test := range map[string]struct {
			files map[string]string
			file  string // as a value file
			want  string
		}{
			"value file": {files: nil, file: document.YAML, want: "values/a.yaml"},
			"output": {files: map[string]string{"templates/x.yaml": "# {{ .Release.Name }}\n" + document.YAML},
				want: name},
			"second output": {files: map[string]string{"templates/x.yaml": "a: 1\n---\n" + document.YAML}, want: name},
			"crds":          {files: map[string]string{"crds/x.yaml": document.YAML}, want: "app/crds/x.yaml"},
			"fromYaml": {files: map[string]string{"big": document.YAML,
				"templates/x.yaml": "\n{{ .Files.Get \"big\" | fromYaml | toYaml }}"}, want: name + ":2: "},
			"fromYamlArray": {files: map[string]string{"big": "-\n" + document.Indented("  "),
				"templates/x.yaml": "{{ .Files.Get \"big\" | fromYamlArray | toYaml }}"}, want: name + ":1: "},
		} {
			t.Run(document.Name+" in "+place, func(t *testing.T) {
				o := Options{}
				if test.file != "" {
					o.ValueFiles = []File{{"values/a.yaml", []byte(test.file)}}
				}
				_, err := render(t, makeChart(t, test.files), o)
				require.ErrorContains(t, err, test.want)
				message, hint, _ := strings.Cut(document.Message, "; ")
				require.ErrorContains(t, err, strings.Split(message, " (line")[0])
				require.Regexp(t, "; "+regexp.QuoteMeta(hint)+"$", err.Error())
				require.NotContains(t, err.Error(), "\n")
			})
		}
	}
}

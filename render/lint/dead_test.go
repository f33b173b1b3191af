package lint

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestDeadValues tries values of one chart with a subchart, a library and features that are off.
func TestDeadValues(t *testing.T) {
	const values = "resources/bootstrap/defaults/resources/demo/values.yaml"
	chart := map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: demo\nversion: 1.0.0\ndependencies:\n" +
			"- {name: sub, version: '*', condition: sub.enabled, tags: [all]}\n- {name: lib, version: '*'}\n",
		"values.yaml": "ingress: {enabled: false, annotations: {}, hosts: []}\nclasses: {}\nmode: a\nlist: []\n",
		"templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  mode: {{ .Values.mode }}\n" +
			"{{- range $k, $v := .Values.classes }}\n  {{ $k }}: {{ $v.size | quote }}\n{{- end }}\n" +
			"{{- range .Values.list }}\n  {{ .name }}: {{ .text | quote }}\n{{- end }}\n" +
			"{{- if .Values.ingress.enabled }}\n  i: {{ toJson .Values.ingress | quote }}\n{{- end }}\n{{ include \"lib\" . }}\n",
		"charts/sub/Chart.yaml":      "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
		"charts/sub/values.yaml":     "port: 1\n",
		"charts/sub/templates/a":     "",
		"charts/lib/Chart.yaml":      "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
		"charts/lib/values.yaml":     "fromLibrary: {}\n",
		"charts/lib/templates/_.tpl": `{{ define "lib" }}{{ if .Values.extra }}{{ .Values.extra.deep }}{{ end }}{{ end }}`,
	}
	tests := []struct {
		what, values string
		dead         []string
	}{
		{"what counts, or may", "x-a: &a b\nmode: *a\nglobal: {x: 1}\ntags: {all: true}\nsub: {port: 2, enabled: true}\n" +
			"fromLibrary: {x: y}\nextra: {}\ningress: {annotations: {a/b: c}, hosts: [{host: h, tls: {x: y}}]}", nil},
		{"what does not", "x-a: &a b\nmod: b\nsub: {prot: 2}\nclasses: {big: {size: 1, siez: 2}}\n" +
			"list: [{name: a, text: b, txet: c}]",
			[]string{"x-a", "mod", "sub.prot", "classes.big.siez", "list.0.txet"}},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			tree := exampleFleet(t)
			for name, text := range chart {
				tree["charts/demo/"+name] = &fstest.MapFile{Data: []byte(text)}
			}
			const components = "charts/application-sets/values/resources.yaml"
			tree[components] = &fstest.MapFile{Data: append(tree[components].Data, "\ndemo:\n  enabled: true\n"+
				"  path: charts/demo\n  namespace: x\n  defaultVersion: '1'\n  selectorMatchLabels: {enable_remote_addons: 'false'}\n"...)}
			tree[values] = &fstest.MapFile{Data: []byte(test.values)}
			var dead []string
			for _, f := range lintTree(t, tree, render.StageManifests).Findings {
				require.Equal(t, problem.RuleDeadValue, f.Rule, f.Error())
				require.Equal(t, values, f.File)
				key, _, _ := strings.Cut(f.Message, " ")
				dead = append(dead, key)
			}
			require.Equal(t, test.dead, dead)
		})
	}
}

package dead_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/dead"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// TestDeadValues tries values of one chart with a subchart, a library and features that are off.
func TestDeadValues(t *testing.T) {
	const values = "resources/bootstrap/defaults/resources/demo/values.yaml"
	chart := map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: demo\nversion: 1.0.0\ndependencies:\n" +
			"- {name: sub, version: '*', condition: sub.enabled, tags: [all]}\n- {name: lib, version: '*'}\n",
		"values.yaml": "ingress: {enabled: false, annotations: {}, hosts: []}\nclasses: {}\nmode: a\nlist: []\n",
		"templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  mode: {{ .Values.mode " +
			"}}\n" +
			"{{- range $k, $v := .Values.classes }}\n  {{ $k }}: {{ $v.size | quote }}\n{{- end }}\n" +
			"{{- range .Values.list }}\n  {{ .name }}: {{ .text | quote }}\n{{- end }}\n" +
			"{{- if .Values.ingress.enabled }}\n  i: {{ toJson .Values.ingress | quote }}\n{{- end }}\n{{ include " +
			"\"lib\" . }}\n",
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
		{"what counts, or may",
			"x-a: &a b\nmode: *a\nglobal: {x: 1}\ntags: {all: true}\nsub: {port: 2, enabled: true}\n" +
				"fromLibrary: {x: y}\nextra: {}\ningress: {annotations: {a/b: c}, hosts: [{host: h, tls: {x: y}}]}",
			nil},
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
				"  path: charts/demo\n  namespace: x\n  defaultVersion: '1'\n  selectorMatchLabels: "+
				"{enable_remote_addons: 'false'}\n"...)}
			tree[values] = &fstest.MapFile{Data: []byte(test.values)}
			var keys []string
			for _, f := range lintTree(t, tree, render.StageManifests).Findings {
				require.Equal(t, problem.RuleDeadValue, f.Rule, f.Error())
				require.Equal(t, values, f.File)
				key, _, _ := strings.Cut(f.Message, " ")
				keys = append(keys, key)
			}
			require.Equal(t, test.dead, keys)
		})
	}
}

func exampleFleet(t *testing.T) fstest.MapFS { return testfleet.Load(t, "../../../testdata/fleet") }

func lintTree(t *testing.T, tree fs.FS, stage string) *lint.Report {
	t.Helper()
	s, err := stages.Config{}.Open(t.Context(), tree, render.Options{Note: &worktree.Note{}},
		stages.Charts{CacheDir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	report, err := lint.Run(t.Context(), s, lint.Options{Stage: stage, Tree: tree,
		Request: render.Request{Targets: render.Targets{All: true}}})
	require.NoError(t, err)
	return report
}

// TestOverridden: a key that the same later file overrides for each cluster changes nothing.
func TestOverridden(t *testing.T) {
	tree := exampleFleet(t)
	for name, text := range map[string]string{"low.yaml": "a: 1\nb: {c: 2}\n", "high.yaml": "a: 3\nb: {c: 2}\n"} {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	ledger := dead.New(func(file string) (*hierarchy.Document, error) {
		return hierarchy.ReadDocument(tree, file, file, hierarchy.MaxFileSize)
	}, nil)
	ledger.SeeValueFiles([]string{"low.yaml", "*.yaml", "high.yaml"}, "one")
	require.Empty(t, ledger.Overridden(), "of one cluster, it may be a default")
	ledger.SeeValueFiles([]string{"low.yaml", "high.yaml"}, "two")
	found := ledger.Overridden()
	require.Len(t, found, 1)
	require.EqualError(t, found[0], "low.yaml:1: a changes nothing: high.yaml overrides it for each cluster; "+
		"remove one of the two")
}

package render_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// seeds are values as people write them, and as nobody should.
var seeds = []string{
	"",
	"# nothing\n",
	"mergeValues: {base: {use: true}}\nplain: {enabled: false}\n",
	"a: {enabled: true, namespace: x, path: p, defaultVersion: 1.10}\n",
	"a: {enabled: yes, chartName: ch, chartNamespace: oci, chartRepository: r, defaultVersion: " +
		"20250131}\nreleaseType: blue\n",
	"a: &a {enabled: true, valuesObject: {x: 1, \"<<\": {y: 2}}}\nb: {<<: *a, n: 010, on: off}\n",
	"a_b: {enabled: true}\na-b: {enabled: true}\n",
	"a: {enabled: true, environments: [{selector: {env: dev}, chartVersion: 2}, {selector: {env: prod}}]}\n",
	"a: {enabled: true, gitMatrix: true, matrixPath: x, selector: {matchLabels: {l: 1}, matchExpressions: [{key: k, " +
		"operator: In, values: [v]}]}}\nuseSelectors: true\n",
	"a: {enabled: true, enableAckPodIdentity: true, ackPodIdentity: {repoURL: R, chart: c}, additionalResources: " +
		"{path: p, chart: c, repoURL: R, type: t, helm: {releaseName: r, valuesObject: {q: null}}}}\n",
	"a: {enabled: true, templatePatch: \"  x\\n y\\u2028\\0\", labelsApp: {a: null, b: 1}, syncPolicy: {automated: " +
		"{prune: 'x'}}}\n",
	"a: {enabled: true, templatePatch: \"x\\ny\\n---\\nz\\n\"}\nb: {enabled: true, namespace: \"\\n---\\n\"}\n",
	"valueFiles: {b: two, a: one}\nglobalValuesObject: {'': '', ' ': ~, .inf: .nan, 1: 2, [a]: b}\na: {enabled: " +
		"true}\n",
	"éééééééééééééééééééééééééééééééé: {enabled: true}\n\"a\\nb\\e[31m\": {enabled: true}\n",
	"a: !!binary aGk=\nb: !!str 1\nc: 2024-05-06\nd: 0x1F\ne: 1_000\nf: 1e400\n",
	"a: {enabled: true, namespace: '{{ .x', valuesObject: {t: '{{ range .y }}{{ end }}'}}\n---\nb: {enabled: true}\n",
	"a: &x [*x]\n",
	"a: {enabled: true}\na: {enabled: true, enable: true, labels: []}\n",
	"\ttab: 1\n",
	"- a\n",
	"a: {enabled: [",
	"repoURLGit: null\na: {enabled: true}\n",
}

// FuzzRender reads any bytes as a values file, or as a component file. There is no panic, an error is one line, and
// what is rendered is read by a strict parser as it was meant, by both formats.
func FuzzRender(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	example, err := filepath.Glob(testdata + "/fleet/charts/application-sets/values/*.yaml")
	require.NoError(f, err)
	for _, name := range example {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(data, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, asValues bool) {
		const defaults = "repoURLGit: https://git.example/fleet\nvalueFiles: [defaults]\nglobalSelectors: {fleet: " +
			"one}\n"
		r := question{Request: render.Request{AllowEmpty: true}}
		if asValues {
			r.Catalog = catalog("-- values.yaml --\n" + defaults +
				"-- values/base.yaml --\nplain: {enabled: true, namespace: x}\n")
			r.Files = []render.File{{Name: "fuzz.yaml", Data: data}}
		} else {
			fsys := files("-- values.yaml --\n" + defaults)
			fsys["values/base.yaml"] = &fstest.MapFile{Data: data, Mode: 0o644}
			r.Catalog = catalog()
			r.Catalog.FS = fsys
			r.Files = valuesFiles("mergeValues: {base: {use: true}}\n")
		}
		result, err := renderOf(r)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			require.NotContains(t, err.Error(), "\r")
			require.Nil(t, result)
			return
		}
		for _, w := range result.Warnings {
			require.NotContains(t, w.Error(), "\n")
		}
		requireReadable(t, result.Objects)
		again, err := renderOf(r)
		require.NoError(t, err)
		require.Equal(t, result, again)
	})
}

// requireReadable checks that objects are what is read from their encoding.
func requireReadable(t testing.TB, objects []render.Object) {
	t.Helper()
	data, err := render.Encode(objects, "yaml")
	require.NoError(t, err)
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data))) // which Argo CD uses
	for _, object := range objects {
		document, err := reader.Read()
		require.NoError(t, err)
		var read render.Object
		require.NoError(t, yaml.UnmarshalStrict(document, &read))
		require.Equal(t, object, read)
	}
	_, err = reader.Read()
	require.ErrorIs(t, err, io.EOF, "nothing in the values looks like a separator")
	data, err = render.Encode(objects, "json")
	require.NoError(t, err)
	var list struct {
		Items []render.Object `json:"items"`
	}
	require.NoError(t, yaml.Unmarshal(data, &list))
	require.Len(t, list.Items, len(objects))
	for i := range objects {
		require.Equal(t, objects[i], list.Items[i])
	}
}

package kustomize

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// FuzzBuild proves that nothing in a kustomization, a file of objects or a file of patches and plugin configurations
// makes a build panic, or print another thing than one line. That nothing is executed or downloaded is watched as far
// as it can be: there is no PATH to find a program in, and a request would fail and say so.
func FuzzBuild(f *testing.F) {
	for _, kustomization := range []string{
		"resources: [a.yaml]\npatches: [{path: b.yaml}]", "resources: [http://127.0.0.1:1/x]",
		"resources: [github.com/a/b]", "transformers: [b.yaml]",
		"generators: ['{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: a}, literals: [a=b]}']",
		"bases: [../base]\ncommonLabels: {a: b}",
		"configMapGenerator: [{name: a, files: [a.yaml], envs: [b.yaml]}]", "replacements: [{path: b.yaml}]",
		"openapi: {path: b.yaml}\nresources: [a.yaml]",
		"vars: [{name: A, objref: {kind: Deployment, name: web, apiVersion: apps/v1}}]\nresources: [a.yaml]",
		"helmCharts: [{name: a}]", "crds: [b.yaml]",
		"configurations: [b.yaml]\nresources: [a.yaml]\nnamespace: x\nreplicas: [{name: web, count: 2}]\nimages: " +
			"[{name: nginx}]", "a: &a [*a]", "kind: Component\nnamespace: a",
		"patches: [{patch: '[{op: add}]', target: {name: '('}}]\nresources: [a.yaml]",
		"buildMetadata: [originAnnotations, transformerAnnotations, managedByLabel]\nresources: [a.yaml]",
	} {
		f.Add([]byte(kustomization), []byte(deployment), []byte("- {op: add, path: /metadata/labels, value: {a: b}}"))
	}
	f.Add([]byte("transformers: [b.yaml]\nresources: [a.yaml]"), []byte(deployment),
		[]byte("apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\npath: http://127.0.0.1:1/\n"))
	f.Add([]byte("patches: [{path: b.yaml}]\nresources: [a.yaml]"), []byte(deployment), []byte(deployment))
	f.Fuzz(func(t *testing.T, kustomization, a, b []byte) {
		t.Setenv("PATH", "")
		files := fstest.MapFS{
			"app/kustomization.yaml":  &fstest.MapFile{Data: kustomization},
			"app/a.yaml":              &fstest.MapFile{Data: a},
			"app/b.yaml":              &fstest.MapFile{Data: b},
			"base/kustomization.yaml": &fstest.MapFile{Data: []byte("resources: [d.yaml]\n")},
			"base/d.yaml":             &fstest.MapFile{Data: []byte(deployment)},
		}
		objects, err := Build(files, "app", Options{})
		if err == nil {
			again, err := Build(files, "app", Options{})
			require.NoError(t, err)
			require.Equal(t, objects, again)
			return
		}
		require.Empty(t, objects)
		for _, sign := range []string{"\n", "/repository", "dial tcp", "no such host", "unsupported protocol scheme",
			"executable file not found", "git exec"} {
			require.NotContains(t, err.Error(), sign)
		}
	})
}

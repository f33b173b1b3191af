package kustomize

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml/explosive"
)

func TestBuildErrors(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("apiVersion: v1\nkind: A\nmetadata: {name: a}\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10),
			", "))
	}
	inline := "  " + strings.ReplaceAll(bomb.String(), "\n", "\n  ")
	const beyond = ": YAML aliases expand beyond measure; write the values out, or use fewer aliases"
	for _, test := range []struct{ name, files, want string }{
		{"no directory", "", "app: cannot be read: file does not exist"},
		{"a file", "-- app --\n", "app: is a file, not a directory"},
		{"no kustomization", "-- app/a.yaml --\n", "app: is no Kustomize directory; add a kustomization.yaml"},
		{"two kustomizations", "-- app/kustomization.yaml --\n-- app/Kustomization --\n",
			"app: holds both kustomization.yaml and Kustomization; keep one of them"},
		{"a base without one", "-- app/kustomization.yaml --\nresources: [../b]\n-- b/x --\n",
			"b: is no Kustomize directory; add a kustomization.yaml"},
		{"an empty one", "-- app/kustomization.yaml --\n",
			"app/kustomization.yaml: kustomize build: kustomization.yaml is empty"},
		{"broken YAML", "-- app/kustomization.yaml --\nresources: [\n",
			"app/kustomization.yaml:1: is not YAML: did not find expected node content"},
		{"a list", "-- app/kustomization.yaml --\n- a\n",
			"app/kustomization.yaml: is not a kustomization: cannot unmarshal array into Go value of type " +
				"types.Kustomization"},
		{"an unknown field", "-- app/kustomization.yaml --\nnamespace: a\nresourcez: []\n",
			`app/kustomization.yaml:2: there is no field "resourcez" in a kustomization; see https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/`},
		{"a wrong type", "-- app/kustomization.yaml --\nnamespace: a\nresources: {}\n",
			"app/kustomization.yaml:2: is not a kustomization: cannot unmarshal object into Go struct field " +
				"Kustomization.resources of type []string"},
		{"a directory as a patch", "-- app/kustomization.yaml --\npatches: [{path: sub}]\n-- app/sub/x --\n", `app/kustomization.yaml:1: "sub" is a directory, not a file`},
		{"a file as a component", "-- app/kustomization.yaml --\ncomponents: [x]\n-- app/x --\n", `app/kustomization.yaml:1: "x" is no directory`},
		{"itself", "-- app/kustomization.yaml --\nresources: [.]\n", `app/kustomization.yaml:1: "." makes a cycle: app holds app, which includes it`},
		{"nothing", "-- app/kustomization.yaml --\nresources: ['']\n", `app/kustomization.yaml:1: "" makes a cycle: app holds app, which includes it`},
		{"its parent", "-- app/kustomization.yaml --\nresources: [..]\n-- kustomization.yaml --\nnamespace: x\n",
			`app/kustomization.yaml:1: ".." makes a cycle: . holds app, which includes it`},
		{"a circle of bases", "-- app/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml " +
			"--\nnamespace: x\nresources:\n- ../app\n",
			`b/kustomization.yaml:3: "../app" makes a cycle: app holds app, which includes it`},
		{"a circle of components", "-- app/kustomization.yaml --\ncomponents: [../b]\n-- b/kustomization.yaml " +
			"--\nkind: Component\ncomponents: [../b]\n",
			`b/kustomization.yaml:2: "../b" makes a cycle: b holds b, which includes it`},
		{"objects that are none", "-- app/kustomization.yaml --\nresources: [a.yaml]\n-- app/a.yaml --\na: 1\n",
			"app/a.yaml: kustomize build: missing Resource metadata"},
		{"a bomb in objects", "-- app/kustomization.yaml --\nresources: [a.yaml]\n-- app/a.yaml --\n" + bomb.String(),
			"app/a.yaml" + beyond},
		{"a bomb in the second document", "-- app/kustomization.yaml --\nresources: [a.yaml]\n-- app/a.yaml --\n" +
			deployment + "---\n" + bomb.String(), "app/a.yaml" + beyond},
		{"a bomb in a kustomization", "-- app/kustomization.yaml --\n" + bomb.String(), "app/kustomization.yaml" +
			beyond},
		{"a bomb in a patch", "-- app/kustomization.yaml --\npatches:\n- path: a.yaml\n-- app/a.yaml --\n" +
			bomb.String(), "app/a.yaml" + beyond},
		{"a bomb in an inline patch", "-- app/kustomization.yaml --\npatchesStrategicMerge:\n- |\n" + inline + "\n",
			"app/kustomization.yaml" + beyond},
		{"a bomb in an inline configuration", "-- app/kustomization.yaml --\ntransformers:\n- |\n" + inline + "\n",
			"app/kustomization.yaml" + beyond},
		{"a broken schema", "-- app/kustomization.yaml --\nresources: [a.yaml]\npatches: [{path: a.yaml}]\nopenapi: " +
			"{path: s.json}\n-- app/s.json --\n{\"definitions\": 1}\n-- app/a.yaml --\n" + deployment +
			"-- app/x --\n", "app: kustomize cannot build this: invalid schema file"},
		{"objects of a base that are none", "-- app/kustomization.yaml --\nresources: [../b]\n-- " +
			"b/kustomization.yaml --\nresources: [sub/a.yaml]\n-- b/sub/a.yaml --\na: 1\n",
			"b/sub/a.yaml: kustomize build: missing Resource metadata"},
		{"a base that is empty", "-- app/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\n",
			"b/kustomization.yaml: kustomize build: couldn't make target for path 'b': kustomization.yaml is empty"},
		{"an unknown schema", "-- app/kustomization.yaml --\nopenapi: {version: v9}\n",
			"app/kustomization.yaml: kustomize build: the specified OpenAPI version is not built in"},
		{"the same object twice", "-- app/kustomization.yaml --\nresources: [a.yaml, b.yaml]\n-- app/a.yaml --\n" +
			deployment + "-- app/b.yaml --\n" + deployment, "app/b.yaml: kustomize build: may not add resource with " +
			"an already registered id: Deployment.v1.apps/web.[noNs]"},
		{"a patch for nothing", "-- app/kustomization.yaml --\nresources: [a.yaml]\npatches: [{patch: '{kind: X, metadata: {name: gone}}'}]\n-- app/a.yaml --\n" + deployment, `app/kustomization.yaml: kustomize build: no resource matches strategic merge patch "X.[noVer].[noGrp]/gone.[noNs]": no matches for Id X.[noVer].[noGrp]/gone.[noNs]; failed to find unique target for patch X.[noVer].[noGrp]/gone.[noNs]`},
		{"a secret in a broken generator",
			"-- app/kustomization.yaml --\nsecretGenerator: [{name: a, literals: [secret-canary]}]\n",
			"app/kustomization.yaml: kustomize build: loading KV pairs: a literal is not KEY=VALUE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects, err := Build(archive(test.files), "app", Options{})
			require.EqualError(t, err, test.want)
			require.Empty(t, objects)
		})
	}
	_, err := Build(fstest.MapFS{}, "../app", Options{})
	require.EqualError(t, err, "../app: is no path of the repository")
}

func TestMessagesShowNoValues(t *testing.T) {
	for message, want := range map[string]string{
		"empty item at [data] in object apiVersion: v1\ndata: " +
			"canary\n": "empty item at [data] in object",
		"trouble configuring builtin X with config: `\nliterals: [canary]\n`: " +
			"wrong": "trouble configuring builtin X: wrong",
		"must specify one of patch and path in\ncanary": "must specify one of patch " +
			"and path",
		`illegally qualifies as both an SM and JSON patch: [patch: "a: \"canary\"\n"]`: "illegally qualifies as both an SM and JSON patch: an inline patch",
		"recursed accumulation of path '/repository/a/b': recursed accumulation of path " +
			"'/repository': wrong": "a/b: .: wrong",
	} {
		require.Equal(t, want, readable(errors.New(message)))
	}
}

func TestLimits(t *testing.T) {
	t.Run("large file", func(t *testing.T) {
		files := archive("-- app/kustomization.yaml --\nresources: [a.yaml]\n")
		files["app/a.yaml"] = &fstest.MapFile{Data: make([]byte, maxFileSize+1)}
		_, err := Build(files, "app", Options{})
		require.EqualError(t, err, `app/kustomization.yaml:1: "a.yaml" is larger than 10 MiB`)
	})
	t.Run("large file of a generator", func(t *testing.T) {
		files := archive("-- app/kustomization.yaml --\nconfigMapGenerator: [{name: a, files: [a]}]\n")
		files["app/a"] = &fstest.MapFile{Data: make([]byte, maxFileSize+1)}
		_, err := Build(files, "app", Options{})
		require.ErrorContains(t, err, "app/a: is larger than 10 MiB")
	})
	t.Run("much in all", func(t *testing.T) {
		var k strings.Builder
		k.WriteString("configMapGenerator:\n")
		for i := range maxReadSize/maxFileSize + 1 {
			fmt.Fprintf(&k, "- {name: a%d, files: [a]}\n", i)
		}
		files := archive("-- app/kustomization.yaml --\n" + k.String())
		files["app/a"] = &fstest.MapFile{Data: make([]byte, maxFileSize)}
		_, err := Build(files, "app", Options{})
		require.ErrorContains(t, err, "the kustomizations read more than 256 MiB")
	})
	t.Run("bases that double at every step", func(t *testing.T) {
		files := archive("-- b0/kustomization.yaml --\nresources: [a.yaml]\n-- b0/a.yaml --\n" + deployment)
		for i := 1; i < 30; i++ {
			for _, side := range []string{"l", "r"} {
				files[fmt.Sprintf("%s%d/kustomization.yaml", side, i)] = &fstest.MapFile{Data: fmt.Appendf(nil,
					"namePrefix: %s\nresources: [../b%d]\n", side, i-1)}
			}
			files[fmt.Sprintf("b%d/kustomization.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil,
				"resources: [../l%d, ../r%d]\n", i, i)}
		}
		_, err := Build(files, "b29", Options{})
		require.EqualError(t, err, "b29: goes through more than 1000 kustomizations; include each base once")
	})
}

func TestYAMLIsGuarded(t *testing.T) {
	for _, document := range explosive.Documents {
		for _, test := range []struct{ kustomization, file string }{
			{"resources: [a.yaml]\n", "a.yaml"},
			{"patches: [{path: a.yaml}]\n", "a.yaml"},
			{"transformers: [a.yaml]\n", "a.yaml"},
			{document.YAML, "kustomization.yaml"},
			{"patches:\n- patch: |\n" + document.Indented("    "), "kustomization.yaml"},
		} {
			files := fstest.MapFS{
				"app/kustomization.yaml": {Data: []byte(test.kustomization)},
				"app/a.yaml":             {Data: []byte(document.YAML)},
			}
			_, err := Build(files, "app", Options{})
			require.ErrorContains(t, err, document.Message)
			require.Regexp(t, `^app/`+test.file+`(:3)?: `, err.Error())
		}
	}
}

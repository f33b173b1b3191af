package reference

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write the pages and schemas of docs/reference")

var docs = filepath.Join("..", "..", "docs", "reference")

// TestPages: docs/reference is what the table says.
func TestPages(t *testing.T) {
	files := map[string][]byte{}
	for _, kind := range Kinds() {
		files[kind.Name+".md"], files[kind.SchemaFile()] = kind.Page(), kind.Schema()
	}
	for name, want := range files {
		file := filepath.Join(docs, filepath.FromSlash(name))
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, want, 0o644))
		}
		got, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), strings.ReplaceAll(string(got), "\r\n", "\n"),
			"%s: go test ./internal/reference -update writes it anew", name)
	}
}

// TestTable: each key says all that is to be said of it, once.
func TestTable(t *testing.T) {
	anchors := map[string]string{}
	for _, kind := range Kinds() {
		require.Same(t, kind, KindOf(kind.Name))
		require.Same(t, kind, KindOf(kind.Other))
		for _, key := range kind.Keys {
			name := key.Full()
			require.Same(t, kind, key.Kind())
			require.Empty(t, anchors[key.PageURL()], "%s has the section of another key", name)
			anchors[key.PageURL()] = name
			require.NotEmpty(t, key.Type, name)
			require.NotEmpty(t, key.Effect, name)
			require.True(t, strings.HasSuffix(key.Effect, "."), "%s: sentences", name)
			require.NotEqual(t, key.Default == "", key.Without == "", "%s: Default or Without", name)
			require.True(t, hasKey(key.Example, key.Name()) || isAny(key.Name()), "%s: the example has the key", name)
			for sentence := range strings.SplitSeq(key.Effect, ". ") {
				require.Less(t, len(strings.Fields(sentence)), 30, "%s: %s", name, sentence)
			}
			if parent := key.parent(); parent != "" && !isAny(parent[strings.LastIndexByte(parent, '.')+1:]) {
				above := kind.find(partsOf(parent))
				require.Len(t, above, 1, "%s has a key above it", name)
			}
		}
	}
}

func TestFind(t *testing.T) {
	for path, want := range map[string]string{
		"spec.levels":                             "spec.levels",
		"fleet.spec.levels":                       "spec.levels",
		"spec.levels[].name":                      "spec.levels[].name",
		"spec.levels[0].name":                     "spec.levels[].name",
		"spec.levels.0.name":                      "spec.levels[].name",
		"spec.levels.name":                        "spec.levels[].name",
		"spec.groups.addons.path":                 "spec.groups.GROUP.path",
		"spec.groups.addons.useSelectors":         "settings.useSelectors",
		"spec.groups.addons.ackPodIdentity.path":  "settings.ackPodIdentity.path",
		"spec.secretsManager.prefixes":            "spec.secretsManager.prefixes",
		"component.chartName":                     "component.chartName",
		"components.environments[1].chartVersion": "component.environments[].chartVersion",
		"chartName":                               "component.chartName",
		"syncPolicy":                              "component.syncPolicy settings.syncPolicy",
		"member.tenant":                           "member.tenant",
		"members.tenant":                          "member.tenant",
		"releases.addons":                         "releases.releases.GROUP",
		"releases.releases.addons[].type":         "releases.releases.GROUP[].type",
		"releases.globals.chartRepo":              "releases.releases.globals.chartRepo",
		"settings.mergeValues.addons.use":         "settings.mergeValues.FILE.use",
		"settings.nothing":                        "",
		"spec":                                    "spec",
		"spec.nothing":                            "",
		"":                                        "",
		".":                                       "",
		"spec.":                                   "spec",
		"spec.clusters[0].labels.tenant":          "",
		"component.additionalResources.helm.nothing":  "",
		"additionalResources.helm.releaseName":        "component.additionalResources.helm.releaseName",
		"spec.groups.addons.bootstrap.syncPolicy":     "spec.groups.GROUP.bootstrap.syncPolicy",
		"settings.global":                             "settings.global",
		"spec.groups.addons.useSelectors.nothing":     "",
		"spec.groups.addons.mergeValues.addons.use":   "settings.mergeValues.FILE.use",
		"spec.groups.addons.mergeValues.addons.other": "",
	} {
		t.Run(path, func(t *testing.T) {
			var found []string
			for _, key := range Find(path) {
				found = append(found, key.Full())
			}
			require.Equal(t, want, strings.Join(found, " "))
		})
	}
}

func TestSnippet(t *testing.T) {
	for path, want := range map[string]string{
		"spec.argocdVersion":                       "spec:\n  argocdVersion: \"3.6\"\n",
		"spec.levels[].paths":                      "spec:\n  levels:\n    - name: system\n      paths: [\"tenants/{{.tenant}}/defaults\"]\n",
		"component.enabled":                        "karpenter:\n  enabled: true\n",
		"component.path":                           "karpenter:\n  enabled: true\n  path: charts/karpenter-nodes\n",
		"releases.releases.globals.targetRevision": "releases:\n  globals:\n    targetRevision: next\n",
		"settings.mergeValues.FILE.use":            "mergeValues:\n  addons:\n    use: true\n",
	} {
		require.Equal(t, want, Find(path)[0].Snippet(), path)
	}
	for _, kind := range Kinds() {
		for _, key := range kind.Keys {
			var values map[string]any
			require.NoError(t, yaml.UnmarshalStrict([]byte(key.Snippet()), &values), key.Full())
		}
	}
}

// validate validates YAML with the schema of a kind.
func validate(t *testing.T, kind *Kind, text []byte) error {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(kind.Schema()))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource(kind.SchemaURL(), schema))
	compiled, err := compiler.Compile(kind.SchemaURL())
	require.NoError(t, err)
	data, err := yaml.YAMLToJSON(text)
	require.NoError(t, err)
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	return compiled.Validate(instance)
}

// TestSchemasOfTheExampleFleet: the files of the example fleet are as the schemas have them.
func TestSchemasOfTheExampleFleet(t *testing.T) {
	const fleet = "../../testdata/fleet/"
	seen := map[string]int{}
	for _, of := range []struct{ kind, files string }{
		{"fleet", "fleet.yaml"}, {"member", "fleet/fleet-bootstrap/fleet-members/*/*.yaml"},
		{"releases", "fleet/bootstrap/versions/applicationSets.yaml"},
		{"component", "charts/application-sets/values/*.yaml"}, {"settings", "charts/application-sets/values.yaml"},
		{"settings", "*/bootstrap/defaults/*.yaml"}, {"settings", "*/*/defaults/application-sets/*.yaml"},
		{"settings", "*/tenants/*/*/*/application-sets/*.yaml"},
		{"settings", "*/tenants/*/*/*/*/*/application-sets/*.yaml"},
	} {
		files, err := filepath.Glob(fleet + of.files)
		require.NoError(t, err)
		require.NotEmpty(t, files, of.files)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, validate(t, KindOf(of.kind), text), file)
			seen[of.kind]++
		}
	}
	require.Len(t, seen, len(Kinds()), "each kind is tried")
}

// TestSchemasRefuseMistakes: what the readers refuse, or find, the schemas refuse.
func TestSchemasRefuseMistakes(t *testing.T) {
	const top = "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\n"
	for _, test := range []struct{ kind, text, at string }{
		{"fleet", "kind: Fleet", "apiVersion"},
		{"fleet", "apiVersion: v1\nkind: Fleet", "apiVersion"},
		{"fleet", top + "spec: {catalogue: x}", "catalogue"},
		{"fleet", top + "spec: {levels: [{name: a}]}", "levels"},
		{"fleet", top + "spec: {groups: {addons: {useSelector: true}}}", "useSelector"},
		{"fleet", top + "spec: {argocdVersion: 3.6}", "argocdVersion"},
		{"fleet", top + "spec: {limits: {timeout: fast}}", "timeout"},
		{"fleet", top + "spec: {bootstrap: {allowEmpty: no reason here}}", "allowEmpty"},
		{"fleet", top + "spec: {lint: {ignore: [{rule: url, path: a}]}}", "reason"},
		{"fleet", top + "spec: {clusters: [{labels: {a: {b: c}}}]}", "labels"},
		{"member", "clustername: a", "clustername"},
		{"member", "use_remote_argo: \"yes\"", "use_remote_argo"},
		{"member", "tenant: [a]", "tenant"},
		{"releases", "releases: {addons: [{chartRepo: a}]}", "type"},
		{"releases", "releases: {globals: {type: a}}", "type"},
		{"releases", "releases: {addons: {type: a}}", "addons"},
		{"releases", "{}", "releases"},
		{"component", "karpenter: {chartVersion: \"1\"}", "chartVersion"},
		{"component", "karpenter: {enabled: maybe}", "enabled"},
		{"component", "karpenter: {environments: [{chartVersion: \"1\"}]}", "selector"},
		{"component", "karpenter: {additionalResources: {values: {}}}", "values"},
		{"component", "useSelectors: true", "useSelectors"},
		{"component", "karpenter: true", "karpenter"},
		{"settings", "useSelector: true", "useSelector"},
		{"settings", "chartType: a", "chartType"},
		{"settings", "delivery: argo", "delivery"},
		{"settings", "karpenter: {chartVersion: \"1\"}", "chartVersion"},
		{"settings", "syncPolicy: automated", "syncPolicy"},
	} {
		err := validate(t, KindOf(test.kind), []byte(test.text))
		require.Error(t, err, test.text)
		require.Contains(t, err.Error(), test.at, test.text)
	}
	for _, test := range []struct{ kind, text string }{
		{"fleet", top}, {"fleet", top + "metadata: {name: a}\nspec: {groups: {addons: null}}"},
		{"component", "x-anchors: {a: b}\nkarpenter: null\ncommonLabels: {a: b}"},
		{"settings", "karpenter: {enabled: \"true\", environments: {prod: {selector: {a: b}}}}\nvalueFiles: {a: b}"},
		{"member", "tenant: null"}, {"releases", "releases: {addons: [], globals: {version: 1.10}}"},
	} {
		if strings.Contains(test.text, "addons: null") {
			continue // a group must be a map
		}
		require.NoError(t, validate(t, KindOf(test.kind), []byte(test.text)), test.text)
	}
}

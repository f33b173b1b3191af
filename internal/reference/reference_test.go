package reference

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		"spec.argocdVersion": "spec:\n  argocdVersion: \"3.6\"\n",
		"spec.levels[].paths": "spec:\n  levels:\n    - name: system\n      paths: " +
			"[\"tenants/{{.tenant}}/defaults\"]\n",
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

func TestNear(t *testing.T) {
	for path, want := range map[string]string{
		"spec.level": "spec.levels", "settings.useSelector": "settings.useSelectors",
		"useSelector": "settings.useSelectors", "component.chart": "component.chartName",
		"component.targetRevision":   "component.defaultVersion",
		"spec.secretsManager.regoin": "spec.secretsManager.region",
		"component.releasesName":     "component.releaseName", "member.secret": "member.secretManagerSecretName",
		"settings.delivry": "settings.delivery", "nothing": "", "": "", "member.nothing": "",
		"githubSecrets": "member.githubSecret registration.externalSecret.githubSecret",
	} {
		require.Equal(t, want, strings.Join(Near(path), " "), path)
	}
	for path, want := range map[string]string{
		"spec.clusters[0].labels.tenant": "spec.clusters[].labels",
		"component.valuesObject.a.b":     "component.valuesObject",
		"spec.levels[].name.a":           "", "nothing": "", "": "",
	} {
		key, is := Within(path)
		require.Equal(t, want != "", is, path)
		if is {
			require.Equal(t, want, key.Full())
		}
	}
}

package plugin_test

import (
	"encoding/json"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/plugin"
)

const carriedFleet = `apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  members: people
  releases: lanes.yaml
  repositories: {addons: {url: u, path: apps}}
  groups: {addons: {path: addons}}
`

// treeOf returns the tree of the plugin with these parameters, in a repository with apps/x.yaml.
func treeOf(t testing.TB, parameters map[string]any) (fs.FS, error) {
	t.Helper()
	var list []map[string]any
	for name, value := range parameters {
		kind := "string"
		if _, is := value.(string); !is {
			kind = "map"
		}
		list = append(list, map[string]any{"name": name, kind: value})
	}
	data, err := json.Marshal(list)
	require.NoError(t, err)
	invocation, err := plugin.Read([]string{"ARGOCD_APP_PARAMETERS=" + string(data)})
	if err != nil {
		return nil, err
	}
	return invocation.Tree(fstest.MapFS{"apps/x.yaml": {Data: []byte("x")}, "people/hub/own.yaml": {}}, "1.3.0")
}

func TestTreeOfARepositoryOfASplitFleet(t *testing.T) {
	tree, err := treeOf(t, map[string]any{"fleet": carriedFleet, "repository": "addons", "releases": "releases: {}\n",
		"members": map[string]string{"hub/spoke": "tenant: a\n"}})
	require.NoError(t, err)
	for name, want := range map[string]string{"fleet.yaml": carriedFleet, "lanes.yaml": "releases: {}\n",
		"people/hub/spoke.yaml": "tenant: a\n", "addons/x.yaml": "x", "@addons/apps/x.yaml": "x"} {
		data, err := fs.ReadFile(tree, name)
		require.NoError(t, err, name)
		require.Equal(t, want, string(data), name)
	}
	entries, err := fs.ReadDir(tree, "people/hub")
	require.NoError(t, err)
	require.Len(t, entries, 1, "the members are those of the fleet")
	tree, err = treeOf(t, map[string]any{"fleet": carriedFleet})
	require.NoError(t, err)
	data, err := fs.ReadFile(tree, "fleet.yaml")
	require.NoError(t, err)
	require.Equal(t, carriedFleet, string(data), "also in the fleet's own repository")
}

func TestParametersOfASplitFleetFitTogether(t *testing.T) {
	for name, test := range map[string]struct {
		parameters map[string]any
		want       string
	}{
		"no fleet":        {map[string]any{"repository": "addons"}, "need the parameter fleet"},
		"releases alone":  {map[string]any{"releases": "releases: {}"}, "need the parameter fleet"},
		"a broken fleet":  {map[string]any{"fleet": "x"}, "parameter fleet: "},
		"an unknown name": {map[string]any{"fleet": carriedFleet, "repository": "other"}, `there is no repository "other"`},
		"no directory": {map[string]any{"fleet": carriedFleet + "    x: {path: y}\n", "repository": "addons"},
			"parameter fleet: "},
		"a member outside": {map[string]any{"fleet": carriedFleet, "repository": "addons",
			"members": map[string]string{"../x": ""}}, "is not HUB/NAME"},
		"a member without hub": {map[string]any{"fleet": carriedFleet, "repository": "addons",
			"members": map[string]string{"x": ""}}, "is not HUB/NAME"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := treeOf(t, test.parameters)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// FuzzTree: whatever the parameters are, the plugin has a tree of files or one line that says why not.
func FuzzTree(f *testing.F) {
	f.Add(carriedFleet, "releases: {}", "addons", "hub/spoke", "tenant: a")
	f.Add("apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec: {members: .., repositories: {a: {url: u}}}", "", "a",
		"a/b", "")
	f.Add("", "x", "", "/", "")
	f.Fuzz(func(t *testing.T, fleet, releases, repository, member, text string) {
		tree, err := treeOf(t, map[string]any{"fleet": fleet, "releases": releases, "repository": repository,
			"members": map[string]string{member: text}})
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		_, err = fs.Stat(tree, ".")
		require.NoError(t, err)
	})
}

// TestParts: trees that differ in what is not of the repository have other parts, and no others have.
func TestParts(t *testing.T) {
	partsOf := func(environ ...string) string {
		invocation, err := plugin.Read(environ)
		require.NoError(t, err)
		return invocation.Parts()
	}
	require.Empty(t, partsOf("ARGOCD_ENV_CLUSTER=east", "ARGOCD_ENV_RELEASES=a"), "without fleet it is the repository")
	seen := map[string]int{}
	for i, environ := range [][]string{
		{"ARGOCD_ENV_FLEET=a"}, {"ARGOCD_ENV_FLEET=b"}, {"ARGOCD_ENV_FLEET=a", "ARGOCD_ENV_REPOSITORY=b"},
		{"ARGOCD_ENV_FLEET=ab"}, {"ARGOCD_ENV_FLEET=a", "ARGOCD_ENV_RELEASES=b"},
		{"ARGOCD_ENV_FLEET=a", `ARGOCD_ENV_MEMBERS={"b": ""}`}, {"ARGOCD_ENV_FLEET=a", `ARGOCD_ENV_MEMBERS={"": "b"}`},
		{"ARGOCD_ENV_FLEET=a", `ARGOCD_ENV_MEMBERS={"b": "", "c": ""}`},
	} {
		parts := partsOf(environ...)
		require.NotContains(t, seen, parts, environ)
		seen[parts] = i
		require.Equal(t, parts, partsOf(append(environ, "ARGOCD_ENV_CLUSTER=east", "ARGOCD_APP_NAME=a",
			`ARGOCD_ENV_LABELS={"a": "b"}`)...), "of an Application nothing else counts")
	}
}

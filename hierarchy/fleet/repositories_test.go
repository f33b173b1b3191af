package fleet

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

const splitHeader = "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n"

func loadText(text string) (*Fleet, error) {
	return Load(hierarchy.NewRepository(worktree.InMemory(map[string][]byte{hierarchy.FleetFile: []byte(text)})))
}

func TestRepositoriesAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		"repositories: [a]":                             "fleet.yaml:4: spec: repositories must be a map, not a list",
		"repositories: {a: text}":                       `fleet.yaml:4: spec: repository "a" must be a map with url and path, not a string`,
		"repositories: {a: {path: x}}":                  "a repository needs its url",
		"repositories: {a: {url: u, pth: x}}":           `unknown key "pth"`,
		"repositories: {a: {url: u, path: ../x}}":       "path must be a path inside the repository",
		"repositories: {a: {url: u, path: /x}}":         "path must be a path inside the repository",
		"repositories: {'@a': {url: u}}":                "must not begin with @",
		"repositories: {'a/b': {url: u}}":               "the name of the repository",
		"repositories: {a: {url: 'https://x:y@z/a'}}":   "url ",
		"repositories: {a: {url: u, revision: [main]}}": "revision",
	} {
		_, err := loadText(splitHeader + "  " + text + "\n")
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "x:y", text)
	}
	f, err := loadText(splitHeader + "  repositories: {b: {url: u/b}, a: {url: u/a, path: ./x/, revision: v1}}\n")
	require.NoError(t, err)
	require.Equal(t, []Repository{{Name: "a", URL: "u/a", Path: "x", Revision: "v1"},
		{Name: "b", URL: "u/b", Path: "b"}}, f.Repositories)
}

// TestCarriedSaysTheSame: what is carried of fleet.yaml has all that concerns some groups, and reads as it was written.
func TestCarriedSaysTheSame(t *testing.T) {
	f, err := loadText(splitHeader + `
  argocdVersion: "3.5"
  catalog: parts
  members: people
  levels: [{name: one, paths: ["x/{{.tenant}}"]}]
  repositories: {a: {url: u/a, path: x}, b: {url: u/b}}
  groups:
    core: {path: a, components: [base], useSelectors: false, syncPolicy: {retry: {limit: 3}}}
    other: {path: b}
  clusters: [{name: hub, labels: {version: 1.10}}, {name: second}]
`)
	require.NoError(t, err)
	text, err := f.Carried(Carry{Groups: []string{"core"}})
	require.NoError(t, err)
	carried, err := loadText(text)
	require.NoError(t, err)
	require.Equal(t, f.Groups["core"], carried.Groups["core"])
	require.Len(t, carried.Groups, 1)
	require.Empty(t, carried.Clusters)
	require.Equal(t, f.Levels, carried.Levels)
	require.Equal(t, f.Catalog, carried.Catalog)
	require.Equal(t, f.ArgoCDVersion, carried.ArgoCDVersion)
	require.NotContains(t, text, "people")
	again, err := carried.Carried(Carry{Groups: []string{"core"}})
	require.NoError(t, err)
	require.Equal(t, text, again)

	text, err = f.Carried(Carry{Groups: []string{"core", "other"}, Members: "hub"})
	require.NoError(t, err)
	carried, err = loadText(text)
	require.NoError(t, err)
	require.Equal(t, "people", carried.Members)
	require.Len(t, carried.Clusters, 1)
	require.Equal(t, map[string]string{"version": "1.10"}, carried.Clusters[0].Labels)

	hub := cluster.Cluster{Name: "hub", Labels: map[string]string{"version": "1.10", "on": "true"},
		Annotations: map[string]string{"a": "{{b}}"}}
	text, err = f.Carried(Carry{Groups: []string{"core"}, Hub: &hub, SpokeNamespace: "there"})
	require.NoError(t, err)
	carried, err = loadText(text)
	require.NoError(t, err)
	require.Len(t, carried.Clusters, 1)
	require.Equal(t, hub.Labels, carried.Clusters[0].Labels)
	require.Equal(t, hub.Annotations, carried.Clusters[0].Annotations)
	require.Equal(t, "there", carried.Bootstrap.SpokeNamespace)
	require.NotContains(t, text, "people")

	f, err = loadText(splitHeader + "  repositories: {addons: {url: u/a}}\n")
	require.NoError(t, err)
	text, err = f.Carried(Carry{Groups: []string{"addons"}})
	require.NoError(t, err)
	carried, err = loadText(text)
	require.NoError(t, err)
	require.Len(t, carried.Groups, 1, "also of the groups that are built in")
	require.Equal(t, f.Groups["addons"].Settings, carried.Groups["addons"].Settings)
	require.Equal(t, f.Groups["addons"].Components, carried.Groups["addons"].Components)

	_, err = defaultFleet().Carried(Carry{})
	require.ErrorContains(t, err, "there is no fleet")
}

func TestCarriedReleases(t *testing.T) {
	files := map[string][]byte{
		hierarchy.FleetFile: []byte(splitHeader + "  releases: r.yaml\n"),
		"r.yaml": []byte("releases:\n  globals: {version: 1.10}\n  addons: [{type: a, version: 1.20}]\n" +
			"  monitoring: [{type: b}]\n"),
	}
	repo := hierarchy.NewRepository(worktree.InMemory(files))
	f, err := Load(repo)
	require.NoError(t, err)
	text, err := f.CarriedReleases(repo, []string{"addons"})
	require.NoError(t, err)
	require.YAMLEq(t, `{releases: {globals: {version: "1.10"}, addons: [{type: a, version: "1.20"}]}}`, text)
	delete(files, "r.yaml")
	text, err = f.CarriedReleases(hierarchy.NewRepository(worktree.InMemory(files)), []string{"addons"})
	require.NoError(t, err)
	require.Empty(t, text)
}

// TestCatalogOfAGroup: first that of the group's own repository, which is the one that the plugin sees.
func TestCatalogOfAGroup(t *testing.T) {
	const text = splitHeader + "  catalog: parts\n  repositories: {a: {url: u/a, path: x}, b: {url: u/b}}\n" +
		"  groups: {core: {path: a}, other: {path: b}, own: {path: here}}\n"
	in := func(names ...string) fs.FS {
		files := map[string][]byte{"x/y": nil, "b/y": nil}
		for _, name := range names {
			files[name+"/values.yaml"] = nil
		}
		return worktree.InMemory(files)
	}
	base := worktree.InMemory(map[string][]byte{hierarchy.FleetFile: []byte(text), "here/x": nil})
	for _, test := range []struct {
		checkouts map[string]fs.FS
		want      map[string]string
	}{
		{map[string]fs.FS{"a": in("parts"), "b": in("parts")},
			map[string]string{"core": "@a/parts", "other": "@b/parts"}},
		{map[string]fs.FS{"a": in(), "b": in("parts")}, map[string]string{"core": "@b/parts", "other": "@b/parts"}},
		{map[string]fs.FS{"b": in("parts")}, map[string]string{"other": "@b/parts"}},
	} {
		f, err := loadText(text)
		require.NoError(t, err)
		tree, err := f.Join(base, test.checkouts)
		require.NoError(t, err)
		for group, want := range test.want {
			of, err := f.ForGroup(hierarchy.NewRepository(tree), f.Groups[group])
			require.NoError(t, err)
			require.Equal(t, want, of.Catalog.Path)
		}
	}
	f, err := loadText(text)
	require.NoError(t, err)
	tree, err := f.Join(base, map[string]fs.FS{"b": in()})
	require.NoError(t, err)
	_, err = f.ForGroup(hierarchy.NewRepository(tree), f.Groups["other"])
	require.ErrorIs(t, err, ErrNoCheckout, "it may be in the one that is not here")
}

// TestLocate: where the path of a repository is in the fleet's files, also of one that has two names.
func TestLocate(t *testing.T) {
	f := &Fleet{Repositories: []Repository{{Name: "addons", URL: "https://git.example.com/a", Path: "apps"},
		{Name: "fleet", URL: "https://git.example.com/f"}, {Name: "more", URL: "git@git.example.com:a.git",
			Path: "more"},
		{Name: "other", URL: "https://git.example.com/o", Path: "."}}}
	for _, test := range []struct{ url, name, want string }{
		{"https://git.example.com/a.git", "apps/x.yaml", "addons/x.yaml"},
		{"https://git.example.com/a.git", "more/x.yaml", "more/x.yaml"},
		{"https://git.example.com/a.git", "more", "more"},
		{"https://git.example.com/a.git", "charts/web", "@addons/charts/web"},
		{"https://git.example.com/o", "charts/web", "other/charts/web"},
		{"https://git.example.com/f", "apps/x.yaml", "apps/x.yaml"},
		{"https://git.example.com/unknown", "apps/x.yaml", "apps/x.yaml"},
	} {
		require.Equal(t, test.want, f.Locate(test.url, test.name), test.url+" "+test.name)
	}
	require.Equal(t, []string{"apps/x", "addons/x", "@more/apps/x", "other/apps/x"}, f.Places("apps/x"))
}

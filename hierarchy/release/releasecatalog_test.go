package release

import (
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestReleaseCatalog: the catalog of a release is its chart: a directory of this repository, or a chart that is
// fetched.
func TestReleaseCatalog(t *testing.T) {
	repository := layered.With(files{"own/values.yaml": "repoURLGit: own\n", "own/values/a.yaml": "x: {own: 1}\n"})
	tests := []struct {
		rule, spec, release string
		want                string // name of the catalog; "" for an error
		message             string // of the warning or the error
	}{
		{"none of its own", "", "", "catalog", ""},
		{"only another revision", "", "chartRepoRevision: v2", "catalog@v2", ""},
		{"that of the values", "", "chartRepoRevision: v2, targetRevision: v2", "catalog", ""},
		{"a directory", "", "chartRepoPath: own", "own", ""},
		{"a directory of a repository with any address", "", "chartRepoPath: ./own/, chartRepoUrl: https://x/y", "own",
			""},
		{"a directory of this repository", "repositoryURLs: [https://X/y.git]",
			"chartRepoPath: own, chartRepoUrl: https://x/y/", "own", ""},
		{"at another revision", "", "chartRepoPath: ./own/, chartRepoUrl: https://x/y, chartRepoRevision: v2",
			"https://x/y//own@v2", ""},
		{"a directory that does not exist", "", "chartRepoPath: none", "",
			`releases.yaml:1: release "one": its catalog none does not exist; set chartRepoPath to a directory of the repository`},
		{"nor in this repository", "repositoryURLs: [https://x/y]", "chartRepoPath: none, chartRepoUrl: https://x/y",
			"", "its catalog none does not exist"},
		{"a directory of another repository", "repositoryURLs: [https://x/y]",
			"chartRepoPath: own, chartRepoUrl: https://x/z, chartRepoRevision: v2", "https://x/z//own@v2", ""},
		{"that cannot be had", "repositoryURLs: [https://x/y]",
			"chartRepoPath: none, chartRepoUrl: https://x/z, chartRepoRevision: v2", "catalog",
			`releases.yaml:1: release "one": its catalog https://x/z//none@v2 cannot be had, so that it has the fleet's, catalog: file does not exist; ` +
				"take it from a chart repository, as a chart with a version (use_helm_repo_path: \"false\")"},
		{"a directory of some repository", "", "chartRepoPath: none, chartRepoUrl: https://x/z", "catalog",
			"its catalog https://x/z//none cannot be had, so that it has the fleet's, catalog: file does not exist"},
		{"a password", "", "chartRepoPath: none, chartRepoUrl: https://u:canary@x/z", "",
			"chartRepoUrl holds a credential"},
		{"a password of values", "", "repoUrl: https://u:canary@x/z", "", "repoUrl holds a credential"},
		{"a user", "", "chartRepoPath: none, chartRepoUrl: https://me@x/z", "catalog",
			"its catalog https://me@x/z//none cannot be had"},
		{"a password of a registry", "", "chartRepo: oci://u:canary@r/charts, ecrChartName: sets, version: 2.0.0", "",
			"chartRepo holds a credential"},
		{"a user of a registry", "", "chartRepo: canary@r/charts, ecrChartName: sets, version: 2.0.0", "",
			"chartRepo must be an address without a user"},
		{"a directory outside", "", "chartRepoPath: ../x", "",
			"chartRepoPath must be a directory inside the repository"},
		{"a chart", "", "chartRepo: oci://r/charts, ecrChartName: sets, version: 2.0.0", "oci://r/charts/sets:2.0.0",
			""},
		{"a chart of a registry without a scheme", "",
			"chartRepo: 1.dkr.ecr.x.amazonaws.com/y, ecrChartName: sets, version: 2.0.0",
			"1.dkr.ecr.x.amazonaws.com/y/sets:2.0.0", ""},
		{"a chart that cannot be had", "", "chartRepo: oci://r/charts, ecrChartName: none, version: 2.0.0", "",
			"releases.yaml:1: the catalog oci://r/charts/none:2.0.0: file does not exist"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			f := repository.With(files{
				hierarchy.FleetFile: strings.Replace(layered[hierarchy.FleetFile], "  groups:",
					"  chartRepositories: [oci://r]\n  "+test.spec+"\n  groups:", 1),
				"releases.yaml": "releases: {addons: [{type: one, " + test.release + "}]}",
			})
			in := inputs(t, f, "hub", nil)
			in.Catalog = Catalog{}
			in.Fleet.Charts = func(c fleet.Chart, allowed []string) (fs.FS, error) {
				require.Equal(t, []string{"oci://r"}, allowed)
				if c.Name == "none" {
					return nil, fs.ErrNotExist
				}
				return files{"values.yaml": "repoURLGit: own\n", "values/a.yaml": "x: {own: 1}\n"}.FS(), nil
			}
			in.Fleet.Git = func(c fleet.Chart, own bool, allowed []string) (fs.FS, error) {
				require.Equal(t, []string{"oci://r"}, allowed)
				require.Equal(t, strings.HasSuffix(c.RepoURL, "/y") || c.RepoURL == "", own)
				if c.Path == "none" {
					return nil, fs.ErrNotExist
				}
				return files{"values.yaml": "repoURLGit: own\n", "values/a.yaml": "x: {own: 1}\n"}.FS(), nil
			}
			s, err := in.Load()
			var values *hierarchy.Values
			var warnings []*problem.Problem
			if err == nil {
				values, warnings, err = s.Values("one")
			}
			if test.want == "" {
				requireOneLine(t, err, "releases.yaml:1: ")
				require.ErrorContains(t, err, test.message)
				return
			}
			require.NoError(t, err)
			catalog, _, err := s.CatalogOf("one")
			require.NoError(t, err)
			require.Equal(t, test.want, catalog.Name)
			if test.message != "" {
				require.ErrorContains(t, warnings[0], test.message)
				warnings = warnings[1:]
			}
			_, own := valueAt(values.Map(), "x", "own")
			require.Equal(t, test.want != "catalog", own)
			for _, warning := range warnings {
				require.ErrorContains(t, warning, "the catalog "+test.want+" has no component file values/b.yaml")
			}
			in.Catalog = Catalog{FS: files{"values.yaml": ""}.FS(), Name: "asked for"}
			s, err = in.Load()
			require.NoError(t, err)
			catalog, _, err = s.CatalogOf("one")
			require.NoError(t, err)
			require.Equal(t, "asked for", catalog.Name)
		})
	}
}

// TestMissingComponentFileOfARelease: it stops a render, unless another release has it, or there is no group.
func TestMissingComponentFileOfARelease(t *testing.T) {
	f := layered.With(files{"own/values.yaml": "", "own/values/a.yaml": "x: {a: 1}\n",
		"own/values/b.yaml": "x: {b: 1}\n"})
	delete(f, "catalog/values/b.yaml")
	for _, test := range []struct {
		name, releases, release string
		stops                   bool
	}{
		{"without releases", "[]", "", true},
		{"of the only release", "[{type: one}]", "one", true},
		{"another release lacks it too", "[{type: one}, {type: two}]", "one", true},
		{"another release has it", "[{type: one}, {type: two, chartRepoPath: own}]", "one", false},
		{"whatever their order", "[{type: two, chartRepoPath: own}, {type: one}]", "one", false},
		{"that of the other release", "[{type: one}, {type: two, chartRepoPath: own}]", "two", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := inputs(t, f.With(files{"releases.yaml": "releases: {addons: " + test.releases + "}"}), "hub", nil)
			in.Catalog = Catalog{}
			s, err := in.Load()
			require.NoError(t, err)
			_, found, err := s.Values(test.release)
			require.NoError(t, err)
			if test.release == "two" {
				require.Empty(t, messages(found))
				return
			}
			require.Len(t, found, 1)
			require.ErrorContains(t, found[0], "the catalog catalog has no component file values/b.yaml")
			require.Equal(t, test.stops, found[0].Stops)
		})
	}
}

// TestCatalogsOfReleasesAlone: where releases bring their own catalogs, the fleet need not have one; the first
// release's settings count for what concerns all releases.
func TestCatalogsOfReleasesAlone(t *testing.T) {
	f := maps.Clone(layered)
	for name := range f {
		if strings.HasPrefix(name, "catalog/") {
			delete(f, name)
		}
	}
	// which would have to exist
	f[hierarchy.FleetFile] = strings.Replace(f[hierarchy.FleetFile], "  catalog: catalog\n", "", 1)
	f["one/values.yaml"], f["two/values.yaml"] = "useVersionSelectors: \"false\"\nx: {one: 1}", "x: {two: 1}"
	f["releases.yaml"] = "releases: {addons: [{type: one, chartRepoPath: one}, {type: two, chartRepoPath: two}]}"
	repo := f.Repository()
	loaded, err := fleet.Load(repo)
	require.NoError(t, err)
	in := Inputs{Repository: repo, Fleet: loaded, Group: loaded.Groups["addons"], AppPaths: []string{"addons"},
		Cluster: cluster.Cluster{Name: "hub"}}
	s, err := in.Load()
	require.NoError(t, err)
	_, found := valueAt(s.Base().Map(), "x", "one")
	require.True(t, found)
	values, _, err := s.Values("two")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"two": 1.0, "system": 1.0, "from": "system"}, values.Map()["x"])

	f["releases.yaml"] = "releases: {addons: [{type: one, chartRepoPath: one, chartRepoUrl: https://x/y}, {type: two}]}"
	loaded.RepositoryURLs = []string{"https://x/z"}
	in.Repository = f.Repository()
	_, err = in.Load()
	require.ErrorContains(t, err, "the catalog charts/application-sets does not exist")

	f[hierarchy.FleetFile] = layered[hierarchy.FleetFile]
	in.Repository = f.Repository()
	in.Fleet, err = fleet.Load(in.Repository)
	require.NoError(t, err)
	_, err = in.Load()
	require.ErrorContains(t, err, "the catalog catalog does not exist", "what fleet.yaml names must exist")
}

// TestRemoteCatalog: the fleet's catalog can be a chart, which whoever can fetch charts reads.
func TestRemoteCatalog(t *testing.T) {
	for text, want := range map[string]fleet.Chart{
		"oci://r/charts/sets:2.0.0":        {Repository: "oci://r/charts", Name: "sets", Version: "2.0.0"},
		"https://r:8443/charts/sets:2.0.0": {Repository: "https://r:8443/charts", Name: "sets", Version: "2.0.0"},
	} {
		f, err := loadFleet(t, "  catalog: "+text+"\n")
		require.NoError(t, err)
		require.Equal(t, want, f.Catalog)
		require.Equal(t, text, f.Catalog.String())
		repo := files{}.Repository()
		_, err = OpenCatalog(f, repo)
		require.ErrorIs(t, err, fleet.ErrNoChartReader)
		requireOneLine(t, err, "fleet.yaml:4: the catalog "+text+": ")
		f.Charts = func(c fleet.Chart, _ []string) (fs.FS, error) {
			require.Equal(t, want, c)
			return files{"values.yaml": "- list"}.FS(), nil
		}
		catalog, err := OpenCatalog(f, repo)
		require.NoError(t, err)
		_, err = catalog.defaults()
		requireOneLine(t, err, text+"/values.yaml:1: must hold a map")
	}
}

// TestNeedsCharts: cmp must know before it reads standard input whether another executable will be needed.
func TestNeedsCharts(t *testing.T) {
	for _, test := range []struct {
		catalog, releases string
		want              bool
	}{
		{"x", "{addons: []}", false},
		{"x", "{addons: [{type: a, chartRepoPath: y}]}", false},
		{"x", "{addons: [{type: a}], globals: {chartRepo: r, ecrChartName: n, version: 1.0.0}}", true},
		{"oci://r/n:1.0.0", "{addons: []}", true},
	} {
		repo := files{hierarchy.FleetFile: fleetHeader + "  releases: r.yaml\n  catalog: " + test.catalog,
			"r.yaml": "releases: " + test.releases}.Repository()
		f, err := fleet.Load(repo)
		require.NoError(t, err)
		needs, err := NeedsCharts(f, repo)
		require.NoError(t, err)
		require.Equal(t, test.want, needs)
	}
	repo := files{"r.yaml": "releases: {addons: [{}]}"}.Repository()
	_, err := NeedsCharts((&fleet.Fleet{Releases: "r.yaml"}), repo)
	require.ErrorContains(t, err, "r.yaml:1: releases of addons: release 1 has no type")
}

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

// components returns the component files that settings select of a catalog.
func components(t *testing.T, catalog files, settings string) ([]hierarchy.Layer, []*problem.Problem, error) {
	t.Helper()
	return selected(t, Catalog{FS: catalog.fs(), Name: "charts/catalog"}, layersOf(t, "settings", settings))
}

// selected returns the component files that layers select of a catalog, and what is found about these.
func selected(t *testing.T, c Catalog, settings []hierarchy.Layer) ([]hierarchy.Layer, []*problem.Problem, error) {
	t.Helper()
	layers, missing, err := c.components(hierarchy.Merge(nil, nil, settings), false)
	var found []*problem.Problem
	for _, file := range missing {
		found = append(found, file.found)
	}
	for _, layer := range layers {
		found = append(found, layer.Warnings()...)
	}
	return layers, found, err
}

func TestComponentFilesThatMergeValuesSelects(t *testing.T) {
	catalog := files{"values/a1.yaml": "comp1: {}", "values/a2.yaml": "comp2: {}", "values/a3.yaml": "comp3: {}",
		"values/a4.yaml": "comp4: {}",
		"values/a5.yaml": "comp5: {}", "values/a6.yaml": "comp6: {}", "values/a7.yaml": "comp7: {}",
		"values/team/aa.yaml": "deep: {}",
		"values/.yaml":        "hidden: {}"}
	for _, test := range []struct {
		name, settings string
		want           []string
	}{
		{"nothing", "{}", nil},
		{"null", "mergeValues:", nil},
		{"an empty map", "mergeValues: {}", nil},
		{"other empty values", "mergeValues: []", nil},
		{"P8: spellings of use",
			"mergeValues: {a1: {use: true}, a2: {use: 'true'}, a3: {use: yes}, a4: {use: 'yes'}, a5: {use: 'True'}, " +
				"a6: {use: 1}, a7: {}}",
			[]string{"a1", "a2", "a3"}},
		{"more spellings",
			"mergeValues: {a1: {use: TRUE}, a2: {use: on}, a3: {use: null}, a4: {use: ''}, a5: {use: false}, a6: " +
				"{use: 'false'}, a7: {Use: true}}",
			[]string{"a1", "a2"}},
		{"in the order of the names, not of the settings",
			"mergeValues: {team/aa: {use: true}, a2: {use: true}, a1: {use: true}}", []string{"a1", "a2", "team/aa"}},
		{"an empty name is a file as well", "mergeValues: {'': {use: true}}", []string{""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			layers, warnings, err := components(t, catalog, test.settings)
			require.NoError(t, err)
			require.Empty(t, warnings)
			var got []string
			for _, l := range layers {
				require.Equal(t, hierarchy.SourceCatalog, l.Source)
				got = append(got, l.File)
			}
			var want []string
			for _, name := range test.want {
				want = append(want, "charts/catalog/values/"+name+".yaml")
			}
			require.Equal(t, want, got)
		})
	}
}

func TestEmptyComponentFileIsAWarning(t *testing.T) {
	for text, empty := range map[string]bool{"": true, "# nothing": true, "null": true, "{}": false} {
		layers, warnings, err := components(t, files{"values/a.yaml": text}, "mergeValues: {a: {use: true}}")
		require.NoError(t, err)
		if !empty {
			require.Len(t, layers, 1)
			require.Empty(t, warnings)
			continue
		}
		require.Empty(t, layers)
		require.Equal(t, []string{"settings1.yaml:1: mergeValues.a: the component file charts/catalog/values/a.yaml " +
			"is empty; correct the name, add its components, or remove it"}, messages(warnings))
	}
}

func TestComponentFileThatDoesNotExistIsAWarning(t *testing.T) {
	for name, test := range map[string]struct {
		catalog files
		why     string
	}{
		"no folder":                        {files{"values.yaml": ""}, ": it has no directory values at all"},
		"no file":                          {files{"values/a.yaml": ""}, ""},
		"a file in place of its directory": {files{"values/team": "x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			repo, _ := test.catalog.onDisk(t, nil)
			fsys, err := repo.Sub(".")
			require.NoError(t, err)
			layers, warnings, err := selected(t, Catalog{FS: fsys, Name: "c"},
				layersOf(t, "s", "\nmergeValues:\n  team/nope: {use: true}\n"))
			require.NoError(t, err)
			require.Empty(t, layers)
			require.Equal(t, []string{"s1.yaml:3: mergeValues.team/nope: the catalog c has no component file " +
				"values/team/nope.yaml" + test.why +
				"; correct the name, add its components, or remove it"}, messages(warnings))
		})
	}
}

func TestComponentsErrors(t *testing.T) {
	for _, test := range []struct{ name, settings, want string }{
		{"mergeValues as a list", "\nmergeValues: [addons]",
			"settings1.yaml:2: mergeValues must be a map, not a list"},
		{"mergeValues as a string", "mergeValues: addons", "settings1.yaml:1: mergeValues must be a map, not a string"},
		{"P9: an entry that is not a map", "mergeValues:\n  aa: true\n",
			"settings1.yaml:2: mergeValues.aa must be a map with use, not a boolean"},
		{"an entry that is null", "mergeValues:\n  aa:\n",
			"settings1.yaml:2: mergeValues.aa must be a map with use, not null"},
		{"use of the wrong type", "mergeValues:\n  aa:\n    use: [true]\n",
			"settings1.yaml:3: mergeValues.aa: use must be a string, not a list"},
		{"P10: a broken file", "mergeValues: {bad: {use: true}}", "charts/catalog/values/bad.yaml:2: is not YAML"},
		{"P10: a list", "mergeValues: {list: {use: true}}",
			"charts/catalog/values/list.yaml:1: must hold a map of keys to values, not a list"},
		{"a directory", "mergeValues: {directory: {use: true}}",
			"charts/catalog/values/directory.yaml: is not a regular file"},
		{"a name that leaves the catalog", "mergeValues:\n  ../../secret:\n    use: true\n",
			"settings1.yaml:3: mergeValues.../../secret: the name of a component file must be a path inside the catalog"},
		{"a name that leaves values/", "mergeValues: {../values: {use: true}}", "must be a path inside the catalog"},
		{"a name that leaves it on the way", "mergeValues: {a/../../values: {use: true}}",
			"must be a path inside the catalog"},
		{"an absolute name", "mergeValues: {/etc/x: {use: true}}", "must be a path inside the catalog"},
		{"a name with an empty part", "mergeValues: {a//b: {use: true}}", "must be a path inside the catalog"},
	} {
		t.Run(test.name, func(t *testing.T) {
			layers, _, err := components(t, files{"values/bad.yaml": "lost: {enabled: true}\nx: [\n",
				"values/list.yaml": "- lost\n", "values/directory.yaml/": ""}, test.settings)
			require.Nil(t, layers)
			requireOneLine(t, err, "")
			require.Contains(t, err.Error(), test.want)
		})
	}
}

func TestBrokenFileThatIsNotSelectedIsNotRead(t *testing.T) {
	layers, warnings, err := components(t, files{"values/bad.yaml": "["}, "mergeValues: {bad: {use: false}, ../x: {}}")
	require.NoError(t, err)
	require.Empty(t, layers)
	require.Empty(t, warnings)
}

func TestComponentFilesWarnings(t *testing.T) {
	_, warnings, err := components(t, files{"values/a.yaml": "x: 1\nx: 2\n"}, "mergeValues: {a: {use: true}}")
	require.NoError(t, err)
	require.Equal(t, []string{`charts/catalog/values/a.yaml:2: key "x" was already given on line 1, which has no effect; remove one of them`}, messages(warnings))
}

func TestCatalogDefaults(t *testing.T) {
	catalog := func(f files) Catalog { return Catalog{FS: f.fs(), Name: "c"} }
	d, err := catalog(files{"values.yaml": "a: 1"}).defaults()
	require.NoError(t, err)
	require.Equal(t, "c/values.yaml", d.Name)
	require.Equal(t, map[string]any{"a": 1.0}, d.Values)

	d, err = catalog(files{"values/a.yaml": ""}).defaults()
	require.NoError(t, err)
	require.Nil(t, d)

	_, err = catalog(files{"Chart.yaml": ""}).defaults()
	require.EqualError(t, err,
		"c: is no catalog: it has neither values.yaml nor values/; name another directory or chart (spec.catalog in "+
			"fleet.yaml, --catalog, or the release in "+
			"the releases file)")
	_, err = catalog(files{"values.yaml": "- a"}).defaults()
	require.EqualError(t, err, "c/values.yaml:1: must hold a map of keys to values, not a list")
}

func TestOpenCatalog(t *testing.T) {
	f, err := loadFleet(t, "\n  catalog: charts/c\n")
	require.NoError(t, err)
	repo := files{"charts/c/values.yaml": "a: 1", "charts/file": ""}.repository()
	c, err := OpenCatalog(f, repo)
	require.NoError(t, err)
	require.Equal(t, "charts/c", c.Name)
	d, err := c.defaults()
	require.NoError(t, err)
	require.Equal(t, "charts/c/values.yaml", d.Name)

	f.Catalog.Path = "charts/none"
	_, err = OpenCatalog(f, repo)
	require.EqualError(t, err,
		"fleet.yaml:5: the catalog charts/none does not exist; set spec.catalog in fleet.yaml, or give the directory "+
			"with --catalog")
	f.Catalog.Path = "charts/file"
	_, err = OpenCatalog(f, repo)
	require.ErrorContains(t, err, "does not exist")
	_, err = OpenCatalog(builtIn(), repo)
	require.ErrorContains(t, err, "the defaults of fleet.yaml: the catalog charts/application-sets does not exist")
	f.Catalog.Path = "."
	c, err = OpenCatalog(f, files{"values.yaml": ""}.repository())
	require.NoError(t, err)
	d, err = c.defaults()
	require.NoError(t, err)
	require.NotNil(t, d)
}

func TestCatalogStaysInsideTheRepository(t *testing.T) {
	f := builtIn()
	f.Catalog.Path = "catalog"
	repo, _ := files{"x/": ""}.onDisk(t, map[string]string{"catalog": t.TempDir()})
	_, err := OpenCatalog(f, repo)
	require.ErrorContains(t, err,
		"catalog: cannot be read: path escapes from parent; files and links must stay inside the repository")

	repo, _ = files{"catalog/values.yaml": ""}.onDisk(t, map[string]string{"catalog/values/a.yaml": "/etc/hostname"})
	c, err := OpenCatalog(f, repo)
	require.NoError(t, err)
	_, _, err = selected(t, c, layersOf(t, "s", "mergeValues: {a: {use: true}}"))
	require.ErrorContains(t, err, "catalog/values/a.yaml: cannot be read: path escapes from parent")
}

// TestReleaseCatalog: the catalog of a release is its chart: a directory of this repository, or a chart that is
// fetched.
func TestReleaseCatalog(t *testing.T) {
	repository := layered.with(files{"own/values.yaml": "repoURLGit: own\n", "own/values/a.yaml": "x: {own: 1}\n"})
	tests := []struct {
		rule, spec, release string
		want                string // name of the catalog; "" for an error
		message             string // of the warning or the error
	}{
		{"none of its own", "", "", "catalog", ""},
		{"only another revision", "", "chartRepoRevision: v2", "catalog", ""},
		{"a directory", "", "chartRepoPath: own", "own", ""},
		{"a directory of a repository with any address", "",
			"chartRepoPath: ./own/, chartRepoUrl: https://x/y, chartRepoRevision: v2", "own", ""},
		{"a directory of this repository", "repositoryURLs: [https://X/y.git]",
			"chartRepoPath: own, chartRepoUrl: https://x/y/", "own", ""},
		{"a directory that does not exist", "", "chartRepoPath: none", "",
			`releases.yaml:1: release "one": its catalog none does not exist; set chartRepoPath to a directory of the repository`},
		{"nor in this repository", "repositoryURLs: [https://x/y]", "chartRepoPath: none, chartRepoUrl: https://x/y",
			"", "its catalog none does not exist"},
		{"a directory of another repository", "repositoryURLs: [https://x/y]",
			"chartRepoPath: own, chartRepoUrl: https://x/z, chartRepoRevision: v2", "catalog",
			`releases.yaml:1: release "one": its catalog https://x/z//own@v2 is in another repository, so that it has the fleet's, catalog; ` +
				"copy the directory into this repository, take it from a chart repository, or remove chartRepoUrl and " +
				"chartRepoPath"},
		{"a directory of some repository", "", "chartRepoPath: none, chartRepoUrl: https://x/z", "catalog",
			"its catalog https://x/z//none is no directory of this repository, so that it has the fleet's, catalog; " +
				"correct chartRepoPath, copy"},
		{"a password", "", "chartRepoPath: none, chartRepoUrl: https://u:canary@x/z", "",
			"chartRepoUrl holds a credential"},
		{"a password of values", "", "repoUrl: https://u:canary@x/z", "", "repoUrl holds a credential"},
		{"a user", "", "chartRepoPath: none, chartRepoUrl: https://me@x/z", "catalog",
			"its catalog https://me@x/z//none is no directory"},
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
			f := repository.with(files{
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
				return files{"values.yaml": "repoURLGit: own\n", "values/a.yaml": "x: {own: 1}\n"}.fs(), nil
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
			in.Catalog = Catalog{FS: files{"values.yaml": ""}.fs(), Name: "asked for"}
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
	f := layered.with(files{"own/values.yaml": "", "own/values/a.yaml": "x: {a: 1}\n",
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
			in := inputs(t, f.with(files{"releases.yaml": "releases: {addons: " + test.releases + "}"}), "hub", nil)
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
	repo := f.repository()
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
	in.Repository = f.repository()
	_, err = in.Load()
	require.ErrorContains(t, err, "the catalog charts/application-sets does not exist")

	f[hierarchy.FleetFile] = layered[hierarchy.FleetFile]
	in.Repository = f.repository()
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
		repo := files{}.repository()
		_, err = OpenCatalog(f, repo)
		require.ErrorIs(t, err, fleet.ErrNoChartReader)
		requireOneLine(t, err, "fleet.yaml:4: the catalog "+text+": ")
		f.Charts = func(c fleet.Chart, _ []string) (fs.FS, error) {
			require.Equal(t, want, c)
			return files{"values.yaml": "- list"}.fs(), nil
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
			"r.yaml": "releases: " + test.releases}.repository()
		f, err := fleet.Load(repo)
		require.NoError(t, err)
		needs, err := NeedsCharts(f, repo)
		require.NoError(t, err)
		require.Equal(t, test.want, needs)
	}
	repo := files{"r.yaml": "releases: {addons: [{}]}"}.repository()
	_, err := NeedsCharts((&fleet.Fleet{Releases: "r.yaml"}), repo)
	require.ErrorContains(t, err, "r.yaml:1: releases of addons: release 1 has no type")
}

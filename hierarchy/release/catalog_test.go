package release

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// components returns the component files that settings select of a catalog.
func components(t *testing.T, catalog files, settings string) ([]hierarchy.Layer, []*problem.Problem, error) {
	t.Helper()
	return selected(t, Catalog{FS: catalog.FS(), Name: "charts/catalog"}, layersOf(t, "settings", settings))
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
		"no directory":                     {files{"values.yaml": ""}, ": it has no directory values at all"},
		"no file":                          {files{"values/a.yaml": ""}, ""},
		"a file in place of its directory": {files{"values/team": "x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			repo, _ := test.catalog.OnDisk(t, nil)
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
			"settings1.yaml:3: mergeValues.../../secret: the name of a component file must be a path inside the " +
				"catalog"},
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
	catalog := func(f files) Catalog { return Catalog{FS: f.FS(), Name: "c"} }
	d, err := catalog(files{"values.yaml": "a: 1"}).defaults()
	require.NoError(t, err)
	require.Equal(t, "c/values.yaml", d.Name)
	require.Equal(t, map[string]any{"a": 1.0}, d.Values)

	d, err = catalog(files{"values/a.yaml": ""}).defaults()
	require.NoError(t, err)
	require.Nil(t, d)

	d, err = catalog(files{"Chart.yaml": ""}).defaults()
	require.NoError(t, err, "a chart whose values are all in the levels")
	require.Nil(t, d)

	_, err = catalog(files{"README.md": ""}).defaults()
	require.EqualError(t, err,
		"c: is no catalog: it has none of values.yaml, values/ and Chart.yaml; name another directory or chart "+
			"(spec.catalog in fleet.yaml, --catalog, or the release in the releases file)")
	_, err = catalog(files{"values.yaml": "- a"}).defaults()
	require.EqualError(t, err, "c/values.yaml:1: must hold a map of keys to values, not a list")
}

func TestOpenCatalog(t *testing.T) {
	f, err := loadFleet(t, "\n  catalog: charts/c\n")
	require.NoError(t, err)
	repo := files{"charts/c/values.yaml": "a: 1", "charts/file": ""}.Repository()
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
	c, err = OpenCatalog(f, files{"values.yaml": ""}.Repository())
	require.NoError(t, err)
	d, err = c.defaults()
	require.NoError(t, err)
	require.NotNil(t, d)
}

func TestCatalogStaysInsideTheRepository(t *testing.T) {
	f := builtIn()
	f.Catalog.Path = "catalog"
	repo, _ := files{"x/": ""}.OnDisk(t, map[string]string{"catalog": t.TempDir()})
	_, err := OpenCatalog(f, repo)
	require.ErrorContains(t, err,
		"catalog: cannot be read: path escapes from parent; files and links must stay inside the repository")

	repo, _ = files{"catalog/values.yaml": ""}.OnDisk(t, map[string]string{"catalog/values/a.yaml": "/etc/hostname"})
	c, err := OpenCatalog(f, repo)
	require.NoError(t, err)
	_, _, err = selected(t, c, layersOf(t, "s", "mergeValues: {a: {use: true}}"))
	require.ErrorContains(t, err, "catalog/values/a.yaml: cannot be read: path escapes from parent")
}

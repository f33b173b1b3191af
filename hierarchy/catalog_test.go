package hierarchy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// components returns the component files that settings select of a catalog.
func components(t *testing.T, catalog files, settings string) ([]Layer, []*Problem, error) {
	t.Helper()
	return Catalog{FS: catalog.fs(), Name: "charts/catalog"}.Components(Merge(nil, nil, layersOf(t, "settings", settings)))
}

func TestComponentFilesThatMergeValuesSelects(t *testing.T) {
	catalog := files{"values/a1.yaml": "comp1: {}", "values/a2.yaml": "comp2: {}", "values/a3.yaml": "comp3: {}", "values/a4.yaml": "comp4: {}",
		"values/a5.yaml": "comp5: {}", "values/a6.yaml": "comp6: {}", "values/a7.yaml": "comp7: {}", "values/team/aa.yaml": "deep: {}",
		"values/empty.yaml": "", "values/comment.yaml": "# nothing", "values/.yaml": "hidden: {}"}
	for _, test := range []struct {
		name, settings string
		want           []string
	}{
		{"nothing", "{}", nil},
		{"null", "mergeValues:", nil},
		{"an empty mapping", "mergeValues: {}", nil},
		{"other empty values", "mergeValues: []", nil},
		{"P8: spellings of use",
			"mergeValues: {a1: {use: true}, a2: {use: 'true'}, a3: {use: yes}, a4: {use: 'yes'}, a5: {use: 'True'}, a6: {use: 1}, a7: {}}",
			[]string{"a1", "a2", "a3"}},
		{"more spellings", "mergeValues: {a1: {use: TRUE}, a2: {use: on}, a3: {use: null}, a4: {use: ''}, a5: {use: false}, a6: {use: 'false'}, a7: {Use: true}}",
			[]string{"a1", "a2"}},
		{"in the order of the names, not of the settings", "mergeValues: {team/aa: {use: true}, a2: {use: true}, a1: {use: true}}", []string{"a1", "a2", "team/aa"}},
		{"files without components", "mergeValues: {empty: {use: true}, comment: {use: true}}", []string{"comment", "empty"}},
		{"an empty name is a file as well", "mergeValues: {'': {use: true}}", []string{""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			layers, warnings, err := components(t, catalog, test.settings)
			require.NoError(t, err)
			require.Empty(t, warnings)
			var got []string
			for _, l := range layers {
				require.Equal(t, LevelCatalog, l.Level)
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

func TestComponentFileThatDoesNotExistIsAWarning(t *testing.T) {
	for name, catalog := range map[string]files{"no file": {"values.yaml": ""}, "a file in place of its folder": {"values/team": "x"}} {
		t.Run(name, func(t *testing.T) {
			repo, _ := catalog.onDisk(t, nil)
			layers, warnings, err := Catalog{FS: repo.fsys, Name: "c"}.Components(Merge(nil, nil, layersOf(t, "s", "\nmergeValues:\n  team/nope: {use: true}\n")))
			require.NoError(t, err)
			require.Empty(t, layers)
			require.Equal(t, []string{"s1.yaml:3: mergeValues.team/nope: the catalog c has no component file values/team/nope.yaml; correct the name, or remove it"},
				messages(warnings))
		})
	}
}

func TestComponentsErrors(t *testing.T) {
	for _, test := range []struct{ name, settings, want string }{
		{"mergeValues as a list", "\nmergeValues: [addons]", "settings1.yaml:2: mergeValues must be a mapping, not a list"},
		{"mergeValues as a text", "mergeValues: addons", "settings1.yaml:1: mergeValues must be a mapping, not a text"},
		{"P9: an entry that is not a map", "mergeValues:\n  aa: true\n", "settings1.yaml:2: mergeValues.aa must be a mapping with use, not a boolean"},
		{"an entry that is null", "mergeValues:\n  aa:\n", "settings1.yaml:2: mergeValues.aa must be a mapping with use, not null"},
		{"use of the wrong type", "mergeValues:\n  aa:\n    use: [true]\n", "settings1.yaml:3: mergeValues.aa: use must be a text, not a list"},
		{"P10: a broken file", "mergeValues: {bad: {use: true}}", "charts/catalog/values/bad.yaml:2: is not YAML"},
		{"P10: a list", "mergeValues: {list: {use: true}}", "charts/catalog/values/list.yaml:1: must hold a mapping of keys to values, not a list"},
		{"a folder", "mergeValues: {folder: {use: true}}", "charts/catalog/values/folder.yaml: is not a regular file"},
		{"a name that leaves the catalog", "mergeValues:\n  ../../secret:\n    use: true\n",
			"settings1.yaml:3: mergeValues.../../secret: the name of a component file must be a path inside the catalog"},
		{"a name that leaves values/", "mergeValues: {../values: {use: true}}", "must be a path inside the catalog"},
		{"a name that leaves it on the way", "mergeValues: {a/../../values: {use: true}}", "must be a path inside the catalog"},
		{"an absolute name", "mergeValues: {/etc/x: {use: true}}", "must be a path inside the catalog"},
		{"a name with an empty part", "mergeValues: {a//b: {use: true}}", "must be a path inside the catalog"},
	} {
		t.Run(test.name, func(t *testing.T) {
			layers, _, err := components(t, files{"values/bad.yaml": "lost: {enabled: true}\nx: [\n", "values/list.yaml": "- lost\n", "values/folder.yaml/": ""}, test.settings)
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
	d, err := catalog(files{"values.yaml": "a: 1"}).Defaults()
	require.NoError(t, err)
	require.Equal(t, "c/values.yaml", d.Name)
	require.Equal(t, map[string]any{"a": 1.0}, d.Values)

	d, err = catalog(files{"values/a.yaml": ""}).Defaults()
	require.NoError(t, err)
	require.Nil(t, d)

	_, err = catalog(files{"Chart.yaml": ""}).Defaults()
	require.EqualError(t, err, "c: is no catalog: it has neither values.yaml nor values/")
	_, err = catalog(files{"values.yaml": "- a"}).Defaults()
	require.EqualError(t, err, "c/values.yaml:1: must hold a mapping of keys to values, not a list")
}

func TestOpenCatalog(t *testing.T) {
	f, err := loadFleet(t, "\n  catalog: charts/c\n")
	require.NoError(t, err)
	repo := files{"charts/c/values.yaml": "a: 1", "charts/file": ""}.repository()
	c, err := f.OpenCatalog(repo)
	require.NoError(t, err)
	require.Equal(t, "charts/c", c.Name)
	d, err := c.Defaults()
	require.NoError(t, err)
	require.Equal(t, "charts/c/values.yaml", d.Name)

	f.Catalog = "charts/none"
	_, err = f.OpenCatalog(repo)
	require.EqualError(t, err, "fleet.yaml:5: the catalog charts/none does not exist; set spec.catalog in fleet.yaml, or give the folder with --catalog")
	f.Catalog = "charts/file"
	_, err = f.OpenCatalog(repo)
	require.ErrorContains(t, err, "does not exist")
	_, err = defaultFleet().OpenCatalog(repo)
	require.ErrorContains(t, err, "the defaults of fleet.yaml: the catalog charts/application-sets does not exist")
	f.Catalog = "."
	c, err = f.OpenCatalog(files{"values.yaml": ""}.repository())
	require.NoError(t, err)
	d, err = c.Defaults()
	require.NoError(t, err)
	require.NotNil(t, d)
}

func TestCatalogStaysInsideTheRepository(t *testing.T) {
	f := defaultFleet()
	f.Catalog = "catalog"
	repo, _ := files{"x/": ""}.onDisk(t, map[string]string{"catalog": t.TempDir()})
	_, err := f.OpenCatalog(repo)
	require.ErrorContains(t, err, "catalog: cannot be read: path escapes from parent; files and links must stay inside the repository")

	repo, _ = files{"catalog/values.yaml": ""}.onDisk(t, map[string]string{"catalog/values/a.yaml": "/etc/hostname"})
	c, err := f.OpenCatalog(repo)
	require.NoError(t, err)
	_, _, err = c.Components(Merge(nil, nil, layersOf(t, "s", "mergeValues: {a: {use: true}}")))
	require.ErrorContains(t, err, "catalog/values/a.yaml: cannot be read: path escapes from parent")
}

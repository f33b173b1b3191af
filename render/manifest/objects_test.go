package manifest

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// chartWith has a chart with templates of these strings.
func chartWith(templates ...string) Options {
	r := tree("-- c/Chart.yaml --\napiVersion: v2\nname: c\nversion: 1.0.0\n-- d/Chart.yaml --\napiVersion: " +
		"v2\nname: d\nversion: 1.0.0\n" +
		"-- d/templates/a.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n")
	for i, text := range templates {
		r["c/templates/"+string(rune('a'+i))+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	return Options{Repository: r}
}

func object1(kind, name string) string {
	return "apiVersion: v1\nkind: " + kind + "\nmetadata: {name: " + name + "}\n"
}

func TestListsAreTakenApart(t *testing.T) {
	for _, test := range []struct {
		name, template string
		want           []string
	}{
		{"a list", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A, metadata: {name: a}}\n- " +
			"{apiVersion: v1, kind: B, metadata: {name: b}}\n", []string{"A/a", "B/b"}},
		{"a typed list",
			"apiVersion: v1\nkind: ConfigMapList\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}]\n",
			[]string{"ConfigMap/a"}},
		{"an empty list", "apiVersion: v1\nkind: List\nitems: []\n", nil},
		{"a null list", "apiVersion: v1\nkind: ConfigMapList\nitems: ~\n", nil},
		{"an object with null items is none", "apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: {}\nitems: ~\n",
			[]string{"A/a"}},
		{"null documents", "---\n---\nnull\n---\n# nothing\n", nil},
		{"generateName", "apiVersion: v1\nkind: Pod\nmetadata: {generateName: test-}\n---\napiVersion: v1\nkind: " +
			"Pod\nmetadata: {generateName: test-}\n", []string{"Pod", "Pod"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects, err := render(t, chartWith(test.template), "source: {repoURL: r, path: c}")
			require.NoError(t, err)
			require.Equal(t, test.want, names(objects))
		})
	}
}

func TestObjectsThatNoClusterTakes(t *testing.T) {
	const where = " (application web, path c)"
	for _, test := range []struct{ name, template, want string }{
		{"no kind", "apiVersion: v1\nmetadata: {name: a}", "c/templates/a.yaml: an object (a) has no kind" + where},
		{"no apiVersion", "kind: A\nmetadata: {name: a}", "c/templates/a.yaml: an object (A a) has no apiVersion" +
			where},
		{"no name", "apiVersion: v1\nkind: A", "c/templates/a.yaml: an object (A) has no metadata.name" + where},
		{"nothing", "a: b",
			"c/templates/a.yaml: an object (unknown) has no apiVersion and no kind and no metadata.name" + where},
		{"in a list", "apiVersion: v1\nkind: List\nitems: [{kind: A, apiVersion: v1}]",
			"c/templates/a.yaml: an object (A) has no metadata.name" + where},
		{"an item that is no object", "apiVersion: v1\nkind: List\nitems: [a]",
			"c/templates/a.yaml: a list has an item that is no object" + where},
		{"a name that is no text", "apiVersion: v1\nkind: A\nmetadata: {name: 1}",
			"c/templates/a.yaml: an object (A) has no metadata.name"},
		{"metadata that is no map", "apiVersion: v1\nkind: A\nmetadata: text",
			"c/templates/a.yaml: gives no YAML of an object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := render(t, chartWith(test.template), "source: {repoURL: r, path: c}")
			require.ErrorContains(t, err, test.want)
		})
	}
}

// TestDuplicateObjects: of an object that is there several times, Argo CD takes the last one, and warns.
func TestDuplicateObjects(t *testing.T) {
	const hint = ": Argo CD warns of it, and takes this one (application web, "
	for _, test := range []struct {
		name, spec string
		want       []string // warnings
		templates  []string
		left       []string // the kinds that are left
	}{
		{"in one file", "source: {repoURL: r, path: c}",
			[]string{"c/templates/a.yaml: A target/a is there again, after c/templates/a.yaml" + hint +
				"path c); remove one of them"},
			[]string{object1("A", "a") + "---\n" + object1("A", "a")}, []string{"A"}},
		{"in two files", "source: {repoURL: r, path: c}",
			[]string{"c/templates/b.yaml: A target/a is there again, after c/templates/a.yaml" + hint},
			[]string{object1("A", "a"), object1("A", "a"), object1("B", "a")}, []string{"A", "B"}},
		{"three times", "source: {repoURL: r, path: c}",
			[]string{"c/templates/b.yaml: A target/a is there again, after c/templates/a.yaml",
				"c/templates/c.yaml: A target/a is there again, after c/templates/b.yaml"},
			[]string{object1("A", "a"), object1("A", "a"), object1("A", "a")}, []string{"A"}},
		{"in two sources", "sources: [{repoURL: r, path: d}, {repoURL: r, path: c}]",
			[]string{"c/templates/a.yaml: ConfigMap target/d is there again, after d/templates/a.yaml of source 1" +
				hint + "source 2 of 2: path c)"},
			[]string{object1("ConfigMap", "d")}, []string{"ConfigMap"}},
		{"with the destination's namespace and without", "source: {repoURL: r, path: c}", []string{"is there again"},
			[]string{object1("A", "a"), "apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: target}"},
			[]string{"A"}},
		{"of a kind that is in no namespace", "source: {repoURL: r, path: c}",
			[]string{"ClusterRole.rbac.authorization.k8s.io a is there again"},
			[]string{"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}",
				"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a, namespace: other}"},
			[]string{"ClusterRole"}},
		{"in two versions", "source: {repoURL: r, path: c}", []string{"B.g target/a is there again"},
			[]string{"apiVersion: g/v1\nkind: B\nmetadata: {name: a}",
				"apiVersion: g/v2\nkind: B\nmetadata: {name: a}"}, []string{"B"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := chartWith(test.templates...)
			o.Charts = &charts{}
			objects, warnings, err := renderObject(t, New(o), app(t, test.spec))
			require.NoError(t, err)
			require.Len(t, warnings, len(test.want))
			for i, want := range test.want {
				require.ErrorContains(t, warnings[i], want)
			}
			var kinds []string
			for _, object := range objects {
				kinds = append(kinds, object["kind"].(string))
			}
			require.Equal(t, test.left, kinds)
		})
	}
	t.Run("the last one counts", func(t *testing.T) {
		objects, err := render(t, chartWith("apiVersion: g/v1\nkind: B\nmetadata: {name: a}",
			"apiVersion: g/v2\nkind: B\nmetadata: {name: a}"), "source: {repoURL: r, path: c}")
		require.NoError(t, err)
		require.Equal(t, "g/v2", objects[0]["apiVersion"])
	})
	objects, err := render(t, chartWith(object1("A", "a"), object1("A", "b"), object1("B", "a"),
		"apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: other}",
		"apiVersion: g/v1\nkind: A\nmetadata: {name: a}"), "source: {repoURL: r, path: c}")
	require.NoError(t, err)
	require.Len(t, objects, 5)
}

func FuzzRender(f *testing.F) {
	f.Add("kind: Application\nmetadata: {name: a}\nspec: {source: {repoURL: r, path: charts/app, helm: {valueFiles: "+
		"['*/**'], values: 'a: 1'}}}", "helm: {}")
	f.Add("metadata: {name: a}\nspec: {sources: [{repoURL: r, ref: v}, {repoURL: r, path: charts/app, helm: "+
		"{valueFiles: [$v/../x, $v/shared.yaml]}}]}", "")
	f.Add("metadata: {name: ../../x}\nspec: {source: {repoURL: r, path: kust/.., directory: {recurse: true}}}", "[a]")
	f.Add("metadata: {name: a}\nspec: {source: {repoURL: r, path: plain, plugin: {}, chart: x}}", "a: b: c")
	f.Add("metadata: {name: a}\nspec: {source: {path: charts/app, helm: {parameters: [{name: 'a[0].b', value: "+
		"'{1,$ARGOCD_APP_NAME}'}], fileParameters: [{name: x, path: /shared.yaml}]}}}", "")
	f.Fuzz(func(t *testing.T, text, override string) {
		var application map[string]any
		if yaml.Unmarshal([]byte(text), &application) != nil {
			return
		}
		r := repository()
		r["charts/app/.argocd-source.yaml"] = &fstest.MapFile{Data: []byte(override)}
		o := Options{Repository: r, Charts: &charts{}}
		first, _, err := renderObject(t, New(o), application)
		second, _, again := renderObject(t, New(o), application)
		require.Equal(t, first, second)
		if err != nil {
			require.Nil(t, first)
			require.NotContains(t, err.Error(), "\n")
			require.EqualError(t, again, err.Error())
		}
	})
}

package directory

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml/explosive"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

func configMap(name string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n"
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func link(target string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
}

func names(objects []map[string]any) []string {
	names := []string{}
	for _, object := range objects {
		names = append(names, object["metadata"].(map[string]any)["name"].(string))
	}
	return names
}

func TestReadChoosesFiles(t *testing.T) {
	repository := fstest.MapFS{
		"app/b.yaml":               file(configMap("b")),
		"app/a.yml":                file(configMap("a")),
		"app/c.json":               file(`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}`),
		"app/notes.txt":            file("no manifest"),
		"app/d.YAML":               file("no manifest, for Argo CD heeds the case"),
		"app/sub/e.yaml":           file(configMap("e")),
		"app/sub/deep/f.yaml":      file(configMap("f")),
		"app/marked.yaml":          file("# +argocd:skip-file-rendering\n" + configMap("marked")),
		"app/linked.yaml":          link("../shared/g.yaml"),
		"app/broken.yaml":          link("nowhere.yaml"),
		"app/directory.yaml":       link("sub"),
		"app/dir.yaml/inside.yaml": file(configMap("inside")),
		"app/marked.jsonnet":       file("// +argocd:skip-file-rendering"),
		"shared/g.yaml":            file(configMap("g")),
		"other/h.yaml":             file(configMap("h")),
	}
	for _, test := range []struct {
		name    string
		options Options
		want    []string
	}{
		{"the directory only, in the order of names", Options{}, []string{"a", "b", "c", "g"}},
		{"directories below", Options{Recurse: true}, []string{"a", "b", "c", "inside", "g", "f", "e"}},
		{"include", Options{Include: "*.yml"}, []string{"a"}},
		{"include with alternatives", Options{Include: "{a.yml,c.json}"}, []string{"a", "c"}},
		{"exclude", Options{Exclude: "b.yaml"}, []string{"a", "c", "g"}},
		{"exclude wins over include", Options{Include: "*", Exclude: "{b.yaml,linked.*}"}, []string{"a", "c"}},
		{"patterns match the path below the directory", Options{Recurse: true, Include: "sub/*"}, []string{"f", "e"}},
		{"a star matches slashes", Options{Recurse: true, Exclude: "*.yaml"}, []string{"a", "c"}},
		{"a pattern of names does not reach into directories", Options{Recurse: true, Include: "e.yaml"}, []string{}},
		{"a class of characters", Options{Include: "[ab].y*"}, []string{"a", "b"}},
		{"links are matched by their own name", Options{Include: "g.yaml"}, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects, err := valuesIn(repository, "app", test.options, argocd.Newest())
			require.NoError(t, err)
			require.Equal(t, test.want, names(objects))
		})
	}
	objects, err := valuesIn(repository, ".", Options{Recurse: true, Include: "{other,shared}/*"}, argocd.Newest())
	require.NoError(t, err)
	require.Equal(t, []string{"h", "g"}, names(objects))

	older, _, err := argocd.Parse("2.14")
	require.NoError(t, err)
	objects, err = valuesIn(repository, "app", Options{Exclude: "*.jsonnet"}, older)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c", "g", "marked"}, names(objects), "where the marker means nothing")
}

func TestReadUnderstandsFiles(t *testing.T) {
	for _, test := range []struct{ name, file, text, want string }{
		{"several documents", "a.yaml", configMap("a") + "---\n" + configMap("b"), "a b"},
		{"empty documents", "a.yaml", "---\n---\n# nothing\n---\n" + configMap("a") + "---\n", "a"},
		{"an empty file", "a.yaml", "", ""},
		{"JSON in a YAML file", "a.yaml", `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}`, "a"},
		{"a list", "a.yaml", "apiVersion: v1\nkind: List\nitems:\n- {kind: A, metadata: {name: a}}\n- {kind: B, " +
			"metadata: {name: b}}\n", "a b"},
		{"an empty list", "a.yaml", "apiVersion: v1\nkind: List\nitems: []\n", ""},
		{"a list of null", "a.yaml", "apiVersion: v1\nkind: ConfigMapList\nitems:\n", ""},
		{"a list in JSON", "a.json", `{"kind": "List", "items": [{"kind": "A", "metadata": {"name": "a"}}]}`, "a"},
		{"values of something else", "values.yaml", "replicas: 1\n", ""},
		{"broken YAML of something else", "values.yaml", "a: [\n", ""},
		{"a template of something else", "t.yaml", "{{ if .x }}\nkind: x\n{{ end }}\n", ""},
		{"Chart.yaml is nothing special", "Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n", ""},
		{"a kustomization is an object", "kustomization.yaml",
			"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: k}\n", "k"},
		{"a byte order mark", "a.yaml", "\uFEFF" + configMap("a"), "a"},
		{"UTF-16", "a.yaml", "\xff\xfe" + strings.Join(strings.Split(configMap("a"), ""), "\x00") + "\x00", "a"},
		{"lines of DOS", "a.yaml", strings.ReplaceAll(configMap("a")+"---\n"+configMap("b"), "\n", "\r\n"), "a b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects, err := valuesIn(fstest.MapFS{"app/" + test.file: file(test.text)}, "app", Options{},
				argocd.Newest())
			require.NoError(t, err)
			require.Equal(t, strings.Fields(test.want), append([]string{}, names(objects)...))
		})
	}
}

func TestReadGivesValuesAsYAML11(t *testing.T) {
	text := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {on: yes, n: 010, big: 1000000, f: 1.5, s: " +
		"\"010\"}\n"
	objects, err := valuesIn(fstest.MapFS{"app/a.yaml": file(text)}, "app", Options{}, argocd.Newest())
	require.NoError(t, err)
	require.Equal(t, map[string]any{"true": true, "false": float64(8), "big": float64(1000000), "f": 1.5, "s": "010"},
		objects[0]["data"])
}

func TestReadErrors(t *testing.T) {
	large := configMap("x") + "# " + strings.Repeat("x", 6<<20)
	for _, test := range []struct {
		name    string
		files   fstest.MapFS
		options Options
		want    string
	}{
		{"no such directory", fstest.MapFS{}, Options{}, "app: cannot be read: file does not exist"},
		{"a file", fstest.MapFS{"app": file("")}, Options{}, "app: is a file, not a directory"},
		{"Jsonnet", fstest.MapFS{"app/a.jsonnet": file("{}")}, Options{},
			"app/a.jsonnet: is Jsonnet, which is not evaluated here; exclude it (directory.exclude), or commit what " +
				"it makes; Argo CD itself would evaluate it"},
		{"a wrong include", fstest.MapFS{"app/a.yaml": file("")}, Options{Include: "a["},
			`app: the Application's directory.include "a[" is no glob pattern: unexpected end of input`},
		{"a wrong exclude", fstest.MapFS{"app/a.yaml": file("")}, Options{Exclude: "[a"},
			`app: the Application's directory.exclude "[a" is no glob pattern: unexpected end of input`},
		{"too large together", fstest.MapFS{"app/a.yaml": file(large), "app/b.yaml": file(large)}, Options{},
			"app/b.yaml: with it, the manifests of app are larger than 10 MiB; exclude large files " +
				"(directory.exclude), or divide the directory; Argo CD has the same limit"},
		{"too large alone", fstest.MapFS{"app/a.yaml": file(large + large)}, Options{},
			"app/a.yaml: with it, the manifests of app are larger than 10 MiB; exclude large files " +
				"(directory.exclude), or divide the directory; Argo CD has the same limit"},
		{"a link up and out", fstest.MapFS{"app/a.yaml": link("../../secret.yaml")}, Options{},
			"app/a.yaml: is a link that leaves the repository; copy the file into the repository"},
		{"an absolute link", fstest.MapFS{"app/a.yaml": link("/etc/passwd")}, Options{},
			"app/a.yaml: is a link that leaves the repository; copy the file into the repository"},
		{"broken YAML", fstest.MapFS{"app/a.yaml": file(configMap("a") + "data: {a: 1\n")}, Options{},
			"app/a.yaml:4: is not YAML: did not find expected ',' or '}'"},
		{"broken second document", fstest.MapFS{"app/a.yaml": file("---\n" + configMap("a") + "---\na: 1\nb: ]\n")},
			Options{},
			"app/a.yaml:6: is not YAML: did not find expected node content"},
		{"a second document that is no object", fstest.MapFS{"app/a.yaml": file(configMap("a") + "---\n---\n\na: 1\n")},
			Options{},
			"app/a.yaml:6: is no Kubernetes object: it has no kind; give it apiVersion and kind"},
		{"a list", fstest.MapFS{"app/a.yaml": file("# apiVersion: kind: metadata:\n- a\n")}, Options{},
			"app/a.yaml:1: is no Kubernetes object: cannot unmarshal array into Go value of type " +
				"map[string]interface {}"},
		{"an item that is no object", fstest.MapFS{"app/a.yaml": file("kind: List\nitems: [{a: 1}]\n")}, Options{},
			"app/a.yaml: an item of the list is no Kubernetes object; give it apiVersion and kind"},
		{"broken JSON", fstest.MapFS{"app/a.json": file("{\n\"a\": 1,\n}")}, Options{},
			"app/a.json:1: is no JSON object: invalid character '}' looking for beginning of object key string"},
		{"a JSON array", fstest.MapFS{"app/a.json": file("[]")}, Options{},
			"app/a.json:1: is no JSON object: cannot unmarshal array into Go value of type map[string]interface {}"},
		{"JSON of something else", fstest.MapFS{"app/a.json": file("{}")}, Options{},
			"app/a.json: is no Kubernetes object: it has no kind; exclude it (directory.exclude), or give it another " +
				"ending than .json"},
		{"two JSON objects", fstest.MapFS{"app/a.json": file(`{"kind": "A"} {"kind": "B"}`)}, Options{},
			"app/a.json: holds more than one object; put each into a file of its own: JSON files hold one"},
		{"aliases beyond measure", fstest.MapFS{"app/a.yaml": file(configMap("a") +
			"x: &x " + strings.Repeat("x", 1<<20) + "\ny: [" + strings.Repeat("*x, ", 40) + "]\n")}, Options{},
			"app/a.yaml: YAML aliases expand beyond measure; write the values out, or use fewer aliases"},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects, err := valuesIn(test.files, "app", test.options, argocd.Newest())
			require.EqualError(t, err, test.want)
			require.Empty(t, objects)
		})
	}
	_, err := valuesIn(fstest.MapFS{}, "../app", Options{}, argocd.Newest())
	require.EqualError(t, err, "../app: is no path of the repository")
}

func TestLinksOnDiskStayInTheRepository(t *testing.T) {
	outside := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "secret.yaml"), []byte(configMap("canary")), 0o600))
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "app"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ok.yaml"), []byte(configMap("ok")), 0o600))
	require.NoError(t, os.Symlink("../ok.yaml", filepath.Join(dir, "app", "ok.yaml")))
	repository, err := worktree.Open(dir)
	require.NoError(t, err)

	objects, err := valuesIn(repository, "app", Options{}, argocd.Newest())
	require.NoError(t, err)
	require.Equal(t, []string{"ok"}, names(objects))

	for target, want := range map[string]string{
		filepath.Join(outside,
			"secret.yaml"): "app/x.yaml: is a link that leaves the repository; copy the file into the repository",
		"../../" + filepath.Base(outside) +
			"/secret.yaml": "app/x.yaml: is a link that leaves the repository; copy the file into the repository",
		"../again.yaml": "app/x.yaml: leaves the repository; copy the file into the repository",
	} {
		again := filepath.Join(dir, "again.yaml")
		require.NoError(t, os.RemoveAll(again))
		require.NoError(t, os.Symlink(filepath.Join(outside, "secret.yaml"), again))
		name := filepath.Join(dir, "app", "x.yaml")
		require.NoError(t, os.Symlink(target, name))
		_, err := valuesIn(repository, "app", Options{}, argocd.Newest())
		require.EqualError(t, err, want)
		require.NoError(t, os.Remove(name))
	}
}

func FuzzRead(f *testing.F) {
	f.Add("a.yaml", []byte(configMap("a")), "", "")
	f.Add("a.json", []byte(`{"kind": "List", "items": [null]}`), "*", "{a,b}")
	f.Add("a.yml", []byte("a: &a [*a]"), "[a-", "**")
	f.Add("a.yaml", []byte("kind: A\n---\n}"), "", "")
	f.Fuzz(func(t *testing.T, name string, data []byte, include, exclude string) {
		repository := fstest.MapFS{}
		if name != "" && fs.ValidPath("app/"+name) {
			repository["app/"+name] = &fstest.MapFile{Data: data}
		}
		objects, err := valuesIn(repository, "app", Options{Recurse: true, Include: include, Exclude: exclude},
			argocd.Newest())
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			require.Empty(t, objects)
			return
		}
		again, err := valuesIn(repository, "app", Options{Recurse: true, Include: include, Exclude: exclude},
			argocd.Newest())
		require.NoError(t, err)
		require.Equal(t, objects, again)
		for _, object := range objects {
			require.NotEmpty(t, object["kind"])
			_, err := json.Marshal(object)
			require.NoError(t, err, fmt.Sprint(object))
		}
	})
}

func TestYAMLIsGuarded(t *testing.T) {
	for _, document := range explosive.Documents {
		_, err := valuesIn(fstest.MapFS{"app/a.yaml": file(configMap("a") + "---\n" + configMap("b") + document.YAML)},
			"app", Options{}, argocd.Newest())
		require.Regexp(t, `^app/a\.yaml(:10)?: `, err.Error())
		require.ErrorContains(t, err, strings.ReplaceAll(document.Message, "(line 2)", "(line 9)"))
	}
}

// TestBraceIsJSON: a YAML file that begins with a brace.
func TestBraceIsJSON(t *testing.T) {
	for text, fails := range map[string]bool{
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n":                             true,
		"{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"c\"}}\n": false,
		"{no: manifest}\n": false,
		"# JSON?\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n": false,
	} {
		_, err := valuesIn(fstest.MapFS{"app/c.yaml": file(text)}, "app", Options{}, argocd.Versions[0])
		if fails {
			require.ErrorContains(t, err, "app/c.yaml:1: begins with a brace", text)
		} else {
			require.NoError(t, err, text)
		}
		_, err = valuesIn(fstest.MapFS{"app/c.yaml": file(text)}, "app", Options{}, argocd.Newest())
		require.NoError(t, err, text)
	}
}

// valuesIn is Read without the names of the files.
func valuesIn(fsys fs.FS, folder string, options Options, of argocd.Version) ([]map[string]any, error) {
	objects, err := Read(fsys, folder, options, of)
	var values []map[string]any
	for _, object := range objects {
		values = append(values, object.Value)
	}
	return values, err
}

// TestObjectsKnowTheirFiles: messages about them name it.
func TestObjectsKnowTheirFiles(t *testing.T) {
	repository := fstest.MapFS{"app/a.yaml": file(configMap("a") + "---\n" + configMap("b")),
		"app/b/c.yml": file(configMap("c"))}
	objects, err := Read(repository, "app", Options{Recurse: true}, argocd.Newest())
	require.NoError(t, err)
	var files []string
	for _, object := range objects {
		files = append(files, object.File)
	}
	require.Equal(t, []string{"app/a.yaml", "app/a.yaml", "app/b/c.yml"}, files)
}

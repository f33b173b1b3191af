package chart

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml/explosive"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// onDisk writes files into a new directory, and returns it with an FS that cannot be left.
func onDisk(t testing.TB, f files) (string, fs.FS) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "repository")
	require.NoError(t, os.Mkdir(dir, 0o755))
	for name, content := range f {
		writeFile(t, dir, name, content)
	}
	fsys, err := worktree.Open(dir)
	require.NoError(t, err)
	return dir, fsys
}

func directory(c *Cache, fsys fs.FS, path string) (*helmchart.Chart, error) {
	return c.Directory(context.Background(), fsys, path)
}

// below puts files into a directory.
func (f files) below(dir string) files {
	all := files{}
	for name, content := range f {
		all[dir+"/"+name] = content
	}
	return all
}

// and adds files.
func (f files) and(more files) files {
	for name, content := range more {
		f = f.with(name, content)
	}
	return f
}

func TestDirectoryAsHelmLoadsIt(t *testing.T) {
	base := chartFiles("web", "1.0.0").and(files{
		"README.md": "x", "templates/.hidden": "x", "templates/_helpers.tpl": "x", "templates/sub/a.yaml": "x",
		"crds/crd.yaml":      "x",
		"values.schema.json": "{}", "files/a.txt": "\uFEFFwith mark", "files/b.log": "x", "files/deep/c.txt": "x",
		"build/out.txt":        "x",
		"charts/db/Chart.yaml": "name: db\nversion: 1.0.0", "charts/db/values.yaml": "a: 1",
		"charts/db/.helmignore": "values.yaml",
		"a b.txt":               "x", "charts/_off/Chart.yaml": "x",
	})
	refused := []string{"!README.md", "*", "Chart.yaml", "**/c.txt", "[", "files/["} // by Helm too
	for _, ignored := range []string{
		"", "# only a comment", "*.txt", "README.md", "/README.md", "files/", "files", "/files", "files/*.txt",
		"files/*", "/files/deep/c.txt",
		"c.txt", "build/\n.git/", "*.md\n*.log", "!README.md", "templates/", "charts", "charts/db", "db/", "*",
		"a b.txt", "a*.txt",
		"[a-c]*.txt", "files/?.txt", "\uFEFFREADME.md", "  README.md  ", ".*", "Chart.yaml", "values.yaml",
		"files/deep/", "deep/",
		"**/c.txt", "[", "files/[",
	} {
		t.Run(ignored, func(t *testing.T) {
			dir, fsys := onDisk(t, base.with(".helmignore", ignored).below("charts/web"))
			require.NoError(t, os.Symlink("../README.md", at(dir, "charts/web/files/link.txt")))
			require.NoError(t, os.Symlink("files", at(dir, "charts/web/linked")))
			helm, helmErr := loader.LoadDir(at(dir, "charts/web"))
			ch, err := directory(newTestCache(t), fsys, "charts/web")
			require.Equal(t, slices.Contains(refused, ignored), helmErr != nil, "%v", helmErr)
			if helmErr != nil {
				requireOneLine(t, err, "charts/web/", strings.ReplaceAll(helmErr.Error(), "\n", " "))
				return
			}
			require.NoError(t, err)
			sortDependencies(helm)
			requireSameChart(t, helm, ch)
		})
	}
}

func TestDirectoryIsParsedOncePerContent(t *testing.T) {
	c := newTestCache(t)
	fsys := fstest.MapFS{"web/Chart.yaml": {Data: []byte("name: web\nversion: 1.0.0")},
		"web/values.yaml": {Data: []byte("a: {b: 1}")}}
	first, err := directory(c, fsys, "web")
	require.NoError(t, err)
	first.Values["a"].(map[string]any)["b"] = 2
	second, err := directory(c, fsys, "web")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": map[string]any{"b": float64(1)}}, second.Values)
	require.NotNil(t, c.memory.Get(contentDigest([]*loader.BufferedFile{
		{Name: "Chart.yaml", Data: fsys["web/Chart.yaml"].Data},
		{Name: "values.yaml", Data: fsys["web/values.yaml"].Data},
	})))

	fsys["web/values.yaml"] = &fstest.MapFile{Data: []byte("a: 3")}
	third, err := directory(c, fsys, "web")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": float64(3)}, third.Values)
}

func TestChartAtTheRootOfTheRepository(t *testing.T) {
	_, fsys := onDisk(t, chartFiles("web", "1.0.0"))
	ch, err := directory(newTestCache(t), fsys, ".")
	require.NoError(t, err)
	require.Equal(t, "web", ch.Name())
}

func TestBadDirectories(t *testing.T) {
	good := chartFiles("web", "1.0.0")
	for name, test := range map[string]struct {
		files   files
		prepare func(t *testing.T, dir string) error
		message string
	}{
		"missing": {nil, nil,
			"web: there is no such directory, but it should hold a Helm chart; check the path"},
		"a file": {files{"web": "x"}, nil, "web: there is no such directory"},
		"empty": {files{"web/charts/x/y": ""}, nil,
			"web/Chart.yaml: it is no valid chart: Chart.yaml file is missing"},
		"no version": {files{"web/Chart.yaml": "name: web"}, nil,
			"web/Chart.yaml: it is no valid chart: validation: chart.metadata.version is required"},
		"library": {files{"web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\ntype: library"}, nil,
			"web/Chart.yaml: it is a library chart, which cannot be installed"},
		"too large": {good.with("big.bin", string(make([]byte, 6<<20))).below("web"), nil,
			"web/big.bin: makes the chart too large"},
		"nested bomb": {good.with("charts/a.tgz", string(bomb(t, "a/values.yaml", 20<<20))).below("web"), nil,
			"web/Chart.yaml: charts/a.tgz: it is too large when it is unpacked"},
		"nested zip": {good.with("charts/a.tgz", "no archive").below("web"), nil,
			"web/Chart.yaml: charts/a.tgz: the archive is not the .tgz of a chart"},
		"nested directory": {good.with(strings.Repeat("charts/a/", 17)+"x", "").below("web"), nil,
			"charts in charts more than 16 deep"},
		"very deep": {good.with(strings.Repeat("d/", 70)+"x", "").below("web"), nil,
			"64 directories deep; look for a link to a directory above it"},
		"link out of it": {good.below("web"), func(t *testing.T, dir string) error {
			return os.Symlink(writeFile(t, filepath.Dir(dir), "secret", "x"), at(dir, "web/secret"))
		}, "web/secret: cannot be read: "},
		"linked directory out of it": {good.below("web"), func(_ *testing.T, dir string) error {
			return os.Symlink("../..", at(dir, "web/outside"))
		}, "web/outside: cannot be read: "},
		"dangling link": {good.below("web"), func(_ *testing.T, dir string) error {
			return os.Symlink("nothing", at(dir, "web/nothing"))
		}, "web/nothing: cannot be read: "},
		"link in a circle": {good.below("web"), func(_ *testing.T, dir string) error {
			return os.Symlink(".", at(dir, "web/loop"))
		}, "too many levels of symbolic links; if it is a link, it must lead to a file of the repository"},
		"pipe": {good.below("web"), func(_ *testing.T, dir string) error {
			return syscall.Mkfifo(at(dir, "web/pipe"), 0o600)
		}, "web/pipe: is no regular file, but lies in a chart; remove it, or name it in .helmignore"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, fsys := onDisk(t, test.files)
			if test.prepare != nil {
				require.NoError(t, test.prepare(t, dir))
			}
			_, err := directory(newTestCache(t), fsys, "web")
			requireOneLine(t, err, test.message)
			require.NotContains(t, err.Error(), dir)
		})
	}
	_, fsys := onDisk(t, nil)
	_, err := directory(newTestCache(t), fsys, "../web")
	requireOneLine(t, err, "../web: cannot be read: invalid argument")
}

func TestYAMLIsGuarded(t *testing.T) {
	good := chartFiles("web", "1.0.0")
	for _, document := range explosive.Documents {
		for name, place := range map[string]struct {
			files files
			want  string
		}{
			"values":     {good.with("values.yaml", document.YAML), "web/values.yaml"},
			"Chart.yaml": {good.with("Chart.yaml", document.YAML), "web/Chart.yaml"},
			"Chart.lock": {good.with("Chart.lock", document.YAML), "web/Chart.lock"},
			"subchart":   {good.with("charts/db/values.yaml", document.YAML), "web/charts/db/values.yaml"},
			"archive in charts": {good.with("charts/db.tgz",
				string(pack(t, chartFiles("db", "1.0.0").with("values.yaml", document.YAML)))),
				"charts/db.tgz: values.yaml"},
		} {
			t.Run(document.Name+" in "+name, func(t *testing.T) {
				_, fsys := onDisk(t, place.files.below("web"))
				_, err := directory(newTestCache(t), fsys, "web")
				requireOneLine(t, err, place.want, document.Message)
				_, err = loadArchive(pack(t, place.files))
				requireOneLine(t, failure(Reference{Name: "web"}, "", err), strings.TrimPrefix(place.want, "web/"),
					document.Message)
			})
		}
		_, fsys := onDisk(t, good.with("ci/values.yaml", document.YAML).below("web"))
		_, err := directory(newTestCache(t), fsys, "web")
		require.NoError(t, err, "a file that Helm does not parse")
	}
}

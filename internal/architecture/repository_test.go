package architecture

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository is the root of the repository. Files are read directly, and not by way of other programs: so go test knows
// what a result depends on, and does not take an old one.
var repository = os.DirFS(filepath.Join("..", ".."))

const module = "github.com/eks-fleet-management/fleet-cmp"

// A goPackage is a package of the module, without its tests.
type goPackage struct {
	imports []string // packages of the module, relative to its root
	lines   int
}

// filesOf returns the files of the repository whose names end so, without those of Git, of other modules, and what
// tools leave in bin.
func filesOf(t *testing.T, suffix string) []string {
	var files []string
	require.NoError(t, fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." {
			_, err := fs.Stat(repository, path.Join(name, "go.mod"))
			if err == nil || name == "bin" || name == ".git" {
				return fs.SkipDir
			}
		}
		if !entry.IsDir() && strings.HasSuffix(name, suffix) {
			files = append(files, name)
		}
		return nil
	}))
	return files
}

// goFiles returns the files of Go code, without those that tests have as their data.
func goFiles(t *testing.T) []string {
	return slices.DeleteFunc(filesOf(t, ".go"), func(name string) bool { return strings.Contains(name, "testdata/") })
}

func read(t *testing.T, name string) string {
	text, err := fs.ReadFile(repository, name)
	require.NoError(t, err)
	return string(text)
}

// packages returns the packages of the module by their directories. A file counts on whatever system it is built for.
func packages(t *testing.T) map[string]*goPackage {
	all := map[string]*goPackage{}
	for _, name := range goFiles(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text := read(t, name)
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		require.NoError(t, err)
		dir := path.Dir(name)
		if all[dir] == nil {
			all[dir] = &goPackage{}
		}
		all[dir].lines += strings.Count(text, "\n")
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if own, isOwn := strings.CutPrefix(imported, module+"/"); isOwn {
				all[dir].imports = append(all[dir].imports, own)
			}
		}
	}
	return all
}

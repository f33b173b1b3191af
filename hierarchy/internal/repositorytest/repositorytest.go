// Package repositorytest is for tests: repositories of a few files, values, and the form of messages.
package repositorytest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// FleetHeader is the start of a fleet.yaml; its spec follows, from line 4 on.
const FleetHeader = "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n"

// Files are the files of a repository by their path; a path that ends with a slash is an empty directory.
type Files map[string]string

// Repository returns the repository with the files, in memory.
func (f Files) Repository() *hierarchy.Repository { return hierarchy.NewRepository(f.FS()) }

// FS returns the files.
func (f Files) FS() fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range f {
		if directory, is := strings.CutSuffix(name, "/"); is {
			fsys[directory+"/.keep"] = &fstest.MapFile{}
			continue
		}
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// With returns the files with others added.
func (f Files) With(others Files) Files {
	all := maps.Clone(f)
	maps.Copy(all, others)
	return all
}

// OnDisk writes the files to a directory, and links there. It returns the repository as what nothing leads out of, and
// the directory.
func (f Files) OnDisk(t *testing.T, links map[string]string) (*hierarchy.Repository, string) {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "repository")
	require.NoError(t, os.Mkdir(directory, 0o755))
	require.NoError(t, os.CopyFS(directory, f.FS()))
	for link, target := range links {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(directory, link)), 0o755))
		require.NoError(t, os.Symlink(target, filepath.Join(directory, link)))
	}
	fsys, err := worktree.Open(directory)
	require.NoError(t, err)
	return hierarchy.NewRepository(fsys), directory
}

// Document parses a values file that must be in order.
func Document(t testing.TB, name, text string) *hierarchy.Document {
	t.Helper()
	d, err := hierarchy.ParseDocument(name, []byte(text))
	require.NoError(t, err)
	return d
}

// Map returns the values of a YAML text.
func Map(t testing.TB, text string) map[string]any {
	t.Helper()
	return Document(t, "test", text).Values
}

// Layers makes a layer of each text; they are called PREFIX1.yaml, PREFIX2.yaml, …
func Layers(t testing.TB, prefix string, texts ...string) []hierarchy.Layer {
	t.Helper()
	var layers []hierarchy.Layer
	for i, text := range texts {
		layers = append(layers, hierarchy.LayerOf(prefix, Document(t, fmt.Sprintf("%s%d.yaml", prefix, i+1), text)))
	}
	return layers
}

// ValueAt returns the value at a path of nested maps, and whether there is one.
func ValueAt(values map[string]any, path ...string) (any, bool) {
	var value any = values
	for _, key := range path {
		m, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = m[key]; !ok {
			return nil, false
		}
	}
	return value, true
}

// RequireOneLine checks the form of an error or warning: one line that starts with the name of the file.
func RequireOneLine(t testing.TB, err error, file string) {
	t.Helper()
	require.Error(t, err)
	require.NotContains(t, err.Error(), "\n")
	require.True(t, strings.HasPrefix(err.Error(), file), "%q should start with %q", err.Error(), file)
}

// Messages returns the lines of problems.
func Messages(problems []*problem.Problem) []string {
	var all []string
	for _, p := range problems {
		all = append(all, p.Error())
	}
	return all
}

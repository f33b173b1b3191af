package hierarchy

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// document parses a values file that must be in order.
func document(t testing.TB, name, text string) *Document {
	t.Helper()
	d, err := ParseDocument(name, []byte(text))
	require.NoError(t, err)
	return d
}

// yamlMap returns the values of a YAML text.
func yamlMap(t testing.TB, text string) map[string]any {
	t.Helper()
	return document(t, "test", text).Values
}

// layersOf makes a layer of each text; they are called PREFIX1.yaml, PREFIX2.yaml, …
func layersOf(t testing.TB, prefix string, texts ...string) []Layer {
	t.Helper()
	var layers []Layer
	for i, text := range texts {
		layers = append(layers, LayerOf(prefix, document(t, fmt.Sprintf("%s%d.yaml", prefix, i+1), text)))
	}
	return layers
}

// mergeAll merges component files, defaults ("" for none) and layers, and checks on the way what must hold for every
// merge: it leaves its arguments as they are, and the explanation agrees with the result.
func mergeAll(t testing.TB, components []string, defaults string, layers ...string) *Values {
	t.Helper()
	component, layer := layersOf(t, "component", components...), layersOf(t, "layer", layers...)
	var under *Layer
	if defaults != "" {
		under = &layersOf(t, "defaults", defaults)[0]
	}
	v := Merge(component, under, layer)
	all := append(append([]Layer{}, component...), layer...)
	if under != nil {
		all = append(all, *under)
	}
	requireExplained(t, v, all)
	for i, text := range components {
		require.Equal(t, yamlMap(t, text), component[i].Values, "the merge changed a component file")
	}
	for i, text := range layers {
		require.Equal(t, yamlMap(t, text), layer[i].Values, "the merge changed a layer")
	}
	if under != nil {
		require.Equal(t, yamlMap(t, defaults), under.Values, "the merge changed the defaults")
	}
	return v
}

// valueAt returns the value at a path of nested maps, and whether there is one.
func valueAt(values map[string]any, path ...string) (any, bool) {
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

// files are the files of a repository by their path; a path that ends with a slash is an empty directory.
type files map[string]string

func (f files) fs() fstest.MapFS {
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

// onDisk writes the files to a directory, and links there, and returns the repository seen through an os.Root.
func (f files) onDisk(t *testing.T, links map[string]string) (*Repository, string) {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "repository")
	require.NoError(t, os.Mkdir(directory, 0o755))
	require.NoError(t, os.CopyFS(directory, f.fs()))
	for link, target := range links {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(directory, link)), 0o755))
		require.NoError(t, os.Symlink(target, filepath.Join(directory, link)))
	}
	fsys, err := worktree.Open(directory)
	require.NoError(t, err)
	return NewRepository(fsys), directory
}

// requireOneLine checks the form of an error or warning: one line that starts with the name of the file.
func requireOneLine(t testing.TB, err error, file string) {
	t.Helper()
	require.Error(t, err)
	require.NotContains(t, err.Error(), "\n")
	require.True(t, strings.HasPrefix(err.Error(), file), "%q should start with %q", err.Error(), file)
}

// messages returns the strings of problems.
func messages(problems []*problem.Problem) []string {
	var all []string
	for _, p := range problems {
		all = append(all, p.Error())
	}
	return all
}

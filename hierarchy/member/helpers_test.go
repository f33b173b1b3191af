package member

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// document parses a values file that must be in order.
func document(t testing.TB, name, text string) *hierarchy.Document {
	t.Helper()
	d, err := hierarchy.ParseDocument(name, []byte(text))
	require.NoError(t, err)
	return d
}

// besidesTenants returns findings without those about unknown or missing tenants, for fleets that do not care about
// them.
func besidesTenants(found []*problem.Problem) []*problem.Problem {
	return slices.DeleteFunc(slices.Clone(found),
		func(p *problem.Problem) bool { return p.Rule == problem.RuleUnknownTenant || errors.Is(p, errNoTenant) })
}

// layersOf makes a layer of each text; they are called PREFIX1.yaml, PREFIX2.yaml, …
func layersOf(t testing.TB, prefix string, texts ...string) []hierarchy.Layer {
	t.Helper()
	var layers []hierarchy.Layer
	for i, text := range texts {
		layers = append(layers, hierarchy.LayerOf(prefix, document(t, fmt.Sprintf("%s%d.yaml", prefix, i+1), text)))
	}
	return layers
}

// files are the files of a repository by their path; a path that ends with a slash is an empty directory.
type files map[string]string

func (f files) repository() *hierarchy.Repository { return hierarchy.NewRepository(f.fs()) }

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

// with returns the files with others added.
func (f files) with(others files) files {
	all := maps.Clone(f)
	maps.Copy(all, others)
	return all
}

// onDisk writes the files to a directory, and links there, and returns the repository seen through an os.Root.
func (f files) onDisk(t *testing.T, links map[string]string) (*hierarchy.Repository, string) {
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
	return hierarchy.NewRepository(fsys), directory
}

// builtIn returns the fleet without a fleet.yaml.
func builtIn() *fleet.Fleet {
	f, err := fleet.Load(files{}.repository())
	if err != nil {
		panic(err)
	}
	return f
}

// loadFleet loads a fleet from the spec of its fleet.yaml; the first line of the spec is line 4 of the file.
func loadFleet(t testing.TB, spec string) (*fleet.Fleet, error) {
	t.Helper()
	return fleet.Load(files{hierarchy.FleetFile: fleetHeader + spec}.repository())
}

const fleetHeader = "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n"

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

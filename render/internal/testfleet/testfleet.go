// Package testfleet is for tests: the fleets of testdata in memory, with changes.
package testfleet

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// most is how large files of testdata are at the most, in bytes.
const most = 10 << 20

// Load returns the files of a directory, for a test to change.
func Load(t testing.TB, directory string) fstest.MapFS {
	t.Helper()
	tree, root := fstest.MapFS{}, os.DirFS(directory)
	require.NoError(t, fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := worktree.ReadFile(root, name, most)
		tree[name] = &fstest.MapFile{Data: data, Mode: 0o644}
		return err
	}))
	return tree
}

// Replaced returns a tree with text of files replaced, as FILE, OLD, NEW. An OLD of "" is the whole file. The test
// fails for a file that does not have OLD.
func Replaced(t testing.TB, tree fs.FS, edits ...string) fs.FS {
	t.Helper()
	for i := 0; i < len(edits); i += 3 {
		file, before, after := edits[i], edits[i+1], edits[i+2]
		if before != "" {
			data, err := worktree.ReadFile(tree, file, most)
			require.NoError(t, err)
			require.Contains(t, string(data), before)
			after = strings.ReplaceAll(string(data), before, after)
		}
		tree = worktree.With(tree, file, []byte(after))
	}
	return tree
}

var (
	chartRepository = regexp.MustCompile(`(?m)^  chartRepository: .*$`)
	secondChart     = regexp.MustCompile(`(?m)^    repoURL: public.*\n    chart: .*\n    chartVersion: .*$`)
)

// UseChart has the components of the example fleet take one chart of the repository in place of those from elsewhere.
func UseChart(tree fstest.MapFS, directory string) {
	for name, file := range tree {
		if strings.HasPrefix(name, "charts/application-sets/values/") {
			file.Data = chartRepository.ReplaceAll(file.Data, []byte("  path: "+directory))
			file.Data = secondChart.ReplaceAll(file.Data, []byte("    path: "+directory))
		}
	}
}

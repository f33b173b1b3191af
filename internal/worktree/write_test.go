package worktree

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWriteFile: a file is there whole, and nothing else is left, also of a failure.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, root.MkdirAll("directory/in", 0o755))
	for name, fails := range map[string]string{"new": "", "directory/new": "", "directory": "is a directory",
		"missing/new": "no such file or directory", "../outside": "path escapes from parent"} {
		for _, text := range []string{"first", "second"} {
			err := WriteFile(root, name, []byte(text), 0o644)
			require.Equal(t, fails != "", err != nil, "%s: %v", name, err)
			if fails != "" {
				require.EqualError(t, err, "write "+name+": "+fails)
			} else {
				data, err := root.ReadFile(name)
				require.NoError(t, err)
				require.Equal(t, text, string(data))
			}
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	hidden, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	require.Len(t, append(left, hidden...), 2)
}

// TestWriteEntry: an entry takes the place of a directory, in directories that are made.
func TestWriteEntry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "entry")
	require.NoError(t, WriteEntry(path, []byte("first")))
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.MkdirAll(filepath.Join(path, "in"), 0o755))
	require.NoError(t, WriteEntry(path, []byte("second")))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "second", string(data))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
}

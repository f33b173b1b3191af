package nameless

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFile: a file can be written and read, and nothing is to be seen of it.
func TestFile(t *testing.T) {
	directory := t.TempDir()
	file, err := File(directory)
	require.NoError(t, err)
	_, err = file.WriteString("text")
	require.NoError(t, err)
	read := make([]byte, 4)
	_, err = file.ReadAt(read, 0)
	require.NoError(t, err)
	require.Equal(t, "text", string(read))
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	require.Empty(t, entries)
	require.NoError(t, file.Close())
	missing := filepath.Join(directory, "missing")
	_, err = File(missing)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Equal(t, "there is no room for the repository in "+missing+
		" (no such file or directory): give it a larger "+
		"volume, or more memory for repositories", err.Error())
}

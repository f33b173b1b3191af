package programs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFind: what is beside this executable comes before what is in PATH; a directory is no program.
func TestFind(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	self, err = filepath.EvalSymlinks(self)
	require.NoError(t, err)
	inPath := t.TempDir()
	t.Setenv("PATH", inPath)

	_, found := Find("cmp-other")
	require.False(t, found)
	other := filepath.Join(inPath, "cmp-other")
	require.NoError(t, os.WriteFile(other, nil, 0o755))
	program, found := Find("cmp-other")
	require.True(t, found)
	require.Equal(t, other, program)

	beside := filepath.Join(filepath.Dir(self), "cmp-other")
	require.NoError(t, os.Mkdir(beside, 0o755))
	program, _ = Find("cmp-other")
	require.Equal(t, other, program)
	require.NoError(t, os.Remove(beside))
	require.NoError(t, os.WriteFile(beside, nil, 0o755))
	t.Cleanup(func() { require.NoError(t, os.Remove(beside)) })
	program, _ = Find("cmp-other")
	require.Equal(t, beside, program)
}

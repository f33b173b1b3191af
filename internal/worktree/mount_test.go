package worktree_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

func TestMount(t *testing.T) {
	under := fstest.MapFS{"a/file": {Data: []byte("under")}, "mounted-not/file": {Data: []byte("beside")}}
	both := worktree.Mount(under, "mounted", fstest.MapFS{"deep/file": {Data: []byte("other")}})
	for name, want := range map[string]string{"a/file": "under", "mounted-not/file": "beside",
		"mounted/deep/file": "other"} {
		data, err := worktree.ReadFile(both, name, 100)
		require.NoError(t, err)
		require.Equal(t, want, string(data))
		data, err = fs.ReadFile(both, name)
		require.NoError(t, err)
		require.Equal(t, want, string(data))
		for _, look := range []func(fs.FS, string) (fs.FileInfo, error){fs.Stat, fs.Lstat} {
			info, err := look(both, name)
			require.NoError(t, err)
			require.Equal(t, "file", info.Name())
		}
	}
	entries, err := fs.ReadDir(both, "mounted")
	require.NoError(t, err)
	require.Len(t, entries, 1)
	_, err = fs.Stat(both, "mounted/a")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = fs.ReadLink(both, "a/file")
	require.Error(t, err)
}

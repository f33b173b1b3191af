package worktree

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// TestNote: whatever way something is read or looked for, it is noted, and the files stay what they are.
func TestNote(t *testing.T) {
	tree := fstest.MapFS{
		"a/open": {Data: []byte("open")}, "a/read": {Data: []byte("read")}, "a/list/one": {}, "a/sub/file": {},
		"a/link": {Data: []byte("read"), Mode: fs.ModeSymlink},
	}
	var note Note
	sub, err := fs.Sub(tree, "a")
	require.NoError(t, err)
	fsys := note.FS(sub, "a")
	f, err := fsys.Open("open")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	data, err := fs.ReadFile(fsys, "read")
	require.NoError(t, err)
	require.Equal(t, "read", string(data))
	entries, err := fs.ReadDir(fsys, "list")
	require.NoError(t, err)
	require.Len(t, entries, 1)
	_, err = fs.Stat(fsys, "gone")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = fs.Lstat(fsys, "lost")
	require.ErrorIs(t, err, fs.ErrNotExist)
	target, err := fs.ReadLink(fsys, "link")
	require.NoError(t, err)
	require.Equal(t, "read", target)
	inner, err := fs.Sub(fsys, "sub")
	require.NoError(t, err)
	_, err = fs.Stat(inner, "file")
	require.NoError(t, err)
	require.Equal(t, []string{"a/gone", "a/link", "a/list", "a/lost", "a/open", "a/read", "a/sub/file"}, note.Names())

	require.Equal(t, tree, (*Note)(nil).FS(tree, "."), "nobody wants to know")
	(*Note)(nil).Add("nothing")
	(*Note)(nil).Include(&note)
	require.Empty(t, (*Note)(nil).Names())

	var whole, other Note
	whole.Include(&other)
	whole.Include(nil)
	whole.Add("./b/")
	other.Add("a", "b")
	require.Equal(t, []string{"a", "b"}, whole.Names())
}

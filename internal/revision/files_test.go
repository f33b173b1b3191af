package revision

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/go-git/go-billy/v5"
	"github.com/stretchr/testify/require"
)

// TestOpenFiles: the directory .git as a tree of files answers as the checkout does, and is only read.
func TestOpenFiles(t *testing.T) {
	directory := history(t)
	for _, packed := range []bool{false, true} {
		if packed {
			gitIn(t, directory, "gc", "-q")
		}
		checkout, err := Open(directory, nil)
		require.NoError(t, err)
		t.Cleanup(checkout.Close)
		git, err := OpenFiles(os.DirFS(filepath.Join(directory, ".git")))
		require.NoError(t, err)
		t.Cleanup(git.Close)
		for _, name := range []string{"main", "other", "base", "v1", "refs/tags/v1", "missing", "../../x"} {
			want, wanted := checkout.Deployed(name)
			got, err := git.Deployed(name)
			require.Equal(t, wanted, err, name)
			require.Equal(t, want, got, name)
			if err != nil {
				continue
			}
			tree, err := git.Tree(got, "fleet")
			require.NoError(t, err)
			text, err := fs.ReadFile(tree, "deep/b.yaml")
			require.NoError(t, err)
			require.Equal(t, "b", string(text))
		}
	}
	for name, tree := range map[string]fs.FS{"nothing": fstest.MapFS{},
		"no objects": fstest.MapFS{"HEAD": {Data: []byte("ref: refs/heads/main")}}} {
		git, err := OpenFiles(tree)
		if err == nil {
			_, err = git.Deployed("main")
			git.Close()
		}
		require.Error(t, err, name)
	}
}

// TestReadOnly: nothing of what go-git could do to files is done, and no path leads out of the directory.
func TestReadOnly(t *testing.T) {
	of := readOnly{tree: fstest.MapFS{"a/b/c": {Data: []byte("text")}, "d": {Data: []byte("out")}}, at: "a"}
	for _, err := range []error{of.Rename("b", "c"), of.Remove("b"), of.MkdirAll("x", 0), of.Symlink("b", "c")} {
		require.ErrorIs(t, err, billy.ErrReadOnly)
	}
	for _, open := range []func() (billy.File, error){
		func() (billy.File, error) { return of.Create("x") },
		func() (billy.File, error) { return of.TempFile("", "x") },
		func() (billy.File, error) { return of.OpenFile("b/c", os.O_RDWR, 0) },
	} {
		_, err := open()
		require.ErrorIs(t, err, billy.ErrReadOnly)
	}
	_, err := of.Stat("../d")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = of.Open("b")
	require.ErrorIs(t, err, fs.ErrInvalid)
	_, err = of.Readlink("b/c")
	require.ErrorIs(t, err, fs.ErrInvalid)
	f, err := of.OpenFile("b/c", os.O_RDONLY, 0)
	require.NoError(t, err)
	text, err := io.ReadAll(f)
	require.NoError(t, err)
	require.Equal(t, "text", string(text))
	_, err = f.Write([]byte("x"))
	require.ErrorIs(t, err, billy.ErrReadOnly)
	require.ErrorIs(t, f.Truncate(0), billy.ErrReadOnly)
	require.NoError(t, errors.Join(f.Lock(), f.Unlock(), f.Close()))
	require.Equal(t, "b/c", f.Name())
	require.Equal(t, "/", of.Root())
	require.False(t, billy.CapabilityCheck(of, billy.WriteCapability))
}

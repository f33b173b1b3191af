package worktree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const canary = "canary-token"

// newTree returns a checkout with .git, and links to it.
func newTree(t testing.TB) (string, fs.FS) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "repository")
	require.NoError(t, os.Mkdir(dir, 0o755))
	secret := &fstest.MapFile{Data: []byte(canary)}
	require.NoError(t, os.CopyFS(dir, fstest.MapFS{
		".git/config": secret, "sub/.GIT/config": secret, "worktree/.git": secret,
		"a/b/file": {Data: []byte("text")}, ".github/x": {Data: []byte("text")}, "a/.gitignore": {Data: []byte("text")},
	}))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(dir), "outside"), []byte(canary), 0o600))
	for link, target := range map[string]string{
		"file": "a/b/file", "directory": "a/../a/./b/", "chain": "file", "circle": "circle",
		"around-file": "a/b/file/../file", "gone": "nowhere", "self": ".",
		"config": ".git/config", "git": ".git", "up": "a/../.git/config", "again": "git", "upper": "sub/.GIT/config",
		"a/b/deep": "../../.git/config", "pointer": "worktree/.git", "through": "worktree/../.git/config",
		"around": "git/../a/b/file", "absolute": filepath.Join(dir, "a", "b", "file"), "escape": "../outside",
		"parent": "..", "back": "../repository/a/b/file",
	} {
		require.NoError(t, os.Symlink(target, filepath.Join(dir, link)))
	}
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	fsys, err := Open(dir)
	require.NoError(t, err)
	return dir, fsys
}

// readers are all ways to what a path leads to.
var readers = map[string]func(fs.FS, string) ([]byte, error){
	"open": func(fsys fs.FS, name string) ([]byte, error) {
		f, err := fsys.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(f)
	},
	"read":  fs.ReadFile,
	"stat":  func(fsys fs.FS, name string) ([]byte, error) { _, err := fs.Stat(fsys, name); return nil, err },
	"list":  func(fsys fs.FS, name string) ([]byte, error) { _, err := fs.ReadDir(fsys, name); return nil, err },
	"lstat": func(fsys fs.FS, name string) ([]byte, error) { _, err := fs.Lstat(fsys, name+"/x"); return nil, err },
	"link":  func(fsys fs.FS, name string) ([]byte, error) { _, err := fs.ReadLink(fsys, name+"/x"); return nil, err },
	"below": func(fsys fs.FS, name string) ([]byte, error) { return fs.ReadFile(fsys, name+"/config") },
	"sub": func(fsys fs.FS, name string) ([]byte, error) {
		sub, err := fs.Sub(fsys, name)
		if err != nil {
			return nil, err
		}
		return fs.ReadFile(sub, "config")
	},
}

func TestGitIsNotThere(t *testing.T) {
	dir, fsys := newTree(t)
	for _, name := range []string{
		".git", ".git/config", ".Git", ".GIT/nothing", "sub/.GIT", "sub/.GIT/config", "sub/.git", "worktree/.git",
		"a/.git/b",
		"nowhere/../.git", "config", "git", "git/config", "up", "again", "again/config", "upper", "a/b/deep",
		"directory/deep",
		"self/git/config", "pointer", "through", "around",
	} {
		for reader, read := range readers {
			data, err := read(fsys, name)
			require.Error(t, err, "%s %s", reader, name)
			require.Empty(t, data, "%s %s", reader, name)
			require.NotContains(t, err.Error(), dir)
			if !strings.Contains(name, "..") { // which is no path of an fs.FS
				require.ErrorIs(t, err, ErrGit, "%s %s", reader, name)
				require.NotErrorIs(t, err, fs.ErrNotExist)
			}
		}
	}
	_, err := fs.ReadFile(fsys, "config")
	require.EqualError(t, err, "readfile config: leads into .git, which is no part of the repository")
}

func TestListingsLeaveGitOut(t *testing.T) {
	_, fsys := newTree(t)
	var all []string
	require.NoError(t, fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		all = append(all, name)
		return err
	}))
	require.Subset(t, all, []string{".github", "a/.gitignore", "a/b/file", "config", "git", "sub", "worktree"})
	for _, name := range all {
		require.NotContains(t, strings.Split(strings.ToLower(name), "/"), ".git")
	}
	for _, n := range []int{1, -1} {
		f, err := fsys.Open("sub")
		require.NoError(t, err)
		entries, err := f.(fs.ReadDirFile).ReadDir(n)
		require.Empty(t, entries)
		if n > 0 {
			require.ErrorIs(t, err, io.EOF)
		}
		require.NoError(t, f.Close())
	}
}

func TestLinksInside(t *testing.T) {
	_, fsys := newTree(t)
	for _, name := range []string{"a/b/file", "file", "directory/file", "chain", "self/self/file", ".github/x",
		"a/.gitignore"} {
		for _, reader := range []string{"open", "read"} {
			data, err := readers[reader](fsys, name)
			require.NoError(t, err, name)
			require.Equal(t, "text", string(data), name)
		}
		info, err := fs.Stat(fsys, name)
		require.NoError(t, err)
		require.True(t, info.Mode().IsRegular())
		require.Equal(t, filepath.Base(name), info.Name())
	}
	info, err := fs.Stat(fsys, "self/directory")
	require.NoError(t, err)
	require.True(t, info.IsDir())
	require.Equal(t, "directory", info.Name())
	info, err = fs.Lstat(fsys, "self/directory")
	require.NoError(t, err)
	require.Equal(t, fs.ModeSymlink, info.Mode().Type())
	target, err := fs.ReadLink(fsys, "self/chain")
	require.NoError(t, err)
	require.Equal(t, "file", target)
	info, err = fs.Stat(fsys, ".")
	require.NoError(t, err)
	require.True(t, info.IsDir())
}

func TestRefusals(t *testing.T) {
	dir, fsys := newTree(t)
	for name, want := range map[string]error{
		"absolute": ErrEscapes, "escape": ErrEscapes, "parent": ErrEscapes, "parent/outside": ErrEscapes,
		"back":   ErrEscapes,
		"circle": syscall.ELOOP, "gone": fs.ErrNotExist, "nothing": fs.ErrNotExist, "nothing/x": fs.ErrNotExist,
		"a/b/file/x": syscall.ENOTDIR, "file/x": syscall.ENOTDIR, "around-file": syscall.ENOTDIR,
		"../outside": fs.ErrInvalid, "/etc/passwd": fs.ErrInvalid,
		"": fs.ErrInvalid, "pipe": ErrIrregular,
	} {
		for _, reader := range []string{"open", "read", "list"} {
			_, err := readers[reader](fsys, name)
			require.ErrorIs(t, err, want, "%s %s", reader, name)
			require.NotContains(t, err.Error(), dir)
			var pathError *fs.PathError
			require.ErrorAs(t, err, &pathError)
			require.Equal(t, name, pathError.Path)
		}
	}
	for _, reader := range []string{"open", "read"} {
		_, err := readers[reader](fsys, "a")
		require.True(t, err != nil && !errors.Is(err, ErrGit), "a directory has no text")
	}
	_, err := Open(filepath.Join(dir, "nothing"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// TestLongWays: a path may lead through so many links, and not through one more.
func TestLongWays(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "0"), []byte("text"), 0o600))
	for i := range maxLinks + 1 {
		require.NoError(t, os.Symlink(strconv.Itoa(i), filepath.Join(dir, strconv.Itoa(i+1))))
	}
	fsys, err := Open(dir)
	require.NoError(t, err)
	data, err := fs.ReadFile(fsys, strconv.Itoa(maxLinks))
	require.NoError(t, err)
	require.Equal(t, "text", string(data))
	_, err = fs.ReadFile(fsys, strconv.Itoa(maxLinks+1))
	require.ErrorIs(t, err, syscall.ELOOP)
}

// TestListingsAreSorted, in whatever order the system has the entries.
func TestListingsAreSorted(t *testing.T) {
	dir := t.TempDir()
	for i := range 50 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-%d", i*7%50, i)), nil, 0o600))
	}
	fsys, err := Open(dir)
	require.NoError(t, err)
	entries, err := fs.ReadDir(fsys, ".")
	require.NoError(t, err)
	require.Len(t, entries, 50)
	require.True(t, slices.IsSortedFunc(entries,
		func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) }))
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	_, fsys := newTree(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, name := range []string{"a/b/file", "directory/file", "config", "chain"} {
				data, err := fs.ReadFile(fsys, name)
				if name == "config" {
					require.ErrorIs(t, err, ErrGit)
				} else {
					require.Equal(t, "text", string(data))
				}
			}
		})
	}
	group.Wait()
}

func TestIsGit(t *testing.T) {
	dir, _ := newTree(t)
	for name, want := range map[string]bool{
		"": false, "a/b": false, ".github": false, "directory": false, "nothing": false,
		".git": true, "sub/.GIT": true, "git": true, "again": true, "a/b/deep": true, ".git/nothing": true,
	} {
		require.Equal(t, want, IsGit(filepath.Join(dir, name)), name)
	}
}

func BenchmarkReadFile(b *testing.B) {
	_, fsys := newTree(b)
	for b.Loop() {
		if _, err := fs.ReadFile(fsys, "a/b/file"); err != nil {
			b.Fatal(err)
		}
	}
}

// TestOpenFor: whoever opens a directory can know which files are opened in it.
func TestOpenFor(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.yaml"), nil, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.yaml"), nil, 0o644))
	var read []string
	fsys, err := OpenFor(dir, func(name string) { read = append(read, name) })
	require.NoError(t, err)
	for _, name := range []string{"a.yaml", ".", "none.yaml"} {
		if f, err := fsys.Open(name); err == nil {
			require.NoError(t, f.Close())
		}
	}
	_, err = fs.ReadFile(fsys, "b.yaml")
	require.NoError(t, err)
	require.Equal(t, []string{"a.yaml", "b.yaml"}, read)
}

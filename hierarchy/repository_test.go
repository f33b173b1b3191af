package hierarchy

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// counting counts how often files are opened, and fails for one of them.
type counting struct {
	fs.FS
	opened map[string]int
	broken string
}

var errDisk = errors.New("input/output error")

func (c counting) Open(name string) (fs.File, error) {
	c.opened[name]++
	if name == c.broken {
		return nil, &fs.PathError{Op: "open", Path: "/machine/" + name, Err: errDisk}
	}
	return c.FS.Open(name)
}

func TestRepositoryReadsEachFileOnce(t *testing.T) {
	c := counting{FS: files{"a.yaml": "a: 1", "folder/b.yaml": ""}.fs(), opened: map[string]int{}}
	repo := NewRepository(c)
	for range 3 {
		d, err := repo.Document("a.yaml")
		require.NoError(t, err)
		require.Equal(t, "a.yaml", d.Name)
		d, err = repo.Document("none.yaml")
		require.NoError(t, err)
		require.Nil(t, d)
		d, err = repo.Document("none/none.yaml")
		require.NoError(t, err)
		require.Nil(t, d)
		for folder, want := range map[string]bool{"folder": true, "a.yaml": false, "none": false} {
			is, err := repo.HasFolder(folder)
			require.NoError(t, err)
			require.Equal(t, want, is, folder)
		}
	}
	for name, count := range c.opened {
		require.LessOrEqual(t, count, 2, name) // once as a file, once as a folder
	}
	entries, err := repo.Entries("none")
	require.NoError(t, err)
	require.Empty(t, entries)
}

// unreadableFile can be opened, but nothing else.
type unreadableFile struct{ fs.File }

func (unreadableFile) Stat() (fs.FileInfo, error) { return nil, errDisk }

func (unreadableFile) Close() error { return nil }

type unreadableFS struct{ file fs.File }

func (u unreadableFS) Open(string) (fs.File, error) { return u.file, nil }

// brokenFile fails in the middle.
type brokenFile struct{ fs.File }

func (brokenFile) Read([]byte) (int, error) { return 0, errDisk }

func TestFileThatFailsWhileItIsRead(t *testing.T) {
	_, err := ReadDocument(unreadableFS{unreadableFile{}}, "x", "x", MaxFileSize)
	require.EqualError(t, err, "x: cannot be read: input/output error")
	f, err := files{"x": "a: 1"}.fs().Open("x")
	require.NoError(t, err)
	_, err = ReadDocument(unreadableFS{brokenFile{f}}, "x", "x", MaxFileSize)
	require.EqualError(t, err, "x: cannot be read: input/output error")
}

func TestFileInPlaceOfAFolderIsNoFolder(t *testing.T) {
	repo, _ := files{"addons/defaults": "a file"}.onDisk(t, nil)
	d, err := repo.Document("addons/defaults/application-sets/addons.yaml")
	require.NoError(t, err)
	require.Nil(t, d)
	is, err := repo.HasFolder("addons/defaults/x")
	require.NoError(t, err)
	require.False(t, is)
	entries, err := repo.Entries("addons/defaults/x")
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestFileThatIsNoFileIsRefused(t *testing.T) {
	for _, mode := range []fs.FileMode{fs.ModeNamedPipe, fs.ModeDevice, fs.ModeSocket} {
		_, err := NewRepository(fstest.MapFS{"x": {Mode: mode}}).Document("x")
		require.EqualError(t, err, "x: is not a regular file")
	}
}

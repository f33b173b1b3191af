package hierarchy

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
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
	c := counting{FS: files{"a.yaml": "a: 1", "directory/b.yaml": ""}.fs(), opened: map[string]int{}}
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
		for directory, want := range map[string]bool{"directory": true, "a.yaml": false, "none": false} {
			is, err := repo.HasDirectory(directory)
			require.NoError(t, err)
			require.Equal(t, want, is, directory)
		}
		for file, want := range map[string]bool{"directory": false, "a.yaml": true, "none": false} {
			is, err := repo.HasFile(file)
			require.NoError(t, err)
			require.Equal(t, want, is, file)
		}
		for directory, want := range map[string]int{"directory": 1, "none": 0} {
			entries, err := repo.Entries(directory)
			require.NoError(t, err)
			require.Len(t, entries, want)
			clear(entries) // which are the caller's own
		}
	}
	// Each once as a directory, as a file and for what is in it; what is absent, once for whether it is a link.
	want := map[string]int{"directory": 3, "none": 4, "a.yaml": 3, "none.yaml": 2, "none/none.yaml": 2}
	require.Equal(t, want, c.opened)
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

func TestFileInPlaceOfADirectoryIsNoDirectory(t *testing.T) {
	repo, _ := files{"addons/defaults": "a file"}.onDisk(t, nil)
	d, err := repo.Document("addons/defaults/application-sets/addons.yaml")
	require.NoError(t, err)
	require.Nil(t, d)
	is, err := repo.HasDirectory("addons/defaults/x")
	require.NoError(t, err)
	require.False(t, is)
	entries, err := repo.Entries("addons/defaults/x")
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestFileThatIsNoFileIsRefused(t *testing.T) {
	for _, mode := range []fs.FileMode{fs.ModeNamedPipe, fs.ModeDevice, fs.ModeSocket} {
		_, err := NewRepository(fstest.MapFS{"x": {Mode: mode}}).Document("x")
		require.EqualError(t, err, "x: is not a regular file; put one there, or remove it")
	}
}

// TestLimitOfFilesIsNotThatOfTheFleetFile: fleet.yaml says the limit, and so is read before it, up to the usual one.
func TestLimitOfFilesIsNotThatOfTheFleetFile(t *testing.T) {
	text := "a: 1 # " + strings.Repeat("x", SmallestFileSize) + "\n"
	repo := NewRepository(files{FleetFile: text, "other.yaml": text}.fs())
	repo.LimitFiles(SmallestFileSize)
	require.EqualValues(t, SmallestFileSize, repo.FileSize())
	d, err := repo.Document(FleetFile)
	require.NoError(t, err)
	require.NotNil(t, d)
	_, err = repo.Document("other.yaml")
	require.ErrorContains(t, err, "other.yaml: is larger than 1 KiB")

	large := "a: 1 # " + strings.Repeat("x", MaxFileSize) + "\n"
	repo = NewRepository(files{FleetFile: large, "other.yaml": large}.fs())
	repo.LimitFiles(LargestFileSize)
	_, err = repo.Document("other.yaml")
	require.NoError(t, err)
	_, err = repo.Document(FleetFile)
	require.EqualError(t, err, "fleet.yaml: is larger than 1 MiB; is this the right file? The limit cannot be raised")
}

// TestRepositoryNotesWhatIsLookedFor: whatever way it is looked for, and whether it is there or not.
func TestRepositoryNotesWhatIsLookedFor(t *testing.T) {
	for name, look := range map[string]func(r *Repository, path string) error{
		"Document":     func(r *Repository, path string) error { _, err := r.Document(path); return err },
		"HasDirectory": func(r *Repository, path string) error { _, err := r.HasDirectory(path); return err },
		"HasFile":      func(r *Repository, path string) error { _, err := r.HasFile(path); return err },
		"Exists":       func(r *Repository, path string) error { _, err := r.Exists(path); return err },
		"Entries":      func(r *Repository, path string) error { _, err := r.Entries(path); return err },
		"Sub": func(r *Repository, path string) error {
			sub, err := r.Sub("a")
			if err == nil {
				_, _ = fs.Stat(sub, strings.TrimPrefix(path, "a/"))
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			repo := NewRepository(files{"a/b.yaml": "x: 1"}.fs())
			for _, path := range []string{"a/b.yaml", "a/none"} {
				for range 2 { // the second time, it is known
					var note worktree.Note
					err := look(repo.Noting(&note), path)
					require.True(t, err == nil || name == "Entries", "%v", err)
					require.Equal(t, []string{path}, note.Names())
				}
			}
		})
	}
}

// TestDanglingLinks: a link to nothing is not as good as no file, since somebody wanted one there.
func TestDanglingLinks(t *testing.T) {
	repo, _ := files{"a/b.yaml": ""}.onDisk(t, map[string]string{"link": "none", "a/link.yaml": "none.yaml"})
	_, err := repo.Document("a/link.yaml")
	require.ErrorIs(t, err, ErrDangling)
	requireOneLine(t, err, "a/link.yaml: is a link to a file or directory that does not exist")
	for range 2 {
		_, err = repo.HasDirectory("link")
		require.ErrorIs(t, err, ErrDangling)
		requireOneLine(t, err, "link: is a link to a file or directory that does not exist")
	}
	is, err := repo.HasDirectory("none")
	require.NoError(t, err)
	require.False(t, is)
}

// TestEntriesThatCannotBeRead is an error, and not an empty directory.
func TestEntriesThatCannotBeRead(t *testing.T) {
	_, err := NewRepository(files{"a/b": "text"}.fs()).Entries("a/b")
	requireOneLine(t, err, "a/b: cannot be read")
}

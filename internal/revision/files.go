package revision

import (
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// OpenFiles opens the repository whose directory .git is a tree of files. Files that the tree opens must be an
// [io.ReaderAt] and an [io.Seeker]. It fails if the tree is no repository, or one with extensions that cannot be read
// here. The repository must be closed.
func OpenFiles(tree fs.FS) (*Repository, error) {
	storage := filesystem.NewStorageWithOptions(readOnly{tree: tree, at: "."}, cache.NewObjectLRU(cached),
		filesystem.Options{KeepDescriptors: true})
	library, err := newLibrary(storage)
	if err != nil {
		return nil, err
	}
	return &Repository{Bare: true, stores: []store{library}}, nil
}

// readOnly is a directory of a tree of files, as go-git wants it.
type readOnly struct {
	tree fs.FS
	at   string
}

var _ billy.Filesystem = readOnly{}

// path returns the path in the tree; what leads out of the directory leads to none.
func (r readOnly) path(name string) string {
	return path.Join(r.at, path.Clean("/"+strings.ReplaceAll(name, "\\", "/")))
}

// Capabilities implements [billy.Capable].
func (r readOnly) Capabilities() billy.Capability { return billy.ReadCapability | billy.SeekCapability }

// Open implements [billy.Basic].
func (r readOnly) Open(name string) (billy.File, error) {
	opened, err := r.tree.Open(r.path(name))
	if err != nil {
		return nil, err
	}
	if seeks, is := opened.(seekable); is {
		return file{seekable: seeks, name: name}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
}

// OpenFile implements [billy.Basic], for reading.
func (r readOnly) OpenFile(name string, flag int, _ os.FileMode) (billy.File, error) {
	if flag&(os.O_WRONLY|os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND) != 0 {
		return nil, billy.ErrReadOnly
	}
	return r.Open(name)
}

// Stat implements [billy.Basic].
func (r readOnly) Stat(name string) (os.FileInfo, error) { return fs.Stat(r.tree, r.path(name)) }

// Lstat implements [billy.Symlink]. The tree has no links.
func (r readOnly) Lstat(name string) (os.FileInfo, error) { return r.Stat(name) }

// ReadDir implements [billy.Dir].
func (r readOnly) ReadDir(name string) ([]os.FileInfo, error) {
	entries, err := fs.ReadDir(r.tree, r.path(name))
	if err != nil {
		return nil, err
	}
	infos := make([]os.FileInfo, len(entries))
	for i, entry := range entries {
		if infos[i], err = entry.Info(); err != nil {
			return nil, err
		}
	}
	return infos, nil
}

// Join implements [billy.Basic].
func (r readOnly) Join(elements ...string) string { return path.Join(elements...) }

// Root implements [billy.Chroot].
func (r readOnly) Root() string { return "/" }

// Chroot implements [billy.Chroot].
func (r readOnly) Chroot(name string) (billy.Filesystem, error) {
	return readOnly{tree: r.tree, at: r.path(name)}, nil
}

// Create implements [billy.Basic].
func (r readOnly) Create(string) (billy.File, error) { return nil, billy.ErrReadOnly }

// TempFile implements [billy.TempFile].
func (r readOnly) TempFile(string, string) (billy.File, error) { return nil, billy.ErrReadOnly }

// Rename implements [billy.Basic].
func (r readOnly) Rename(string, string) error { return billy.ErrReadOnly }

// Remove implements [billy.Basic].
func (r readOnly) Remove(string) error { return billy.ErrReadOnly }

// MkdirAll implements [billy.Dir].
func (r readOnly) MkdirAll(string, os.FileMode) error { return billy.ErrReadOnly }

// Symlink implements [billy.Symlink].
func (r readOnly) Symlink(string, string) error { return billy.ErrReadOnly }

// Readlink implements [billy.Symlink].
func (r readOnly) Readlink(name string) (string, error) {
	return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
}

// seekable is an open file that is read from any place.
type seekable interface {
	fs.File
	io.ReaderAt
	io.Seeker
}

// file is an open file, as go-git wants it.
type file struct {
	seekable
	name string
}

// Name implements [billy.File].
func (f file) Name() string { return f.name }

// Write implements [billy.File].
func (f file) Write([]byte) (int, error) { return 0, billy.ErrReadOnly }

// Truncate implements [billy.File].
func (f file) Truncate(int64) error { return billy.ErrReadOnly }

// Lock implements [billy.File]. Nobody writes.
func (f file) Lock() error { return nil }

// Unlock implements [billy.File].
func (f file) Unlock() error { return nil }

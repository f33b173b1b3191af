package hierarchy

import (
	"errors"
	"io/fs"
	"slices"
	"sync"
	"syscall"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// A Repository is the tree of files of a fleet. It looks at each file and directory once, and keeps what it found. Only
// what is read through [Repository.Sub] is not kept. It is safe for concurrent use.
type Repository struct {
	*content
	note *worktree.Note // nil: nobody wants to know
}

// content is what all views of a repository share.
type content struct {
	fsys fs.FS

	mu          sync.Mutex
	fileSize    int64                // that files may have, but for fleet.yaml
	documents   map[string]*Document // nil: no such file
	directories map[string]bool
	files       map[string]bool
	entries     map[string][]fs.DirEntry // nil: no such directory
}

// NewRepository returns the repository with its root at the root of fsys. On disk, take the FS of an os.Root.
func NewRepository(fsys fs.FS) *Repository {
	return &Repository{content: &content{fsys: fsys, fileSize: MaxFileSize, documents: map[string]*Document{},
		directories: map[string]bool{}, files: map[string]bool{}, entries: map[string][]fs.DirEntry{}}}
}

// Noting returns the same repository, which notes what is read or looked for through it.
func (r *Repository) Noting(note *worktree.Note) *Repository {
	return &Repository{content: r.content, note: note}
}

// Document reads a values file; path is relative to the root of the repository, with slashes. It returns nil, nil if
// there is no such file, and fails as [ReadDocument] does.
func (r *Repository) Document(path string) (*Document, error) {
	r.note.Add(path)
	r.mu.Lock()
	defer r.mu.Unlock()
	if d, ok := r.documents[path]; ok {
		return d, nil
	}
	limit := r.fileSize
	if path == FleetFile {
		limit = MaxFileSize
	}
	d, err := ReadDocument(r.fsys, path, path, limit)
	if err != nil && !Absent(err) {
		return nil, err
	}
	r.documents[path] = d
	return d, nil
}

// FileSize returns how large files may be, but for fleet.yaml.
func (r *Repository) FileSize() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fileSize
}

// LimitFiles sets how large files may be.
func (r *Repository) LimitFiles(size int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fileSize = size
}

// Sub returns the files in a directory, which are read as they are then. It fails if the path is none of a directory.
func (r *Repository) Sub(directory string) (fs.FS, error) {
	sub, err := fs.Sub(r.fsys, directory)
	if err != nil {
		return nil, unreadable(directory, err)
	}
	return r.note.FS(sub, directory), nil
}

// HasDirectory tells whether a path is a directory of the repository. It fails if that cannot be known, as when a link
// leaves the repository or leads nowhere.
func (r *Repository) HasDirectory(path string) (bool, error) {
	r.note.Add(path)
	r.mu.Lock()
	defer r.mu.Unlock()
	if is, ok := r.directories[path]; ok {
		return is, nil
	}
	info, err := fs.Stat(r.fsys, path)
	if Absent(err) && isLink(r.fsys, path) {
		err = ErrDangling
	}
	if err != nil && !Absent(err) {
		return false, unreadable(path, err)
	}
	r.directories[path] = err == nil && info.IsDir()
	return r.directories[path], nil
}

// HasFile tells whether a path is a file of the repository. It fails as HasDirectory does.
func (r *Repository) HasFile(path string) (bool, error) {
	r.note.Add(path)
	r.mu.Lock()
	defer r.mu.Unlock()
	if is, ok := r.files[path]; ok {
		return is, nil
	}
	info, err := fs.Stat(r.fsys, path)
	if err != nil && !Absent(err) {
		return false, unreadable(path, err)
	}
	r.files[path] = err == nil && info.Mode().IsRegular()
	return r.files[path], nil
}

// Exists tells whether there is a file or directory at a path. It fails as HasDirectory does.
func (r *Repository) Exists(path string) (bool, error) {
	directory, err := r.HasDirectory(path)
	if err != nil || directory {
		return directory, err
	}
	return r.HasFile(path)
}

// Entries returns the entries of a directory sorted by name; none if there is no such directory.
func (r *Repository) Entries(path string) ([]fs.DirEntry, error) {
	r.note.Add(path)
	r.mu.Lock()
	defer r.mu.Unlock()
	if entries, ok := r.entries[path]; ok {
		return slices.Clone(entries), nil
	}
	entries, err := fs.ReadDir(r.fsys, path)
	if err != nil && !Absent(err) {
		return nil, unreadable(path, err)
	}
	r.entries[path] = entries
	return slices.Clone(entries), nil
}

// Absent tells whether an error means that there is no such file.
func Absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

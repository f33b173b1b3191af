package revision

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The types of what a tree has, as Git writes them (gitformat-index, mode).
const (
	typeMask  = 0o170000
	typeFile  = 0o100000
	typeLink  = 0o120000
	typeTree  = 0o040000
	typeOther = 0o160000 // a submodule
)

// tree is the source of the files of a tree object. It reads each directory once.
type tree struct {
	repository *Repository
	root       string // the name of the tree object

	mu          sync.Mutex
	directories map[string]*listing
}

func newTree(r *Repository, root string) *tree {
	return &tree{repository: r, root: root, directories: map[string]*listing{}}
}

// A listing is what a directory has.
type listing struct {
	entries []entry // sorted by name
	byName  map[string]int
}

// An entry is a file, a link, a directory or a submodule of a directory.
type entry struct {
	tree *tree
	name string
	mode int64
	hash string
}

// list returns what a directory has. It fails with [fs.ErrNotExist], or [syscall.ENOTDIR], as a file system does.
func (t *tree) list(directory string) (*listing, error) {
	t.mu.Lock()
	l, known := t.directories[directory]
	t.mu.Unlock()
	if known {
		return l, nil
	}
	hash, err := t.hashOf(directory)
	if err != nil {
		return nil, err
	}
	kind, data, err := t.repository.object(hash)
	if err == nil && kind != "tree" {
		err = fmt.Errorf("object %s is a %s, and no tree", hash, kind)
	}
	if err == nil {
		l, err = t.parse(data, len(hash)/2)
	}
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.directories[directory] = l
	return l, nil
}

// hashOf returns the name of the tree object of a directory.
func (t *tree) hashOf(directory string) (string, error) {
	if directory == "." {
		return t.root, nil
	}
	e, err := t.find(directory)
	switch {
	case err != nil:
		return "", err
	case e.mode&typeMask == typeOther:
		return "", ErrSubmodule
	case e.mode&typeMask != typeTree:
		return "", syscall.ENOTDIR
	}
	return e.hash, nil
}

// find returns the entry of a path.
func (t *tree) find(name string) (entry, error) {
	l, err := t.list(path.Dir(name))
	if err != nil {
		return entry{}, err
	}
	i, is := l.byName[path.Base(name)]
	if !is {
		return entry{}, fs.ErrNotExist
	}
	return l.entries[i], nil
}

// parse reads a tree object: for each entry "MODE NAME", a null byte and the name of the object in so many bytes.
func (t *tree) parse(data []byte, size int) (*listing, error) {
	l := &listing{byName: map[string]int{}}
	for len(data) > 0 {
		head, rest, found := bytes.Cut(data, []byte{0})
		mode, name, named := strings.Cut(string(head), " ")
		number, err := strconv.ParseInt(mode, 8, 32)
		if !found || !named || err != nil || len(rest) < size || !fs.ValidPath(name) || strings.Contains(name, "/") {
			return nil, fmt.Errorf("a tree object is damaged at %q", mode)
		}
		l.entries = append(l.entries, entry{tree: t, name: name, mode: number, hash: hex.EncodeToString(rest[:size])})
		data = rest[size:]
	}
	slices.SortFunc(l.entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	for i, e := range l.entries {
		l.byName[e.name] = i
	}
	return l, nil
}

// Lstat implements [fs.ReadLinkFS].
func (t *tree) Lstat(name string) (fs.FileInfo, error) {
	if name == "." {
		return entry{tree: t, name: ".", mode: typeTree, hash: t.root}, nil
	}
	e, err := t.find(name)
	if err != nil {
		return nil, &fs.PathError{Op: "lstat", Path: name, Err: err}
	}
	return e, nil
}

// ReadLink implements [fs.ReadLinkFS].
func (t *tree) ReadLink(name string) (string, error) {
	data, err := t.read("readlink", name, typeLink)
	return string(data), err
}

// ReadFile implements [fs.ReadFileFS].
func (t *tree) ReadFile(name string) ([]byte, error) { return t.read("readfile", name, typeFile) }

func (t *tree) read(op, name string, kind int64) ([]byte, error) {
	e, err := t.find(name)
	if err == nil && e.mode&typeMask != kind {
		err = fs.ErrInvalid
	}
	var data []byte
	if err == nil {
		_, data, err = t.repository.object(e.hash)
	}
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return data, nil
}

// Open implements [fs.FS].
func (t *tree) Open(name string) (fs.File, error) {
	info, err := t.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		data, err := t.ReadFile(name)
		if err != nil {
			return nil, err
		}
		return &openFile{Reader: bytes.NewReader(data), info: info}, nil
	}
	l, err := t.list(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	d := &openDirectory{info: info}
	for _, e := range l.entries {
		d.entries = append(d.entries, fs.FileInfoToDirEntry(e))
	}
	return d, nil
}

// Name implements [fs.FileInfo].
func (e entry) Name() string { return e.name }

// Size implements [fs.FileInfo]. It reads the file, which many who look at an entry do not need.
func (e entry) Size() int64 {
	if e.IsDir() {
		return 0
	}
	_, data, err := e.tree.repository.object(e.hash)
	if err != nil {
		return 0
	}
	return int64(len(data))
}

// Mode implements [fs.FileInfo]. A submodule is a directory, in which nothing can be read.
func (e entry) Mode() fs.FileMode {
	switch e.mode & typeMask {
	case typeTree, typeOther:
		return fs.ModeDir | 0o755
	case typeLink:
		return fs.ModeSymlink | 0o777
	}
	return fs.FileMode(e.mode & 0o777)
}

// ModTime implements [fs.FileInfo]: Git knows none.
func (e entry) ModTime() time.Time { return time.Time{} }

// IsDir implements [fs.FileInfo].
func (e entry) IsDir() bool { return e.Mode().IsDir() }

// Sys implements [fs.FileInfo].
func (e entry) Sys() any { return nil }

// openFile is a file that was opened.
type openFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return sized{f.info, f.Size()}, nil }
func (f *openFile) Close() error               { return nil }

// sized is the description of a file whose size is known.
type sized struct {
	fs.FileInfo
	size int64
}

// Size implements [fs.FileInfo].
func (s sized) Size() int64 { return s.size }

// openDirectory is a directory that was opened.
type openDirectory struct {
	info    fs.FileInfo
	entries []fs.DirEntry
}

func (d *openDirectory) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDirectory) Close() error               { return nil }

// Read implements [fs.File].
func (d *openDirectory) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.Name(), Err: syscall.EISDIR}
}

// ReadDir implements [fs.ReadDirFile].
func (d *openDirectory) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.entries)
	} else if len(d.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.entries))
	given := d.entries[:n]
	d.entries = d.entries[n:]
	return given, nil
}

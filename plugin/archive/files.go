package archive

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// find returns what has a path. Links are not followed: whoever reads the tree does that, within the tree.
func (t *Tree) find(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	at := t.root
	if name == "." {
		return at, nil
	}
	for part := range strings.SplitSeq(name, "/") {
		if !at.mode.IsDir() {
			return nil, &fs.PathError{Op: op, Path: name, Err: syscall.ENOTDIR}
		}
		if at = at.children[part]; at == nil {
			return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
		}
	}
	return at, nil
}

// maxLinks is how many links the path of a directory may lead through, as for an os.Root.
const maxLinks = 8

// Sub returns a directory of the tree as a tree of its own, to which links within the tree may lead; nil if it is none.
// It shares what is on disk with the tree, and is not to be closed.
func (t *Tree) Sub(directory string) *Tree {
	if !fs.ValidPath(directory) {
		return nil
	}
	done, links := ".", 0
	for pending := strings.Split(directory, "/"); len(pending) > 0; {
		done, pending = path.Join(done, pending[0]), pending[1:]
		if outside(done) {
			return nil
		}
		n, err := t.find("sub", done)
		if err != nil {
			return nil
		}
		if n.mode.Type() == fs.ModeSymlink {
			if links++; links > maxLinks {
				return nil
			}
			done, pending = path.Dir(done), append(strings.Split(string(n.data), "/"), pending...)
		}
	}
	n, err := t.find("sub", done)
	if err != nil || !n.mode.IsDir() {
		return nil
	}
	return &Tree{root: n, size: t.size, disk: t.disk, digest: t.digest}
}

// Lstat implements [fs.ReadLinkFS].
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	n, err := t.find("lstat", name)
	if err != nil {
		return nil, err
	}
	return n, nil
}

// ReadLink implements [fs.ReadLinkFS].
func (t *Tree) ReadLink(name string) (string, error) {
	n, err := t.find("readlink", name)
	if err == nil && n.mode.Type() != fs.ModeSymlink {
		err = &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	if err != nil {
		return "", err
	}
	return string(n.data), nil
}

// ReadFile implements [fs.ReadFileFS]. The bytes are the caller's.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	n, err := t.find("readfile", name)
	if err == nil && !n.mode.IsRegular() {
		err = &fs.PathError{Op: "readfile", Path: name, Err: fs.ErrInvalid}
	}
	if err != nil {
		return nil, err
	}
	if n.disk == nil {
		return slices.Clone(n.data), nil
	}
	data := make([]byte, n.size)
	_, err = io.ReadFull(n.reader(), data)
	return data, err
}

// A seeker reads the data of a file, from any place.
type seeker interface {
	io.ReadSeeker
	io.ReaderAt
}

// reader returns a reader of the data.
func (n *node) reader() seeker {
	if n.disk != nil {
		return io.NewSectionReader(n.disk, n.at, n.size)
	}
	return bytes.NewReader(n.data)
}

// Open implements [fs.FS]. What it returns of a directory is a [fs.ReadDirFile].
func (t *Tree) Open(name string) (fs.File, error) {
	n, err := t.find("open", name)
	switch {
	case err != nil:
		return nil, err
	case n.mode.IsDir():
		return &openDirectory{node: n, left: n.sorted}, nil
	case !n.mode.IsRegular():
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return &openFile{seeker: n.reader(), node: n}, nil
}

// Name implements [fs.FileInfo].
func (n *node) Name() string { return n.name }

// Size implements [fs.FileInfo].
func (n *node) Size() int64 {
	if n.disk != nil {
		return n.size
	}
	return int64(len(n.data))
}

// Mode implements [fs.FileInfo].
func (n *node) Mode() fs.FileMode { return n.mode }

// ModTime implements [fs.FileInfo]. Times are not kept, so that the same files are the same.
func (n *node) ModTime() time.Time { return time.Time{} }

// IsDir implements [fs.FileInfo].
func (n *node) IsDir() bool { return n.mode.IsDir() }

// Sys implements [fs.FileInfo].
func (n *node) Sys() any { return nil }

type openFile struct {
	seeker
	node *node
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.node, nil }
func (f *openFile) Close() error               { return nil }

type openDirectory struct {
	node *node
	left []fs.DirEntry
}

func (d *openDirectory) Stat() (fs.FileInfo, error) { return d.node, nil }
func (d *openDirectory) Close() error               { return nil }

func (d *openDirectory) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.node.name, Err: syscall.EISDIR}
}

// ReadDir implements [fs.ReadDirFile].
func (d *openDirectory) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.left)
	} else if len(d.left) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.left))
	given := slices.Clone(d.left[:n])
	d.left = d.left[n:]
	return given, nil
}

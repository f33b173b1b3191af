// Package archive holds a repository that arrives as a compressed archive, as Argo CD hands it to a plugin: in memory,
// within bounds, without a file on disk.
package archive

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// ErrTooLarge is the cause when an archive holds more than is allowed.
var ErrTooLarge = errors.New("the repository is too large")

// Limits bound what is taken from an archive.
type Limits struct {
	Bytes int64 // of all files and names, uncompressed
	Files int   // with directories and links
}

// The bounds of a single name, as Linux has them (PATH_MAX), and of how deep directories lie in each other.
const (
	maxName  = 4096
	maxDepth = 256
)

// A node is a file, a directory or a link.
type node struct {
	name     string // without its directory
	mode     fs.FileMode
	data     []byte // of a file; of a link, where it leads to
	children map[string]*node
	sorted   []fs.DirEntry // of the children
}

func newDirectory(name string) *node {
	return &node{name: name, mode: fs.ModeDir | 0o755, children: map[string]*node{}}
}

// A Tree is what an archive holds. It does not change, and is safe for concurrent use.
type Tree struct {
	root *node
	size int64
}

// Size returns how many bytes of memory the tree takes, about.
func (t *Tree) Size() int64 { return t.size }

// Read reads an archive: tar, compressed with gzip. Directories named .git are left out with all that they hold. It
// fails with [ErrTooLarge], for names and links that lead out of the archive, and for what is neither file, directory
// nor link. A name that comes twice is what it is at last.
func Read(r io.Reader, limits Limits) (*Tree, error) {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("the archive is not compressed with gzip: %w", err)
	}
	reader := &reader{tree: &Tree{root: newDirectory(".")}, limits: limits}
	// Headers count too, so that an archive of nothing but headers ends.
	const perFile = 4096
	most := limits.Bytes + int64(limits.Files)*perFile
	bounded := &io.LimitedReader{R: unzipped, N: most}
	archive := tar.NewReader(bounded)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = reader.add(header, archive)
		}
		switch {
		case err != nil && bounded.N <= 0:
			return nil, fmt.Errorf("%w: it unpacks to more than %d bytes", ErrTooLarge, most)
		case err != nil:
			return nil, fmt.Errorf("the archive cannot be read: %w", err)
		}
	}
	reader.tree.root.sort()
	return reader.tree, nil
}

// A reader builds a tree.
type reader struct {
	tree   *Tree
	limits Limits
	files  int
}

// take counts something new.
func (r *reader) take(name string, size int64) error {
	const overhead = 200 // of a node, in bytes
	r.files++
	r.tree.size += size + int64(len(name)) + overhead
	switch {
	case r.files > r.limits.Files:
		return fmt.Errorf("%w: it has more than %d files", ErrTooLarge, r.limits.Files)
	case size > r.limits.Bytes || r.tree.size > r.limits.Bytes:
		return fmt.Errorf("%w: its files have more than %d bytes", ErrTooLarge, r.limits.Bytes)
	}
	return nil
}

func (r *reader) add(header *tar.Header, content io.Reader) error {
	name := strings.TrimPrefix(path.Clean("/"+header.Name), "/")
	if outside(header.Name) || len(name) > maxName || strings.Count(name, "/") > maxDepth || !fs.ValidPath(name) && name != "" {
		return fmt.Errorf("%.100q is no name of a file in it", header.Name)
	}
	if name == "" || inGit(name) {
		return nil
	}
	switch header.Typeflag {
	case tar.TypeDir:
		_, err := r.directory(name)
		return err
	case tar.TypeReg, tar.TypeSymlink:
	default:
		return fmt.Errorf("%.100q is neither a file nor a directory or link", name)
	}
	parent, err := r.directory(path.Dir(name))
	if err != nil {
		return err
	}
	n := &node{name: path.Base(name), mode: fs.FileMode(header.Mode) & fs.ModePerm}
	if before := parent.children[n.name]; before != nil && before.mode.IsDir() {
		return fmt.Errorf("%.100q is a directory and something else", name)
	}
	size := header.Size
	if header.Typeflag == tar.TypeSymlink {
		size = int64(len(header.Linkname))
	}
	if err := r.take(name, size); err != nil {
		return err
	}
	if header.Typeflag == tar.TypeSymlink {
		if path.IsAbs(header.Linkname) || outside(path.Join(path.Dir(name), header.Linkname)) {
			return fmt.Errorf("the link %.100q leads out of the repository", name)
		}
		n.mode, n.data = fs.ModeSymlink|fs.ModePerm, []byte(header.Linkname)
	} else {
		n.data = make([]byte, size)
		if _, err := io.ReadFull(content, n.data); err != nil {
			return err
		}
	}
	parent.children[n.name] = n
	return nil
}

// directory returns a directory, which is made if there is none.
func (r *reader) directory(name string) (*node, error) {
	at := r.tree.root
	if name == "." {
		return at, nil
	}
	for _, part := range strings.Split(name, "/") {
		next := at.children[part]
		if next == nil {
			next = newDirectory(part)
			if err := r.take(part, 0); err != nil {
				return nil, err
			}
			at.children[part] = next
		}
		if !next.mode.IsDir() {
			return nil, fmt.Errorf("%.100q is a directory and something else", name)
		}
		at = next
	}
	return at, nil
}

// outside tells whether a name leads out of the directory that it is in.
func outside(name string) bool {
	name = path.Clean(name)
	return name == ".." || strings.HasPrefix(name, "../")
}

// inGit tells whether a path is in a directory that belongs to Git, whatever the case of its letters.
func inGit(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return strings.EqualFold(part, ".git") })
}

// sort lists what each directory has.
func (n *node) sort() {
	for _, child := range n.children {
		n.sorted = append(n.sorted, fs.FileInfoToDirEntry(child))
		if child.mode.IsDir() {
			child.sort()
		}
	}
	slices.SortFunc(n.sorted, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
}

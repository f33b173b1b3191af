// Package archive holds a repository that arrives as a compressed archive, as Argo CD hands it to a plugin: in memory,
// within bounds, and beyond these in one file on disk that has no name.
package archive

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/eks-fleet-management/fleet-cmp/internal/nameless"
)

// ErrTooLarge is the cause when an archive holds more than is allowed.
var ErrTooLarge = errors.New("the repository is too large")

// Limits bound what is taken from an archive.
type Limits struct {
	Bytes     int64  // of all files and names, uncompressed
	Memory    int64  // of these in memory, the rest is on disk; 0: all
	Files     int    // with directories and links
	Directory string // for what is on disk
	// Room is asked whether there may be so many bytes on disk, before more than it was asked for is written; nil:
	// there may.
	Room func(bytes int64) error
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
	data     []byte   // of a file; of a link, where it leads to
	disk     *os.File // that has the data of a file in their place; nil: they are in memory
	at, size int64    // of the data on disk
	children map[string]*node
	sorted   []fs.DirEntry // of the children
}

func newDirectory(name string) *node {
	return &node{name: name, mode: fs.ModeDir | 0o755, children: map[string]*node{}}
}

// A Tree is what an archive holds. It does not change, and is safe for concurrent use.
type Tree struct {
	root   *node
	size   int64 // of memory
	onDisk int64
	disk   *os.File // nil if all is in memory
	digest [sha256.Size]byte
	git    *revisions // nil: the archive holds no Git repository
}

// Size returns how many bytes of memory the tree takes, about.
func (t *Tree) Size() int64 { return t.size }

// OnDisk returns how many bytes of disk the tree takes until it is closed.
func (t *Tree) OnDisk() int64 { return t.onDisk }

// Digest returns what is the same for the same files in the same order, whenever these were written, and for no others.
func (t *Tree) Digest() [sha256.Size]byte { return t.digest }

// Close frees what is on disk. Files that are there cannot be read any more.
func (t *Tree) Close() {
	if t.disk != nil {
		_ = t.disk.Close() // which was only read
	}
}

// Read reads an archive: tar, compressed with gzip. Directories named .git are left out with all that they hold, but
// for branches and tags ([Tree.MayHave]); see [ReadGit]. It fails with [ErrTooLarge], for names and links that lead out
// of the archive, and for what is neither file, directory nor link. A name that comes twice is what it is at last.
func Read(r io.Reader, limits Limits) (*Tree, error) {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("the archive is not compressed with gzip: %w", err)
	}
	reader := &reader{tree: &Tree{root: newDirectory(".")}, limits: limits, sum: sha256.New()}
	if err := reader.all(unzipped, reader.add); err != nil {
		reader.tree.Close()
		return nil, err
	}
	return reader.done(), nil
}

// A reader builds a tree.
type reader struct {
	tree   *Tree
	limits Limits
	sum    hash.Hash

	files  int
	total  int64  // bytes
	memory int64  // of these in memory
	room   []byte // for files to come, so that small ones need no allocation each
}

// done returns the tree, once everything is in it.
func (r *reader) done() *Tree {
	r.tree.size = r.memory
	r.sum.Sum(r.tree.digest[:0])
	r.tree.root.sort()
	return r.tree
}

// all reads an archive that is not compressed, and hands over each entry of it.
func (r *reader) all(unzipped io.Reader, add func(*tar.Header, io.Reader) error) error {
	most := r.limits.mostBytes()
	bounded := &io.LimitedReader{R: unzipped, N: most}
	archive := tar.NewReader(bounded)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) && bounded.N > 0 { // else it is cut off between two files
			return nil
		}
		if err == nil {
			err = add(header, archive)
		}
		switch {
		case err != nil && bounded.N <= 0:
			return fmt.Errorf("%w: it unpacks to more than %d bytes", ErrTooLarge, most)
		case err != nil:
			return fmt.Errorf("the archive cannot be read: %w", err)
		}
	}
}

// take counts something new.
func (r *reader) take(name string, size int64) error {
	const overhead = 200 // of a node, in bytes
	r.files++
	r.memory += int64(len(name)) + overhead
	r.total += size + int64(len(name)) + overhead
	switch {
	case r.files > r.limits.Files:
		return fmt.Errorf("%w: it has more than %d files", ErrTooLarge, r.limits.Files)
	case size > r.limits.Bytes || r.total > r.limits.Bytes:
		return fmt.Errorf("%w: its files have more than %d bytes", ErrTooLarge, r.limits.Bytes)
	}
	return nil
}

func (r *reader) add(header *tar.Header, content io.Reader) (err error) {
	name, ok := nameOf(header.Name)
	if !ok {
		return fmt.Errorf("%.100q is no name of a file in it", header.Name)
	}
	if name == "" {
		return nil
	}
	if inGit(name) {
		r.tree.git, err = r.tree.git.take(gitFile{name: name, regular: header.Typeflag == tar.TypeReg,
			size: header.Size, content: content}, r.sum)
		return err
	}
	fmt.Fprintf(r.sum, "%c%d %d %q %q\n", header.Typeflag, header.Mode&int64(fs.ModePerm), header.Size, name,
		header.Linkname)
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
	n := &node{name: path.Base(name), mode: header.FileInfo().Mode().Perm()}
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
		//nolint:gosec // nothing is made at the path
		if path.IsAbs(header.Linkname) || outside(path.Join(path.Dir(name), header.Linkname)) {
			return fmt.Errorf("the link %.100q leads out of the repository", name)
		}
		n.mode, n.data = fs.ModeSymlink|fs.ModePerm, []byte(header.Linkname)
		r.memory += size
	} else if err := r.content(n, size, io.TeeReader(content, r.sum)); err != nil {
		return err
	}
	parent.children[n.name] = n
	return nil
}

// content reads the content of a file, into memory or onto disk.
func (r *reader) content(n *node, size int64, content io.Reader) error {
	if r.limits.Memory > 0 && r.memory+size > r.limits.Memory {
		return r.toDisk(n, size, content)
	}
	const block = 256 << 10
	if size > int64(len(r.room)) {
		r.room = make([]byte, max(size, min(block, 2*r.memory)))
	}
	r.memory += size
	n.data, r.room = r.room[:size:size], r.room[size:]
	_, err := io.ReadFull(content, n.data)
	return err
}

// toDisk writes the content of a file to disk.
func (r *reader) toDisk(n *node, size int64, content io.Reader) error {
	if r.limits.Room != nil {
		if err := r.limits.Room(r.tree.onDisk + size); err != nil {
			return err
		}
	}
	if r.tree.disk == nil {
		file, err := nameless.File(r.limits.Directory)
		if err != nil {
			return err
		}
		r.tree.disk = file
	}
	n.disk, n.at, n.size = r.tree.disk, r.tree.onDisk, size
	r.tree.onDisk += size
	written, err := io.Copy(writing{r}, io.LimitReader(content, size))
	if err == nil && written < size {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// writing writes to the disk, with errors that say so.
type writing struct{ *reader }

// Write implements [io.Writer].
func (w writing) Write(data []byte) (int, error) {
	n, err := w.tree.disk.Write(data)
	if err != nil {
		err = nameless.NoRoom(w.limits.Directory, err)
	}
	return n, err
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

// nameOf returns the name of a file as the tree has it, "" for the root of the tree, and whether it may have it.
func nameOf(said string) (name string, ok bool) {
	name = said
	if !fs.ValidPath(said) || said == "." {
		name = path.Clean("/" + said)[1:]
	}
	return name, !outside(said) && len(name) <= maxName && strings.Count(name, "/") <= maxDepth &&
		(fs.ValidPath(name) || name == "")
}

// outside tells whether a name leads out of the directory that it is in.
func outside(name string) bool {
	name = path.Clean(name)
	return name == ".." || strings.HasPrefix(name, "../")
}

// inGit tells whether a path is in a directory that belongs to Git, whatever the case of its letters.
func inGit(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.EqualFold(part, ".git") {
			return true
		}
	}
	return false
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

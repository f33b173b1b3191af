package revision

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// Changes returns the paths of files and links that only one of two trees has, or that are not the same in both,
// sorted. Directories of the same revision's object are not looked into, so that the cost is that of what differs. It
// fails if a tree cannot be read.
func Changes(before, after fs.FS) ([]string, error) {
	same := worktree.SameParts(before, after)
	base, _, _ := worktree.Parted(before)
	of, parts, _ := worktree.Parted(after)
	if same {
		before, after, parts = base, of, nil
	}
	c := comparison{before: side{fsys: before}, after: side{fsys: after}}
	c.before.source, _ = worktree.SourceOf(before).(*tree)
	c.after.source, _ = worktree.SourceOf(after).(*tree)
	err := c.directory(".")
	for _, part := range parts { // what is in no directory of the tree, such as a catalog
		if err == nil && part.FS != nil {
			err = c.part(part)
		}
	}
	slices.Sort(c.changed)
	return slices.Compact(c.changed), err
}

// part compares the files of a part of both trees, whatever it was before.
func (c *comparison) part(part worktree.Part) error {
	if _, err := fs.Stat(c.before.fsys, part.Root()); err != nil {
		return nil // the directory of the part is new, and everything in it
	}
	found := comparison{before: side{fsys: c.before.fsys}, after: side{fsys: c.after.fsys}}
	err := found.directory(part.Root())
	for _, name := range found.changed {
		if inside, is := part.Inside(name); is {
			c.changed = append(c.changed, part.Locate(inside))
		}
	}
	return err
}

type comparison struct {
	before, after side
	changed       []string
}

// A side is one of the two trees.
type side struct {
	fsys   fs.FS
	source *tree // nil: it is not of a Git repository
}

// node is a file, link or directory of a side.
type node struct {
	name string
	kind fs.FileMode // its type
	hash string      // "" where no Git object is known
}

// list returns what a directory of a side has, by name.
func (s side) list(directory string) (map[string]node, error) {
	nodes := map[string]node{}
	if s.source != nil {
		l, err := s.source.list(directory)
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: directory, Err: err}
		}
		for _, e := range l.entries {
			kind := e.Mode().Type()
			if e.mode&typeMask == typeOther {
				kind = fs.ModeIrregular
			}
			nodes[e.name] = node{e.name, kind, e.hash}
		}
		return nodes, nil
	}
	entries, err := fs.ReadDir(s.fsys, directory)
	for _, e := range entries {
		nodes[e.Name()] = node{name: e.Name(), kind: e.Type()}
	}
	return nodes, err
}

// directory compares a directory that both sides have.
func (c *comparison) directory(directory string) error {
	before, err := c.before.list(directory)
	if err != nil {
		return err
	}
	after, err := c.after.list(directory)
	if err != nil {
		return err
	}
	for name, b := range before {
		at := path.Join(directory, name)
		a, both := after[name]
		delete(after, name)
		switch {
		case !both:
			err = c.all(c.before, at, b)
		case b.hash != "" && b.hash == a.hash && b.kind == a.kind:
		case b.kind == fs.ModeIrregular || a.kind == fs.ModeIrregular:
			c.changed = append(c.changed, at)
		case b.kind.IsDir() && a.kind.IsDir():
			err = c.directory(at)
		case b.kind.IsDir() || a.kind.IsDir():
			err = errors.Join(c.all(c.before, at, b), c.all(c.after, at, a))
		case b.kind != a.kind || b.hash != "" && a.hash != "":
			c.changed = append(c.changed, at)
		default:
			err = c.file(at, b, a)
		}
		if err != nil {
			return err
		}
	}
	for name, a := range after {
		if err := c.all(c.after, path.Join(directory, name), a); err != nil {
			return err
		}
	}
	return nil
}

// all adds a file, or all files of a directory, that one side has.
func (c *comparison) all(s side, at string, n node) error {
	if !n.kind.IsDir() {
		c.changed = append(c.changed, at)
		return nil
	}
	nodes, err := s.list(at)
	if err != nil {
		return err
	}
	for name, below := range nodes {
		if err := c.all(s, path.Join(at, name), below); err != nil {
			return err
		}
	}
	return nil
}

// file compares a file or link that both sides have, where no more than one side knows its Git object.
func (c *comparison) file(at string, before, after node) error {
	if before.kind&^fs.ModeSymlink != 0 {
		return nil // a pipe, which nobody reads
	}
	var contents [2][]byte
	for i, s := range []side{c.before, c.after} {
		if []node{before, after}[i].hash != "" {
			continue
		}
		var err error
		contents[i], err = read(s.fsys, at, before.kind)
		if errors.Is(err, worktree.ErrTooLarge) {
			c.changed = append(c.changed, at) // for all that is known
			return nil
		}
		if err != nil {
			return err
		}
	}
	same := false
	switch {
	case before.hash != "":
		same = hashOf(contents[1], before.hash) == before.hash
	case after.hash != "":
		same = hashOf(contents[0], after.hash) == after.hash
	default:
		same = bytes.Equal(contents[0], contents[1])
	}
	if !same {
		c.changed = append(c.changed, at)
	}
	return nil
}

// read returns the content of a file, or where a link leads.
func read(fsys fs.FS, at string, kind fs.FileMode) ([]byte, error) {
	if kind&fs.ModeSymlink != 0 {
		target, err := fs.ReadLink(fsys, at)
		return []byte(target), err
	}
	return worktree.ReadFile(fsys, at, MaxObject)
}

// hashOf returns the name that Git gives a file's content, of the same kind as another name.
func hashOf(content []byte, like string) string {
	if len(like) != 2*sha256.Size {
		return plumbing.ComputeHash(plumbing.BlobObject, content).String()
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "blob %d\x00", len(content))
	sum.Write(content)
	return hex.EncodeToString(sum.Sum(nil))
}

package worktree

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"
)

// A Note is what something read or looked for in a tree of files: files and directories, also such as do not exist. It
// is safe for concurrent use; the zero value is an empty note.
type Note struct {
	mu       sync.Mutex
	names    map[string]bool
	included []*Note
}

// Add notes paths from the root of the tree, with slashes. On a nil note it does nothing.
func (n *Note) Add(names ...string) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.names == nil {
		n.names = map[string]bool{}
	}
	for _, name := range names {
		n.names[path.Clean(name)] = true
	}
}

// Include makes what another note holds, now or later, a part of this one. On a nil note it does nothing.
func (n *Note) Include(other *Note) {
	if n == nil || other == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.included = append(n.included, other)
}

// Names returns what is noted, sorted. A nil note has nothing.
func (n *Note) Names() []string {
	all := map[string]bool{}
	n.collect(all)
	return slices.Sorted(maps.Keys(all))
}

func (n *Note) collect(all map[string]bool) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	maps.Copy(all, n.names)
	for _, other := range n.included {
		other.collect(all)
	}
}

// FS returns a file system with the same files, which notes what is read or looked for in it. dir is where its root is
// in the tree. Without a note, it is the file system itself.
func (n *Note) FS(fsys fs.FS, dir string) fs.FS {
	if n == nil || fsys == nil {
		return fsys
	}
	return noting{fsys, n, dir}
}

// noting is a file system of a note. It has the methods for which there would be a slower way without them.
type noting struct {
	fsys fs.FS
	note *Note
	dir  string
}

func (f noting) add(name string) { f.note.Add(path.Join(f.dir, name)) }

func (f noting) Open(name string) (fs.File, error) {
	f.add(name)
	return f.fsys.Open(name)
}

func (f noting) Stat(name string) (fs.FileInfo, error) {
	f.add(name)
	return fs.Stat(f.fsys, name)
}

func (f noting) ReadFile(name string) ([]byte, error) {
	f.add(name)
	return fs.ReadFile(f.fsys, name)
}

func (f noting) ReadDir(name string) ([]fs.DirEntry, error) {
	f.add(name)
	return fs.ReadDir(f.fsys, name)
}

func (f noting) ReadLink(name string) (string, error) {
	f.add(name)
	return fs.ReadLink(f.fsys, name)
}

func (f noting) Lstat(name string) (fs.FileInfo, error) {
	f.add(name)
	return fs.Lstat(f.fsys, name)
}

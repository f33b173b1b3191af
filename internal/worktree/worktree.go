// Package worktree opens directories, a checkout above all, to read files from them that nobody vouches for. What is
// written, it writes whole or not at all.
package worktree

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

var (
	// ErrEscapes is the cause when a link leads out of the directory.
	ErrEscapes = errors.New("path escapes from parent")
	// ErrGit is the cause when a path is .git or below it, by its name or through links.
	ErrGit = errors.New("leads into .git, which is no part of the repository")
)

// maxLinks is how many links one path may lead through, as for an os.Root.
const maxLinks = 8

// A Source has the files of a tree. It follows no links, and is asked for paths without links only; of a directory,
// what Open returns is a [fs.ReadDirFile].
type Source interface {
	fs.ReadFileFS
	fs.ReadLinkFS
}

// A tree has the files of a source. What is in it must not change while it is read.
type tree struct {
	source      Source
	directories sync.Map // by path without links: what was found to be a directory, and no link

	reading func(name string) // is told of each file that is opened
}

// Open opens a directory as a file system from which no path and no link leads out ([ErrEscapes]), or into .git
// ([ErrGit]): that is no content of a repository, and has tokens in its configuration. Listings leave .git out. That is
// so in any directory, in any case of letters, and where .git is a file, as in work trees. Only directories and regular
// files can be opened.
//
// The result implements [fs.StatFS], [fs.ReadFileFS], [fs.ReadDirFS] and [fs.ReadLinkFS], and is safe for concurrent
// use. Open fails if there is no such directory.
func Open(dir string) (fs.FS, error) { return OpenFor(dir, func(string) {}) }

// OpenFor opens a directory as [Open] does, and has reading called with the path of each file that is opened in it, by
// several goroutines at once.
func OpenFor(dir string, reading func(name string)) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &tree{source: disk{root: root, dir: dir}, reading: reading}, nil
}

// Inside returns the files of a source as [Open] has those of a directory: links are followed, but not out of it.
func Inside(source Source) fs.FS { return InsideFor(source, func(string) {}) }

// InsideFor returns the files of a source as [Inside] does, and has reading called with the path of each file that is
// opened in it, by several goroutines at once.
func InsideFor(source Source, reading func(name string)) fs.FS {
	return &tree{source: source, reading: reading}
}

// SourceOf returns what [Inside] made a tree of files of; else nil.
func SourceOf(fsys fs.FS) Source {
	if t, is := fsys.(*tree); is {
		return t.source
	}
	return nil
}

// DirectoryOf returns the directory of the machine that [Open] has opened; "" of another tree of files.
func DirectoryOf(fsys fs.FS) string {
	if d, is := SourceOf(fsys).(disk); is {
		return d.dir
	}
	return ""
}

// A disk is a directory of the machine.
type disk struct {
	root *os.Root
	dir  string
}

// Open implements [fs.FS].
func (d disk) Open(name string) (fs.File, error) { return d.root.Open(name) }

// ReadFile implements [fs.ReadFileFS].
func (d disk) ReadFile(name string) ([]byte, error) { return d.root.ReadFile(name) }

// ReadLink implements [fs.ReadLinkFS].
func (d disk) ReadLink(name string) (string, error) { return d.root.Readlink(name) }

// Lstat implements [fs.ReadLinkFS]. It asks the system, which is quicker than the root: that looks at each directory.
func (d disk) Lstat(name string) (fs.FileInfo, error) {
	return os.Lstat(filepath.Join(d.dir, filepath.FromSlash(name)))
}

// isGit tells whether an entry of a directory is Git's. File systems that ignore case have it under other names too.
func isGit(name string) bool { return strings.EqualFold(name, ".git") }

// IsGit tells whether a path of the system leads through .git, by its name or through links.
func IsGit(name string) bool {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(name), "/"), isGit)
}

// resolve returns the path without links, and what is there. The last segment may be a link itself unless follow is
// set. The root opens such a path as it is, so that whatever changes in between, it stays inside.
func (t *tree) resolve(op, name string, follow bool) (string, fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return "", nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	real, info, err := t.walk(name, follow)
	if err != nil {
		var pathError *fs.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err // its path is another
		}
		return "", nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return real, info, nil
}

func (t *tree) walk(name string, follow bool) (string, fs.FileInfo, error) {
	done, links := ".", 0
	var found fs.FileInfo // of done; nil if it is known to be a directory
	pending := strings.Split(name, "/")
	for len(pending) > 0 {
		segment := pending[0]
		pending = pending[1:]
		switch {
		case segment == "" || segment == ".":
			continue
		case found != nil && !found.IsDir():
			return "", nil, syscall.ENOTDIR
		case segment == ".." && done == ".":
			return "", nil, ErrEscapes
		case segment == "..":
			done, found = path.Dir(done), nil
			continue
		case isGit(segment):
			return "", nil, ErrGit
		}
		next := path.Join(done, segment)
		if _, known := t.directories.Load(next); known {
			done, found = next, nil
			continue
		}
		info, err := t.source.Lstat(next)
		if err != nil {
			return "", nil, err
		}
		if info.Mode()&fs.ModeSymlink == 0 || !follow && len(pending) == 0 {
			if info.IsDir() {
				t.directories.Store(next, nil)
			}
			done, found = next, info
			continue
		}
		links++
		target, err := t.target(next, links)
		if err != nil {
			return "", nil, err
		}
		pending = append(target, pending...)
	}
	if found == nil {
		var err error
		if found, err = t.source.Lstat(done); err != nil {
			return "", nil, err
		}
	}
	return done, found, nil
}

// target returns the segments of the path that a link leads to, the one of so many on the way.
func (t *tree) target(name string, links int) ([]string, error) {
	target, err := t.source.ReadLink(name)
	switch {
	case err != nil:
		return nil, err
	case links > maxLinks:
		return nil, syscall.ELOOP
	case path.IsAbs(target):
		return nil, ErrEscapes
	}
	return strings.Split(target, "/"), nil
}

// Open implements [fs.FS].
func (t *tree) Open(name string) (fs.File, error) {
	f, info, err := t.open(name)
	if entries, is := f.(fs.ReadDirFile); err == nil && is && info.IsDir() {
		return directory{entries}, nil
	}
	return f, err
}

// open opens a file or a directory, the latter with .git in its list.
func (t *tree) open(name string) (fs.File, fs.FileInfo, error) {
	real, info, err := t.resolve("open", name, true)
	if err != nil {
		return nil, nil, err
	}
	if !info.IsDir() && !info.Mode().IsRegular() { // to open a pipe would be to wait for its other end
		return nil, nil, &fs.PathError{Op: "open", Path: name, Err: ErrIrregular}
	}
	f, err := t.source.Open(real)
	if err != nil {
		return nil, nil, err
	}
	if !info.IsDir() {
		t.reading(name)
	}
	return f, info, nil
}

// A directory is one that was opened.
type directory struct{ fs.ReadDirFile }

// ReadDir implements [fs.ReadDirFile].
func (f directory) ReadDir(n int) ([]fs.DirEntry, error) {
	for {
		entries, err := f.ReadDirFile.ReadDir(n)
		entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return isGit(e.Name()) })
		if n <= 0 || err != nil || len(entries) > 0 {
			return entries, err
		}
	}
}

// ReadDir implements [fs.ReadDirFS].
func (t *tree) ReadDir(name string) ([]fs.DirEntry, error) {
	f, err := t.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	listed, is := f.(fs.ReadDirFile)
	if !is {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: syscall.ENOTDIR}
	}
	entries, err := listed.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// ReadFile implements [fs.ReadFileFS].
func (t *tree) ReadFile(name string) ([]byte, error) {
	real, info, err := t.resolve("readfile", name, true)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "readfile", Path: name, Err: ErrIrregular}
	}
	t.reading(name)
	return t.source.ReadFile(real)
}

// Stat implements [fs.StatFS].
func (t *tree) Stat(name string) (fs.FileInfo, error) {
	_, info, err := t.resolve("stat", name, true)
	return named(name, info), err
}

// Lstat implements [fs.ReadLinkFS].
func (t *tree) Lstat(name string) (fs.FileInfo, error) {
	_, info, err := t.resolve("lstat", name, false)
	return named(name, info), err
}

// ReadLink implements [fs.ReadLinkFS].
func (t *tree) ReadLink(name string) (string, error) {
	real, _, err := t.resolve("readlink", name, false)
	if err != nil {
		return "", err
	}
	return t.source.ReadLink(real)
}

// renamed is what a path leads to, under the path's own name.
type renamed struct {
	fs.FileInfo
	name string
}

// Name implements [fs.FileInfo].
func (r renamed) Name() string { return r.name }

func named(name string, info fs.FileInfo) fs.FileInfo {
	if base := path.Base(name); info != nil && info.Name() != base {
		return renamed{info, base}
	}
	return info
}

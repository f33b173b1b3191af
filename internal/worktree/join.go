package worktree

import (
	"errors"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A Part is a tree of its own that [Join] puts into another.
type Part struct {
	Name string // of the directory that the part's Path becomes
	Path string // directory of the part; "." for all of it
	FS   fs.FS  // nil: it cannot be had
	Err  error  // in that case, why: whatever is looked for in it fails with this
}

// rootMark is what the root of a part is called: a mark and its name.
const rootMark = "@"

// Root returns the directory of the joined tree that has all files of the part, such as @addons.
func (p Part) Root() string { return rootMark + p.Name }

// Locate returns where in the joined tree a file of the part is, of which the path is one from the part's own root.
func (p Part) Locate(name string) string {
	name = path.Clean(name)
	switch rest, below := strings.CutPrefix(name, p.Path+"/"); {
	case name == p.Path:
		return p.Name
	case below:
		return path.Join(p.Name, rest)
	case p.Path == "." && fs.ValidPath(name):
		return path.Join(p.Name, name)
	}
	return path.Join(p.Root(), name)
}

// Inside returns the path from the part's own root of a file of the joined tree; false if it is not in the part.
func (p Part) Inside(name string) (string, bool) {
	first, rest, _ := strings.Cut(name, "/")
	switch first {
	case p.Name:
		return path.Join(p.Path, rest), true
	case p.Root():
		return path.Join(".", rest), true
	}
	return "", false
}

// Join returns a tree of files with others in it. The directory NAME of the result is the Path of the part of this
// name, and @NAME, which no list shows, all of the part. What the first tree has not is looked for in the parts, in
// their order. No link leads from one tree into another, since each of them keeps its own inside.
func Join(base fs.FS, parts []Part) fs.FS { return &joined{base: base, parts: slices.Clone(parts)} }

// Parted returns what [Join] made a tree of; false if it did not.
func Parted(fsys fs.FS) (base fs.FS, parts []Part, is bool) {
	if j, joins := fsys.(*joined); joins {
		return j.base, j.parts, true
	}
	return fsys, nil, false
}

// SameParts tells whether two trees differ in nothing but what they were before they were joined with others.
func SameParts(a, b fs.FS) bool {
	_, before, _ := Parted(a)
	_, after, _ := Parted(b)
	return reflect.DeepEqual(before, after)
}

type joined struct {
	base  fs.FS
	parts []Part
}

// locate returns the tree that has a path, and the path in it.
func (j *joined) locate(op, name string) (fs.FS, string, error) {
	if !fs.ValidPath(name) {
		return nil, "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	for _, p := range j.parts {
		inside, is := p.Inside(name)
		switch {
		case is && p.FS == nil:
			return nil, "", &fs.PathError{Op: op, Path: name, Err: p.Err}
		case is:
			return p.FS, inside, nil
		}
	}
	if _, err := fs.Lstat(j.base, name); !isAbsent(err) {
		return j.base, name, nil
	}
	for _, p := range j.parts {
		if p.FS == nil {
			continue
		}
		if _, err := fs.Lstat(p.FS, name); !isAbsent(err) {
			return p.FS, name, nil
		}
	}
	return j.base, name, nil
}

func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// Open implements [fs.FS].
func (j *joined) Open(name string) (fs.File, error) {
	fsys, inside, err := j.locate("open", name)
	if err != nil {
		return nil, err
	}
	return fsys.Open(inside)
}

// Stat implements [fs.StatFS].
func (j *joined) Stat(name string) (fs.FileInfo, error) {
	fsys, inside, err := j.locate("stat", name)
	if err != nil {
		return nil, err
	}
	info, err := fs.Stat(fsys, inside)
	return named(name, info), err
}

// ReadFile implements [fs.ReadFileFS].
func (j *joined) ReadFile(name string) ([]byte, error) {
	fsys, inside, err := j.locate("readfile", name)
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(fsys, inside)
}

// ReadDir implements [fs.ReadDirFS].
func (j *joined) ReadDir(name string) ([]fs.DirEntry, error) {
	fsys, inside, err := j.locate("readdir", name)
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(fsys, inside)
	if err != nil || name != "." {
		return entries, err
	}
	for _, p := range j.parts {
		if p.FS != nil {
			entries = append(entries, fs.FileInfoToDirEntry(directoryInfo(p.Name)))
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// Lstat implements [fs.ReadLinkFS].
func (j *joined) Lstat(name string) (fs.FileInfo, error) {
	fsys, inside, err := j.locate("lstat", name)
	if err != nil {
		return nil, err
	}
	info, err := fs.Lstat(fsys, inside)
	return named(name, info), err
}

// ReadLink implements [fs.ReadLinkFS].
func (j *joined) ReadLink(name string) (string, error) {
	fsys, inside, err := j.locate("readlink", name)
	if err != nil {
		return "", err
	}
	return fs.ReadLink(fsys, inside)
}

// directoryInfo is the directory that a part becomes, by its name.
type directoryInfo string

func (i directoryInfo) Name() string     { return string(i) }
func (directoryInfo) Size() int64        { return 0 }
func (directoryInfo) Mode() fs.FileMode  { return fs.ModeDir | 0o555 }
func (directoryInfo) ModTime() time.Time { return time.Time{} }
func (directoryInfo) IsDir() bool        { return true }
func (directoryInfo) Sys() any           { return nil }

// Relocated returns the files of a tree under other paths: locate says where in the tree a path is.
func Relocated(fsys fs.FS, locate func(string) string) fs.FS { return relocated{fsys, locate} }

type relocated struct {
	fsys   fs.FS
	locate func(string) string
}

func (r relocated) Open(name string) (fs.File, error)     { return r.fsys.Open(r.locate(name)) }
func (r relocated) Stat(name string) (fs.FileInfo, error) { return fs.Stat(r.fsys, r.locate(name)) }
func (r relocated) ReadFile(name string) ([]byte, error)  { return fs.ReadFile(r.fsys, r.locate(name)) }
func (r relocated) ReadDir(name string) ([]fs.DirEntry, error) {
	return fs.ReadDir(r.fsys, r.locate(name))
}
func (r relocated) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(r.fsys, r.locate(name)) }
func (r relocated) ReadLink(name string) (string, error)   { return fs.ReadLink(r.fsys, r.locate(name)) }

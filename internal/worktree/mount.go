package worktree

import (
	"io/fs"
	"strings"
)

// Mount returns a file system that is another but for one directory, in which a second one is. The directory is in no
// listing: only who knows its name finds it.
func Mount(under fs.FS, directory string, other fs.FS) fs.FS { return mounted{under, directory, other} }

// mounted is a file system with another one in a directory.
type mounted struct {
	under     fs.FS
	directory string
	other     fs.FS
}

// in returns the file system that has a file, and the name of the file there.
func (m mounted) in(name string) (fs.FS, string) {
	if name == m.directory {
		return m.other, "."
	}
	if rest, inside := strings.CutPrefix(name, m.directory+"/"); inside {
		return m.other, rest
	}
	return m.under, name
}

// Open implements [fs.FS].
func (m mounted) Open(name string) (fs.File, error) {
	of, name := m.in(name)
	return of.Open(name)
}

// ReadFile implements [fs.ReadFileFS].
func (m mounted) ReadFile(name string) ([]byte, error) {
	of, name := m.in(name)
	return fs.ReadFile(of, name)
}

// ReadDir implements [fs.ReadDirFS].
func (m mounted) ReadDir(name string) ([]fs.DirEntry, error) {
	of, name := m.in(name)
	return fs.ReadDir(of, name)
}

// Stat implements [fs.StatFS].
func (m mounted) Stat(name string) (fs.FileInfo, error) {
	of, name := m.in(name)
	return fs.Stat(of, name)
}

// Lstat implements [fs.ReadLinkFS].
func (m mounted) Lstat(name string) (fs.FileInfo, error) {
	of, name := m.in(name)
	return fs.Lstat(of, name)
}

// ReadLink implements [fs.ReadLinkFS].
func (m mounted) ReadLink(name string) (string, error) {
	of, name := m.in(name)
	return fs.ReadLink(of, name)
}

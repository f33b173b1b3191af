package worktree

import (
	"bytes"
	"io/fs"
	"path"
	"time"
)

// With returns a file system that is another but for one file, which has this data.
func With(fsys fs.FS, name string, data []byte) fs.FS { return changed{fsys, name, data} }

// changed is a file system with one file of its own.
type changed struct {
	fsys fs.FS
	name string
	data []byte
}

func (c changed) Open(name string) (fs.File, error) {
	if name == c.name {
		return &memoryFile{Reader: bytes.NewReader(c.data), info: c.info()}, nil
	}
	return c.fsys.Open(name)
}

func (c changed) Stat(name string) (fs.FileInfo, error) {
	if name == c.name {
		return c.info(), nil
	}
	return fs.Stat(c.fsys, name)
}

func (c changed) ReadFile(name string) ([]byte, error) {
	if name == c.name {
		return bytes.Clone(c.data), nil
	}
	return fs.ReadFile(c.fsys, name)
}

func (c changed) info() memoryInfo { return memoryInfo{c.name, int64(len(c.data))} }

// memoryFile is a file that is open.
type memoryFile struct {
	*bytes.Reader
	info memoryInfo
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *memoryFile) Close() error               { return nil }

type memoryInfo struct {
	name string
	size int64
}

func (i memoryInfo) Name() string     { return path.Base(i.name) }
func (i memoryInfo) Size() int64      { return i.size }
func (memoryInfo) Mode() fs.FileMode  { return 0o444 }
func (memoryInfo) ModTime() time.Time { return time.Time{} }
func (memoryInfo) IsDir() bool        { return false }
func (memoryInfo) Sys() any           { return nil }

package worktree

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// InMemory returns a file system with files by their paths, and the directories that these are in. Paths that are none
// of a file system are left out.
func InMemory(files map[string][]byte) fs.FS {
	m := memory{files: map[string][]byte{}, directories: map[string]map[string]bool{".": {}}}
	for name, data := range files {
		if !fs.ValidPath(name) || name == "." {
			continue
		}
		m.files[name] = data
		for name != "." {
			directory := path.Dir(name)
			if m.directories[directory] == nil {
				m.directories[directory] = map[string]bool{}
			}
			m.directories[directory][path.Base(name)] = true
			name = directory
		}
	}
	return m
}

type memory struct {
	files       map[string][]byte
	directories map[string]map[string]bool // the names in each
}

// Open implements [fs.FS].
func (m memory) Open(name string) (fs.File, error) {
	if data, is := m.files[name]; is {
		return &memoryFile{bytes.NewReader(data), memoryInfo{name, int64(len(data))}}, nil
	}
	entries, err := m.ReadDir(name)
	return &memoryDirectory{directoryInfo(path.Base(name)), entries}, err
}

// Stat implements [fs.StatFS].
func (m memory) Stat(name string) (fs.FileInfo, error) {
	data, is := m.files[name]
	switch {
	case is:
		return memoryInfo{name, int64(len(data))}, nil
	case m.directories[name] != nil:
		return directoryInfo(path.Base(name)), nil
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements [fs.ReadDirFS].
func (m memory) ReadDir(name string) ([]fs.DirEntry, error) {
	if m.directories[name] == nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	var entries []fs.DirEntry
	for _, entry := range slices.SortedFunc(maps.Keys(m.directories[name]), strings.Compare) {
		info, err := m.Stat(path.Join(name, entry))
		if err != nil {
			return nil, err
		}
		entries = append(entries, fs.FileInfoToDirEntry(info))
	}
	return entries, nil
}

// memoryDirectory is a directory that is open.
type memoryDirectory struct {
	directoryInfo
	entries []fs.DirEntry
}

func (d *memoryDirectory) Stat() (fs.FileInfo, error) { return d.directoryInfo, nil }
func (d *memoryDirectory) Close() error               { return nil }
func (d *memoryDirectory) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.Name(), Err: fs.ErrInvalid}
}

func (d *memoryDirectory) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.entries)
	} else if len(d.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.entries))
	entries := d.entries[:n]
	d.entries = d.entries[n:]
	return entries, nil
}

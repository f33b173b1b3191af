package worktree

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

var (
	// ErrIrregular is the cause when a path leads to a pipe, a device or a socket: to read it could take forever.
	ErrIrregular = errors.New("is not a regular file")
	// ErrTooLarge is the cause when a file is larger than its reader's limit.
	ErrTooLarge = errors.New("is too large")
)

// ReadFile reads a regular file of fsys, or none of it if it is larger than the limit, in bytes. It fails with a
// [*fs.PathError], of which the cause can be [ErrIrregular] or [ErrTooLarge]. Of a file
// system of the machine, a pipe is not opened, which could wait for its other end.
func ReadFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	if stat, can := fsys.(fs.StatFS); can && !refusesPipes(fsys) {
		info, err := stat.Stat(name)
		if err == nil {
			err = regular(name, info)
		}
		if err != nil {
			return nil, err
		}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	return readOpen(f, name, limit)
}

// refusesPipes tells whether the file system opens no pipe, and so need not be asked before what a path leads to.
func refusesPipes(fsys fs.FS) bool {
	if n, is := fsys.(noting); is {
		fsys = n.fsys
	}
	_, is := fsys.(*tree)
	return is
}

// ReadPath is [ReadFile] of a path of the system.
func ReadPath(name string, limit int64) ([]byte, error) {
	f, err := OpenPath(name)
	if err != nil {
		return nil, err
	}
	return readOpen(f, name, limit)
}

// OpenPath opens a regular file of the system for reading. It fails as [ReadPath] does, and never waits.
func OpenPath(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err == nil {
		err = regular(name, info)
	}
	if err != nil {
		return nil, err
	}
	// Without waiting, should it be a pipe by now.
	return os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

func regular(name string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	case !info.Mode().IsRegular():
		return &fs.PathError{Op: "read", Path: name, Err: ErrIrregular}
	}
	return nil
}

// readOpen reads an open file, and closes it.
func readOpen(f fs.File, name string, limit int64) ([]byte, error) {
	defer f.Close()
	info, err := f.Stat() // of what was opened, not of what was there before
	if err == nil {
		err = regular(name, info)
	}
	if err != nil {
		return nil, err
	}
	tooLarge := &fs.PathError{Op: "read", Path: name, Err: ErrTooLarge}
	if info.Size() > limit {
		return nil, tooLarge
	}
	data := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := data.ReadFrom(io.LimitReader(f, limit+1)); err != nil { // it may grow
		return nil, err
	}
	if int64(data.Len()) > limit {
		return nil, tooLarge
	}
	return data.Bytes(), nil
}

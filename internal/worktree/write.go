package worktree

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// WriteFile writes a file below a root, whole or not at all: no reader ever sees a part of it, and nothing else is left
// of a failure. It replaces a file with the name. It fails with an error of the system, also for a directory with the
// name, and if there is none that the file is to be in.
func WriteFile(root *os.Root, name string, data []byte, mode fs.FileMode) error {
	temporary := filepath.Join(filepath.Dir(name), ".new-"+rand.Text())
	f, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return ofWriting(err, name)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		if err = root.Rename(temporary, name); err == nil {
			return nil
		}
	}
	if info, failed := root.Stat(name); failed == nil && info.IsDir() {
		err = syscall.EISDIR // and not that it exists
	}
	return errors.Join(ofWriting(err, name), root.Remove(temporary))
}

// ofWriting returns an error as one of writing the file: nobody knows the name that it has until it is whole.
func ofWriting(err error, name string) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return &fs.PathError{Op: "write", Path: name, Err: err}
}

// WriteEntry writes an entry of a cache as [WriteFile] does, readable by its owner only. It makes the directory that
// the entry is in, and removes one that is in the place of the entry.
func WriteEntry(path string, data []byte) error {
	directory, name := filepath.Split(path)
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := RemoveDirectory(path); err != nil {
		return err
	}
	return WriteFile(root, name, data, 0o600)
}

// RemoveDirectory removes a directory that is in the place of an entry of a cache, where this program makes none. What
// is no directory stays, and is no error.
func RemoveDirectory(path string) error {
	if info, err := os.Lstat(path); err != nil || !info.IsDir() {
		return nil //nolint:nilerr // what cannot be looked at is reported where it is written
	}
	return os.RemoveAll(path)
}

// Package nameless makes temporary files that have no name, so that nothing is left of them, however a process ends.
package nameless

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// File returns an empty file in a directory, which only this process has. It fails if none can be made there.
func File(directory string) (*os.File, error) {
	if file := withoutName(directory); file != nil {
		return file, nil
	}
	file, err := os.CreateTemp(directory, "cmp-*")
	if err != nil {
		return nil, NoRoom(directory, err)
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(NoRoom(directory, err), file.Close())
	}
	return file, nil
}

// NoRoom returns an error about a file in a directory that cannot be made or written, and what to do.
func NoRoom(directory string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // its path says nothing
	}
	return fmt.Errorf("there is no room for the repository in %s (%w): give it a larger volume, or more memory for "+
		"repositories", directory, err)
}

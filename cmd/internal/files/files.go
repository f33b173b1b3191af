// Package files reads the files that a command line names, which lie anywhere on the machine.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// ErrTwice is the cause when standard input is named more than once.
var ErrTwice = errors.New("standard input (-) can be given once only")

// A Reader reads the files of a command line, of which one can be standard input.
type Reader struct {
	standard io.Reader
	taken    bool
}

// New returns a reader of files, which has this as its standard input.
func New(standard io.Reader) *Reader { return &Reader{standard: standard} }

// Stream returns a file that can hold many objects; none without a name. It fails as [Reader.Read] does.
func (r *Reader) Stream(name string) ([]render.File, error) {
	if name == "" {
		return nil, nil
	}
	file, err := r.Read(name, hierarchy.MaxStreamSize)
	return []render.File{file}, err
}

// Read returns a file of at most so many bytes; - is standard input. It fails for what is no regular file, and with
// [ErrTwice].
func (r *Reader) Read(name string, limit int64) (render.File, error) {
	reader := r.standard
	switch {
	case name != "-":
		f, err := open(name)
		if errors.Is(err, worktree.ErrIrregular) {
			return render.File{}, problem.New(name, 0, "is not a regular file")
		}
		if err != nil {
			return render.File{}, cannotOpen(name, err)
		}
		defer f.Close()
		reader = f
	case r.taken:
		return render.File{}, ErrTwice
	default:
		r.taken, name = true, "standard input"
	}
	supervise.Reading(name)
	data, err := hierarchy.ReadAll(reader, name, limit)
	return render.File{Name: name, Data: data}, err
}

// open opens a file that was named. A pipe is opened only where the shell has its other end, as in -f <(command):
// another one could wait for ever.
func open(name string) (*os.File, error) {
	if strings.HasPrefix(name, "/dev/fd/") || name == "/dev/stdin" {
		return os.Open(name)
	}
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return os.Open(name) // which cannot be read, and is said so
	}
	return worktree.OpenPath(name)
}

// cannotOpen says why a file that was named cannot be opened, and what to do.
func cannotOpen(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return problem.New(name, 0, "there is no such file").
			WithHint("correct the path, which counts from the current directory")
	}
	return err
}

// All returns a file, or the files of a directory, at any depth, that can hold objects. It fails as [Reader.Read] does,
// and for a directory without such files.
func (r *Reader) All(name string) ([]render.File, error) {
	if info, err := os.Stat(name); name == "-" || err != nil || !info.IsDir() {
		file, err := r.Read(name, hierarchy.MaxStreamSize)
		return []render.File{file}, err
	}
	var files []render.File
	err := filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		hidden := path != name && strings.HasPrefix(entry.Name(), ".")
		switch {
		case err != nil:
			return err
		case hidden && entry.IsDir():
			return filepath.SkipDir
		case hidden || entry.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)):
			return nil
		}
		file, err := r.Read(path, hierarchy.MaxStreamSize)
		file.InDirectory = true
		files = append(files, file)
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: there are no YAML or JSON files in the directory", name)
	}
	return files, err
}

package kustomize

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

const (
	// repository is where the tree has the repository: a directory of its own, so that a path which leaves the
	// repository leads nowhere, and so that it is easy to find in Kustomize's messages.
	repository = "/repository"

	maxFileSize = 10 << 20  // of one file
	maxReadSize = 256 << 20 // of all files that one build reads, each as often as it is read
	maxLinks    = 40        // as Linux
)

var errLeaves = errors.New("leaves the repository")

// A tree is the file system that Kustomize sees: below [repository] the files of an fs.FS, and over it files in memory.
// Nothing can be written through it, and links are followed only inside the fs.FS. It serves one build.
type tree struct {
	fsys  fs.FS
	upper map[string][]byte // by absolute path, without links
	cache map[string][]byte
	read  int

	origins bool // objects get an annotation that says where they are from
}

func newTree(fsys fs.FS) *tree {
	return &tree{fsys: fsys, upper: map[string][]byte{}, cache: map[string][]byte{}}
}

// absolute returns where the tree has a path of the repository.
func absolute(name string) string { return path.Join(repository, name) }

// relative returns the path in the repository, for messages; other paths stay as they are.
func relative(name string) string {
	if name == repository {
		return "."
	}
	return strings.TrimPrefix(name, repository+"/")
}

func inside(name string) bool { return name == repository || strings.HasPrefix(name, repository+"/") }

// locate returns the path without links, and whether it is a directory. It fails with [fs.ErrNotExist] if there is no
// such file, and with [errLeaves] if the path or a link leaves the repository.
func (t *tree) locate(name string) (real string, dir bool, err error) {
	name = path.Clean(name)
	if _, ok := t.upper[name]; ok {
		return name, false, nil
	}
	if !inside(name) {
		for file := range t.upper {
			if strings.HasPrefix(file, name+"/") && !inside(file) {
				return name, true, nil
			}
		}
		return "", false, errLeaves
	}
	done, links := ".", 0
	pending := strings.Split(strings.TrimPrefix(strings.TrimPrefix(name, repository), "/"), "/")
	for len(pending) > 0 {
		segment := pending[0]
		pending = pending[1:]
		switch segment {
		case "", ".":
			continue
		case "..":
			if done == "." {
				return "", false, errLeaves
			}
			done = path.Dir(done)
			continue
		}
		next := path.Join(done, segment)
		info, err := fs.Lstat(t.fsys, next)
		if err != nil {
			return "", false, plain(err)
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		target, err := fs.ReadLink(t.fsys, next)
		if err != nil {
			return "", false, plain(err)
		}
		if links++; links > maxLinks {
			return "", false, errors.New("too many links")
		}
		if path.IsAbs(target) {
			return "", false, errLeaves
		}
		pending = append(strings.Split(target, "/"), pending...)
	}
	info, err := fs.Stat(t.fsys, done)
	if err != nil {
		return "", false, plain(err)
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return "", false, errors.New("is not a regular file")
	}
	return absolute(done), info.IsDir(), nil
}

// plain takes the path out of an error, since messages name it already, and reads "a file is no directory" as "not
// there".
func plain(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return fs.ErrNotExist
	}
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// ReadFile returns the content of a file. It fails if it is too large, and when the build has read too much.
func (t *tree) ReadFile(name string) ([]byte, error) {
	data, err := t.content(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", relative(name), err)
	}
	if t.read += len(data); t.read > maxReadSize {
		return nil, fmt.Errorf("the kustomizations read more than %d MiB", maxReadSize>>20)
	}
	return data, nil
}

func (t *tree) content(name string) ([]byte, error) {
	real, dir, err := t.locate(name)
	switch {
	case err != nil:
		return nil, err
	case dir:
		return nil, errors.New("is a directory")
	}
	if data, ok := t.upper[real]; ok {
		return data, nil
	}
	if data, ok := t.cache[real]; ok {
		return data, nil
	}
	data, err := worktree.ReadFile(t.fsys, relative(real), maxFileSize)
	if errors.Is(err, worktree.ErrTooLarge) {
		return nil, fmt.Errorf("is larger than %d MiB", maxFileSize>>20)
	}
	if err != nil {
		return nil, plain(err)
	}
	t.cache[real] = data
	return data, nil
}

// CleanedAbs returns the directory and the file name of a path, without links.
func (t *tree) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	real, dir, err := t.locate(name)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("%s: %w", relative(path.Clean(name)), err)
	case dir:
		return filesys.ConfirmedDir(real), "", nil
	}
	return filesys.ConfirmedDir(path.Dir(real)), path.Base(real), nil
}

// Exists tells whether there is such a file or directory.
func (t *tree) Exists(name string) bool {
	_, _, err := t.locate(name)
	return err == nil
}

// IsDir tells whether there is such a directory.
func (t *tree) IsDir(name string) bool {
	_, dir, err := t.locate(name)
	return err == nil && dir
}

// A build calls none of the following: they belong to `kustomize edit`, `localize`, and cleaning up after clones.

// Create fails.
func (t *tree) Create(string) (filesys.File, error) { return nil, errors.ErrUnsupported }

// Mkdir fails.
func (t *tree) Mkdir(string) error { return errors.ErrUnsupported }

// MkdirAll fails.
func (t *tree) MkdirAll(string) error { return errors.ErrUnsupported }

// RemoveAll fails.
func (t *tree) RemoveAll(string) error { return errors.ErrUnsupported }

// Open fails.
func (t *tree) Open(string) (filesys.File, error) { return nil, errors.ErrUnsupported }

// ReadDir fails.
func (t *tree) ReadDir(string) ([]string, error) { return nil, errors.ErrUnsupported }

// Glob fails.
func (t *tree) Glob(string) ([]string, error) { return nil, errors.ErrUnsupported }

// WriteFile fails.
func (t *tree) WriteFile(string, []byte) error { return errors.ErrUnsupported }

// Walk fails.
func (t *tree) Walk(string, filepath.WalkFunc) error { return errors.ErrUnsupported }

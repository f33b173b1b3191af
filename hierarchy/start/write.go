package start

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// A Writing is files on their way into a directory: all of them or none.
type Writing struct {
	mu        sync.Mutex // a signal must not come between the moves
	root      *os.Root
	temporary string   // below the root, where the files are checked before they are moved
	moved     []string // to their places
	done      bool
}

// Write writes files below a directory, which is made if it does not exist. Nothing is overwritten: no file and no
// directory of their first names may be there, nor another fleet. Before they are in their places, check sees them; if
// that fails, none is written. begun is told of the writing, so that a signal can undo it.
func Write(directory string, files map[string][]byte, check func(fs.FS) error,
	begun func(*Writing) (end func())) error {
	info, err := os.Stat(directory)
	made := errors.Is(err, fs.ErrNotExist)
	if err == nil && !info.IsDir() {
		return problem.New(directory, 0, "is no directory").WithHint("name the directory of the new fleet")
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	w := &Writing{root: root, temporary: ".cmp-init-" + rand.Text()}
	defer begun(w)()
	if err = w.write(directory, files, check); err != nil {
		err = errors.Join(err, w.Undo())
		if made {
			err = errors.Join(err, os.Remove(directory))
		}
	}
	return err
}

func (w *Writing) write(directory string, files map[string][]byte, check func(fs.FS) error) error {
	first := map[string]bool{}
	for name := range files {
		top, _, _ := strings.Cut(name, "/")
		first[top] = true
	}
	if err := isFree(w.root, slices.Sorted(maps.Keys(first))); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		at := path.Join(w.temporary, name)
		if err := w.root.MkdirAll(path.Dir(at), 0o755); err != nil {
			return err
		}
		if err := w.root.WriteFile(at, files[name], 0o644); err != nil {
			return err
		}
	}
	tree, err := worktree.Open(filepath.Join(directory, w.temporary))
	if err != nil {
		return err
	}
	if err := check(tree); err != nil {
		return err
	}
	return w.move(slices.Sorted(maps.Keys(first)))
}

// isFree fails if something is where files are to be, or another fleet is.
func isFree(root *os.Root, names []string) error {
	for _, name := range append(names, hierarchy.OtherFleetFiles...) {
		if _, err := root.Lstat(name); err == nil {
			return problem.New(name, 0, "exists already, and nothing is overwritten").
				WithHint("choose another directory, or move it away")
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// move moves all to its place: fleet.yaml last, since that makes it a fleet.
func (w *Writing) move(names []string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortStableFunc(names, func(a, b string) int {
		return strings.Compare(strings.TrimPrefix(a, hierarchy.FleetFile), strings.TrimPrefix(b, hierarchy.FleetFile))
	})
	slices.Reverse(names)
	for _, name := range names {
		if err := isFree(w.root, []string{name}); err != nil {
			return err
		}
		if err := w.root.Rename(path.Join(w.temporary, name), name); err != nil {
			return err
		}
		w.moved = append(w.moved, name)
	}
	w.done = true
	return w.root.RemoveAll(w.temporary)
}

// Undo removes what was written, unless all is in its place. It fails with an error of the system.
func (w *Writing) Undo() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return nil
	}
	errs := []error{w.root.RemoveAll(w.temporary)}
	for _, name := range w.moved {
		errs = append(errs, w.root.RemoveAll(name))
	}
	w.moved = nil
	return errors.Join(errs...)
}

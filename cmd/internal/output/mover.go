package output

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// A mover puts the new files in their places, or takes that back.
type mover struct {
	root      *os.Root
	temporary string
}

// A journal says what is moved.
type journal struct {
	Written []string // files of this run
	Stale   []string // files of earlier runs, which only go away
	Made    []string // directories that are made for the files, each after those that it is in
}

// maxJournal is the size of a journal in bytes, of some millions of files. One that is larger could not be read again.
const maxJournal = 512 << 20

// moveAll writes down what is going to be moved and made, and does that.
func (m mover) moveAll(j journal) error {
	looked := map[string]bool{".": true}
	for _, name := range j.Written {
		j.Made = append(j.Made, m.missing(filepath.Dir(name), looked)...)
	}
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	if len(data) > maxJournal {
		return fmt.Errorf("%d files are too many for one directory; render fewer clusters at a time", len(j.Written))
	}
	if err := m.root.WriteFile(filepath.Join(m.temporary, journalFile), data, 0o644); err != nil {
		return err
	}
	for _, name := range j.Written {
		if err := m.moveAway(name); err != nil {
			return err
		}
		if err := m.rename(filepath.Join(m.temporary, newFiles, name), name); err != nil {
			return err
		}
	}
	for _, name := range j.Stale {
		if err := m.moveAway(name); err != nil {
			return err
		}
	}
	return nil
}

// missing returns a directory, after those that it is in, as far as they are not there. Each is looked at once.
func (m mover) missing(dir string, looked map[string]bool) []string {
	if looked[dir] {
		return nil
	}
	looked[dir] = true
	if _, err := m.root.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil // what keeps it from being looked at is reported where it is made
	}
	return append(m.missing(filepath.Dir(dir), looked), dir)
}

// moveAway moves the file with a name away, if there is one.
func (m mover) moveAway(name string) error {
	info, err := m.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory: a file is to be there; remove it", name)
	}
	return m.rename(name, filepath.Join(m.temporary, oldFiles, name))
}

func (m mover) rename(from, to string) error {
	if err := m.root.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return m.root.Rename(from, to)
}

// undo takes all moves back that were begun. It fails where it cannot tell which, or cannot take one back: files that
// were moved away are still in the temporary directory then.
func (m mover) undo() error {
	file := filepath.Join(m.temporary, journalFile)
	data, err := hierarchy.ReadFile(m.root.FS(), filepath.ToSlash(file), file, maxJournal)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // none was
	}
	if err != nil {
		return err
	}
	var j journal
	if json.Unmarshal(data, &j) != nil {
		return nil // the run ended while it wrote the journal, before it moved anything
	}
	for _, name := range slices.Concat(j.Written, j.Stale, j.Made) {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("the name %q in %s escapes from the directory", name, file)
		}
	}
	for _, name := range j.Written {
		if _, err := m.root.Lstat(filepath.Join(m.temporary, newFiles, name)); !errors.Is(err, fs.ErrNotExist) {
			continue // it has not been moved
		}
		if err := m.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, name := range slices.Concat(j.Written, j.Stale) {
		old := filepath.Join(m.temporary, oldFiles, name)
		if _, err := m.root.Lstat(old); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := m.rename(old, name); err != nil {
			return err
		}
	}
	for _, dir := range slices.Backward(j.Made) {
		_ = m.root.Remove(dir) // unless another run has files there by now
	}
	return nil
}

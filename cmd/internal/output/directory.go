package output

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A Destination says where output goes.
type Destination struct {
	Dir   string           // "": standard output
	Prune bool             // remove files of objects that are no longer rendered
	Watch *supervise.Watch // cleans up where a limit or a signal ends the run; nil for none
}

// directory writes a file for each object: those of an Application into CLUSTER/APPLICATION. They appear under their
// names once all are complete, or none does. Until then they are in a temporary directory beside them:
//
//	run       which directory it was made as
//	new/      the files to be
//	old/      files that were moved away for them
//	journal   the names of all files that are moved, once that begins
//
// What a killed run leaves is undone by the next one, or by the process that ran it as a worker. A directory that a run
// still uses is locked.
type directory struct {
	Destination
	format string

	mu        sync.Mutex // a signal must not come between the moves
	closed    bool
	root      *os.Root // nil: nothing was written
	temporary string
	kept      bool // the temporary directory stays, with files that could not be moved back: the next run does that
	lock      *os.File
	cancel    func() // of the cleaning up by a signal

	files   []string
	written map[string]bool
}

const (
	temporaryPrefix = ".cmp-" // and a random text

	runFile     = "run"
	newFiles    = "new"
	oldFiles    = "old"
	journalFile = "journal"
)

func newDirectory(format string, to Destination) *directory {
	return &directory{Destination: to, format: format, written: map[string]bool{}}
}

// errDiscarded: a signal or a limit ended the run before its output was complete.
var errDiscarded = errors.New("the output was discarded")

// open makes the directory and, within it, the temporary one, and removes what killed runs left. It fails once the
// output was finished or discarded.
func (d *directory) open() error {
	switch {
	case d.closed:
		return errDiscarded
	case d.root != nil:
		return nil
	}
	if err := os.MkdirAll(d.Dir, 0o755); err != nil {
		return problem.New("", 0, "%w", err).WithHint("give another directory")
	}
	var err error
	if d.root, err = os.OpenRoot(d.Dir); err != nil {
		return err
	}
	if d.Watch != nil {
		d.cancel = d.Watch.OnEnd(d.Discard)
	}
	if err := recoverRoot(d.root); err != nil {
		return err
	}
	for d.lock == nil { // another run may take it for a killed run's before it is locked
		d.temporary = temporaryPrefix + rand.Text()
		if err := d.root.Mkdir(d.temporary, 0o755); err != nil {
			return err
		}
		if d.lock, err = lockDirectory(d.root, d.temporary); err != nil {
			return err
		}
	}
	return d.root.WriteFile(filepath.Join(d.temporary, runFile), []byte(identity(d.lock)), 0o644)
}

func (d *directory) Add(r render.Rendered) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	name, err := d.nameOf(r)
	if err != nil {
		return err
	}
	if d.written[name] {
		return fmt.Errorf("two objects would be written to %s", name)
	}
	if err := d.open(); err != nil {
		return err
	}
	d.written[name] = true
	d.files = append(d.files, name)
	path := filepath.Join(d.temporary, newFiles, name)
	if err := d.root.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return d.root.WriteFile(path, r.Data, 0o644)
}

// nameOf returns where the file of an object is. The names are those of untrusted input, and a cluster's may be an ARN
// with slashes: none may lead into the directory of something else.
func (d *directory) nameOf(r render.Rendered) (string, error) {
	name := r.Name + "." + d.format
	if strings.Contains(name, "/") || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%q cannot be the name of a file", name)
	}
	if r.Application == "" {
		return name, nil
	}
	for _, dir := range []string{r.Cluster, r.Application} {
		if dir != "" && (dir == "." || !fs.ValidPath(dir) || !filepath.IsLocal(dir)) {
			return "", fmt.Errorf("%q cannot be the name of a directory", dir)
		}
	}
	return filepath.Join(r.Cluster, r.Application, name), nil
}

func (d *directory) Finish() error {
	defer d.Discard()
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return errDiscarded
	case len(d.files) == 0 && !d.Prune:
		return nil
	}
	if err := d.open(); err != nil {
		return err
	}
	var stale []string
	if d.Prune {
		var err error
		if stale, err = d.stale(); err != nil {
			return err
		}
	}
	m := mover{d.root, d.temporary}
	if err := m.moveAll(journal{Written: d.files, Stale: stale}); err != nil {
		undone := m.undo()
		d.kept = undone != nil
		return errors.Join(err, undone)
	}
	for _, name := range stale {
		for dir := filepath.Dir(name); dir != "." && d.root.Remove(dir) == nil; dir = filepath.Dir(dir) {
			continue // up to the first directory that is not empty
		}
	}
	return nil
}

// stale returns the files of objects that this run did not write, named as it names them. Nothing else is an earlier
// run's.
func (d *directory) stale() ([]string, error) {
	var names []string
	err := fs.WalkDir(d.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular() || d.written[filepath.FromSlash(name)]:
			return nil
		}
		base, isFormat := strings.CutSuffix(entry.Name(), "."+d.format)
		if !isFormat || strings.Count(base, "_") < 2 {
			return nil
		}
		data, err := hierarchy.ReadFile(d.root.FS(), name, name, hierarchy.LargestFileSize)
		if err != nil {
			return err
		}
		objects, err := hierarchy.ParseObjects(name, data)
		if err != nil || len(objects) != 1 {
			return nil // which no run wrote
		}
		if own := render.FileName(objects[0]); base == own || strings.HasPrefix(base, own+"_") { // and its namespace
			names = append(names, filepath.FromSlash(name))
		}
		return nil
	})
	return names, err
}

// Discard removes the temporary directory. Nothing can be added afterwards.
func (d *directory) Discard() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.root == nil {
		return
	}
	if d.cancel != nil {
		d.cancel()
	}
	if d.temporary != "" && !d.kept {
		// What cannot be removed, the next run removes.
		_ = d.root.RemoveAll(d.temporary)
	}
	if d.lock != nil {
		_ = d.lock.Close()
	}
	_ = d.root.Close()
	d.root = nil
}

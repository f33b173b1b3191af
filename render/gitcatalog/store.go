package gitcatalog

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// What the cache directory may hold, and for how long it is remembered that a repository could not be had: a machine
// without a network is not to wait in each run.
const (
	maxEntries  = 100       // catalogs, and notes of each kind
	maxBytes    = 256 << 20 // of catalogs together
	maxCatalog  = 32 << 20  // of one
	maxNote     = 64 << 10
	failureLast = 5 * time.Minute
)

// store is the cache directory of catalogs:
//
//	catalogs/CATALOG    a catalog of a commit, as a zip file after its SHA-256 digest and a line's end
//	revisions/REVISION  which commit a revision was when it was last asked for, as JSON
//	failures/REVISION   why it could not be had, and when, as JSON
//	locks/REPOSITORY    held by the process that fetches from the repository
//
// Names are hashes of addresses, revisions and directories, so that no name of the input becomes a path. Files appear
// whole, by renaming, so that reading needs no lock.
type store struct{ dir string }

// A note is what is known of a revision.
type note struct {
	Commit string    `json:"commit,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Time   time.Time `json:"time"`
}

// name gives a file name for strings of the input.
func name(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// catalog returns a catalog that was stored; false if there is none, or it is not what it was.
func (s store) catalog(url, commit, directory string) (fs.FS, bool) {
	data, err := worktree.ReadPath(filepath.Join(s.dir, "catalogs", name(url, commit, directory)), maxCatalog)
	digest, archive, found := bytes.Cut(data, []byte("\n"))
	if err != nil || !found || string(digest) != name(string(archive)) {
		return nil, false
	}
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	return files, err == nil
}

// addCatalog stores a catalog, and returns it.
func (s store) addCatalog(url, commit, directory string, files []File) (fs.FS, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, f := range files {
		to, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})
		if err == nil {
			_, err = to.Write(f.Data)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	data := slices.Concat([]byte(name(archive.String())+"\n"), archive.Bytes())
	if len(data) > maxCatalog {
		return nil, errTooLarge
	}
	if s.dir != "" { // what cannot be stored is fetched again
		_ = worktree.WriteEntry(filepath.Join(s.dir, "catalogs", name(url, commit, directory)), data)
		s.prune("catalogs")
	}
	return zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
}

// note returns what a kind of notes has about a revision.
func (s store) note(kind, url, revision string) (note, bool) {
	var found note
	file := filepath.Join(s.dir, kind, name(url, revision))
	data, err := worktree.ReadPath(file, maxNote)
	if err == nil {
		err = safeyaml.UnmarshalJSON(data, file, &found)
	}
	return found, err == nil
}

// failure returns why a revision could not be had a short time ago, and when that was.
func (s store) failure(url, revision string, now time.Time) (note, bool) {
	found, is := s.note("failures", url, revision)
	age := now.Sub(found.Time)
	return found, is && age >= 0 && age < failureLast
}

// addNote stores what is known of a revision now, in place of what was.
func (s store) addNote(kind, url, revision string, n note) {
	data, err := json.Marshal(n)
	if s.dir == "" || err != nil {
		return
	}
	// What cannot be stored is asked for again.
	_ = worktree.WriteEntry(filepath.Join(s.dir, kind, name(url, revision)), data)
	s.prune(kind)
}

// forget removes why a revision could not be had.
func (s store) forget(url, revision string) {
	if s.dir != "" {
		_ = os.Remove(filepath.Join(s.dir, "failures", name(url, revision)))
	}
}

// prune removes the oldest files of a kind that are too many, or too large together.
func (s store) prune(kind string) {
	entries, err := os.ReadDir(filepath.Join(s.dir, kind))
	if err != nil {
		return
	}
	var files []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var size int64
	for i, f := range files {
		if size += f.Size(); i >= maxEntries || size > maxBytes {
			_ = os.Remove(filepath.Join(s.dir, kind, f.Name()))
		}
	}
}

// lock waits until no other process fetches from a repository.
func (s store) lock(ctx context.Context, url string) (unlock func(), err error) {
	if s.dir == "" {
		return func() {}, nil
	}
	directory := filepath.Join(s.dir, "locks")
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, err
	}
	file := filepath.Join(directory, name(url))
	if err := worktree.RemoveDirectory(file); err != nil {
		return nil, err
	}
	l := flock.New(file)
	if _, err := l.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return nil, err
	}
	return func() { _ = l.Close() }, nil
}

var errTooLarge = errors.New("the catalog is larger than 32 MiB")

package server

import (
	"bytes"
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/internal/nameless"
)

// ErrTooLarge is the cause when an archive has more bytes than is allowed.
var ErrTooLarge = errors.New("the repository is too large for this server")

// A Store keeps archives by their checksum as long as they are used, and those that were used last for others that ask
// for the same. It holds so many bytes in memory; what is more is in files without a name. It is safe for concurrent
// use.
type Store struct {
	directory string // for files
	budget    int64  // of bytes in memory

	mu     sync.Mutex
	held   int64 // in memory
	byName map[string]*Archive
	unused *list.List // of *Archive, that used last at the front
}

// NewStore returns a store that holds so many bytes in memory, and what is more in files of a directory.
func NewStore(directory string, budget int64) *Store {
	return &Store{directory: directory, budget: budget, byName: map[string]*Archive{}, unused: list.New()}
}

// An Archive is what a request was sent with.
type Archive struct {
	Checksum string

	store *Store
	data  []byte   // in memory
	file  *os.File // or else without a name
	size  int64

	users   int
	element *list.Element // of those that nobody uses
}

// Size returns how many bytes the archive has.
func (a *Archive) Size() int64 { return a.size }

// Open returns a reader of the archive. It is valid until the archive is released.
func (a *Archive) Open() io.Reader {
	if a.file != nil {
		return io.NewSectionReader(a.file, 0, a.size)
	}
	return bytes.NewReader(a.data)
}

// Release says that an archive is not used any more by whoever got it.
func (a *Archive) Release() {
	s := a.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.users--; a.users > 0 {
		return
	}
	a.element = s.unused.PushFront(a)
	s.evict()
}

// evict drops those that were not used for the longest time, until the rest is within the budget. Files that nobody
// uses are dropped at once: what is so large is not worth its place.
func (s *Store) evict() {
	for e := s.unused.Back(); e != nil; {
		before := e.Prev()
		if a, is := e.Value.(*Archive); is && (a.file != nil || s.held > s.budget/2) {
			s.unused.Remove(e)
			delete(s.byName, a.Checksum)
			s.drop(a)
		}
		e = before
	}
}

// drop frees what an archive takes.
func (s *Store) drop(a *Archive) {
	if a.file != nil {
		_ = a.file.Close() // which had no name any more
		return
	}
	s.held -= int64(cap(a.data))
	a.data = nil
}

// take reserves bytes of memory, and tells whether there were so many.
func (s *Store) take(n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held+n > s.budget {
		return false
	}
	s.held += n
	return true
}

// A Writer takes an archive in parts.
type Writer struct {
	store *Store
	most  int64
	a     *Archive // nil once it is finished
	same  *Archive // that is there already; nil if none was
	sum   hash.Hash
}

// Writer returns what takes an archive of at most so many bytes that is to have a checksum. One that is there already
// is not kept a second time.
func (s *Store) Writer(checksum string, most int64) *Writer {
	w := &Writer{store: s, most: most, a: &Archive{store: s, Checksum: checksum}, sum: sha256.New()}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.same = s.use(checksum)
	return w
}

// use returns an archive that is there, to be released; nil if it is not.
func (s *Store) use(checksum string) *Archive {
	a := s.byName[checksum]
	if a == nil {
		return nil
	}
	if a.element != nil {
		s.unused.Remove(a.element)
		a.element = nil
	}
	a.users++
	return a
}

// Write takes a part. It fails with [ErrTooLarge], or if there is no room on the disk.
func (w *Writer) Write(part []byte) (int, error) {
	a := w.a
	if a.size+int64(len(part)) > w.most {
		return 0, fmt.Errorf("%w: its archive has more than %d bytes", ErrTooLarge, w.most)
	}
	if w.same == nil {
		if err := w.keep(part); err != nil {
			return 0, err
		}
	}
	a.size += int64(len(part))
	_, _ = w.sum.Write(part) // a hash never fails
	return len(part), nil
}

// Size returns how many bytes were written.
func (w *Writer) Size() int64 { return w.a.size }

func (w *Writer) keep(part []byte) error {
	a := w.a
	if a.file == nil && !w.grow(len(part)) {
		if err := w.toFile(); err != nil {
			return err
		}
	}
	if a.file == nil {
		a.data = append(a.data, part...)
		return nil
	}
	if _, err := a.file.Write(part); err != nil {
		return nameless.NoRoom(w.store.directory, err)
	}
	return nil
}

// grow makes room in memory, and tells whether there was any.
func (w *Writer) grow(n int) bool {
	a := w.a
	if len(a.data)+n <= cap(a.data) {
		return true
	}
	capacity := max(2*cap(a.data), len(a.data)+n, 64<<10)
	if !w.store.take(int64(capacity)) { // the old one is freed only then
		return false
	}
	before := int64(cap(a.data))
	grown := make([]byte, len(a.data), capacity)
	copy(grown, a.data)
	a.data = grown
	w.store.take(-before)
	return true
}

// toFile goes on in a file without a name.
func (w *Writer) toFile() error {
	file, err := nameless.File(w.store.directory)
	if err != nil {
		return err
	}
	if _, err := file.Write(w.a.data); err != nil {
		return errors.Join(nameless.NoRoom(w.store.directory, err), file.Close())
	}
	w.store.take(-int64(cap(w.a.data)))
	w.a.data, w.a.file = nil, file
	return nil
}

// Finish returns the archive, or one that is the same, to be released by the caller. It fails if the checksum is not
// that which was said.
func (w *Writer) Finish() (*Archive, error) {
	a := w.a
	if got := hex.EncodeToString(w.sum.Sum(nil)); got != a.Checksum {
		return nil, errors.New("the repository did not arrive as it was sent: its checksum is another")
	}
	if same := w.same; same != nil {
		w.same, w.a = nil, nil // nothing was kept of it
		return same, nil
	}
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if same := s.use(a.Checksum); same != nil { // which came at the same time
		return same, nil // and this one is discarded
	}
	w.a, a.users = nil, 1
	s.byName[a.Checksum] = a
	return a, nil
}

// Discard frees what was written, unless it was finished.
func (w *Writer) Discard() {
	if w.same != nil {
		w.same.Release()
	}
	if w.a == nil {
		return
	}
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	w.store.drop(w.a)
}

// Held returns how many bytes are in memory.
func (s *Store) Held() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

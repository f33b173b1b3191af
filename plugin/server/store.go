package server

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/nameless"
	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
)

// ErrTooLarge is the cause when an archive has more bytes than is allowed.
var ErrTooLarge = errors.New("the repository is too large for this server")

// ErrNoRoom is the cause when the archives that are used take all of the disk that they may.
var ErrNoRoom = errors.New("there is no room on disk for the repositories that arrive")

// A Store keeps archives as long as they are used, and those that were used last for others that ask for the same. It
// holds so many bytes in memory; what is more is in files without a name. It is safe for concurrent use.
type Store struct {
	config StoreConfig

	mu     sync.Mutex
	held   int64               // in memory
	onDisk int64               // reserved in files
	byName map[string]*Archive // by checksums, and by what they hold
	leads  map[string]*Writer  // by checksum: of those that arrive with it, the one that finds out what it holds
	unused *list.List          // of *Archive, that used last at the front
}

// A StoreConfig says how much a store holds.
type StoreConfig struct {
	Memory    int64  // in bytes
	Directory string // for what is more
	Disk      int64  // in bytes, of what is more; 0: as much as there is
	// Archive are the limits of what workers unpack. The store does not find out what larger archives hold.
	Archive archive.Limits
}

// NewStore returns a store that is empty.
func NewStore(c StoreConfig) *Store {
	return &Store{config: c, byName: map[string]*Archive{}, leads: map[string]*Writer{},
		unused: list.New()}
}

// An Archive is what a request was sent with, or another that holds the same.
type Archive struct {
	// Content is the same for archives that hold the same files, as far as that was found out.
	Content   string
	checksums []string // its own, and those of others that held the same

	store *Store
	data  []byte   // in memory
	file  *os.File // or else without a name
	size  int64
	taken int64 // of the budget of disk

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
		if a, is := e.Value.(*Archive); is && (a.file != nil || s.held > s.config.Memory/2) {
			s.unused.Remove(e)
			s.forget(a)
			s.drop(a)
		}
		e = before
	}
}

// forget has nobody find an archive any more.
func (s *Store) forget(a *Archive) {
	for _, name := range append(a.checksums, a.Content) {
		if s.byName[name] == a {
			delete(s.byName, name)
		}
	}
}

// alias has an archive found by another checksum too, of those by which it was found last.
func (s *Store) alias(a *Archive, checksum string) {
	const most = 8 // commits are checked out again between requests, but not for each
	if len(a.checksums) >= most {
		delete(s.byName, a.checksums[0])
		a.checksums = slices.Delete(a.checksums, 0, 1)
	}
	a.checksums = append(a.checksums, checksum)
	s.byName[checksum] = a
}

// drop frees what an archive takes.
func (s *Store) drop(a *Archive) {
	s.onDisk -= a.taken
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
	if s.held+n > s.config.Memory {
		return false
	}
	s.held += n
	return true
}

// A Writer takes an archive in parts, and finds out meanwhile what it holds.
type Writer struct {
	store    *Store
	most     int64
	checksum string   // that it is to have
	a        *Archive // nil once it is finished
	same     *Archive // that is there already; nil if none was
	sum      hash.Hash

	arriving *arriving   // nil as long as nobody finds out what it holds
	content  chan string // has what it holds, once that was found out
}

// Writer returns what takes an archive of at most so many bytes that is to have a checksum. One that is there already
// is not kept a second time.
func (s *Store) Writer(checksum string, most int64) *Writer {
	w := &Writer{store: s, most: most, checksum: checksum, a: &Archive{store: s}, sum: sha256.New()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.same = s.use(checksum); w.same == nil && s.leads[checksum] == nil {
		s.leads[checksum] = w
		w.identify()
	}
	return w
}

// use returns an archive that is there, to be released; nil if it is not.
func (s *Store) use(name string) *Archive {
	a := s.byName[name]
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
	if w.arriving != nil {
		w.arriving.show(a.data, a.file, a.size)
	}
	_, _ = w.sum.Write(part) // a hash never fails
	return len(part), nil
}

// identify finds out what the archive holds, as far as it is there, and while it arrives.
func (w *Writer) identify() {
	w.arriving, w.content = newArriving(), make(chan string, 1)
	w.arriving.show(w.a.data, w.a.file, w.a.size)
	go func(from *arriving, found chan<- string, limits archive.Limits) {
		defer close(found)
		// A worker reads the archive with the same library, and ends alone.
		defer func() { _ = recover() }()
		if id, known := archive.Identify(from, limits); known {
			found <- hex.EncodeToString(id[:]) + " files"
		}
	}(w.arriving, w.content, w.store.config.Archive)
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
	if err := w.take(int64(len(part))); err != nil {
		return err
	}
	if _, err := a.file.Write(part); err != nil {
		return nameless.NoRoom(w.store.config.Directory, err)
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

// take reserves bytes of disk. What is there is used by others: there is nothing to drop.
func (w *Writer) take(n int64) error {
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if most := s.config.Disk; most > 0 && s.onDisk+n > most {
		return fmt.Errorf("%w: they have %s together; raise --disk-limit or --archive-memory, or lower "+
			"--max-concurrent", ErrNoRoom, limits.SizeText(most))
	}
	s.onDisk += n
	w.a.taken += n
	return nil
}

// toFile goes on in a file without a name.
func (w *Writer) toFile() error {
	if err := w.take(int64(len(w.a.data))); err != nil {
		return err
	}
	file, err := nameless.File(w.store.config.Directory)
	if err != nil {
		return err
	}
	if _, err := file.Write(w.a.data); err != nil {
		return errors.Join(nameless.NoRoom(w.store.config.Directory, err), file.Close())
	}
	w.store.take(-int64(cap(w.a.data)))
	w.a.data, w.a.file = nil, file
	return nil
}

// Finish returns the archive, or one that holds the same, to be released by the caller. It fails if the checksum is not
// that which was said. It does not wait longer than the context to find out what the archive holds.
func (w *Writer) Finish(ctx context.Context) (*Archive, error) {
	if got := hex.EncodeToString(w.sum.Sum(nil)); got != w.checksum {
		return nil, errors.New("the repository did not arrive as it was sent: its checksum is another")
	}
	s := w.store
	s.mu.Lock()
	if w.same == nil { // one may have come meanwhile
		w.same = s.use(w.checksum)
	}
	s.mu.Unlock()
	if same := w.same; same != nil {
		w.same = nil
		return same, nil
	}
	content := w.found(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if same := s.use(w.checksum); same != nil { // which came at the same time
		return same, nil
	}
	if same := s.use(content); same != nil {
		s.alias(same, w.checksum)
		return same, nil
	}
	a := w.a
	w.a, a.users, a.Content = nil, 1, content
	s.alias(a, w.checksum)
	s.byName[content] = a
	return a, nil
}

// found returns what identifies the content of the archive: its checksum where nothing better is known.
func (w *Writer) found(ctx context.Context) string {
	if w.arriving == nil {
		w.identify()
	}
	w.arriving.end(io.EOF)
	select {
	case content, known := <-w.content:
		if known {
			return content
		}
	case <-ctx.Done():
	}
	return w.checksum
}

// Discard frees what was written, unless it was finished.
func (w *Writer) Discard() {
	if w.arriving != nil {
		w.arriving.end(errStopped)
	}
	if w.same != nil {
		w.same.Release()
	}
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leads[w.checksum] == w {
		delete(s.leads, w.checksum)
	}
	if w.a != nil {
		s.drop(w.a)
	}
}

// Held returns how many bytes are in memory.
func (s *Store) Held() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

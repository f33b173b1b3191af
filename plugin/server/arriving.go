package server

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
)

// arriving is what is there of an archive that arrives, for one reader that waits for the rest.
type arriving struct {
	mu    sync.Mutex
	more  sync.Cond // something is there that the reader waits for
	data  []byte    // in memory
	file  *os.File  // or else
	size  int64
	ended error // what the reader gets after all; nil: there will be more

	read  int64 // by the reader
	waits bool
}

// errStopped is the cause when nobody wants to know any more.
var errStopped = errors.New("the archive is not wanted")

func newArriving() *arriving {
	a := &arriving{}
	a.more.L = &a.mu
	return a
}

// show says what is there. The bytes that were there before are the same.
func (a *arriving) show(data []byte, file *os.File, size int64) {
	const worthwhile = 16 << 10 // parts are of a KiB: the reader is not woken for each
	a.mu.Lock()
	defer a.mu.Unlock()
	a.data, a.file, a.size = data, file, size
	if a.waits && a.size-a.read >= worthwhile {
		a.more.Signal()
	}
}

// end says that no more will be there: [io.EOF] if it is all, and any other error if that does not matter any more.
func (a *arriving) end(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended == nil || err != io.EOF { //nolint:errorlint // it is the one that the reader is to get
		a.ended = err
	}
	a.more.Signal()
}

// Read implements [io.Reader].
func (a *arriving) Read(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.read == a.size && a.ended == nil {
		a.waits = true
		a.more.Wait()
		a.waits = false
	}
	if a.read == a.size || errors.Is(a.ended, errStopped) {
		return 0, a.ended
	}
	var from io.ReaderAt = a.file
	if a.file == nil {
		from = bytes.NewReader(a.data)
	}
	n, err := from.ReadAt(p[:min(int64(len(p)), a.size-a.read)], a.read)
	a.read += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

package supervise

import (
	"bytes"
	"os"
	"strings"
)

// A record says what a worker is doing: slots of fixed size, each a text.
type record struct{ file *os.File }

const slotSize = 512

const (
	slotState       = iota // what the worker does: "" until it prints
	slotMemory             // its limit of memory
	slotRaiseMemory        // see Raise
	slotTimeout            // its limit of time
	slotRaiseTimeout
	slotReading  // the file that was read last
	slotExceeded // the limit that ends the worker: "" if it ends in another way
	slotFirst    // of what is worked on
)

// What a worker does at last.
const (
	printing = "printing" // its limits do not count any more
	ended    = "ended"    // by itself
)

// newRecord returns an empty record without a name, so that nothing is left of it. Where the system has files in
// memory, it needs no directory.
func newRecord() (record, error) {
	if file := newMemoryFile(); file != nil {
		return record{file}, nil
	}
	file, err := os.CreateTemp("", "cmp-record-*")
	if err != nil {
		return record{}, err
	}
	return record{file}, os.Remove(file.Name())
}

// write sets a slot. What does not fit is cut off. Without a record, or if it cannot be written, only messages about a
// crash know less.
func (r record) write(slot int, text string) {
	if r.file == nil {
		return
	}
	var data [slotSize]byte
	copy(data[:], text)
	_, _ = r.file.WriteAt(data[:], int64(slot)*slotSize)
}

// read returns all slots.
func (r record) read() []string {
	slots := make([]string, slotFirst)
	if r.file == nil {
		return slots
	}
	info, err := r.file.Stat()
	if err != nil {
		return slots
	}
	data := make([]byte, min(info.Size(), 1000*slotSize))
	n, _ := r.file.ReadAt(data, 0)
	for i, slot := 0, 0; i < n; i, slot = i+slotSize, slot+1 {
		text, _, _ := bytes.Cut(data[i:min(i+slotSize, n)], []byte{0})
		if slot >= len(slots) {
			slots = append(slots, "")
		}
		slots[slot] = strings.ToValidUTF8(string(text), "…")
	}
	return slots
}

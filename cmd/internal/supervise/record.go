package supervise

import (
	"bytes"
	"os"
	"strings"
)

// A record says what a worker is doing: slots of fixed size. The first holds the limit of memory, the second whether
// the worker ended by itself, the others what it is working on.
type record struct{ file *os.File }

const (
	slotSize = 512

	slotMemory = 0
	slotEnd    = 1
	slotFirst  = 2 // of what is worked on

	ended = "ended"
)

// newRecord returns an empty record without a name, so that nothing is left of it.
func newRecord() (record, error) {
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

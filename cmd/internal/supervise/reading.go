package supervise

import "sync/atomic"

// reading knows which file this process read last.
var reading files

type files struct{ file atomic.Pointer[string] }

// Reading says that this process reads a file, by a name that messages have where nothing else says what it works on.
// It is safe for concurrent use.
func Reading(name string) {
	reading.file.Store(&name)
	if file := recordOfWorker(); file != nil {
		record{file}.write(slotReading, name)
	}
}

// last returns the name of the file that was read last; "" if there is none.
func (f *files) last() string {
	if name := f.file.Load(); name != nil {
		return *name
	}
	return ""
}

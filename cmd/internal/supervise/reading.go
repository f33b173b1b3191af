package supervise

import "sync"

// reading knows which files this process reads.
var reading files

type files struct {
	mu   sync.Mutex
	file string // the last one
	all  map[string]bool
}

// Reading says that this process reads a file, by a name that messages have where nothing else says what it works on.
// It is safe for concurrent use.
func Reading(name string) {
	reading.add(name)
	if file := recordOfWorker(); file != nil {
		record{file}.write(slotReading, name)
	}
}

func (f *files) add(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		f.all = map[string]bool{}
	}
	f.file, f.all[name] = name, true
}

// forget has this process know of no file that it read.
func (f *files) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.file, f.all = "", nil
}

// count returns how many files were read. To read one again is no progress.
func (f *files) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.all)
}

// last returns the name of the file that was read last; "" if there is none.
func (f *files) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.file
}

package supervise

import (
	"os"
	"sync"
)

// variable says that a process is a worker, and which file descriptors it was given for that.
const (
	variable = "CMP_WORKER"
	given    = "record=3,stderr=4"

	recordDescriptor = 3
	stderrDescriptor = 4
)

// ofWorker returns the files that a worker was given; none in another process, whatever its environment says. The
// variable does not reach what the worker starts in its turn.
var ofWorker = sync.OnceValue(func() (files struct{ record, stderr *os.File }) {
	said := os.Getenv(variable)
	_ = os.Unsetenv(variable) // fails only for impossible names
	if said != given || !isRecord(recordDescriptor) || !isOpen(stderrDescriptor) {
		return files
	}
	files.record = os.NewFile(recordDescriptor, "record")
	files.stderr = os.NewFile(stderrDescriptor, "/dev/stderr")
	for _, file := range []*os.File{files.record, files.stderr} {
		keepFromChildren(file)
	}
	return files
})

// IsWorker tells whether this process is a worker, see [Worker].
func IsWorker() bool { return recordOfWorker() != nil }

func recordOfWorker() *os.File { return ofWorker().record }
func stderrOfWorker() *os.File { return ofWorker().stderr }

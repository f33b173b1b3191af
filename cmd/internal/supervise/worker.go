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

// ofWorker returns the files that a worker was given; none in another process. The variable does not reach what the
// worker starts in its turn.
var ofWorker = sync.OnceValue(func() (files struct{ record, stderr *os.File }) {
	if os.Getenv(variable) != given {
		return files
	}
	_ = os.Unsetenv(variable) // fails only for impossible names
	files.record = os.NewFile(recordDescriptor, "record")
	files.stderr = os.NewFile(stderrDescriptor, "/dev/stderr")
	for _, file := range []*os.File{files.record, files.stderr} {
		keepFromChildren(file)
	}
	return files
})

func recordOfWorker() *os.File { return ofWorker().record }
func stderrOfWorker() *os.File { return ofWorker().stderr }

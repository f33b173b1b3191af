//go:build unix

package supervise

import (
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// deadly are the signals that end a process, and that others send to it.
var deadly = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

func isDeadly(s os.Signal) bool { return s != nil && slices.Contains(deadly, s) }

// dieOf ends this process as a signal does that is not handled, or with the status that shells give that, should the
// signal be ignored.
func dieOf(s os.Signal) {
	signal.Reset(s)
	number, _ := s.(syscall.Signal)
	_ = syscall.Kill(os.Getpid(), number)
	time.Sleep(time.Second) // until it arrives
	os.Exit(128 + int(number))
}

// signalOf returns the signal that ended a process; nil if none did.
func signalOf(state *os.ProcessState) os.Signal {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal()
	}
	return nil
}

// leastFiles is how many files a process must be allowed to have open. The Go runtime, which has some for itself,
// crashes without these.
const leastFiles = 32

// CheckFiles fails if this process may have too few files open to do anything.
func CheckFiles() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur >= leastFiles {
		return nil
	}
	return fmt.Errorf("only %d open files are allowed, and %d are needed: raise the limit (ulimit -n)", limit.Cur,
		leastFiles)
}

// keepPipeErrors makes a closed standard output an error of the write in place of a signal, so that the exit status
// says that something was lost.
func keepPipeErrors() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

func keepFromChildren(file *os.File) { syscall.CloseOnExec(int(file.Fd())) }

// isRecord tells whether a file descriptor may be that of a record: a file without a name.
func isRecord(descriptor int) bool {
	var info syscall.Stat_t
	return syscall.Fstat(descriptor, &info) == nil && info.Mode&syscall.S_IFMT == syscall.S_IFREG && info.Nlink == 0
}

func isOpen(descriptor int) bool {
	var info syscall.Stat_t
	return syscall.Fstat(descriptor, &info) == nil
}

//go:build unix

package supervise

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// deadly are the signals that end a process, and that others send to it.
var deadly = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

func isDeadly(s os.Signal) bool { return s != nil && slices.Contains(deadly, s) }

// dieOf ends this process as a signal does that is not handled.
func dieOf(s os.Signal) {
	signal.Reset(s)
	if number, ok := s.(syscall.Signal); ok {
		_ = syscall.Kill(os.Getpid(), number)
	}
	select {} // until it arrives
}

// signalOf returns the signal that ended a process; nil if none did.
func signalOf(state *os.ProcessState) os.Signal {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal()
	}
	return nil
}

func keepFromChildren(file *os.File) { syscall.CloseOnExec(int(file.Fd())) }

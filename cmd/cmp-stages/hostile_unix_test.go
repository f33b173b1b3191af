//go:build unix

package main

import (
	"os"
	"syscall"
	"time"
)

// usage returns the CPU time and the largest memory, in bytes, of a process and of those that it waited for.
func usage(state *os.ProcessState) (cpu time.Duration, memory int64) {
	used, _ := state.SysUsage().(*syscall.Rusage)
	return state.UserTime() + state.SystemTime(), used.Maxrss << 10
}

func makeFIFO(path string) error { return syscall.Mkfifo(path, 0o600) }

//go:build unix

package cputime

import (
	"syscall"
	"time"
)

// OfProcess returns the CPU time, of users and of the system, that this process has taken so far.
func OfProcess() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

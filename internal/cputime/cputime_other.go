//go:build !unix

package cputime

import "time"

// OfProcess is not known here: only the time of the clock counts.
func OfProcess() time.Duration { return 0 }

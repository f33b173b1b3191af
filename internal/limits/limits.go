// Package limits says how much memory and time a run of cmp may take, and reads what people write about that: flags,
// variables and fleet.yaml.
package limits

import (
	"fmt"
	"time"
)

// Limits bound a run. Of a zero, nothing is said.
type Limits struct {
	Memory             int64         // of a process, in bytes
	Timeout            time.Duration // of a run, up to the moment at which it begins to print
	ApplicationTimeout time.Duration // of one Application, and of the expansion of one ApplicationSet
}

// Default are the limits of a run about which nobody says anything.
var Default = Limits{Memory: 1 << 30, Timeout: 10 * time.Minute, ApplicationTimeout: 30 * time.Second}

// The least that can be said: less would keep every run from its work.
const (
	leastMemory  = 64 << 20
	leastTimeout = 100 * time.Millisecond
)

// cpuShare is the part of ApplicationTimeout that an Application may compute: it can wait for a registry for half a
// minute, but what computes for seconds has no end.
const cpuShare = 6

// ApplicationCPU returns how much CPU time one Application may take, the collection of its garbage included.
func (l Limits) ApplicationCPU() time.Duration { return l.ApplicationTimeout / cpuShare }

// What a run may compute without getting on: much more than anything large and sensible needs between two files or
// Applications.
const (
	leastStallCPU = 6 * time.Second
	stallShare    = 100 // the part of Timeout, for those who raise that
)

// StallCPU returns how much CPU time a run may take without getting on.
func (l Limits) StallCPU() time.Duration { return max(leastStallCPU, l.Timeout/stallShare) }

// Or returns the limits, with those of other where nothing is said.
func (l Limits) Or(other Limits) Limits {
	return Limits{
		Memory:             or(l.Memory, other.Memory),
		Timeout:            or(l.Timeout, other.Timeout),
		ApplicationTimeout: or(l.ApplicationTimeout, other.ApplicationTimeout),
	}
}

// Within returns the limits, each lowered to that of other, and with those of other where nothing is said.
func (l Limits) Within(other Limits) Limits {
	return Limits{
		Memory:             within(l.Memory, other.Memory),
		Timeout:            within(l.Timeout, other.Timeout),
		ApplicationTimeout: within(l.ApplicationTimeout, other.ApplicationTimeout),
	}
}

func or[N int64 | time.Duration](a, b N) N {
	if a == 0 {
		return b
	}
	return a
}

func within[N int64 | time.Duration](a, b N) N {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// ParseMemory reads a limit of memory: a quantity of Kubernetes, also with the B of bytes at its end, as 400Mi, 400MiB
// or 1G. It fails for what is none, and for less than 64 MiB.
func ParseMemory(text string) (int64, error) {
	size, ok := ParseSize(text)
	if !ok {
		return 0, fmt.Errorf("must be a size, such as 400Mi or 1Gi, not %q", text)
	}
	if size < leastMemory {
		return 0, fmt.Errorf("must be at least %s, not %q", SizeText(leastMemory), text)
	}
	return size, nil
}

// ParseTimeout reads a limit of time, as 90s or 2m. It fails for what is none, and for less than a tenth of a second.
func ParseTimeout(text string) (time.Duration, error) {
	timeout, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("must be a duration, such as 90s or 2m, not %q", text)
	}
	if timeout < leastTimeout {
		return 0, fmt.Errorf("must be at least %s, not %q", leastTimeout, text)
	}
	return timeout, nil
}

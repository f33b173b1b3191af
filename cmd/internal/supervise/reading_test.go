package supervise

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

// TestStall: a run that computes ends if nothing is read or done for the first time meanwhile.
func TestStall(t *testing.T) {
	reading.forget()
	w := &Watch{limits: limits.Limits{Memory: 100 << 20, Timeout: 25 * time.Minute}, running: map[int]string{},
		started: time.Now(), raise: Raise{Timeout: "raise --timeout"}}
	at := func(done int, cpu time.Duration) string {
		w.stall.look(done, cpu)
		message, of := w.exceeded(0, w.started)
		require.Equal(t, message != "", of == ofTime)
		return message
	}
	Reading("members/hub/spoke.yaml")
	read := reading.count()
	require.Empty(t, at(1, 14*time.Second))
	require.Empty(t, at(1, 29*time.Second))
	require.Equal(t, "the run has computed for 15.1s without getting on, after reading members/hub/spoke.yaml; "+
		"raise --timeout if it needs that: a hundredth of it may be CPU time without getting on",
		at(1, 29100*time.Millisecond))
	require.Empty(t, at(2, 29200*time.Millisecond))
	done := w.Working("Application web")
	require.Contains(t, at(2, 44300*time.Millisecond), ", while rendering Application web; ")
	w.Working("Application db") // each of them is bounded by itself, too
	require.Empty(t, at(2, 44300*time.Millisecond))
	require.NotEmpty(t, at(2, 60*time.Second))
	done()
	require.Equal(t, 1, w.done)
	Reading("members/hub/spoke.yaml")
	require.Equal(t, read, reading.count(), "to read a file again is no progress")
	Reading("members/hub/other.yaml")
	require.Equal(t, read+1, reading.count())
}

// TestReading: where nothing else says what a run works on, its messages have the file that it read last.
func TestReading(t *testing.T) {
	w := &Watch{limits: limits.Limits{Memory: 100 << 20, Timeout: time.Minute}, running: map[int]string{},
		started: time.Now(), raise: Raise{Memory: "raise --memory-limit"}}
	over := func() string {
		message, of := w.exceeded(101<<20, w.started)
		require.Equal(t, ofMemory, of)
		return message
	}
	Reading("members/hub/spoke.yaml")
	require.Equal(t, "the run needs more memory than 100 MiB, after reading members/hub/spoke.yaml; "+
		"raise --memory-limit if that is meant", over())
	Reading("odd\x1b[31m\u2028.yaml")
	require.Equal(t, `the run needs more memory than 100 MiB, after reading "odd\x1b[31m\u2028.yaml"; `+
		"raise --memory-limit if that is meant", over())
	defer w.Working("Application web")()
	require.Equal(t, "the run needs more memory than 100 MiB, while rendering Application web; "+
		"raise --memory-limit if that is meant", over())
}

// TestMemoryOfOtherWork: a limit of memory counts from what is kept, up to the limit of the process.
func TestMemoryOfOtherWork(t *testing.T) {
	w := &Watch{limits: limits.Limits{Memory: 100}}
	require.EqualValues(t, 100, w.mostMemory())
	w.kept = 50
	require.EqualValues(t, 100, w.mostMemory(), "nothing is kept in a process that does one piece of work")
	w.most = 400
	require.EqualValues(t, 150, w.mostMemory())
	w.kept = 1000
	require.EqualValues(t, 400, w.mostMemory())
	w.limits.Memory = 400
	require.EqualValues(t, 400, w.mostMemory())
}

package supervise

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

// TestReading: where nothing else says what a run works on, its messages have the file that it read last.
func TestReading(t *testing.T) {
	w := &Watch{limits: limits.Limits{Memory: 100 << 20, Timeout: time.Minute}, running: map[int]string{},
		started: time.Now(), raise: Raise{Memory: "raise --memory-limit"}}
	over := func() string { return w.exceeded(101<<20, w.started) }
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

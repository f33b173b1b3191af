package limiting

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

// TestLimiter: on a laptop flags win over fleet.yaml; in the sidecar fleet.yaml can only lower what its operator
// allows.
func TestLimiter(t *testing.T) {
	fleet := limits.Limits{Memory: 80 << 20, Timeout: time.Hour, ApplicationTimeout: time.Minute}
	for rule, test := range map[string]struct {
		memory, timeout  string // flags
		memoryIn, timeIn string // variables
		sidecar          bool
		want             limits.Limits
		raise            supervise.Raise
	}{
		"nothing is said": {"", "", "", "", false, fleet,
			supervise.Raise{Memory: "raise spec.limits.memory", Timeout: "raise spec.limits.timeout"}},
		"by flags": {"100Mi", "2m", "90Mi", "1s", false,
			limits.Limits{Memory: 100 << 20, Timeout: 2 * time.Minute, ApplicationTimeout: time.Minute},
			supervise.Raise{Memory: "raise --memory-limit", Timeout: "raise --timeout"}},
		"by a variable": {"", "", "", "1s", false,
			limits.Limits{Memory: 80 << 20, Timeout: time.Second, ApplicationTimeout: time.Minute},
			supervise.Raise{Memory: "raise spec.limits.memory", Timeout: "raise CMP_TIMEOUT"}},
		"by the other": {"", "", "90Mi", "", false,
			limits.Limits{Memory: 90 << 20, Timeout: time.Hour, ApplicationTimeout: time.Minute},
			supervise.Raise{Memory: "raise CMP_MEMORY_LIMIT", Timeout: "raise spec.limits.timeout"}},
		"by one of each": {"", "2m", "90Mi", "1s", false,
			limits.Limits{Memory: 90 << 20, Timeout: 2 * time.Minute, ApplicationTimeout: time.Minute},
			supervise.Raise{Memory: "raise CMP_MEMORY_LIMIT", Timeout: "raise --timeout"}},
		"in the sidecar": {"", "", "", "", true,
			limits.Limits{Memory: 80 << 20, Timeout: limits.Default.Timeout,
				ApplicationTimeout: limits.Default.ApplicationTimeout},
			supervise.Raise{Memory: "raise spec.limits.memory", Timeout: "raise CMP_TIMEOUT"}},
		"there, where fleet.yaml says more": {"", "", "70Mi", "1m", true,
			limits.Limits{Memory: 70 << 20, Timeout: time.Minute,
				ApplicationTimeout: limits.Default.ApplicationTimeout},
			supervise.Raise{Memory: "raise CMP_MEMORY_LIMIT", Timeout: "raise CMP_TIMEOUT"}},
		"there by a variable": {"", "", "", "2h", true,
			limits.Limits{Memory: 80 << 20, Timeout: time.Hour, ApplicationTimeout: limits.Default.ApplicationTimeout},
			supervise.Raise{Memory: "raise spec.limits.memory", Timeout: "raise spec.limits.timeout"}},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Setenv(VariableMemory, test.memoryIn)
			t.Setenv(VariableTimeout, test.timeIn)
			l := &Limiter{Watch: supervise.Start(limits.Default, func(string) {}), Sidecar: test.sidecar,
				memory: test.memory, timeout: test.timeout}
			defer l.Watch.Stop()
			require.NoError(t, l.read())
			l.Apply(fleet)
			require.Equal(t, test.want, l.Watch.Limits())
			require.Equal(t, test.raise, l.Watch.Raise())
		})
	}
}

// TestRaise: of what nothing is said, and of the memory of a container.
func TestRaise(t *testing.T) {
	for rule, test := range map[string]struct {
		sidecar   bool
		container int64
		want      supervise.Raise
	}{
		"on a laptop": {false, 0, supervise.Raise{Memory: "raise --memory-limit (CMP_MEMORY_LIMIT, spec.limits.memory)",
			Timeout: "raise --timeout (CMP_TIMEOUT, spec.limits.timeout)"}},
		"in the sidecar": {true, 2 << 30, supervise.Raise{Memory: "raise CMP_MEMORY_LIMIT",
			Timeout: "raise CMP_TIMEOUT"}},
		"in a small one": {true, 819 << 20, supervise.Raise{Memory: "give the container more",
			Timeout: "raise CMP_TIMEOUT"}},
	} {
		t.Run(rule, func(t *testing.T) {
			l := &Limiter{Watch: supervise.Start(limits.Default, func(string) {}), Sidecar: test.sidecar,
				Container: test.container}
			defer l.Watch.Stop()
			l.Apply(limits.Limits{})
			require.Equal(t, test.want, l.Watch.Raise())
		})
	}
}

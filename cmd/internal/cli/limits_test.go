package cli

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
	}{
		"nothing is said": {"", "", "", "", false, fleet},
		"by flags": {"100Mi", "2m", "90Mi", "1s", false,
			limits.Limits{Memory: 100 << 20, Timeout: 2 * time.Minute, ApplicationTimeout: time.Minute}},
		"by a variable": {"", "", "", "1s", false,
			limits.Limits{Memory: 80 << 20, Timeout: time.Second, ApplicationTimeout: time.Minute}},
		"by the other": {"", "", "90Mi", "", false,
			limits.Limits{Memory: 90 << 20, Timeout: time.Hour, ApplicationTimeout: time.Minute}},
		"by one of each": {"", "2m", "90Mi", "1s", false,
			limits.Limits{Memory: 90 << 20, Timeout: 2 * time.Minute, ApplicationTimeout: time.Minute}},
		"in the sidecar": {"", "", "", "", true,
			limits.Limits{Memory: 80 << 20, Timeout: limits.Default.Timeout,
				ApplicationTimeout: limits.Default.ApplicationTimeout}},
		"there, where fleet.yaml says more": {"", "", "70Mi", "1m", true,
			limits.Limits{Memory: 70 << 20, Timeout: time.Minute,
				ApplicationTimeout: limits.Default.ApplicationTimeout}},
		"there by a variable": {"", "", "", "2h", true,
			limits.Limits{Memory: 80 << 20, Timeout: time.Hour, ApplicationTimeout: limits.Default.ApplicationTimeout}},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Setenv(variableMemory, test.memoryIn)
			t.Setenv(variableTimeout, test.timeIn)
			l := &limiter{watch: supervise.Start(limits.Default, func(string) {}), sidecar: test.sidecar,
				memory: test.memory, timeout: test.timeout}
			defer l.watch.Stop()
			require.NoError(t, l.read())
			l.apply(fleet)
			require.Equal(t, test.want, l.watch.Limits())
		})
	}
}

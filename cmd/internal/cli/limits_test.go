package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
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
			t.Setenv(variableMemory, test.memoryIn)
			t.Setenv(variableTimeout, test.timeIn)
			l := &limiter{watch: supervise.Start(limits.Default, func(string) {}), sidecar: test.sidecar,
				memory: test.memory, timeout: test.timeout}
			defer l.watch.Stop()
			require.NoError(t, l.read())
			l.apply(fleet)
			require.Equal(t, test.want, l.watch.Limits())
			require.Equal(t, test.raise, l.watch.Raise())
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
			l := &limiter{watch: supervise.Start(limits.Default, func(string) {}), sidecar: test.sidecar,
				container: test.container}
			defer l.watch.Stop()
			l.apply(limits.Limits{})
			require.Equal(t, test.want, l.watch.Raise())
		})
	}
}

// TestEveryCommandIsHeldToItsFleet: whatever reads the fleet is held to spec.limits.
func TestEveryCommandIsHeldToItsFleet(t *testing.T) {
	const hub = "{apiVersion: fleet.cmp/v1alpha1, kind: Fleet, spec: {limits: {memory: 80Mi, timeout: 1m}, " +
		"groups: {core: {path: apps, components: [base]}}, clusters: [{name: hub, labels: {fleet_member: hub-cluster}}]}}"
	root := t.TempDir()
	members := filepath.Join(root, "fleet", "fleet-bootstrap", "fleet-members", "hub")
	require.NoError(t, os.MkdirAll(members, 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(root, "apps"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "fleet.yaml"), []byte(hub), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(members, "spoke.yaml"), []byte("tenant: a\nenvironment: b\n"), 0o600))
	t.Chdir(filepath.Join(root, "apps"))
	t.Setenv("ARGOCD_APP_SOURCE_PATH", "apps")
	for _, args := range [][]string{
		{"clusters"}, {"clusters", "--explain"}, {"releases"}, {"values", "--group", "core", "--cluster", "hub"},
		{"render", "--group", "core", "--cluster", "hub"}, {"render", "--group", "core", "--cluster", "hub", "-f", "-"},
		{"member", "list"}, {"member", "check"}, {"member", "remove", "spoke"},
		{"member", "add", "other", "--tenant", "a", "--environment", "b"},
		{"discover"}, {"parameters"}, {"generate"},
		{"__complete", "render", "--cluster", ""}, {"__complete", "render", "--group", ""},
		{"__complete", "member", "remove", ""}, {"__complete", "member", "add", "--hub", ""},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Setenv("ARGOCD_ENV_GROUP", "")
			if args[0] == "generate" {
				t.Setenv("ARGOCD_ENV_GROUP", "core")
				t.Setenv("ARGOCD_ENV_CLUSTER", "hub")
			}
			p := Program{limit: &limiter{watch: supervise.Start(limits.Default, func(string) {})}}
			defer p.limit.watch.Stop()
			root := p.newRootCommand()
			root.SetArgs(args)
			root.SetIn(strings.NewReader(""))
			root.SetOut(io.Discard)
			root.SetErr(io.Discard)
			_ = root.Execute() // what comes of it is tested elsewhere
			require.EqualValues(t, 80<<20, p.limit.watch.Limits().Memory)
			require.Equal(t, time.Minute, p.limit.watch.Limits().Timeout)
		})
	}
}

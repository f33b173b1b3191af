package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

// TestEveryCommandIsHeldToItsFleet: whatever reads the fleet is held to spec.limits.
func TestEveryCommandIsHeldToItsFleet(t *testing.T) {
	const hub = "{apiVersion: fleet.cmp/v1alpha1, kind: Fleet, spec: {limits: {memory: 80Mi, timeout: 1m}, " +
		"groups: {core: {path: apps, components: [base]}}, clusters: [{name: hub, labels: {fleet_member: " +
		"hub-cluster}}]}}"
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
			p := Program{limit: &limiting.Limiter{Watch: supervise.Start(limits.Default, func(string) {})}}
			defer p.limit.Watch.Stop()
			root := p.newRootCommand()
			root.SetArgs(args)
			root.SetIn(strings.NewReader(""))
			root.SetOut(io.Discard)
			root.SetErr(io.Discard)
			_ = root.Execute() // what comes of it is tested elsewhere
			require.EqualValues(t, 80<<20, p.limit.Watch.Limits().Memory)
			require.Equal(t, time.Minute, p.limit.Watch.Limits().Timeout)
		})
	}
}

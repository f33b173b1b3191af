package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnotherVersionOfCmp proves that every command that reads fleet.yaml fails with one line under another version.
func TestAnotherVersionOfCmp(t *testing.T) {
	directory := t.TempDir()
	require.NoError(t, os.CopyFS(directory, os.DirFS(filepath.Join("..", "..", "..", "testdata", "fleet"))))
	file := filepath.Join(directory, "fleet.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	before, after, found := strings.Cut(string(text), "spec:\n")
	require.True(t, found)
	require.NoError(t, os.WriteFile(file, []byte(before+"spec:\n  cmpVersion: \">=1.4\"\n  later: true\n"+after),
		0o600))
	t.Chdir(directory)
	for _, args := range [][]string{
		{"render", "--group", "addons", "--cluster", "hub-prod"},
		{"render", "--stage", "bootstrap", "--cluster", "hub-prod"},
		{"values", "--group", "addons", "--cluster", "hub-prod"},
		{"clusters"}, {"releases"}, {"member", "check"}, {"generate"}, {"discover"},
		{"member", "remove", "data-prod-1", "--yes"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			var stdout, stderr strings.Builder
			t.Setenv("ARGOCD_ENV_GROUP", "addons")
			t.Setenv("ARGOCD_ENV_CLUSTER", "hub-prod")
			status := Program{Version: "v1.3.2"}.Run(args, strings.NewReader(""), &stdout, &stderr)
			require.Equal(t, 1, status, stderr.String())
			require.Empty(t, stdout.String())
			require.Equal(t, 1, strings.Count(stderr.String(), "\n"), stderr.String())
			require.Contains(t, stderr.String(), "fleet.yaml:")
			require.Contains(t, stderr.String(), "the fleet wants cmp >=1.4, and this is 1.3.2")
			require.Contains(t, stderr.String(), "; install one of those, or change spec.cmpVersion")
		})
	}
}

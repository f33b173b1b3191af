package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// TestFlagsOfAll: the flags of the whole program are taken by each command.
func TestFlagsOfAll(t *testing.T) {
	t.Chdir(t.TempDir())
	each(func(cmd *cobra.Command, words, needed []string) {
		for _, flags := range [][]string{{"-q"}, {"--quiet"}, {"--no-color"}, {"--timeout", "1m"},
			{"--memory-limit", "900Mi"}} {
			_, _, message := call(slices.Concat(words, needed, flags)...)
			require.NotContains(t, message, "unknown", "%s %s", cmd.CommandPath(), flags)
			require.NotContains(t, message, "is one of", "%s %s", cmd.CommandPath(), flags)
		}
	})
}

// closedPipe is standard output that nobody reads any more.
type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// TestClosedPipe: where whoever reads has enough, as `head` has, nothing is said, and the exit status is that of a
// failure.
func TestClosedPipe(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", "..", "testdata", "fleet"))
	printing := [][]string{{"version"}, {"--version"}, {"explain"}, {"explain", "spec"}, {"schema", "fleet"},
		{"completion", "bash"}, {"parameters"}, {"lint", "--list-rules"},
		{"clusters"}, {"clusters", "-o", "name"}, {"clusters", "--explain"}, {"releases"}, {"releases", "-o", "name"},
		{"member", "list"}, {"member", "check"}, {"values", "--group", "addons", "--cluster", "hub-prod"},
		{"render", "--group", "addons", "--cluster", "hub-prod"},
		{"render", "--stage", "bootstrap", "--cluster", "hub-prod", "-o", "json"}}
	each(func(_ *cobra.Command, words, _ []string) {
		printing = append(printing, append(slices.Clip(words), "--help"))
	})
	for _, args := range printing {
		var stderr strings.Builder
		status := Program{}.Run(args, strings.NewReader(""), closedPipe{}, &stderr)
		require.Equal(t, 1, status, args)
		require.Empty(t, stderr.String(), args)
	}
	var stderr strings.Builder
	require.Equal(t, 2, Program{}.Run([]string{"version", "x"}, strings.NewReader(""), closedPipe{}, &stderr))
	require.NotEmpty(t, stderr.String(), "other errors are said")
}

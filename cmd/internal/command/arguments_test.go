package command_test

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
)

// TestExclusive: what was said before of other flags stays.
func TestExclusive(t *testing.T) {
	for args, want := range map[string]string{"": "", "-a -c": "", "-b -a": "--a and --b;", "-d -c": "--c and --d;"} {
		cmd := &cobra.Command{Use: "look", SilenceErrors: true, SilenceUsage: true,
			Run: func(*cobra.Command, []string) {}}
		for _, name := range []string{"a", "b", "c", "d"} {
			cmd.Flags().BoolP(name, name, false, "")
		}
		command.Exclusive(cmd, "a", "b")
		command.Exclusive(cmd, "c", "d")
		cmd.SetArgs(strings.Fields(args))
		if err := cmd.Execute(); want != "" {
			require.ErrorContains(t, err, "give only one of "+want)
		} else {
			require.NoError(t, err, args)
		}
	}
}

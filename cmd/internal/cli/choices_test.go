package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
)

// call runs a command line without cmp-stages.
func call(args ...string) (status int, stdout, stderr string) {
	var out, errs strings.Builder
	status = Program{}.Run(args, strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

// each calls a function for each command that people see, with its words behind the program's name and what it must be
// given. The server is left out, which would take the place of the test.
func each(do func(cmd *cobra.Command, words, needed []string)) {
	needed := map[string][]string{"why": {"web", "--cluster", "hub"}, "diff": {"base"}, "affected": {"base"},
		"migrate": {"--cluster", "hub"}, "schema": {"fleet"}, "add": {"new"}, "set": {"new", "tenant=shops"},
		"remove": {"new"}, "page": {"--output-dir", "pages", "--diff", "base"}}
	var walk func(cmd *cobra.Command, words []string)
	walk = func(cmd *cobra.Command, words []string) {
		if cmd.Hidden || cmd.Name() == "server" {
			return
		}
		do(cmd, words, needed[cmd.Name()])
		for _, below := range cmd.Commands() {
			walk(below, append(slices.Clip(words), below.Name()))
		}
	}
	walk(Command(), nil)
}

// closed tells whether a command refuses what its flag cannot be, and names what it can be.
func closed(words, needed []string, flag, value string) (is bool, message string) {
	status, _, message := call(slices.Concat(words, needed, []string{"--" + flag, value})...)
	return status == 2 && strings.HasPrefix(message, "Error: --"+flag+" is one of "), message
}

// TestChoices: of each flag that takes certain values only, shells propose exactly these, the command takes each of
// them, and refuses all else with exit status 2 and their names.
func TestChoices(t *testing.T) {
	t.Chdir(t.TempDir())
	found := map[string]bool{}
	each(func(cmd *cobra.Command, words, needed []string) {
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			name := cmd.CommandPath() + " --" + flag.Name
			values := command.ValuesOf(flag)
			refuses, message := closed(words, needed, flag.Name, "no-such-value")
			require.Equal(t, values != nil, refuses, "%s: %s", name, message)
			if values == nil {
				return
			}
			found[flag.Name] = true
			require.Contains(t, message, "is one of "+strings.Join(values, ", ")+", not ", name)
			status, proposed, _ := call(slices.Concat([]string{"__complete"}, words, []string{"--" + flag.Name, ""})...)
			require.Zero(t, status, name)
			require.Equal(t, strings.Join(values, "\n")+"\n:4\n", proposed, name)
			for _, value := range values {
				refuses, message := closed(words, needed, flag.Name, value)
				require.False(t, refuses, "%s %s: %s", name, value, message)
				require.Contains(t, flag.Usage, value, name)
			}
		})
	})
	for _, name := range []string{"output", "stage", "diff-stage", "fail-on"} {
		require.True(t, found[name], name)
	}
}

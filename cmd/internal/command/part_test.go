package command_test

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
)

// TestPart: which clusters flags choose together, and which of them do not go together.
func TestPart(t *testing.T) {
	for name, test := range map[string]struct {
		args        []string
		selector    string
		parse, fail string // errors
	}{
		"all":        {},
		"a selector": {args: []string{"-l", "a in (b, c)"}, selector: "a in (b, c)"},
		"a tenant":   {args: []string{"--tenant", "retail"}, selector: "tenant=retail"},
		"all together": {args: []string{"-l", "a", "--tenant=b", "--environment=c"},
			selector: "a,tenant=b,environment=c"},
		"no selector":         {args: []string{"-l", "a in"}, fail: "--selector: "},
		"no value of a label": {args: []string{"--tenant", "a,b"}, fail: "--tenant: "},
		"a cluster and a tenant": {args: []string{"--cluster=a", "--tenant=b"},
			fail: "give --cluster without --tenant"},
		"a cluster, an environment": {args: []string{"--cluster=a", "--environment=b"}, fail: "give --cluster without"},
		"a cluster and a selector": {args: []string{"--cluster=a", "-l", "b"},
			parse: "give only one of --cluster and --selector"},
	} {
		t.Run(name, func(t *testing.T) {
			var p command.Part
			var failed error
			cmd := &cobra.Command{Use: "look", SilenceErrors: true, SilenceUsage: true,
				Run: func(*cobra.Command, []string) { failed = p.Check() }}
			p.Add(cmd)
			cmd.SetArgs(test.args)
			if err := cmd.Execute(); test.parse != "" {
				require.ErrorContains(t, err, test.parse)
				return
			}
			if test.fail != "" {
				require.ErrorContains(t, failed, test.fail)
				return
			}
			require.NoError(t, failed)
			require.Equal(t, test.selector, p.Selector)
		})
	}
}

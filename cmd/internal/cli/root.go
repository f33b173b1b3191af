package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p Program) newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "cmp",
		Short: "Render the ApplicationSets of an Argo CD fleet",
		Long: `cmp renders the ApplicationSets of an Argo CD fleet from values files in five levels: system defaults, defaults of
all tenants, tenant, environment and cluster. It does so as an Argo CD Config Management Plugin, on a laptop and in CI,
with the same result.

Standard output carries results only, messages go to standard error. Exit status 0 is success, 1 failure, 2 wrong usage.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())}
	})
	p.limit.addFlags(root)
	root.AddCommand(p.newRenderCommand(), p.newValuesCommand(), p.newClustersCommand(), newMemberCommand(),
		p.newReleasesCommand(), p.newGenerateCommand(), newParametersCommand(),
		newDiscoverCommand(), p.newVersionCommand())
	return root
}

func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Errorf("there is no command %q; see '%s --help'", args[0], cmd.CommandPath())}
	}
	return nil
}

// onePath accepts at most one argument, the app path.
func onePath(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return &usageError{fmt.Errorf("one app path is possible, not %d; see '%s --help'", len(args),
			cmd.CommandPath())}
	}
	return nil
}

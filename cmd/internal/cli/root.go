package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
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
	root.SetFlagErrorFunc(flagError)
	p.limit.AddFlags(root)
	root.AddCommand(p.newRenderCommand(), p.newValuesCommand(), p.newClustersCommand(), p.newMemberCommand(),
		p.newReleasesCommand(), p.newLintCommand(), p.newDiffCommand(), p.newAffectedCommand(), p.newWhyCommand(),
		p.newGenerateCommand(), p.newParametersCommand(), p.newDiscoverCommand(), p.newVersionCommand())
	return root
}

// flagError is the error for flags that cannot be read. Of one that does not exist, it says which was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	hint := seeHelp(cmd)
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		var names []string
		cmd.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, "--"+flag.Name) })
		hint = problem.Suggest("--"+unknown.GetSpecifiedName(), names, hint)
	}
	return usage.Error(fmt.Errorf("%w; %s", err, hint))
}

// seeHelp is the hint where to read more.
func seeHelp(cmd *cobra.Command) string { return fmt.Sprintf("see '%s --help'", cmd.CommandPath()) }

// otherCommands are commands of other programs, and what does the same here.
var otherCommands = map[string]string{"build": "render", "get": "clusters", "manifests": "render",
	"template": "render", "validate": "lint", "verify": "lint"}

func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, command := range cmd.Commands() {
		names = append(names, command.Name())
	}
	hint := problem.Suggest(args[0], names, seeHelp(cmd))
	if other := otherCommands[args[0]]; slices.Contains(names, other) {
		hint = problem.Suggest(other, names, seeHelp(cmd))
	}
	return usage.Error(fmt.Errorf("there is no command %q; %s", args[0], hint))
}

// onePath accepts at most one argument, the app path.
func onePath(cmd *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	hint := seeHelp(cmd)
	if from := cmd.Flags().Lookup("from"); from != nil && !slices.ContainsFunc(args, isDirectory) {
		hint = fmt.Sprintf("%s and the others are no directories: give files with ApplicationSets as --from %s, "+
			"and values files each with -f", args[0], strings.Join(args, " "))
	}
	return usage.Error(fmt.Errorf("one app path is possible, not %d; %s", len(args), hint))
}

// isDirectory tells whether a path is a directory.
func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

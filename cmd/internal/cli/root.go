package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/called"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/completion"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/initialize"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/members"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/migrate"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/pluginserver"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/reference"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Command returns all commands, for those who describe them: none of them can be run.
func Command() *cobra.Command { return Program{limit: &limiting.Limiter{}}.newRootCommand() }

func (p Program) newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   called.Name(),
		Short: "Render the ApplicationSets of an Argo CD fleet",
		Long: `cmp renders the ApplicationSets of an Argo CD fleet from values files in five levels: system defaults, defaults of
all tenants, tenant, environment and cluster. It does so as an Argo CD Config Management Plugin, on a laptop and in CI,
with the same result.

Standard output carries results only, messages go to standard error. Exit status 0 is success, 1 failure, 2 wrong usage.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          command.NoCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	var version strings.Builder
	_ = p.built().print(&version) // a builder takes all
	root.Version = version.String()
	root.SetVersionTemplate("{{.Version}}")
	p.limit.AddFlags(root)
	addQuietFlag(root)
	root.PersistentFlags().Bool(noColor, false, "no colors on a terminal; the variable NO_COLOR does so too")
	ofMatrix, ofPage := p.newMatrixCommands()
	root.AddCommand(p.newRenderCommand(), p.newValuesCommand(), p.newClustersCommand(),
		members.New(p.limit, p.sessions()), initialize.New(p.limit, p.sessions().Open),
		migrate.Command{Limit: p.limit, Stages: p.Stages, HandOver: p.handOver, CacheDir: cacheDir(),
			Changed: exitStatus(exitFailure)}.New(),
		p.newReleasesCommand(), p.newLintCommand(), p.newDiffCommand(),
		p.newAffectedCommand(), p.newWhyCommand(), ofMatrix, ofPage, p.newGenerateCommand(),
		p.newOutdatedCommand(), p.newImagesCommand(),
		p.newParametersCommand(), p.newDiscoverCommand(), p.newVersionCommand(), p.newWorkCommand(),
		pluginserver.New(), reference.NewExplain(), reference.NewSchema())
	completion.Add(root, p.limit)
	called.Commands(names(root))
	return root
}

// names returns the names of all commands, also of those that cobra adds.
func names(root *cobra.Command) []string {
	all := []string{"help", "completion"}
	for _, cmd := range root.Commands() {
		all = append(all, cmd.Name())
	}
	return all
}

// addQuietFlag adds the flag that leaves out warnings and notes, and the display of long work. Errors stay.
func addQuietFlag(root *cobra.Command) {
	quiet := root.PersistentFlags().BoolP("quiet", "q", false, "no warnings and notes, only errors")
	before := root.PersistentPreRunE
	root.PersistentPreRunE = func(cmd *cobra.Command, args []string) error {
		if *quiet {
			root.SetErr(output.Quiet(root.ErrOrStderr()))
		}
		return before(cmd, args)
	}
}

// flagError is the error for flags that cannot be read. Of one that does not exist, it says which was probably meant.
// Of a command that does not exist, the command is what is wrong.
func flagError(cmd *cobra.Command, err error) error {
	if cmd.HasSubCommands() {
		if err := command.NoCommand(cmd, cmd.Flags().Args()); err != nil {
			return err
		}
	}
	hint := command.SeeHelp(cmd)
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		var names []string
		cmd.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, "--"+flag.Name) })
		hint = problem.Suggest("--"+unknown.GetSpecifiedName(), names, hint)
	}
	return usage.Error(fmt.Errorf("%w; %s", err, hint))
}

package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/completion"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// whyFlags are the flags of why.
type whyFlags struct {
	workshop.Why
	requestFlags // of which some are flags here
}

func (p Program) newWhyCommand() *cobra.Command {
	var flags whyFlags
	cmd := &cobra.Command{
		Use:   "why COMPONENT --cluster NAME [PATH]",
		Short: "Say why a cluster has a component, or has not",
		Long: `Say whether a cluster has a component, and what decides that, each with its file and line: the key enabled,
the selectors and the labels of the cluster, its release, its version, and whose Argo CD deploys it. The last lines say
the nearest change that would turn the answer. It was tried, in memory.

Exit status 0 means an answer, whichever it is, 1 a failure, 2 wrong usage, such as a component that does not exist.`,
		Example: `  cmp why karpenter --cluster payments-prod-1
  cmp why cert_manager --cluster hub-prod --group addons -o json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage.Error(fmt.Errorf("give a component; %s", command.SeeHelp(cmd)))
			}
			return command.OnePath(cmd, args[1:])
		},
		ValidArgsFunction: completion.Component(p.limit),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := command.OneOf("output", flags.Format, workshop.LintFormats[:2]); err != nil {
				return err
			}
			if err := command.CheckVersions(flags.input.options.ArgoCD, ""); err != nil {
				return err
			}
			if flags.Cluster == "" {
				return usage.Error(errors.New("give the cluster (--cluster)"))
			}
			if p.Stages == nil {
				return p.handOver()
			}
			flags.Component = args[0]
			return p.why(cmd, command.PathIn(args[1:], flags.repoRoot), flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.Cluster, "cluster", "", "name of the cluster")
	f.StringVar(&flags.Group, "group", "", "group of the component, where several have it")
	f.StringVarP(&flags.Format, "output", "o", workshop.LintFormats[0], "output format: text or json")
	command.Values(f, "output", workshop.LintFormats[:2])
	flags.addVersionFlag(f)
	addRepositoryFlags(f, &flags.repoRoot, &flags.clusterFile, &flags.checkouts)
	addSecretsFlag(f, &flags.readSecrets)
	return cmd
}

// why answers the question of the flags.
func (p Program) why(cmd *cobra.Command, directory string, flags whyFlags) (err error) {
	w := flags.Why
	if w.Tree, w.AppPath, err = files.OpenFleet(directory, flags.repoRoot, &flags.checkouts); err != nil {
		return err
	}
	in := input{tree: w.Tree}
	in.options.ArgoCD = flags.input.options.ArgoCD
	if in.options.Secrets, err = p.secretsIn(cmd.Context(), in.tree, flags.readSecrets); err != nil {
		return err
	}
	if in.options.ClusterSecrets, err = files.New(cmd.InOrStdin()).Stream(flags.clusterFile); err != nil {
		return err
	}
	in = p.complete(cmd.Context(), in)
	session, later, err := p.open(cmd.Context(), in)
	if err == nil {
		err = askedFor(session, render.Request{}, directory)
	}
	if err != nil {
		return err
	}
	watch := p.limit.Watch
	w.Options, w.Charts.CacheDir, w.Done, w.Stdout = in.options, cacheDir(), watch.Stop, cmd.OutOrStdout()
	w.Output = render.Output{Progress: p.Stages.Progress(cmd.ErrOrStderr()), Limits: watch.Limits(),
		Working: watch.Working}
	return p.Stages.Why(cmd.Context(), later, w)
}

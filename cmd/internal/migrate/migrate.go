// Package migrate is the command migrate: what the switch from the wrapper chart changes.
package migrate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A Command is what the command needs of its program.
type Command struct {
	Limit    *limiting.Limiter
	Stages   workshop.Stages // nil in cmp
	HandOver func() error    // has cmp-stages run the command line
	CacheDir string          // of fetched charts, unless a flag says otherwise
	Changed  error           // is returned if something changes, which is printed
}

// flags are those of the command.
type flags struct {
	workshop.Migrate
	repoRoot, clusterFile, chart string
	write, secretsManager        bool
}

// New returns the command.
func (c Command) New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "migrate [PATH] --cluster HUB",
		Short: "Say what the switch from the wrapper chart to cmp changes",
		Long: `Render what the ApplicationSets that start the fleet make today, wrapper chart included, and what cmp
makes in their place. Each ApplicationSet, Application and other object is the same, changed, renamed, gone or new.
Traps on the way are named, each with what to do; docs/migration.md has the order of the steps.

Without fleet.yaml, the one is looked for with which nothing of the groups changes; --write writes it. Exit status 0
means that all clusters keep the same Applications, 1 changes or a failure, 2 wrong usage.`,
		Example: `  cmp migrate --cluster hub-1 --cluster-file hub.yaml
  cmp migrate --cluster hub-1 --stage manifests -o json
  cmp migrate --cluster hub-1 --bootstrap fleet/bootstrap --chart charts/application-sets --write`,
		Args: command.OnePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if c.Stages == nil {
				return c.HandOver()
			}
			f.Charts.CacheDir = cmp.Or(f.Charts.CacheDir, c.CacheDir)
			return c.run(cmd, command.PathIn(args, f.repoRoot), f)
		},
	}
	f.add(cmd.Flags())
	return cmd
}

var (
	stages  = []string{render.StageApplicationSets, render.StageApplications, render.StageManifests}
	formats = []string{"text", "json"}
)

func (f *flags) add(set *pflag.FlagSet) {
	set.StringVar(&f.Hub, "cluster", "", "name of the hub")
	set.StringToStringVar(&f.Labels, "labels", nil, "labels of the hub, added to and winning over what is known "+
		"(k=v,…)")
	set.StringToStringVar(&f.Annotations, "annotations", nil, "annotations of the hub, likewise")
	set.StringVar(&f.Stage, "stage", render.StageApplications, "how deep to look: "+strings.Join(stages, ", "))
	command.Values(set, "stage", stages)
	set.StringVarP(&f.Format, "output", "o", formats[0], "output format: "+strings.Join(formats, ", "))
	command.Values(set, "output", formats)
	set.StringArrayVar(&f.Bootstrap, "bootstrap", nil,
		"file or directory of the repository with the ApplicationSets that start the fleet today (repeatable); by "+
			"default those in a directory of the hub's name, else those with the chart")
	set.StringVar(&f.chart, "chart", "",
		"directory with the wrapper chart, in place of the one that Applications name")
	set.StringVar(&f.ChartName, "chart-name", "application-sets", "what the wrapper chart is called")
	set.BoolVar(&f.write, "write", false, "write the proposed fleet.yaml, if nothing of the groups changes with it")
	set.StringVar(&f.repoRoot, "repo-root", "",
		"root of the repository; by default the nearest directory with fleet.yaml, or else .git")
	set.StringVar(&f.clusterFile, "cluster-file", "", `file with Argo CD cluster Secrets ("-" is standard input)`)
	set.BoolVar(&f.secretsManager, "secrets-manager", false, "complete the hub and its members from their secrets in "+
		"AWS Secrets Manager; spec.secretsManager of fleet.yaml does so too")
	set.StringVar(&f.Options.ArgoCD, "argocd-version", "",
		"whose rules to follow: "+argocd.Names()+"; by default spec.argocdVersion of fleet.yaml, else the newest")
	f.Charts.AddFlags(set)
	set.StringVar(&f.Versions.Kubernetes, "kube-version", "", "Kubernetes version that Helm charts see")
	set.StringSliceVar(&f.Versions.AdditionalAPI, "api-versions", nil, "API versions that Helm charts see besides")
}

// check fails for what the flags do not say, or say wrongly.
func (f *flags) check() error {
	if f.Hub == "" {
		return usage.Error(errors.New("give the hub (--cluster)"))
	}
	if err := command.OneOf("stage", f.Stage, stages); err != nil {
		return err
	}
	if err := command.OneOf("output", f.Format, formats); err != nil {
		return err
	}
	for _, name := range f.Bootstrap {
		if !fs.ValidPath(filepath.ToSlash(filepath.Clean(name))) {
			return usage.Error(fmt.Errorf("--bootstrap: %s is no path inside the repository, from its root", name))
		}
	}
	return nil
}

// run compares, prints the plan, and writes fleet.yaml if that is asked for.
func (c Command) run(cmd *cobra.Command, directory string, f flags) error {
	root, err := c.prepare(cmd, directory, &f)
	if err != nil {
		return err
	}
	exists, err := hierarchy.NewRepository(f.Tree).HasFile(hierarchy.FleetFile)
	if err != nil {
		return err
	}
	if f.write && exists {
		return usage.Error(fmt.Errorf("--write: there is a %s already, which stays as it is; leave --write out to "+
			"compare with it", hierarchy.FleetFile))
	}
	found, err := c.Stages.Migrate(cmd.Context(), f.Migrate)
	if err != nil {
		return err
	}
	if f.write {
		if err := writeFleet(root, found); err != nil {
			return err
		}
		output.Message(cmd.ErrOrStderr(), "Note",
			fmt.Errorf("%s is written; cmp lint judges the fleet with it", hierarchy.FleetFile))
	}
	if !found.Same {
		return c.Changed
	}
	return nil
}

// prepare opens what the flags name, and returns the root of the repository.
func (c Command) prepare(cmd *cobra.Command, directory string, f *flags) (root string, err error) {
	var inside string
	if f.repoRoot == "" && isFleet(directory) {
		f.repoRoot = directory // also within another repository, as it need not be described yet
	}
	if f.Tree, inside, err = files.OpenRepository(directory, f.repoRoot); err != nil {
		return "", err
	}
	if root, err = filepath.Abs(directory); err != nil {
		return "", err
	}
	if inside != "." {
		root = strings.TrimSuffix(root, string(filepath.Separator)+filepath.FromSlash(inside))
	}
	if f.chart != "" {
		if f.Chart, err = worktree.OpenFor(f.chart, supervise.Reading); err != nil {
			return "", usage.Error(problem.New("", 0, "--chart: %w", err).WithHint("give the directory of the chart"))
		}
	}
	for _, name := range f.Bootstrap {
		if _, err := fs.Stat(f.Tree, filepath.ToSlash(filepath.Clean(name))); err != nil {
			return "", usage.Error(problem.New(name, 0, "--bootstrap: there is no such file or directory in the "+
				"repository"))
		}
	}
	if f.Options.ClusterSecrets, err = files.New(cmd.InOrStdin()).Stream(f.clusterFile); err != nil {
		return "", err
	}
	loaded, err := c.Limit.Load(hierarchy.NewRepository(f.Tree))
	if err != nil {
		return "", err
	}
	c.Limit.Apply(loaded.Limits)
	if f.Options.Secrets, err = c.secrets(cmd.Context(), loaded.SecretsManager, f.secretsManager); err != nil {
		return "", err
	}
	watch := c.Limit.Watch
	f.Done, f.Stdout, f.Stderr = watch.Stop, cmd.OutOrStdout(), cmd.ErrOrStderr()
	f.Output = render.Output{Progress: c.Stages.Progress(cmd.ErrOrStderr()), Limits: watch.Limits(),
		Working: watch.Working}
	return root, nil
}

// secrets returns a reader of the clusters' secrets, if a flag or fleet.yaml asks for it; else nil.
func (c Command) secrets(ctx context.Context, config *fleet.SecretsManager, asked bool) (cluster.SecretReader, error) {
	switch {
	case config == nil && !asked:
		return nil, nil
	case config == nil:
		config = &fleet.SecretsManager{}
	}
	return c.Stages.Secrets(ctx, *config, c.CacheDir)
}

// isFleet tells whether a directory has what the root of a fleet has.
func isFleet(directory string) bool {
	for _, mark := range []string{hierarchy.FleetFile, filepath.Join("charts", "application-sets")} {
		if _, err := os.Stat(filepath.Join(directory, mark)); err == nil {
			return true
		}
	}
	return false
}

// writeFleet writes the proposed fleet.yaml. It fails if there is none with which nothing of the groups changes.
func writeFleet(root string, found workshop.Migrated) error {
	if !found.Groups {
		return fmt.Errorf("%s is not written: with the best that was found, something of the groups changes; "+
			"-o json has it as fleet", hierarchy.FleetFile)
	}
	directory, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer directory.Close()
	const readable = 0o644
	return worktree.WriteFile(directory, hierarchy.FleetFile, found.Fleet, readable)
}

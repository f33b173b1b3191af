package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// lintFlags are the flags of lint besides those of its request.
type lintFlags struct {
	requestFlags
	stage, format, failOn string
	rules                 []string
	list                  bool
}

func (p Program) newLintCommand() *cobra.Command {
	var flags lintFlags
	cmd := &cobra.Command{
		Use:   "lint [PATH]",
		Short: "Say what is wrong with the fleet: every group, hub, release and cluster",
		Long: `Judge the whole fleet: render every group, hub, spoke with an Argo CD of its own, release and cluster, and say what is wrong,
will fail later or silently does nothing, each with its place and what to do. --list-rules lists what is looked for,
'cmp explain RULE' says where the page about a rule is, and docs/lint.md how fleet.yaml ignores what is meant.

What could not be checked, such as a chart that is not in the cache, is a note on standard error. Exit status 0 means no findings, 1
findings (with --fail-on error: errors) or a failure, 2 wrong usage.`,
		Example: `  cmp lint
  cmp lint --stage manifests --offline
  cmp lint --group addons -l environment=prod --rule unread-file --rule dead-value
  cmp lint -o sarif > lint.sarif
  cmp lint --list-rules`,
		Args: command.OnePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(); err != nil {
				return err
			}
			if flags.list {
				return command.ListRules(cmd.OutOrStdout(), flags.rules, flags.format)
			}
			if p.Stages == nil {
				return p.handOver()
			}
			return p.lint(cmd, args, flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.stage, "stage", render.StageApplications, "how deep to look: "+strings.Join(lintStages, ", "))
	command.Values(f, "stage", lintStages)
	f.StringVarP(&flags.format, "output", "o", workshop.LintFormats[0],
		"output format: "+strings.Join(workshop.LintFormats, ", "))
	command.Values(f, "output", workshop.LintFormats)
	f.StringSliceVar(&flags.rules, "rule", nil, "only findings of this rule (repeatable)")
	f.StringVar(&flags.failOn, "fail-on", string(problem.Warning),
		"findings of which severity give exit status 1: "+strings.Join(severities, ", "))
	command.Values(f, "fail-on", severities)
	f.BoolVar(&flags.list, "list-rules", false, "list the rules (those of --rule), with -o json as JSON")
	f.StringVar(&flags.request.Group, "group", "", "only this group of fleet.yaml")
	f.StringVar(&flags.request.Cluster, "cluster", "", "only this cluster")
	f.StringVarP(&flags.request.Targets.Selector, "selector", "l", "", "only clusters that this label selector selects")
	f.StringArrayVar(&flags.request.Components, "component", nil, "only this component (repeatable)")
	f.StringVar(&flags.catalog, "catalog", "", "catalog directory, in place of the one of fleet.yaml")
	addRepositoryFlags(f, &flags.repoRoot, &flags.clusterFile, &flags.checkouts)
	addSecretsFlag(f, &flags.readSecrets)
	flags.addChartFlags(f)
	command.Exclusive(cmd, "cluster", "selector")
	return cmd
}

var (
	lintStages = []string{render.StageApplicationSets, render.StageApplications, render.StageManifests}
	severities = []string{string(problem.Error), string(problem.Warning)}
)

// check fails for values of flags that do not exist.
func (f *lintFlags) check() error {
	if err := command.OneOf("stage", f.stage, lintStages); err != nil {
		return err
	}
	if err := command.OneOf("output", f.format, workshop.LintFormats); err != nil {
		return err
	}
	if err := command.OneOf("fail-on", f.failOn, severities); err != nil {
		return err
	}
	var names []string
	for _, rule := range problem.Rules() {
		names = append(names, rule.Name)
	}
	for _, rule := range f.rules {
		if !slices.Contains(names, rule) {
			return usage.Error(fmt.Errorf("--rule: there is no rule %q; %s", rule,
				problem.Suggest(rule, names, "see cmp lint --list-rules")))
		}
	}
	return nil
}

// lint judges a fleet, and prints what is found.
func (p Program) lint(cmd *cobra.Command, args []string, flags lintFlags) error {
	flags.request.Stage = render.StageApplications // which needs neither a group nor a cluster
	flags.request.Targets.All = flags.request.Cluster == "" && flags.request.Targets.Selector == ""
	request, in, err := p.build(&flags.requestFlags, cmd, args)
	if err != nil {
		return err
	}
	in.options.Note = &worktree.Note{}
	watch := p.limit.Watch
	lint := workshop.Lint{Request: request, Stage: flags.stage, Rules: flags.rules,
		Least: problem.Severity(flags.failOn), Tree: in.tree, Format: flags.format, Version: p.Version,
		Done:      watch.Stop,
		Directory: fleetDirectory(command.PathIn(args, flags.repoRoot), request.AppPath),
		Stdout:    cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr(), Color: p.color}
	session, later, err := p.open(cmd.Context(), in)
	var broken *problem.Problem
	if errors.As(err, &broken) {
		lint.Err = err
		_, err = p.Stages.Lint(cmd.Context(), nil, lint)
		return cmp.Or[error](err, exitStatus(exitFailure))
	}
	if err != nil {
		return err
	}
	if err := askedFor(session, request, command.PathIn(args, flags.repoRoot)); err != nil {
		return err
	}
	lint.Output = render.Output{Progress: p.Stages.Progress(cmd.ErrOrStderr()), Limits: watch.Limits(),
		Working: watch.Working}
	failing, err := p.Stages.Lint(cmd.Context(), later, lint)
	switch {
	case errors.Is(err, render.ErrNoComponent):
		return usage.Error(err)
	case err == nil && failing:
		return exitStatus(exitFailure)
	}
	return err
}

// fleetDirectory returns the root of the fleet relative to the current directory, with slashes, where it is below that;
// else "". The app path is what PATH is in the fleet.
func fleetDirectory(directory, appPath string) string {
	root := filepath.Clean(directory)
	if absolute, err := filepath.Abs(directory); err == nil {
		root = strings.TrimSuffix(strings.TrimSuffix(absolute, filepath.FromSlash(appPath)), string(filepath.Separator))
	}
	current, err := os.Getwd()
	if err != nil {
		return ""
	}
	relative, err := filepath.Rel(current, root)
	if err != nil || relative == "." || !filepath.IsLocal(relative) {
		return ""
	}
	return filepath.ToSlash(relative)
}

// askedFor fails if there is no fleet, or not what the request names of it: to find nothing would look like success.
func askedFor(session *render.Session, r render.Request, directory string) error {
	is, err := session.Fleet().IsThere(session.Repository())
	switch {
	case err != nil:
		return err
	case !is:
		if directory, err = filepath.Abs(directory); err != nil {
			return err
		}
		return fleet.NotFound(directory)
	}
	if r.Group != "" {
		if _, err := session.Fleet().Group(r.Group); err != nil {
			return usage.Error(err)
		}
	}
	if r.Cluster != "" {
		r.Described = true // who looks at the whole fleet gives no labels of a cluster
		_, _, err := session.Clusters(r)
		if errors.Is(err, render.ErrNoCluster) {
			return usage.Error(err)
		}
		if err != nil {
			return err
		}
	}
	if r.Targets.Selector != "" {
		r.Components, r.Group = nil, ""
		if _, _, err := session.ArgoCDs(r); errors.Is(err, render.ErrNoMatch) {
			return usage.Error(err)
		}
	}
	return nil // what else is wrong is a finding
}

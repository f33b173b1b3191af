package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/against"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/sides"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/cmpversion"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// diffFlags are the flags of diff and affected.
type diffFlags struct {
	repoRoot, clusterFile string
	checkouts, base       files.Checkouts
	readSecrets           bool
	stage, format         string
	outputFile, failOn    string
	maxBytes              int
	release               string
	argoCD, kubernetes    string
	all                   bool
	filter                workshop.Filter
	charts                workshop.Charts
	keep                  func(result any) // in place of printing
	against               string           // another executable of cmp
}

// failOnKinds are what diff can fail on.
var failOnKinds = []string{"none", "change", "danger"}

func (p Program) newDiffCommand() *cobra.Command {
	var flags diffFlags
	cmd := &cobra.Command{
		Use:   "diff [BASE] [HEAD]",
		Short: "Say what a change does to the fleet",
		Long: `Render what a change can concern, as it was and as it is, and compare the objects: what changes, in which clusters, which line
caused it, and what is dangerous about it. What is the same in many clusters is shown once.

BASE and HEAD are Git revisions, or directories. Nothing is checked out. BASE is by default the merge base with the remote's default
branch, HEAD the working tree. An argument is a directory if it begins with . or /, or if it is no revision and exists.

With --against-cmp, both programs render all that is asked for, also what no change concerns: each group once for each Argo CD and
once for each later stage, as many at once as there are CPUs. It takes as long as two renders of the fleet; --group, --cluster,
--component and --stage make it less.

Exit status 0 means no differences, 1 differences (see --fail-on), 2 anything else.`,
		Example: `  cmp diff
  cmp diff main
  cmp diff v1.2.0 HEAD --group addons -l environment=prod
  cmp diff -o markdown --output-file comment.md --fail-on none
  cmp diff --argocd-version 3.4..3.5
  cmp diff --against-cmp /opt/cmp-1.4/cmp`,
		Args: sides.AtMostTwo,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(workshop.DiffFormats); err != nil {
				return err
			}
			p.limit.Watch.FailWith(exitUsage)
			if p.Stages == nil {
				return asDiff(p.handOver())
			}
			return asDiff(p.diff(cmd, args, flags))
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.stage, "stage", render.StageManifests, "what to compare: "+strings.Join(lintStages, ", "))
	command.Values(f, "stage", lintStages)
	f.StringVarP(&flags.format, "output", "o", workshop.DiffFormats[0],
		"output format: "+strings.Join(workshop.DiffFormats, ", "))
	command.Values(f, "output", workshop.DiffFormats)
	f.StringVar(&flags.outputFile, "output-file", "", "write the result to this file")
	f.IntVar(&flags.maxBytes, "max-bytes", 60_000, "most bytes of -o markdown; what does not fit is counted")
	f.StringVar(&flags.failOn, "fail-on", "change", "what gives exit status 1: "+strings.Join(failOnKinds, ", "))
	command.Values(f, "fail-on", failOnKinds)
	f.StringVar(&flags.release, "release", "",
		"what it does to put the clusters of one release on another, as stable..next")
	f.StringVar(&flags.against, "against-cmp", "",
		"another executable of cmp: what it renders otherwise than this one, of the same files")
	flags.add(cmd)
	return cmd
}

func (p Program) newAffectedCommand() *cobra.Command {
	flags := diffFlags{failOn: "none"}
	cmd := &cobra.Command{
		Use:   "affected [BASE] [HEAD]",
		Short: "List the Applications that a change can concern",
		Long: `List the Applications that are not the same in two revisions, or that read a file which is not the same. The arguments are those of
cmp diff.

At stage manifests, an Application that is the same, and only reads what differs, is rendered on both sides: it is left
out if its objects are the same, too. One with a chart from elsewhere is listed without that.

What cannot be rendered on one of the two sides is an error, and exit status 1: its Applications may be missing in the list.`,
		Example: `  cmp affected
  cmp affected main -o json`,
		Args: sides.AtMostTwo,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(workshop.AffectedFormats); err != nil {
				return err
			}
			if p.Stages == nil {
				return p.handOver()
			}
			found, err := p.compare(cmd, args, flags, true)
			if err == nil && len(found.Failures) > 0 {
				output.Messages(cmd.ErrOrStderr(), "Error", found.Failures)
				err = exitStatus(exitFailure)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.stage, "stage", render.StageManifests,
		"what may not be the same: "+strings.Join(lintStages, ", "))
	command.Values(f, "stage", lintStages)
	f.StringVarP(&flags.format, "output", "o", workshop.AffectedFormats[0],
		"output format: "+strings.Join(workshop.AffectedFormats, ", "))
	command.Values(f, "output", workshop.AffectedFormats)
	flags.add(cmd)
	return cmd
}

// add adds the flags that both commands have.
func (f *diffFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.filter.Group, "group", "", "only this group of fleet.yaml")
	flags.StringVar(&f.filter.Cluster, "cluster", "", "only this cluster")
	flags.StringVarP(&f.filter.Selector, "selector", "l", "", "only clusters that this label selector selects")
	flags.BoolVarP(&f.all, "all-clusters", "A", false, "all clusters, as without --cluster and --selector")
	flags.StringArrayVar(&f.filter.Components, "component", nil, "only this component (repeatable)")
	flags.StringVar(&f.argoCD, "argocd-version", "", "whose rules to follow; two to compare them, as 3.4..3.5")
	flags.StringVar(&f.kubernetes, "kube-version", "",
		"Kubernetes version that Helm charts see; two to compare them, as 1.33..1.34")
	f.charts.AddFlags(flags)
	addRepositoryFlags(flags, &f.repoRoot, &f.clusterFile, &f.checkouts)
	flags.Var(&f.base, "base-repository", "checkout of another repository as it is in BASE, in place of --repository's")
	addSecretsFlag(flags, &f.readSecrets)
	command.Exclusive(cmd, "cluster", "selector", "all-clusters")
}

// check fails for values of flags that do not exist.
func (f *diffFlags) check(formats []string) error {
	if err := command.OneOf("stage", f.stage, lintStages); err != nil {
		return err
	}
	if err := command.OneOf("output", f.format, formats); err != nil {
		return err
	}
	if err := command.OneOf("fail-on", f.failOn, failOnKinds); err != nil {
		return err
	}
	for _, pair := range []struct{ flag, text, like string }{
		{"argocd-version", f.argoCD, "versions, as 3.4..3.5"},
		{"kube-version", f.kubernetes, "versions, as 1.33..1.34"},
		{"release", f.release, "releases, as stable..next; cmp releases lists them"},
	} {
		from, to, two := strings.Cut(pair.text, "..")
		if two && (from == "" || to == "") || !two && pair.flag == "release" && from != "" {
			return usage.Error(fmt.Errorf("--%s %q: give two %s", pair.flag, pair.text, pair.like))
		}
	}
	for _, side := range sides.Of(f.argoCD, f.kubernetes, f.release) {
		if err := command.CheckVersions(side.ArgoCD, side.Kubernetes); err != nil {
			return err
		}
	}
	const least = 1024
	if f.maxBytes != 0 && f.maxBytes < least {
		return usage.Error(fmt.Errorf("--max-bytes %d: at least %d are needed to say anything", f.maxBytes, least))
	}
	return nil
}

// asDiff returns the error of diff: other than for other commands, failures are exit status 2.
func asDiff(err error) error {
	var status exitStatus
	if err == nil || errors.As(err, &status) {
		return err
	}
	return usage.Error(err)
}

// diff compares, and prints what differs.
func (p Program) diff(cmd *cobra.Command, args []string, flags diffFlags) error {
	found, err := p.compare(cmd, args, flags, false)
	switch {
	case err != nil:
		return err
	case len(found.Failures) > 0:
		return exitStatus(exitUsage)
	case flags.failOn == "change" && found.Changed, flags.failOn == "danger" && found.Dangerous:
		return exitStatus(exitFailure)
	}
	return nil
}

// compare compares two trees, and prints the result.
func (p Program) compare(cmd *cobra.Command, args []string, flags diffFlags, only bool) (workshop.Compared, error) {
	root, err := files.Root(cmp.Or(flags.repoRoot, "."), flags.repoRoot)
	if err != nil {
		return workshop.Compared{}, err
	}
	both := sides.Of(flags.argoCD, flags.kubernetes, flags.release)
	same := both[0] != both[1] // by default the files are the same, and what the flags say is not
	whole := both[0].ArgoCD != both[1].ArgoCD || both[0].Kubernetes != both[1].Kubernetes
	if !only && cmd.Flags().Changed("against-cmp") {
		if err := against.Check(cmd, args); err != nil {
			return workshop.Compared{}, err
		}
		same = true
	}
	trees, err := p.Stages.Trees(root, args, same)
	if err != nil {
		return workshop.Compared{}, err
	}
	defer trees.Close()
	watch := p.limit.Watch
	compare := workshop.Compare{Stage: flags.stage, Whole: whole, Promotion: flags.release != "", Only: only,
		Filter: flags.filter, Format: flags.format, MaxBytes: flags.maxBytes, Stdout: cmd.OutOrStdout(),
		Done: watch.Stop, Keep: flags.keep}
	if trees.Note != "" {
		output.Message(cmd.ErrOrStderr(), "Note", errors.New(trees.Note))
	}
	compare.Apart = worktree.DirectoryOf(trees.Before.FS) != "" && // else of a revision, and then of this checkout
		worktree.DirectoryOf(trees.Before.FS) != worktree.DirectoryOf(trees.After.FS)
	if compare.Sides, err = p.openSides(cmd, root, args, trees, flags); err != nil {
		return workshop.Compared{}, err
	}
	if flags.keep != nil {
		compare.Done = func() {} // there is more to do
	}
	compare.Output = render.Output{Progress: p.Stages.Progress(cmd.ErrOrStderr()), Limits: watch.Limits(),
		Working: watch.Working}
	compare.Color = p.color && flags.outputFile == ""
	of := func() (workshop.Compared, error) { return p.Stages.Compare(cmd.Context(), compare) }
	if flags.against != "" {
		of = func() (workshop.Compared, error) {
			return against.Compare(cmd, against.Options{Stages: p.Stages, Limit: p.limit, Other: flags.against,
				Root: root, Checkouts: &flags.checkouts, Compare: compare})
		}
	}
	if flags.outputFile == "" {
		return of()
	}
	var printed bytes.Buffer
	compare.Stdout = &printed
	found, err := of()
	if err != nil {
		return found, err
	}
	return found, output.WriteFile("output-file", flags.outputFile, printed.Bytes())
}

// openSides opens both sides of a comparison.
func (p Program) openSides(cmd *cobra.Command, root string, args []string, trees workshop.Trees, flags diffFlags) (
	both [2]workshop.CompareSide, err error) {
	secrets, err := files.New(cmd.InOrStdin()).Stream(flags.clusterFile)
	if err != nil {
		return both, err
	}
	git, of := p.gitOfSides(cmd.Context(), root, flags.charts), sides.Of(flags.argoCD, flags.kubernetes, flags.release)
	flags.base.Otherwise = &flags.checkouts
	checkouts := []*files.Checkouts{&flags.base, &flags.checkouts}
	for i, tree := range []workshop.Tree{trees.Before, trees.After} {
		git := render.Options{ReadGit: git(tree), Branch: sides.BranchOf(root, args)}
		if i == 0 { // which may be from before a change of spec.cmpVersion
			git.CmpVersion = cmpversion.Any
		}
		tree.Name += of[i].Unlike(of[1-i])
		if tree.FS, err = checkouts[i].Join(tree.FS); err != nil {
			return both, fmt.Errorf("%s: %w", tree.Name, err)
		}
		if both[i], err = p.openSide(cmd.Context(), tree, git, flags, of[i], secrets); err != nil {
			return both, err
		}
	}
	return both, nil
}

// errNoFleet is the cause where a side has no fleet.
var errNoFleet = errors.New("there is no fleet")

// openSide opens one side. That it cannot be opened is for the comparison to tell, beside what the other side has.
func (p Program) openSide(ctx context.Context, tree workshop.Tree, git render.Options, flags diffFlags, of sides.Side,
	secrets []render.File) (workshop.CompareSide, error) {
	side := workshop.CompareSide{Tree: tree, Request: render.Request{Stage: flags.stage, Anywhere: true, AppPath: ".",
		AllowEmpty: true, Targets: render.Targets{All: true},
		Versions: render.Versions{Kubernetes: of.Kubernetes}}}
	if flags.stage == render.StageApplicationSets {
		side.Request.Stage = render.StageApplications
	}
	in := input{tree: tree.FS, charts: flags.charts, options: git}
	in.options.ArgoCD, in.options.Promotion = of.ArgoCD, of.Promotion
	var err error
	if in.options.Secrets, err = p.secretsIn(ctx, in.tree, flags.readSecrets); err != nil {
		return side, err
	}
	in.options.ClusterSecrets = secrets
	session, later, err := p.open(ctx, in)
	if err != nil {
		side.Err = err
		return side, nil
	}
	is, err := session.Fleet().IsThere(session.Repository())
	if err != nil || !is {
		side.Err = cmp.Or(err, fmt.Errorf("%w in %s", errNoFleet, tree.Name))
		return side, nil
	}
	side.Session = later
	return side, nil
}

// gitOfSides returns what gives each side its reader of catalogs in Git: that of its directory, or of a revision, that
// of the fleet. Sides of one directory have one reader, for which a branch is one commit.
func (p Program) gitOfSides(ctx context.Context, root string,
	charts workshop.Charts) func(workshop.Tree) fleet.GitReader {
	readers := map[string]fleet.GitReader{}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	return func(tree workshop.Tree) fleet.GitReader {
		of := cmp.Or(worktree.DirectoryOf(tree.FS), root)
		if readers[of] == nil {
			readers[of] = p.gitReader(ctx, of, charts, "")
		}
		return readers[of]
	}
}

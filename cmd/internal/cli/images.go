package cli

import (
	"cmp"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/images"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/sides"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

func (p Program) newImagesCommand() *cobra.Command {
	return images.Command{Stages: p.Stages, HandOver: p.handOver, Fleet: p.fleetOfImages}.New()
}

// fleetOfImages adds flags to the command images, and returns what then opens the fleet, and with a base both.
func (p Program) fleetOfImages(cmd *cobra.Command) func(*cobra.Command, []string, string, *workshop.Images) (func(),
	error) {
	var of requestFlags
	versions := &of.request.Versions
	flags := diffFlags{stage: render.StageManifests}
	f := cmd.Flags()
	addRepositoryFlags(f, &flags.repoRoot, &flags.clusterFile, &flags.checkouts)
	f.Var(&flags.base, "base-repository",
		"checkout of another repository as it is in the base, in place of --repository's")
	addSecretsFlag(f, &flags.readSecrets)
	of.addChartFlags(f)
	return func(cmd *cobra.Command, args []string, base string, i *workshop.Images) (func(), error) {
		flags.charts, flags.argoCD, flags.kubernetes = of.input.charts, of.input.options.ArgoCD, versions.Kubernetes
		if err := command.CheckVersions(flags.argoCD, flags.kubernetes); err != nil {
			return func() {}, err
		}
		done, err := p.openImages(cmd, command.PathIn(args, flags.repoRoot), base, flags, i)
		for at := range i.Sides {
			i.Sides[at].Request.Versions = *versions
		}
		watch := p.limit.Watch
		i.Found = p.tell(cmd, i.Strict)
		i.Done, i.Stdout = watch.Stop, cmd.OutOrStdout()
		i.Output = render.Output{Progress: p.Stages.Progress(cmd.ErrOrStderr()), Limits: watch.Limits(),
			Working: watch.Working}
		return done, err
	}
}

// openImages opens the fleet in a directory, and with a base both.
func (p Program) openImages(cmd *cobra.Command, directory, base string, flags diffFlags, i *workshop.Images) (
	done func(), err error) {
	if base == "" {
		return func() {}, p.openOneSide(cmd, directory, flags, i)
	}
	root, err := files.Root(directory, flags.repoRoot)
	if err != nil {
		return func() {}, err
	}
	trees, err := p.Stages.Trees(root, []string{base}, false)
	if err != nil {
		return func() {}, err
	}
	if trees.Note != "" {
		output.Message(cmd.ErrOrStderr(), "Note", errors.New(trees.Note))
	}
	both, err := p.openSides(cmd, root, []string{base}, trees, flags)
	i.Sides = both[:]
	return trees.Close, err
}

// openOneSide opens the fleet in a directory as the only side.
func (p Program) openOneSide(cmd *cobra.Command, directory string, flags diffFlags, i *workshop.Images) error {
	tree, appPath, err := files.OpenFleet(directory, flags.repoRoot, &flags.checkouts)
	if err != nil {
		return err
	}
	if directory, err = filepath.Abs(directory); err != nil {
		return err
	}
	secrets, err := files.New(cmd.InOrStdin()).Stream(flags.clusterFile)
	if err != nil {
		return err
	}
	side, err := p.openSide(cmd.Context(), workshop.Tree{Name: directory, FS: tree}, render.Options{}, flags,
		sides.Side{ArgoCD: flags.argoCD}, secrets)
	if errors.Is(side.Err, errNoFleet) {
		return fleet.NotFound(directory)
	}
	side.Request.AppPath = appPath
	i.Sides = []workshop.CompareSide{side}
	return cmp.Or(err, side.Err)
}

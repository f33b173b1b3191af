package cli

import (
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/clusters"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

func (p Program) newClustersCommand() *cobra.Command {
	c := clusters.Command{Fleet: p.fleetOfClusters, HandOver: func() (bool, error) {
		program, err := findStages()
		if p.Stages != nil || err != nil {
			return false, nil
		}
		return true, p.handOverTo(program)
	}}
	if p.Stages != nil {
		c.Progress = p.Stages.Progress
	}
	return c.New()
}

// fleetOfClusters adds flags to the command clusters, and returns what then opens the fleet. Nothing is fetched.
func (p Program) fleetOfClusters(cmd *cobra.Command) func(*cobra.Command, []string) (*render.Session, error) {
	var repoRoot, clusterFile string
	var checkouts files.Checkouts
	var readSecrets bool
	addRepositoryFlags(cmd.Flags(), &repoRoot, &clusterFile, &checkouts)
	addSecretsFlag(cmd.Flags(), &readSecrets)
	return func(cmd *cobra.Command, args []string) (*render.Session, error) {
		return p.openFleetWith(cmd, args, repoRoot, &checkouts, clusterFile, readSecrets,
			workshop.Charts{Offline: true})
	}
}

// openFleetWith opens a session on the fleet of the app path in arguments, to ask it about clusters, with what says
// where charts and catalogs come from. Without a fleet it fails, unless a file with cluster Secrets is given.
func (p Program) openFleetWith(cmd *cobra.Command, args []string, root string, checkouts *files.Checkouts,
	clusterFile string, readSecrets bool, charts workshop.Charts) (*render.Session, error) {
	in := input{charts: charts}
	var err error
	appPath := command.PathIn(args, root)
	if in.tree, _, err = files.OpenFleet(appPath, root, checkouts); err != nil {
		return nil, err
	}
	if err := p.requireFleetIn(in.tree, appPath, clusterFile); err != nil {
		return nil, err
	}
	if in.options.Secrets, err = p.secretsIn(cmd.Context(), in.tree, readSecrets); err != nil {
		return nil, err
	}
	if in.options.ClusterSecrets, err = files.New(cmd.InOrStdin()).Stream(clusterFile); err != nil {
		return nil, err
	}
	session, _, err := p.open(cmd.Context(), in)
	return session, err
}

// requireFleetIn is requireFleet, unless a file with cluster Secrets is given.
func (p Program) requireFleetIn(fsys fs.FS, directory, clusterFile string) error {
	if clusterFile != "" {
		return nil
	}
	repository := hierarchy.NewRepository(fsys)
	f, err := p.limit.Load(repository)
	if err != nil {
		return err
	}
	return command.RequireFleet(repository, f, directory)
}

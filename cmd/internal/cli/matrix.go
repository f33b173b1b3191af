package cli

import (
	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/matrix"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

func (p Program) newMatrixCommand() *cobra.Command {
	return matrix.Command{Stages: p.Stages, HandOver: p.handOver, Fleet: p.fleetOfMatrix}.New()
}

// fleetOfMatrix adds flags to the command matrix, and returns what then opens the fleet.
func (p Program) fleetOfMatrix(cmd *cobra.Command) func(*cobra.Command, []string, *workshop.Matrix) (workshop.Later,
	error) {
	var flags requestFlags
	f := cmd.Flags()
	addRepositoryFlags(f, &flags.repoRoot, &flags.clusterFile, &flags.checkouts)
	addSecretsFlag(f, &flags.readSecrets)
	flags.addVersionFlag(f)
	flags.input.charts.AddFlags(f)
	flags.complete(cmd, p.limit)
	return func(cmd *cobra.Command, args []string, m *workshop.Matrix) (workshop.Later, error) {
		flags.request = m.Request
		flags.request.Stage = render.StageApplications
		request, in, err := p.build(&flags, cmd, args)
		if err != nil {
			return nil, err
		}
		session, later, err := p.open(cmd.Context(), in)
		if err != nil {
			return nil, err
		}
		watch := p.limit.Watch
		m.Request, m.Done, m.Stdout = request, watch.Stop, cmd.OutOrStdout()
		m.Output = render.Output{Progress: p.Stages.Progress(cmd.ErrOrStderr()), Limits: watch.Limits(),
			Working: watch.Working}
		return later, askedFor(session, request, command.PathIn(args, flags.repoRoot))
	}
}

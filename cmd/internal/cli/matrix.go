package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/matrix"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/outdated"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/page"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

func (p Program) newMatrixCommands() (ofMatrix, ofPage *cobra.Command) {
	ofMatrix = matrix.Command{Stages: p.Stages, HandOver: p.handOver, Fleet: p.openerOfMatrix}.New()
	ofPage = page.Command{Stages: p.Stages, HandOver: p.handOver, Fleet: p.fleetOfMatrix, Arguments: p.args,
		Print: p.fail, Status: func(status int) error { return exitStatus(status) }}.New()
	return ofMatrix, ofPage
}

func (p Program) newOutdatedCommand() *cobra.Command {
	return outdated.Command{Stages: p.Stages, HandOver: p.handOver, Outdated: exitStatus(exitFailure),
		Fleet: p.openerOfMatrix}.New()
}

// openerOfMatrix is [Program.fleetOfMatrix] for commands that only open the fleet.
func (p Program) openerOfMatrix(cmd *cobra.Command) matrix.Open { return p.fleetOfMatrix(cmd).Open }

// fleetOfMatrix adds flags to a command that looks at the matrix, and returns what then opens the fleet.
func (p Program) fleetOfMatrix(cmd *cobra.Command) page.Fleet {
	var flags requestFlags
	f := cmd.Flags()
	addRepositoryFlags(f, &flags.repoRoot, &flags.clusterFile, &flags.checkouts)
	addSecretsFlag(f, &flags.readSecrets)
	flags.addVersionFlag(f)
	flags.input.charts.AddFlags(f)
	open := func(cmd *cobra.Command, args []string, m *workshop.Matrix) (workshop.Later, error) {
		flags.request = m.Request
		flags.request.Stage = render.StageApplications
		request, in, err := p.build(&flags, cmd, args)
		if err != nil {
			return nil, err
		}
		in.options.Note = &worktree.Note{} // for findings
		session, later, err := p.open(cmd.Context(), in)
		if err != nil {
			return nil, err
		}
		strict := request.Strict
		request.Strict = false // the matrix has what is right, too
		watch := p.limit.Watch
		m.Request, m.Done, m.Stdout, m.Tree, m.Color = request, watch.Stop, cmd.OutOrStdout(), in.tree, p.color
		m.Output = render.Output{Progress: p.Stages.Progress(cmd.ErrOrStderr()), Limits: watch.Limits(),
			Working: watch.Working}
		if err := askedFor(session, request, command.PathIn(args, flags.repoRoot)); err != nil {
			return nil, err
		}
		m.Found = p.tell(cmd, strict)
		found, err := session.Findings()
		if err == nil {
			err = m.Found(session.Fleet(), found)
		}
		return later, err
	}
	compare := func(cmd *cobra.Command, args []string, base, stage string) (found any, err error) {
		of := diffFlags{clusterFile: flags.clusterFile, checkouts: flags.checkouts, readSecrets: flags.readSecrets,
			stage: stage, argoCD: flags.input.options.ArgoCD, charts: flags.input.charts,
			filter: workshop.Filter{Group: flags.request.Group, Cluster: flags.request.Cluster,
				Selector: flags.request.Targets.Selector, Components: flags.request.Components},
			keep: func(result any) { found = result }}
		if of.repoRoot, err = files.Root(command.PathIn(args, flags.repoRoot), flags.repoRoot); err == nil {
			_, err = p.compare(cmd, []string{base}, of, false)
		}
		return found, err
	}
	directories := func(args []string) ([]string, error) {
		p.limit.Watch.Stop()
		root, err := files.Root(command.PathIn(args, flags.repoRoot), flags.repoRoot)
		return append(flags.checkouts.Directories(), root), err
	}
	return page.Fleet{Open: open, Compare: compare, Directories: directories}
}

// tell returns what prints findings that fleet.yaml does not ignore, each once, or fails with them if that is asked
// for.
func (p Program) tell(cmd *cobra.Command, strict bool) func(*fleet.Fleet, []*problem.Problem) error {
	told := map[string]bool{}
	return func(f *fleet.Fleet, found []*problem.Problem) error {
		found = slices.DeleteFunc(f.Wanted(found), func(finding *problem.Problem) bool {
			before := told[finding.Error()]
			told[finding.Error()] = true
			return before
		})
		if strict && len(found) > 0 {
			return render.Findings(found)
		}
		p.warn(cmd, found)
		return nil
	}
}

package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// renderFormats are the output formats of render.
var renderFormats = append(slices.Clip(render.Formats), output.FormatName)

func (p Program) newRenderCommand() *cobra.Command {
	var flags requestFlags
	var format string
	var to output.Destination
	cmd := &cobra.Command{
		Use:   "render [PATH]",
		Short: "Print what a group is for a cluster: ApplicationSets, Applications or manifests",
		Long: `Print the ApplicationSets of a group for a cluster, or what becomes of them. PATH is the app path; without it, or at the root
of the repository, it is the group's path of fleet.yaml.

--stage applications prints the Applications that a cluster gets, or with -A or -l those of many: the ApplicationSets of its
hub, and with the distributed model its own, expanded as Argo CD does. --stage manifests prints the objects of these
Applications. What cannot be expanded or rendered is left out and reported, and the exit status is 1. -o name prints
KIND.GROUP/NAME of each object, as kubectl does.

--from expands ApplicationSets of files or directories, such as those of a bootstrap, in place of the group's: for all clusters of the
fleet, unless others are asked for. Applications in them stay as they are. With it, arguments are further files and directories, and the
fleet is that of --repo-root or the current directory.

Without --group and --cluster there is no hierarchy: 'cmp render --catalog DIR -f a.yaml -f b.yaml' takes the place of
'helm template NAME DIR -f a.yaml -f b.yaml' with the wrapper chart.`,
		Example: `  cmp render addons --group addons --cluster hub-prod
  cmp render --group addons --cluster hub-prod --release next --component karpenter -o json
  cmp render --catalog charts/application-sets -f site.yaml --output-dir out
  cmp render --group addons --stage applications -l environment=prod
  cmp render --group resources --cluster retail-np-1 --component team-namespaces --stage manifests
  cmp render --from bootstrap/addons.yaml -A
  cmp render --from bootstrap/*.yaml --stage manifests`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(flags.from) > 0 {
				return nil // they are further files
			}
			return command.OnePath(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(flags.from) > 0 { // as of a pattern that the shell expands
				flags.from, args = append(flags.from, args...), nil
			}
			if err := command.OneOf("output", format, renderFormats); err != nil {
				return err
			}
			if err := command.OneOf("stage", flags.request.Stage, render.Stages); err != nil {
				return err
			}
			if to.Dir != "" && format == output.FormatName {
				return usage.Error(errors.New("give --output-dir without -o name"))
			}
			if len(flags.from) > 0 && !cmd.Flags().Changed("stage") {
				flags.request.Stage = render.StageApplications
			}
			if len(flags.from) > 0 && !render.NeedsStages(flags.request.Stage) {
				return usage.Error(fmt.Errorf("--from is for the stages %s and %s",
					render.StageApplications, render.StageManifests))
			}
			if to.Dir != "" {
				p.limit.Undo = func() error { return output.Recover(to.Dir) }
				if err := p.limit.Undo(); err != nil { // of a run that was killed, whatever becomes of this one
					return err
				}
			}
			if p.Stages == nil && render.NeedsStages(flags.request.Stage) {
				return p.handOver()
			}
			request, in, err := p.build(&flags, cmd, args)
			if err != nil {
				return err
			}
			if to.Prune && to.Dir == "" {
				return usage.Error(errors.New("--prune is for --output-dir"))
			}
			return p.printRendered(cmd, request, in, format, to, false)
		},
	}
	flags.add(cmd.Flags())
	cmd.Flags().StringVar(&flags.request.Stage, "stage", render.StageApplicationSets,
		"what to emit: "+strings.Join(render.Stages, ", "))
	command.Values(cmd.Flags(), "stage", render.Stages)
	cmd.Flags().BoolVarP(&flags.request.Targets.All, "all-clusters", "A", false,
		"all clusters of the fleet; with --cluster, as its Argo CD sees them")
	cmd.Flags().StringVarP(&flags.request.Targets.Selector, "selector", "l", "",
		"label selector of the clusters, as of kubectl")
	cmd.Flags().StringArrayVar(&flags.from, "from", nil,
		"file or directory with ApplicationSets and Applications in place of the group's (repeatable)")
	cmd.Flags().StringVar(&flags.request.ReleaseName, "release-name", "",
		"instance name for labels; by default the group")
	cmd.Flags().BoolVar(&flags.request.AllowEmpty, "allow-empty", false, "nothing to render is no error")
	cmd.Flags().StringVarP(&format, "output", "o", "yaml", "output format: "+strings.Join(renderFormats, ", "))
	command.Values(cmd.Flags(), "output", renderFormats)
	cmd.Flags().StringVar(&to.Dir, "output-dir", "",
		"write one file per object into this directory, and nothing to standard output")
	cmd.Flags().BoolVar(&to.Prune, "prune", false,
		"remove from --output-dir the files of objects that an earlier run wrote and this one does not")
	flags.addChartFlags(cmd.Flags())
	command.Exclusive(cmd, "all-clusters", "selector")
	return cmd
}

// printRendered renders a request and prints the objects, or writes them to a directory if one is given. Failures with
// single ApplicationSets or Applications leave out these, unless it is whole or nothing, as if the request is strict.
func (p Program) printRendered(cmd *cobra.Command, request render.Request, in input, format string,
	to output.Destination, whole bool) error {
	to.Watch = p.limit.Watch
	session, later, err := p.open(cmd.Context(), in)
	switch {
	case err != nil && render.NeedsStages(request.Stage):
		return err
	case err != nil:
		return request.InScope(err)
	}
	out, encode := p.sink(cmd, format, to)
	defer out.Discard()
	if !render.NeedsStages(request.Stage) {
		done := to.Watch.Working(scopeOf(request))
		result, err := session.Render(request)
		if err != nil {
			done()
			return p.handOverFor(err)
		}
		err = output.AddAll(out, result, encode)
		done()
		to.Watch.Stop()
		p.warn(cmd, result.Warnings)
		if err != nil {
			return err
		}
		return out.Finish()
	}
	warnings, err := later.RenderTo(cmd.Context(), request, render.Output{
		Encode: encode, Emit: out.Add, Progress: p.Stages.Progress(cmd.ErrOrStderr()),
		Limits: to.Watch.Limits(), Working: to.Watch.Working, Whole: whole,
	})
	to.Watch.Stop()
	p.warn(cmd, warnings)
	if err != nil && (whole || request.Strict || failuresIn(err) == nil) {
		return err
	}
	return errors.Join(out.Finish(), err)
}

// sink returns what takes objects, and how these are written for it.
func (p Program) sink(cmd *cobra.Command, format string, to output.Destination) (output.Sink,
	func(render.Object) ([]byte, error)) {
	if p.work != nil {
		return output.Limit(p.work, to), serving.Encode
	}
	return output.New(cmd.OutOrStdout(), format, to),
		func(object render.Object) ([]byte, error) { return output.Encode(object, format) }
}

// scopeOf returns what a request is for, as messages name it.
func scopeOf(r render.Request) string {
	var scope []string
	if r.Group != "" {
		scope = append(scope, "group "+r.Group)
	}
	if r.Cluster != "" {
		scope = append(scope, "cluster "+r.Cluster)
	}
	if len(scope) == 0 {
		return "the stage " + r.Stage
	}
	return strings.Join(scope, ", ")
}

// failuresIn returns the failures that an error consists of, which leave the rest of the output valid; none for any
// other error.
func failuresIn(err error) render.Failures {
	var failures render.Failures
	errors.As(err, &failures)
	return failures
}

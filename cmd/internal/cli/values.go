package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/explanation"
)

// valuesFlags are the flags of `cmp values`.
type valuesFlags struct {
	requestFlags
	format, key      string
	explain, changed bool
	of               render.ValuesOptions
}

func (p Program) newValuesCommand() *cobra.Command {
	var flags valuesFlags
	cmd := &cobra.Command{
		Use:     "values [PATH]",
		Aliases: []string{"value"},
		Short:   "Print the merged values of a group, or of one addon",
		Long: `Print the merged values of a group for a cluster, or with --component the Helm values that the Application of one addon reads
there: the defaults of its chart and of subcharts, its value files in its own order, and over them its valuesObject and
parameters, as Argo CD has it; with delivery: plugin, the value files over these. Go templates are evaluated for the cluster.
A value of the chart that is removed is null, so that "helm template CHART -f" makes of them what the stage manifests makes.

With --explain, print each key with its value, the level and the place that set it, and what that overrode. A null that
removed a key is shown as "(removed)". A file of a level that the Application does not read is named.`,
		Example: `  cmp values addons --group addons --cluster hub-prod --explain
  cmp values addons --group addons --cluster hub-prod --component karpenter
  cmp values addons --group addons --cluster hub-prod --component karpenter --changed -o tree
  cmp values --group resources --cluster data-prod-1 --component karpenter-nodes --key limits`,
		Args: command.OnePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(cmd); err != nil {
				return err
			}
			ofComponent := len(flags.request.Components) > 0
			if p.Stages == nil && ofComponent {
				program, err := findStages()
				if err == nil {
					return p.handOverTo(program)
				}
				// Without cmp-stages, only the defaults of the chart are missing.
				output.Message(cmd.ErrOrStderr(), "Warning",
					fmt.Errorf("the defaults of the chart are left out: %w", err))
				ofComponent = false
			}
			request, in, err := p.build(&flags.requestFlags, cmd, args)
			if err != nil {
				return err
			}
			session, later, err := p.open(cmd.Context(), in)
			if err != nil {
				return request.InScope(err)
			}
			var merged *render.Merged
			if ofComponent {
				merged, err = later.Values(cmd.Context(), request, flags.of, p.limit.Watch.Limits(),
					p.limit.Watch.Working)
			} else {
				merged, err = session.Values(request)
			}
			if err != nil {
				return p.handOverFor(err)
			}
			output.Warnings(cmd.ErrOrStderr(), merged.Warnings)
			return flags.print(cmd, merged)
		},
	}
	flags.add(cmd.Flags())
	flags.addChartFlags(cmd.Flags())
	flags.addShown(cmd.Flags())
	return cmd
}

// addShown adds the flags that say what is shown, and how.
func (f *valuesFlags) addShown(flags *pflag.FlagSet) {
	flags.BoolVar(&f.explain, "explain", false,
		"print each key with the level, file and line that set it, and what it overrode")
	flags.StringVarP(&f.format, "output", "o", "yaml", "output format: "+strings.Join(render.Formats, ", ")+
		"; with --explain also "+strings.Join(explanation.Formats, ", ")+", and by default text")
	command.Values(flags, "output", slices.Concat(render.Formats, explanation.Formats))
	flags.StringVar(&f.key, "key", "", `only what is under a key: a.b, or a."b.c"`)
	flags.BoolVar(&f.changed, "changed", false, "with --component: only what is not as in the chart")
	flags.BoolVar(&f.of.Raw, "raw", false, "with --component: Go templates as they are written")
	flags.IntVar(&f.of.Source, "source", 0,
		"with --component: a source of its Application, counted from 1; by default the component itself")
}

// check fails for flags that do not fit each other. Formats that only an explanation has ask for one.
func (f *valuesFlags) check(cmd *cobra.Command) error {
	if err := command.OneOf("output", f.format, slices.Concat(render.Formats, explanation.Formats)); err != nil {
		return err
	}
	f.explain = f.explain || slices.Contains(explanation.Formats, f.format)
	if f.explain && !cmd.Flags().Changed("output") {
		f.format = explanation.Text
	}
	for _, name := range []string{"changed", "raw", "source"} {
		if cmd.Flags().Changed(name) && len(f.request.Components) == 0 {
			return usage.Error(fmt.Errorf("--%s is for the values of a component: give one (--component)", name))
		}
	}
	if cmd.Flags().Changed("source") && f.of.Source < 1 {
		return usage.Error(fmt.Errorf("--source must be 1 or more, not %d", f.of.Source))
	}
	return nil
}

// print prints what is asked for of merged values.
func (f *valuesFlags) print(cmd *cobra.Command, merged *render.Merged) error {
	for _, file := range merged.Unread {
		output.Message(cmd.ErrOrStderr(), "Note",
			fmt.Errorf("%s: Application %q does not read the file", file, merged.Application))
	}
	explained := explanation.Of(merged)
	if f.key != "" {
		if err := explained.Select(f.key); err != nil {
			return err
		}
	}
	if f.changed {
		explained.Change()
	}
	switch {
	case slices.Contains(explanation.Formats, f.format):
		return explained.Print(cmd.OutOrStdout(), f.format)
	case f.explain:
		return output.Value(cmd.OutOrStdout(), explained, f.format)
	}
	return output.Value(cmd.OutOrStdout(), explained.Value(), f.format)
}

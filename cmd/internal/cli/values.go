package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

func (p Program) newValuesCommand() *cobra.Command {
	var flags requestFlags
	var format string
	var explain bool
	cmd := &cobra.Command{
		Use:   "values [PATH]",
		Short: "Print the merged values of a group, or of one addon",
		Long: `Print the merged values of a group for a cluster, or with --component the Helm values of one addon: the defaults of its chart,
its value files in the levels' directories, and over them globalValuesObject and valuesObject, as Argo CD has it; with delivery:
plugin, the value files over these.

With --explain, print each key with its value, the level and the place that set it, and what that overrode. A null that
removed a key is shown as "(removed)".`,
		Example: `  cmp values addons --group addons --cluster hub-prod --explain
  cmp values addons --group addons --cluster hub-prod --component karpenter`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("output", format, render.Formats); err != nil {
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
			request, in, err := p.build(&flags, cmd, args)
			if err != nil {
				return err
			}
			session, later, err := p.open(cmd.Context(), in)
			if err != nil {
				return request.InScope(err)
			}
			var merged *render.Merged
			if ofComponent {
				merged, err = later.Values(cmd.Context(), request, p.limit.Watch.Limits(), p.limit.Watch.Working)
			} else {
				merged, err = session.Values(request)
			}
			if err != nil {
				return p.handOverFor(err)
			}
			output.Warnings(cmd.ErrOrStderr(), merged.Warnings)
			if explain && !cmd.Flags().Changed("output") {
				return printExplanation(cmd.OutOrStdout(), merged)
			}
			value := address.RedactValue(merged.Values.Map())
			if explain {
				value = explanation{Levels: merged.Levels, Keys: explained(merged)}
			}
			return output.Value(cmd.OutOrStdout(), value, format)
		},
	}
	flags.add(cmd.Flags())
	flags.addChartFlags(cmd.Flags())
	flags.complete(cmd, p.limit)
	cmd.Flags().BoolVar(&explain, "explain", false,
		"print each key with the level, file and line that set it, and what it overrode")
	cmd.Flags().StringVarP(&format, "output", "o", "yaml",
		"output format: "+strings.Join(render.Formats, ", ")+"; with --explain, text unless given")
	return cmd
}

// explanation is what `cmp values --explain -o json` prints.
type explanation struct {
	Levels []fleet.ClusterLevel    `json:"levels,omitempty"`
	Keys   []hierarchy.Explanation `json:"keys"`
}

// explained returns the explanation without the credentials in addresses.
func explained(merged *render.Merged) []hierarchy.Explanation {
	keys := merged.Values.Explain()
	for i := range keys {
		keys[i].Value = address.RedactValue(keys[i].Value, keys[i].Path...)
		for j := range keys[i].Overrode {
			keys[i].Overrode[j].Value = address.RedactValue(keys[i].Overrode[j].Value, keys[i].Path...)
		}
	}
	return keys
}

// printExplanation prints an explanation as text: the levels, and then a line for each key, so that it can be searched
// with grep and compared with diff.
func printExplanation(w io.Writer, merged *render.Merged) error {
	for _, level := range merged.Levels {
		state := strings.Join(level.Directories, ", ")
		switch {
		case level.Skipped != "":
			state = "skipped: " + level.Skipped
		case state == "":
			state = "no directory"
		}
		if _, err := fmt.Fprintf(w, "# level %s: %s\n", level.Name, state); err != nil {
			return err
		}
	}
	for _, e := range explained(merged) {
		value := show(e.Value)
		if e.Removed {
			value = "(removed)"
		}
		line := fmt.Sprintf("%s: %s  # %s %s", address.Redact(hierarchy.Key(e.Path)), value, e.Source, place(e.Origin))
		for i, o := range e.Overrode {
			separator := ","
			if i == 0 {
				separator = "; overrode"
			}
			line += fmt.Sprintf("%s %s (%s %s)", separator, show(o.Value), o.Source, place(o))
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func place(o hierarchy.Origin) string {
	if o.Line == 0 {
		return o.File
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// show prints a value on one line, without the credentials in addresses.
func show(value any) string {
	var line strings.Builder
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false) // a placeholder such as <arn> is for a person to read
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	const limit = 100
	text := []rune(address.Redact(strings.TrimSuffix(line.String(), "\n")))
	if len(text) > limit {
		return string(text[:limit]) + "…"
	}
	return string(text)
}

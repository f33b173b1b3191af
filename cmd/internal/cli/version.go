package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/called"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
)

var versionFormats = []string{"text", "json"}

// build is what `cmp version -o json` prints.
type build struct {
	Version  string `json:"version"`
	Go       string `json:"go"`       // that it was built with
	Platform string `json:"platform"` // that it was built for
}

// built returns what this executable is.
func (p Program) built() build {
	v := p.Version
	if info, ok := debug.ReadBuildInfo(); ok && v == "" {
		v = info.Main.Version
	}
	return build{v, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
}

// print prints it as one line.
func (b build) print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s %s %s %s\n", called.Name(), b.Version, b.Go, b.Platform)
	return err
}

func (p Program) newVersionCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := command.OneOf("output", format, versionFormats); err != nil {
				return err
			}
			if format == "json" {
				return output.Value(cmd.OutOrStdout(), p.built(), format)
			}
			return p.built().print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "text", "output format: "+strings.Join(versionFormats, ", "))
	command.Values(cmd.Flags(), "output", versionFormats)
	return cmd
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage.Error(fmt.Errorf("%s takes no arguments", cmd.CommandPath()))
	}
	return nil
}

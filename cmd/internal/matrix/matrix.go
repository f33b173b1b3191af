// Package matrix is the command matrix: which clusters have which component.
package matrix

import (
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
)

// A Command is what the command needs of its program.
type Command struct {
	Stages   workshop.Stages // nil in cmp
	HandOver func() error    // has cmp-stages run the command line
	// Fleet adds the flags that say where the fleet is, and returns what then opens it.
	Fleet func(cmd *cobra.Command) Open
}

// Open opens a session on the fleet and completes the question. It fails for what the request names and the fleet does
// not have.
type Open func(cmd *cobra.Command, args []string, m *workshop.Matrix) (workshop.Later, error)

// Flags are those that choose what is looked at: which clusters, groups, components and releases.
type Flags struct {
	workshop.Matrix
	part command.Part
}

// New returns the command.
func (c Command) New() *cobra.Command {
	var f Flags
	cmd := &cobra.Command{
		Use:   "matrix [PATH]",
		Short: "Show which cluster has which component: version and release, or why not",
		Long: `Show components and clusters as a table: which version of a component a cluster has, on which release, or why
it has none. Clusters that have the same of all components of a group are one column, and components are marked whose
versions differ. With -o wide there is a line for each cell, with the reason. See docs/matrix.md.

Exit status 0 means that all could be rendered, 1 that something fails, also a single cell, 2 wrong usage.`,
		Example: `  cmp matrix
  cmp matrix --group addons -l environment=prod
  cmp matrix --component cert_manager -o wide
  cmp matrix -o csv > fleet.csv`,
		Args: command.OnePath,
	}
	cmd.Flags().StringVarP(&f.Format, "output", "o", workshop.MatrixFormats[0],
		"output format: "+strings.Join(workshop.MatrixFormats, ", "))
	command.Values(cmd.Flags(), "output", workshop.MatrixFormats)
	f.Add(cmd)
	open := c.Fleet(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := command.OneOf("output", f.Format, workshop.MatrixFormats); err != nil {
			return err
		}
		if err := f.Check(); err != nil {
			return err
		}
		if c.Stages == nil {
			return c.HandOver()
		}
		session, err := open(cmd, args, &f.Matrix)
		if err != nil {
			return err
		}
		return c.Stages.Matrix(cmd.Context(), session, f.Matrix)
	}
	return cmd
}

// Add adds the flags to a command.
func (f *Flags) Add(cmd *cobra.Command) {
	f.part.Add(cmd)
	cmd.Flags().StringVar(&f.Release, "release", "", "only clusters on this release of a group")
	cmd.Flags().BoolVar(&f.Request.Strict, "strict", false, "findings about the fleet are errors")
}

// Check completes the question. It fails with a usage error for what the flags say wrongly.
func (f *Flags) Check() error {
	if err := f.part.Check(); err != nil {
		return err
	}
	f.Request.Group, f.Request.Cluster, f.Request.Components = f.part.Group, f.part.Cluster, f.part.Components
	f.Request.Targets.Selector, f.Hub = f.part.Selector, f.part.Hub
	f.Request.Targets.All = f.Request.Cluster == "" && f.Request.Targets.Selector == ""
	f.Width, _ = strconv.Atoi(os.Getenv("COLUMNS")) // without a number, the terminal says it
	return nil
}

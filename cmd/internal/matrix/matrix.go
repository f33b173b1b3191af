// Package matrix is the command matrix: which clusters have which component.
package matrix

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
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

// Flags are those that choose what is looked at.
type Flags struct {
	workshop.Matrix
	tenant, environment string
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
	f.Add(cmd.Flags())
	open := c.Fleet(cmd)
	command.Exclusive(cmd, "cluster", "selector")
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

// Add adds the flags.
func (f *Flags) Add(set *pflag.FlagSet) {
	set.StringVar(&f.Request.Group, "group", "", "only this group of fleet.yaml")
	set.StringVar(&f.Request.Cluster, "cluster", "", "only this cluster")
	set.StringVarP(&f.Request.Targets.Selector, "selector", "l", "", "only clusters that this label selector selects")
	set.StringVar(&f.tenant, "tenant", "", "only clusters of this tenant")
	set.StringVar(&f.environment, "environment", "", "only clusters of this environment")
	set.StringVar(&f.Hub, "hub", "", "only this hub and its clusters")
	set.StringVar(&f.Release, "release", "", "only clusters on this release of a group")
	set.StringArrayVar(&f.Request.Components, "component", nil, "only this component (repeatable)")
	set.BoolVar(&f.Request.Strict, "strict", false, "findings about the fleet are errors")
}

// Check completes the question, and fails for what the flags say wrongly.
func (f *Flags) Check() error {
	selector, err := command.SelectorOf(f.Request.Targets.Selector, f.tenant, f.environment)
	if err != nil {
		return err
	}
	if f.tenant+f.environment != "" && f.Request.Cluster != "" {
		return usage.Error(errors.New("give --cluster without --tenant and --environment"))
	}
	f.Request.Targets.Selector = selector
	f.Request.Targets.All = f.Request.Cluster == "" && f.Request.Targets.Selector == ""
	f.Width, _ = strconv.Atoi(os.Getenv("COLUMNS")) // without a number, the terminal says it
	return nil
}

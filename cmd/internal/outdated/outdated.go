// Package outdated is the command outdated: which newer versions the repositories of charts have.
package outdated

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/matrix"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
)

// A Command is what the command needs of its program.
type Command struct {
	Stages   workshop.Stages // nil in cmp
	HandOver func() error    // has cmp-stages run the command line
	Outdated error           // is returned if something is outdated and that is to be a failure
	// Fleet adds the flags that say where the fleet is, and returns what then opens it.
	Fleet func(cmd *cobra.Command) matrix.Open
}

// failOnKinds are what the command can fail on.
var failOnKinds = []string{"none", "outdated"}

// flags are those of the command.
type flags struct {
	matrix.Flags
	diff   bool
	failOn string
}

// New returns the command.
func (c Command) New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "outdated [PATH]",
		Short: "Show which versions are in use, and which newer ones the repositories of charts have",
		Long: `Show for each component and release which version of its chart clusters have, the newest one that its repository has
of the same major version and of all, and for which Kubernetes that is, also if that is not the Kubernetes of clusters.
Repositories are asked once, and what they say is kept: --offline shows what they said last. See docs/outdated.md.

Exit status 0 means that all is known, also that something is outdated (see --fail-on), 1 that a repository or a
component fails, 2 wrong usage.`,
		Example: `  cmp outdated
  cmp outdated --group addons -o wide
  cmp outdated --component cert_manager --diff
  cmp outdated --release stable --environment prod
  cmp outdated -o json --fail-on outdated`,
		Args: command.OnePath,
	}
	f.add(cmd)
	open := c.Fleet(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(); err != nil {
			return err
		}
		if c.Stages == nil {
			return c.HandOver()
		}
		session, err := open(cmd, args, &f.Matrix)
		if err != nil {
			return err
		}
		found, err := c.Stages.Outdated(cmd.Context(), session, workshop.Outdated{Matrix: f.Matrix, Diff: f.diff,
			Note: func(text string) { output.Message(cmd.ErrOrStderr(), "Note", errors.New(text)) }})
		if err == nil && found && f.failOn == failOnKinds[1] {
			err = c.Outdated
		}
		return err
	}
	return cmd
}

func (f *flags) add(cmd *cobra.Command) {
	set := cmd.Flags()
	set.StringVarP(&f.Format, "output", "o", workshop.OutdatedFormats[0],
		"output format: "+strings.Join(workshop.OutdatedFormats, ", "))
	command.Values(set, "output", workshop.OutdatedFormats)
	f.Add(cmd)
	set.BoolVar(&f.diff, "diff", false, "also how many objects each update changes, for which charts are fetched")
	set.StringVar(&f.failOn, "fail-on", failOnKinds[0], "what gives exit status 1: "+strings.Join(failOnKinds, ", "))
	command.Values(set, "fail-on", failOnKinds)
}

// check completes the question, and fails for what the flags say wrongly.
func (f *flags) check() error {
	if err := command.OneOf("output", f.Format, workshop.OutdatedFormats); err != nil {
		return err
	}
	if err := f.Check(); err != nil {
		return err
	}
	return command.OneOf("fail-on", f.failOn, failOnKinds)
}

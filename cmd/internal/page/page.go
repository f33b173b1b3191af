// Package page is the command page: the fleet as pages for a browser.
package page

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/matrix"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// flags are those of the command.
type flags struct {
	matrix.Flags
	directory, base, stage string
}

// comparable are the stages at which fleets can be compared.
var comparable = []string{render.StageApplicationSets, render.StageApplications, render.StageManifests}

// New returns the command, which needs of its program what the command matrix needs.
func New(c matrix.Command) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "page [PATH] --output-dir DIR",
		Short: "Write the fleet as pages for a browser",
		Long: `Write what a browser shows of the fleet: the matrix with search and filters, a page of each cluster and each
component, where each label, annotation and value comes from, releases side by side, and what is wrong. With --diff,
also what changes. index.html has all of it and asks for nothing: open it as a file, or publish the directory. Beside it
are matrix.json and matrix.csv. See docs/page.md.

Exit status 0 means that all could be rendered, 1 that something fails, which the pages say too, 2 wrong usage.`,
		Example: `  cmp page --output-dir public
  cmp page --output-dir public --diff main
  cmp page --output-dir public -l environment=prod --title "Production"`,
		Args: command.OnePath,
	}
	set := cmd.Flags()
	set.StringVar(&f.directory, "output-dir", "", "directory to write to; it is made if it does not exist")
	set.StringVar(&f.Title, "title", "", "title of the pages; by default that of the directory of the fleet")
	set.StringVar(&f.base, "diff", "", "also show what changes from this BASE: a Git revision, or a directory")
	set.StringVar(&f.stage, "diff-stage", render.StageManifests, "what to compare: "+strings.Join(comparable, ", "))
	f.Add(set)
	fleet := c.Fleet(cmd)
	command.Exclusive(cmd, "cluster", "selector")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(cmd); err != nil {
			return err
		}
		if c.Stages == nil {
			return c.HandOver()
		}
		return f.write(cmd, args, c.Stages, fleet)
	}
	return cmd
}

// check fails for what the flags do not say, or say wrongly.
func (f *flags) check(cmd *cobra.Command) error {
	if f.directory == "" {
		return usage.Error(errors.New("give the directory for the pages (--output-dir)"))
	}
	if cmd.Flags().Changed("diff") && f.base == "" {
		return usage.Error(errors.New("--diff: give a Git revision, or a directory"))
	}
	if cmd.Flags().Changed("diff-stage") && f.base == "" {
		return usage.Error(errors.New("--diff-stage is for --diff: give that"))
	}
	if err := command.OneOf("diff-stage", f.stage, comparable); err != nil {
		return err
	}
	return f.Check()
}

// write writes the pages.
func (f *flags) write(cmd *cobra.Command, args []string, of workshop.Stages, fleet matrix.Fleet) error {
	page := workshop.Page{Matrix: f.Matrix}
	session, err := fleet.Open(cmd, args, &page.Matrix)
	if err != nil {
		return err
	}
	if f.base != "" {
		if page.Changes, err = fleet.Compare(cmd, args, f.base, f.stage); err != nil {
			return err
		}
	}
	const readable, enterable = 0o644, 0o755
	page.Write = func(name string, data []byte) error {
		if err := os.MkdirAll(f.directory, enterable); err != nil {
			return err
		}
		root, err := os.OpenRoot(f.directory)
		if err != nil {
			return err
		}
		defer root.Close()
		return worktree.WriteFile(root, name, data, readable)
	}
	return of.Page(cmd.Context(), session, page)
}

// Package images is the command images: which container images the clusters would run.
package images

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/output"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
)

// A Command is what the command needs of its program.
type Command struct {
	Stages   workshop.Stages // nil in cmp
	HandOver func() error    // has cmp-stages run the command line
	// Fleet adds the flags that say where the fleet is, and returns what then opens it, and with a base that too. What
	// this returns is to be closed.
	Fleet func(cmd *cobra.Command) func(cmd *cobra.Command, args []string, base string, i *workshop.Images) (func(),
		error)
}

// flags are those of the command.
type flags struct {
	workshop.Images
	part command.Part
	base string
}

// New returns the command.
func (c Command) New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:     "images [PATH]",
		Aliases: []string{"image"},
		Short:   "List the container images that each cluster would run",
		Long: `List the container images that the clusters would run, with the objects that use them: those of all containers, init
containers and image volumes of whatever has the template of a pod. Images that only arguments, ConfigMaps or operators
name are not seen. Clusters that have an image are named by what they have in common. See docs/images.md.

--diff says which images come, go or change compared with a Git revision or a directory.

Exit status 0 means that all could be rendered, 1 that something could not, so that images are missing, 2 wrong usage.`,
		Example: `  cmp images
  cmp images --cluster retail-np-1 -o wide
  cmp images --tenant payments -o cyclonedx > payments.cdx.json
  cmp images -o name
  cmp images --diff main`,
		Args: command.OnePath,
	}
	f.add(cmd)
	open := c.Fleet(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(cmd); err != nil {
			return err
		}
		if c.Stages == nil {
			return c.HandOver()
		}
		done, err := open(cmd, args, f.base, &f.Images)
		defer done()
		if err != nil {
			return err
		}
		f.Note = func(text string) { output.Message(cmd.ErrOrStderr(), "Note", errors.New(text)) }
		return c.Stages.Images(cmd.Context(), f.Images)
	}
	return cmd
}

func (f *flags) add(cmd *cobra.Command) {
	set := cmd.Flags()
	set.StringVarP(&f.Format, "output", "o", workshop.ImagesFormats[0],
		"output format: "+strings.Join(workshop.ImagesFormats, ", "))
	command.Values(set, "output", workshop.ImagesFormats)
	set.StringVar(&f.base, "diff", "", "what differs from this Git revision, or directory")
	f.part.Add(cmd)
	set.BoolVar(&f.Strict, "strict", false, "findings about the fleet are errors; with --diff, of the side after")
}

// check completes the question, and fails for what the flags say wrongly.
func (f *flags) check(cmd *cobra.Command) error {
	formats := workshop.ImagesFormats
	if cmd.Flags().Changed("diff") {
		if f.base == "" {
			return usage.Error(errors.New("--diff is empty: give a Git revision, or a directory"))
		}
		last := len(formats) - 1
		if f.Format == formats[last] {
			return usage.Error(errors.New("-o " + f.Format + " is of one fleet: leave out --diff"))
		}
		formats = slices.Clone(formats[:last])
	}
	if err := command.OneOf("output", f.Format, formats); err != nil {
		return err
	}
	if err := f.part.Check(); err != nil {
		return err
	}
	f.Filter, f.Hub = f.part.Filter, f.part.Hub
	return nil
}

// Package images is the command images: which container images the clusters would run.
package images

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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
	tenant, environment, base string
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
	f.add(cmd.Flags())
	open := c.Fleet(cmd)
	command.Exclusive(cmd, "cluster", "selector")
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

func (f *flags) add(set *pflag.FlagSet) {
	set.StringVarP(&f.Format, "output", "o", workshop.ImagesFormats[0],
		"output format: "+strings.Join(workshop.ImagesFormats, ", "))
	command.Values(set, "output", workshop.ImagesFormats)
	set.StringVar(&f.base, "diff", "", "what differs from this Git revision, or directory")
	set.StringVar(&f.Filter.Group, "group", "", "only this group of fleet.yaml")
	set.StringVar(&f.Filter.Cluster, "cluster", "", "only this cluster")
	set.StringVarP(&f.Filter.Selector, "selector", "l", "", "only clusters that this label selector selects")
	set.StringVar(&f.tenant, "tenant", "", "only clusters of this tenant")
	set.StringVar(&f.environment, "environment", "", "only clusters of this environment")
	set.StringVar(&f.Hub, "hub", "", "only this hub and its clusters")
	set.StringArrayVar(&f.Filter.Components, "component", nil, "only this component (repeatable)")
	set.BoolVar(&f.Strict, "strict", false, "findings about the fleet are errors; with --diff, of the side after")
}

// check completes the question, and fails for what the flags say wrongly.
func (f *flags) check(cmd *cobra.Command) (err error) {
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
	if f.tenant+f.environment != "" && f.Filter.Cluster != "" {
		return usage.Error(errors.New("give --cluster without --tenant and --environment"))
	}
	f.Filter.Selector, err = command.SelectorOf(f.Filter.Selector, f.tenant, f.environment)
	return err
}

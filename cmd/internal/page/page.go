// Package page is the command page: the fleet as pages for a browser.
package page

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/command"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/matrix"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A Command is what the command needs of its program.
type Command struct {
	Stages    workshop.Stages        // nil in cmp
	HandOver  func() error           // has cmp-stages run the command line
	Arguments []string               // the command line
	Print     func(message string)   // why a process ended
	Status    func(status int) error // makes an error of the exit status of a process
	// Fleet adds the flags that say where the fleet is.
	Fleet func(cmd *cobra.Command) Fleet
}

// A Fleet is where the flags of a command say that it is.
type Fleet struct {
	Open matrix.Open
	// Compare returns what differs at a stage from the fleet in BASE, as [workshop.Compare.Keep] gets it.
	Compare func(cmd *cobra.Command, args []string, base, stage string) (any, error)
	// Directories returns those with the files of the fleet, for a run that goes on without limits.
	Directories func(args []string) ([]string, error)
}

// flags are those of the command.
type flags struct {
	matrix.Flags
	directory, base, stage string
	listen                 string
	serve, live            bool
}

// stages are those at which fleets can be compared.
var stages = []string{render.StageApplicationSets, render.StageApplications, render.StageManifests}

// New returns the command.
func (c Command) New() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "page [PATH]",
		Short: "Write the fleet as pages for a browser",
		Long: `Write what a browser shows of the fleet: the matrix with search and filters, a page of each cluster and
each component, where each label, annotation and value comes from, releases side by side, and what is wrong. With --diff,
also what changes. index.html has all of it and asks for nothing: open it as a file, or publish the directory. Beside it
are matrix.json and matrix.csv. With --serve, the pages are on loopback instead, and load again when a file changes.
See docs/page.md.

Exit status 0 means that all could be rendered, 1 that something fails, which the pages say too, 2 wrong usage.`,
		Example: `  cmp page --output-dir public
  cmp page --output-dir public --diff main
  cmp page --output-dir public -l environment=prod --title Production
  cmp page --serve`,
		Args: command.OnePath,
	}
	set := cmd.Flags()
	set.StringVar(&f.directory, "output-dir", "", "directory to write to; it is made if it does not exist")
	set.StringVar(&f.Title, "title", "", "title of the pages; by default that of the directory of the fleet")
	set.StringVar(&f.base, "diff", "", "also show what changes from this BASE: a Git revision, or a directory")
	set.StringVar(&f.stage, "diff-stage", render.StageManifests, "what to compare: "+strings.Join(stages, ", "))
	command.Values(set, "diff-stage", stages)
	set.BoolVar(&f.serve, "serve", false, "serve the pages until this ends, and make them anew when a file changes")
	set.StringVar(&f.listen, "listen", "127.0.0.1:0", "with --serve: HOST:PORT of loopback; port 0 is any")
	set.BoolVar(&f.live, "live", false, "of pages that are served")
	_ = set.MarkHidden("live") // fails only for a flag that is not there
	f.Add(cmd)
	fleet := c.Fleet(cmd)
	command.Exclusive(cmd, "output-dir", "serve")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(cmd); err != nil {
			return err
		}
		if c.Stages == nil {
			return c.HandOver()
		}
		if f.serve {
			return f.serving(cmd, args, c, fleet)
		}
		err := f.write(cmd, args, c.Stages, fleet)
		if f.live && err != nil {
			// Where this cannot be written, standard error has it still.
			_ = f.writeFile(workshop.Trouble, []byte(address.Redact(err.Error())))
		}
		return err
	}
	return cmd
}

// check fails for what the flags do not say, or say wrongly.
func (f *flags) check(cmd *cobra.Command) error {
	if f.directory == "" && !f.serve {
		return usage.Error(errors.New("give the directory for the pages (--output-dir), or serve them (--serve)"))
	}
	if cmd.Flags().Changed("listen") && !f.serve {
		return usage.Error(errors.New("--listen is for --serve: give that"))
	}
	if from := cmd.Flags().Lookup("cluster-file"); f.serve && from.Value.String() == "-" {
		return usage.Error(errors.New("--serve: standard input is there once; give --cluster-file a file"))
	}
	if cmd.Flags().Changed("diff") && f.base == "" {
		return usage.Error(errors.New("--diff: give a Git revision, or a directory"))
	}
	if cmd.Flags().Changed("diff-stage") && f.base == "" {
		return usage.Error(errors.New("--diff-stage is for --diff: give that"))
	}
	if err := command.OneOf("diff-stage", f.stage, stages); err != nil {
		return err
	}
	return f.Check()
}

// write writes the pages.
func (f *flags) write(cmd *cobra.Command, args []string, of workshop.Stages, fleet Fleet) error {
	page := workshop.Page{Matrix: f.Matrix, Live: f.live}
	session, err := fleet.Open(cmd, args, &page.Matrix)
	if err != nil {
		return err
	}
	if f.base != "" {
		if page.Changes, err = fleet.Compare(cmd, args, f.base, f.stage); err != nil {
			return err
		}
	}
	page.Write = f.writeFile
	return of.Page(cmd.Context(), session, page)
}

// generator is in each page, and says that one may take its place.
const generator = `<meta name="generator" content="fleet-cmp">`

// writeFile writes a file of the pages.
func (f *flags) writeFile(name string, data []byte) error {
	const readable, enterable = 0o644, 0o755
	const hint = "give another directory with --output-dir"
	if err := os.MkdirAll(f.directory, enterable); err != nil {
		return problem.New("", 0, "%w", err).WithHint(hint)
	}
	root, err := os.OpenRoot(f.directory)
	if err != nil {
		return problem.New("", 0, "%w", err).WithHint(hint)
	}
	defer root.Close()
	if filepath.Ext(name) == ".html" {
		const most = 512 << 20 // bytes; what is larger is none of ours
		before, err := worktree.ReadFile(root.FS(), name, most)
		if err == nil && !bytes.Contains(before, []byte(generator)) || errors.Is(err, worktree.ErrTooLarge) {
			return problem.New("", 0, "%s is there, and is no page of this program", filepath.Join(f.directory, name)).
				WithHint("%s, or remove the file", hint)
		}
	}
	if err := worktree.WriteFile(root, name, data, readable); err != nil {
		return problem.New("", 0, "%w", err).WithHint(hint)
	}
	return nil
}

// serving serves the pages until a signal ends it.
func (f *flags) serving(cmd *cobra.Command, args []string, c Command, fleet Fleet) error {
	directories, err := fleet.Directories(args)
	if err != nil {
		return err
	}
	status, err := c.Stages.Serve(cmd.Context(), workshop.Serve{Listen: f.listen, Directories: directories,
		Print: c.Print, Stderr: cmd.ErrOrStderr(),
		Arguments: func(directory string) []string { return writing(cmd.Flags(), c.Arguments, directory) }})
	if err == nil && status != 0 {
		return c.Status(status)
	}
	return err
}

// writing returns the command line that writes the pages to a directory in place of one that serves them, with all that
// its flags have it say.
func writing(known *pflag.FlagSet, arguments []string, directory string) []string {
	var out []string
	written := []string{"--live", "--output-dir=" + directory}
	for i := 0; i < len(arguments); {
		if arguments[i] == "--" {
			return slices.Concat(out, written, arguments[i:])
		}
		name, next := flagOf(known, arguments[i])
		count := min(next, len(arguments)-i)
		if name != "serve" && name != "listen" {
			out = append(out, arguments[i:i+count]...)
		}
		i += count
	}
	return append(out, written...)
}

// flagOf returns the name of the flag that an argument is, or "", and how many arguments that are with its value.
func flagOf(known *pflag.FlagSet, argument string) (name string, count int) {
	if long, is := strings.CutPrefix(argument, "--"); is {
		name, _, hasValue := strings.Cut(long, "=")
		if flag := known.Lookup(name); flag != nil && !hasValue && flag.NoOptDefVal == "" {
			return name, 2
		}
		return name, 1
	}
	if short, is := strings.CutPrefix(argument, "-"); is {
		for i := range len(short) {
			if flag := known.ShorthandLookup(short[i : i+1]); flag != nil && flag.NoOptDefVal == "" {
				if i+1 == len(short) {
					return "", 2
				}
				break // what follows is its value
			}
		}
	}
	return "", 1
}

// Package command is what the commands share: arguments and flags that are checked in the same way, and the flags that
// say where the fleet is.
package command

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// SeeHelp is the hint where to read more.
func SeeHelp(cmd *cobra.Command) string { return fmt.Sprintf("see '%s --help'", cmd.CommandPath()) }

// otherCommands are commands of other programs, and what does the same here.
var otherCommands = map[string]string{"build": "render", "get": "clusters", "manifests": "render",
	"template": "render", "validate": "lint", "verify": "lint"}

// NoCommand is for a command that has only subcommands: it fails for an argument, with the command that was probably
// meant.
func NoCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, command := range cmd.Commands() {
		names = append(names, command.Name())
	}
	hint := problem.Suggest(args[0], names, SeeHelp(cmd))
	if other := otherCommands[args[0]]; slices.Contains(names, other) {
		hint = problem.Suggest(other, names, SeeHelp(cmd))
	}
	return usage.Error(fmt.Errorf("there is no command %q; %s", args[0], hint))
}

// OnePath accepts at most one argument, the app path. It fails with a usage error for more.
func OnePath(cmd *cobra.Command, args []string) error {
	if len(args) <= 1 {
		return nil
	}
	hint := SeeHelp(cmd)
	if from := cmd.Flags().Lookup("from"); from != nil && !slices.ContainsFunc(args, IsDirectory) {
		hint = fmt.Sprintf("%s and the others are no directories: give files with ApplicationSets as --from %s, "+
			"and values files each with -f", args[0], strings.Join(args, " "))
	}
	return usage.Error(fmt.Errorf("one app path is possible, not %d; %s", len(args), hint))
}

// IsDirectory tells whether a path is a directory.
func IsDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// PathIn returns the app path of a command line: PATH, or else the root of the repository, if that is given, or the
// current directory.
func PathIn(args []string, repoRoot string) string {
	switch {
	case len(args) > 0:
		return args[0]
	case repoRoot != "":
		return repoRoot
	}
	return "."
}

// Exclusive has a command fail if more than one of some flags is given. It may be called again, for other flags.
func Exclusive(cmd *cobra.Command, flags ...string) {
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if before != nil {
			if err := before(cmd, args); err != nil {
				return err
			}
		}
		given := slices.DeleteFunc(slices.Clone(flags), func(name string) bool { return !cmd.Flags().Changed(name) })
		if len(given) > 1 {
			return usage.Error(fmt.Errorf("give only one of --%s; see '%s --help'", strings.Join(given, " and --"),
				cmd.CommandPath()))
		}
		return nil
	}
}

// OneOf fails if the value of a flag is none of the possible ones, with the one that was probably meant.
func OneOf(flag, value string, possible []string) error {
	for _, p := range possible {
		if value == p {
			return nil
		}
	}
	err := fmt.Errorf("--%s is one of %s, not %q", flag, strings.Join(possible, ", "), value)
	if hint := problem.Suggest(value, possible, ""); hint != "" {
		err = fmt.Errorf("%w; %s", err, hint)
	}
	return usage.Error(err)
}

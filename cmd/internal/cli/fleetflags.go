package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
)

// fleetFlags say where the fleet is.
type fleetFlags struct {
	limit    *limiting.Limiter // held to what the fleet says
	repoRoot string
}

func (f *fleetFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.repoRoot, "repo-root", "",
		"root of the repository; by default the nearest directory with fleet.yaml, or else .git")
}

// directory is where the fleet is, for the commands that have no PATH.
func (f *fleetFlags) directory() string {
	if f.repoRoot != "" {
		return f.repoRoot
	}
	return "."
}

// exclusive has a command fail if more than one of some flags is given.
func exclusive(cmd *cobra.Command, flags ...string) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		given := slices.DeleteFunc(slices.Clone(flags), func(name string) bool { return !cmd.Flags().Changed(name) })
		if len(given) > 1 {
			return usage.Error(fmt.Errorf("give only one of --%s; see '%s --help'", strings.Join(given, " and --"),
				cmd.CommandPath()))
		}
		return nil
	}
}

// completeHub proposes the hubs for the flag --hub.
func (f *fleetFlags) completeHub(cmd *cobra.Command) {
	// The error is for a flag that does not exist.
	_ = cmd.RegisterFlagCompletionFunc("hub",
		func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			repository, loaded, _, err := f.open(f.directory())
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			hubs, _ := member.Hubs(loaded, repository) // without those, there is nothing to propose
			return hubs, cobra.ShellCompDirectiveNoFileComp
		})
}

// open reads the fleet of an app path, and returns the directory of its repository too. It fails if there is no fleet.
func (f *fleetFlags) open(appPath string) (*hierarchy.Repository, *fleet.Fleet, string, error) {
	fsys, inside, err := files.OpenRepository(appPath, f.repoRoot)
	if err != nil {
		return nil, nil, "", err
	}
	root, err := filepath.Abs(appPath)
	if err != nil {
		return nil, nil, "", err
	}
	if inside != "." {
		root = strings.TrimSuffix(root, string(filepath.Separator)+filepath.FromSlash(inside))
	}
	repository := hierarchy.NewRepository(fsys)
	loaded, err := f.limit.Load(repository)
	if err == nil {
		err = requireFleet(repository, loaded, root)
	}
	return repository, loaded, root, err
}

// requireFleet fails where there is no fleet, and where its app paths do not exist: to find nothing would look like
// success.
func requireFleet(repository *hierarchy.Repository, f *fleet.Fleet, directory string) error {
	is, err := f.IsThere(repository)
	switch {
	case err != nil:
		return err
	case !is:
		return fleet.NotFound(directory)
	}
	return f.CheckPaths(repository)
}

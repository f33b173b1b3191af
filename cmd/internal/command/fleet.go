package command

import (
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/files"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

// A Fleet is the flags that say where the fleet is.
type Fleet struct {
	Limit    *limiting.Limiter // held to what the fleet says
	RepoRoot string
	// Checkouts are those of the fleet's other repositories.
	Checkouts files.Checkouts
}

// Add adds the flags to a set.
func (f *Fleet) Add(flags *pflag.FlagSet) {
	flags.StringVar(&f.RepoRoot, "repo-root", "",
		"root of the repository; by default the nearest directory with fleet.yaml, or else .git")
	f.Checkouts.Add(flags)
}

// Directory is where the fleet is, for the commands that have no PATH.
func (f *Fleet) Directory() string {
	if f.RepoRoot != "" {
		return f.RepoRoot
	}
	return "."
}

// Open reads the fleet of an app path, and returns the directory of its repository too. It fails if there is no fleet.
func (f *Fleet) Open(appPath string) (*hierarchy.Repository, *fleet.Fleet, string, error) {
	fsys, inside, err := files.OpenFleet(appPath, f.RepoRoot, &f.Checkouts)
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
	loaded, err := f.Limit.Load(repository)
	if err == nil {
		err = RequireFleet(repository, loaded, root)
	}
	return repository, loaded, root, err
}

// RequireFleet fails where there is no fleet, and where its app paths do not exist: to find nothing would look like
// success.
func RequireFleet(repository *hierarchy.Repository, f *fleet.Fleet, directory string) error {
	is, err := f.IsThere(repository)
	switch {
	case err != nil:
		return err
	case !is:
		return fleet.NotFound(directory)
	}
	return f.CheckPaths(repository)
}

package fleet

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// IsThere tells whether a repository holds a fleet: fleet.yaml, or one of the files and directories that a fleet has
// without it. It fails if that cannot be known.
func (f *Fleet) IsThere(repo *hierarchy.Repository) (bool, error) {
	if f.document != nil {
		return true, nil
	}
	for _, name := range append([]string{f.Catalog.Path, f.Members}, f.AppPaths()...) {
		if exists, err := repo.HasDirectory(name); err != nil || exists {
			return exists, err
		}
	}
	return repo.HasFile(f.Releases)
}

// CheckPaths fails if an app path that fleet.yaml names is no directory: what the levels there say of clusters would be
// lost.
func (f *Fleet) CheckPaths(repo *hierarchy.Repository) error {
	for _, name := range slices.Sorted(maps.Keys(f.Groups)) {
		if err := f.CheckPath(repo, f.Groups[name]); err != nil {
			return err
		}
	}
	return nil
}

// CheckPath fails if an app path that fleet.yaml names for a group is no directory.
func (f *Fleet) CheckPath(repo *hierarchy.Repository, g *Group) error {
	paths := map[string][]string{"repoNames": g.RepoNames}
	if g.PathNamed {
		paths["path"] = []string{g.Path}
	}
	for _, key := range slices.Sorted(maps.Keys(paths)) {
		for _, p := range paths[key] {
			exists, err := repo.HasDirectory(p)
			if err != nil {
				return err
			}
			if !exists {
				return problem.New(f.file(), f.Line("spec", "groups", g.Name, key),
					"the app path %s of group %s is not a directory of the repository", p, g.Name).
					WithHint("correct %s, or add the directory", key)
			}
		}
	}
	return nil
}

// NotFound is the error where there is no fleet; directory names what was looked at.
func NotFound(directory string) error {
	return problem.New("", 0, "there is no fleet in %s: %s", directory, noMarks()).WithHint(hintNoFleet)
}

const hintNoFleet = "give the directory of the fleet as PATH, or with --repo-root"

// noMarks says what a directory without a fleet has not.
func noMarks() string {
	f := defaultFleet()
	return fmt.Sprintf("neither %s nor any of %s", hierarchy.FleetFile,
		strings.Join(append([]string{f.Catalog.Path, f.Members, f.Releases}, f.AppPaths()...), ", "))
}

// NoAppPath is the error for a group whose app path is no directory of the repository. Where there is no fleet at all,
// it says that.
func (f *Fleet) NoAppPath(repo *hierarchy.Repository, group, appPath string) error {
	is, err := f.IsThere(repo)
	if err != nil {
		return err
	}
	p := problem.New(appPath, 0, "the app path of group %s is not a directory of the repository", group)
	if !is {
		p.Message += ", in which there is no fleet at all: " + noMarks()
		return p.WithHint(hintNoFleet)
	}
	return p.WithHint("give it as PATH, or set the group's path in %s", hierarchy.FleetFile)
}

// GroupsAt returns the names of the groups with an app path, sorted; at the root of the repository, those of all
// groups.
func (f *Fleet) GroupsAt(appPath string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(f.Groups)) {
		if appPath == "." || f.Groups[name].Path == appPath {
			names = append(names, name)
		}
	}
	return names
}

// GroupsFor returns the names of the groups with an app path as [Fleet.GroupsAt] does, or else of those that fleet.yaml
// puts at a directory around it.
func (f *Fleet) GroupsFor(appPath string) []string {
	names := f.GroupsAt(appPath)
	if len(names) > 0 {
		return names
	}
	for _, name := range slices.Sorted(maps.Keys(f.Groups)) {
		if g := f.Groups[name]; g.PathNamed && strings.HasPrefix(appPath, g.Path+"/") {
			names = append(names, name)
		}
	}
	return names
}

// AllGroups returns the names of all groups for a request that names none, and the app path for it. Those of fleet.yaml
// are rendered from any directory; of those that are built in, the ones with this app path, if there are any.
func (f *Fleet) AllGroups(appPath string) (names []string, at string) {
	if !f.describesGroups() {
		if names := f.GroupsAt(appPath); len(names) > 0 {
			return names, appPath
		}
		appPath = "."
	}
	return slices.Sorted(maps.Keys(f.Groups)), appPath
}

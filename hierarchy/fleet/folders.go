package fleet

import (
	"maps"
	"path"
	"slices"
)

// MemberDirectory returns the directory of the repository with the members of a hub.
func (f *Fleet) MemberDirectory(hub string) string { return path.Join(f.Members, hub) }

// MemberFile returns the name of a new member's file in the repository: HUB/NAME.yaml below the directory of the
// members.
func (f *Fleet) MemberFile(hub, name string) string {
	return path.Join(f.MemberDirectory(hub), name+".yaml")
}

// AppPaths returns the app paths of all groups, sorted.
func (f *Fleet) AppPaths() []string {
	paths := map[string]bool{}
	for _, g := range f.Groups {
		paths[g.Path] = true
		for _, p := range g.RepoNames {
			paths[p] = true
		}
	}
	return slices.Sorted(maps.Keys(paths))
}

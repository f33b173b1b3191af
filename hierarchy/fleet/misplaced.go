package fleet

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// MisplacedSettings returns a finding for each file that has the name of a group's settings in a directory of a level,
// and is none: they are where the group says ([Group.SettingsIn]). So it does for files there whose name is nearly that
// of the group, and of no other.
func (f *Fleet) MisplacedSettings(repo *hierarchy.Repository, levels []ClusterLevel,
	group *Group) ([]*problem.Problem, error) {
	var found []*problem.Problem
	for _, level := range levels {
		for _, directory := range level.Directories {
			files := group.SettingsIn(directory)
			right := files[len(files)-1]
			wrong := otherPlaces(files, directory, group)
			misspelt, err := f.misspeltSettings(repo, path.Dir(right), group.Name)
			if err != nil {
				return nil, err
			}
			for _, file := range slices.Concat(wrong, misspelt) {
				is, err := repo.HasFile(file)
				if err != nil {
					return nil, err
				}
				if !is || slices.Contains(files, file) {
					continue
				}
				p := problem.New(file, 0, "the settings of group %s are not read from here", group.Name).
					WithHint("move them to %s", right)
				if slices.Contains(misspelt, file) {
					p = problem.New(file, 0, "there is no group of this name, so that nobody reads the file").
						WithHint("did you mean %s?", right)
				}
				found = append(found, p.WithRule(problem.RuleUnreadFile))
			}
		}
	}
	return found, nil
}

// otherPlaces returns the places in a directory of a level where other fleets, and other extensions, have the settings
// of a group that are in files.
func otherPlaces(files []string, directory string, group *Group) []string {
	inDirectory, plain := path.Join(directory, "application-sets", group.Name), path.Join(directory, group.Name)
	var wrong []string
	for _, place := range []string{inDirectory + ".yml", plain + ".yml", plain + ".yaml", inDirectory + ".yaml"} {
		if !slices.Contains(files, place) {
			wrong = append(wrong, place)
		}
	}
	return wrong
}

// misspeltSettings returns the files of a directory whose names are nearly that of a group.
func (f *Fleet) misspeltSettings(repo *hierarchy.Repository, directory, group string) ([]string, error) {
	entries, err := repo.Entries(directory)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, entry := range entries {
		extension := path.Ext(entry.Name())
		name := strings.TrimSuffix(entry.Name(), extension)
		if extension != ".yaml" && extension != ".yml" || f.Groups[name] != nil {
			continue
		}
		if problem.Likely(name, slices.Sorted(maps.Keys(f.Groups))) == group {
			found = append(found, path.Join(directory, entry.Name()))
		}
	}
	return found, nil
}

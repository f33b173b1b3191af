package fleet

import (
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// placeholderGroup stands for the name of the group in settingsFiles.
const placeholderGroup = "GROUP"

// readSettingsFiles reads where a group's settings are in the directories of the levels, with the group's name filled
// in; nil where fleet.yaml does not say it.
func readSettingsFiles(r *fields.Reader, group string) []string {
	const key = "settingsFiles"
	list := r.Texts(key)
	if r.Has(key) && len(list) == 0 {
		r.Fail(key, "settingsFiles is empty, so that no level would have settings; "+
			"leave it out to have application-sets/GROUP.yaml")
	}
	if len(list) > maxLevelPaths {
		r.Fail(key, "there are %d settingsFiles, more than %d", len(list), maxLevelPaths)
		return nil
	}
	var files []string
	for _, text := range list {
		if strings.Contains(text, "{{") || path.Ext(text) != ".yaml" && path.Ext(text) != ".yml" {
			r.Fail(key, "settingsFiles must be YAML files below the directory of a level, such as %s.yaml, not %q",
				placeholderGroup, text)
		}
		file := checkPath(r, key, strings.ReplaceAll(text, placeholderGroup, group))
		if slices.Contains(files, file) {
			r.Fail(key, "settingsFiles has %s twice", file)
		}
		files = append(files, file)
	}
	return files
}

// SettingsIn returns the files of the group's settings in a directory of a level, whether they exist or not, lowest
// first. They are those of fleet.yaml, or else application-sets/GROUP.yaml, and before it, in a directory of
// `bootstrap/`, GROUP.yaml.
func (g *Group) SettingsIn(directory string) []string {
	if len(g.SettingsFiles) > 0 {
		files := make([]string, len(g.SettingsFiles))
		for i, file := range g.SettingsFiles {
			files[i] = path.Join(directory, file)
		}
		return files
	}
	file := path.Join(directory, "application-sets", g.Name+".yaml")
	if path.Base(path.Dir(directory)) == "bootstrap" {
		return []string{path.Join(directory, g.Name+".yaml"), file}
	}
	return []string{file}
}

// NamesSettings tells whether fleet.yaml says that a file below some directory has a group's settings.
func (f *Fleet) NamesSettings(file string) bool {
	for _, g := range f.Groups {
		if slices.ContainsFunc(g.SettingsFiles, func(s string) bool { return strings.HasSuffix("/"+file, "/"+s) }) {
			return true
		}
	}
	return false
}

// SettingsFiles returns the files of a group's settings in the levels' directories, lowest first. It fails if one
// cannot be read.
func SettingsFiles(repo *hierarchy.Repository, levels []ClusterLevel, group *Group) ([]hierarchy.Layer, error) {
	return collect(repo, levels, group.SettingsIn)
}

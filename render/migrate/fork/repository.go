package fork

import (
	"io/fs"
	"path"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// Usual returns levels with those of their directories that a repository has below an app path. Other files than those
// of a group may be there, such as the labels of clusters.
func Usual(tree fs.FS, levels []fleet.Level, appPath string) []Level {
	var all []Level
	for _, level := range levels {
		var paths []string
		for _, directory := range level.Paths {
			found, err := fs.Glob(tree, path.Join(appPath, template.ReplaceAllString(directory, "*")))
			if err == nil && len(found) > 0 {
				paths = append(paths, directory)
			}
		}
		if len(paths) > 0 {
			all = append(all, Level{Name: level.Name, Paths: paths})
		}
	}
	return all
}

// Keys returns what tells the key of a component, of which the ApplicationSet has the name, by the files of a source
// with the chart.
func Keys(tree fs.FS, source map[string]any) func(name string) string {
	repository := hierarchy.NewRepository(tree)
	directory := path.Clean(text(source, "path"))
	names := []string{path.Join(directory, "values.yaml")}
	if more, err := fs.Glob(tree, path.Join(directory, "values", "*.yaml")); err == nil {
		names = append(names, more...)
	}
	for _, file := range texts(fields.AsMap(source["helm"])["valueFiles"]) {
		_, name, _ := strings.Cut(file, "/")
		names = append(names, path.Clean(name))
	}
	known := map[string]string{}
	for _, name := range names {
		if !fs.ValidPath(name) {
			continue
		}
		if d, err := repository.Document(name); err == nil && d != nil {
			for key := range d.Values {
				known[strings.ReplaceAll(key, "_", "-")] = key
			}
		}
	}
	return func(name string) string {
		// Also behind what the fork puts before it.
		for rest, more := name, true; more; _, rest, more = strings.Cut(rest, "-") {
			if key := known[rest]; key != "" {
				return key
			}
		}
		return name
	}
}

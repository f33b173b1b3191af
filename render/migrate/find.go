package migrate

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// maxLooked is how many files of a repository are looked into.
const maxLooked = 20_000

// A found file is one with ApplicationSets.
type found struct {
	name    string
	text    string
	objects []object
}

// bootstraps returns the files with the ApplicationSets that start the fleet of a hub: those in a directory that has
// the hub's name, or else those that name the wrapper chart and lie in no directory that another one of them deploys.
// asked are files or directories to take instead. It fails if there are none.
func bootstraps(tree fs.FS, hub, chart string, asked []string) ([]found, []string, error) {
	all, notes, err := withApplicationSets(tree, asked)
	if err != nil {
		return nil, nil, err
	}
	if len(asked) > 0 && len(all) > 0 {
		return all, notes, nil
	}
	ofHub := slices.DeleteFunc(slices.Clone(all), func(f found) bool {
		return !slices.Contains(strings.Split(path.Dir(f.name), "/"), hub)
	})
	if len(ofHub) > 0 {
		return ofHub, notes, nil
	}
	roots := slices.DeleteFunc(slices.Clone(all), func(f found) bool {
		return !strings.Contains(f.text, chart) || deployed(f, all)
	})
	if len(roots) == 0 {
		return nil, notes, problem.New("", 0, "no file of the repository has an ApplicationSet that starts the fleet "+
			"of hub %q with the chart %s", hub, chart).WithHint("name the files or directories (--bootstrap PATH)")
	}
	return roots, notes, nil
}

// deployed tells whether another ApplicationSet deploys the directory of one: it has a path, or a part of one, that
// ends with the directory's name.
func deployed(f found, all []found) bool {
	directory := regexp.QuoteMeta(path.Base(path.Dir(f.name)))
	ends := regexp.MustCompile(`(?m)(/|path:\s*['"]?)` + directory + `['"]?\s*([,}]|$)`)
	return slices.ContainsFunc(all, func(other found) bool {
		return path.Dir(other.name) != path.Dir(f.name) && ends.MatchString(other.text)
	})
}

// withApplicationSets returns the files that have ApplicationSets, in their order. Directories of charts are left out:
// what is there is a template.
func withApplicationSets(tree fs.FS, asked []string) ([]found, []string, error) {
	var all []found
	var notes []string
	looked := 0
	if len(asked) == 0 {
		asked = []string{"."}
	}
	look := func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if _, err := fs.Stat(tree, path.Join(name, "Chart.yaml")); err == nil {
				return fs.SkipDir
			}
			return nil
		}
		if looked++; looked > maxLooked {
			return problem.New("", 0, "the repository has more than %d files", maxLooked).
				WithHint("name the files or directories with the ApplicationSets (--bootstrap PATH)")
		}
		if extension := path.Ext(name); !slices.Contains([]string{".yaml", ".yml", ".json"}, extension) {
			return nil
		}
		data, err := worktree.ReadFile(tree, name, hierarchy.MaxFileSize)
		var objects []map[string]any
		if err == nil && bytes.Contains(data, []byte("ApplicationSet")) {
			objects, err = hierarchy.ParseObjects(name, data)
		}
		if err != nil {
			notes = append(notes, fmt.Sprintf("%s is left out: %v", name, err))
			return nil
		}
		objects = slices.DeleteFunc(objects, func(o map[string]any) bool { return !isArgo(o) })
		if len(objects) > 0 {
			all = append(all, found{name, string(data), objects})
		}
		return nil
	}
	for _, root := range asked {
		if err := fs.WalkDir(tree, path.Clean(root), look); err != nil {
			return nil, nil, err
		}
	}
	return all, notes, nil
}

// Package starting finds the ApplicationSets that start a fleet in a repository.
package starting

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

// A File is one with ApplicationSets.
type File struct {
	Name    string
	Objects []map[string]any

	text string
}

// Files returns the files with the ApplicationSets that start the fleet of a hub. They are those in a directory that
// has the hub's name, or else those that name the wrapper chart and lie in no directory that another one of them
// deploys. asked are files or directories to take instead. It fails if there are none.
func Files(tree fs.FS, hub, chart string, asked []string) ([]File, []string, error) {
	all, notes, err := withApplicationSets(tree, asked)
	if err != nil {
		return nil, nil, err
	}
	if len(asked) > 0 && len(all) > 0 {
		return all, notes, nil
	}
	ofHub := slices.DeleteFunc(slices.Clone(all), func(f File) bool {
		return !slices.Contains(strings.Split(path.Dir(f.Name), "/"), hub)
	})
	if len(ofHub) > 0 {
		return ofHub, notes, nil
	}
	roots := slices.DeleteFunc(slices.Clone(all), func(f File) bool {
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
func deployed(f File, all []File) bool {
	directory := regexp.QuoteMeta(path.Base(path.Dir(f.Name)))
	ends := regexp.MustCompile(`(?m)(/|path:\s*['"]?)` + directory + `['"]?\s*([,}]|$)`)
	return slices.ContainsFunc(all, func(other File) bool {
		return path.Dir(other.Name) != path.Dir(f.Name) && ends.MatchString(other.text)
	})
}

// withApplicationSets returns the files that have ApplicationSets, in their order. Directories of charts are left out:
// what is there is a template.
func withApplicationSets(tree fs.FS, asked []string) ([]File, []string, error) {
	var all []File
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
		objects = slices.DeleteFunc(objects, func(o map[string]any) bool { return !IsArgo(o) })
		if len(objects) > 0 {
			all = append(all, File{Name: name, Objects: objects, text: string(data)})
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

// IsArgo tells whether an object is one of Argo CD's own kinds.
func IsArgo(object map[string]any) bool {
	version, _ := object["apiVersion"].(string)
	return strings.HasPrefix(version, "argoproj.io/")
}

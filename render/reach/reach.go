// Package reach knows what else in the repository a directory is rendered from: what its kustomization names, the
// charts that its chart depends on, and what links lead to. It takes each text that names something in the repository
// for a name, so that none is missed.
package reach

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// Any stands in the name of a directory for what is not known of it, such as a template: any text, also with slashes.
const Any = "\x00"

// A Tree is the repository on one side, as documents and as files.
type Tree struct {
	Repository *hierarchy.Repository
	Files      fs.FS
}

// Reach answers for the directories of one or more trees, such as both sides of a comparison: each question once. It is
// safe for concurrent use.
type Reach struct {
	trees []Tree

	mu     sync.Mutex
	known  map[string][]string
	listed func() listing
}

// New returns a Reach that knows what directories name in any of the trees.
func New(trees ...Tree) *Reach {
	r := &Reach{trees: trees, known: map[string][]string{}}
	r.listed = sync.OnceValue(r.list)
	return r
}

// naming are the files that name others.
var naming = []string{"kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml"}

// Of returns what a directory names outside of itself, whatever that names in turn included. Of a name with [Any], it
// is what all directories name that it can be of. Links are not followed.
func (r *Reach) Of(directory string) []string {
	if !fs.ValidPath(directory) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if found, known := r.known[directory]; known {
		return found
	}
	directories := []string{directory}
	if strings.Contains(directory, Any) {
		directories = r.listed().matching(directory)
	}
	found := map[string]bool{}
	for _, one := range directories {
		r.follow(one, found)
	}
	outside := slices.Sorted(maps.Keys(found))
	r.known[directory] = outside
	return outside
}

// follow adds what a directory names outside of itself.
func (r *Reach) follow(directory string, outside map[string]bool) {
	found := map[string]bool{directory: true}
	pending := []string{directory}
	for len(pending) > 0 {
		next := pending[0]
		pending = pending[1:]
		for _, name := range r.named(next) {
			if !found[name] {
				found[name] = true
				pending = append(pending, name)
			}
		}
	}
	for name := range found {
		if !below(name, directory) {
			outside[name] = true
		}
	}
}

// below tells whether a path is a directory, or is in it.
func below(name, directory string) bool {
	return name == directory || directory == "." || strings.HasPrefix(name, directory+"/")
}

// named returns what the files of a directory name.
func (r *Reach) named(directory string) []string {
	var found []string
	for _, tree := range r.trees {
		for _, name := range naming {
			at := path.Join(directory, name)
			if is, err := tree.Repository.HasFile(at); err != nil || !is {
				continue
			}
			document, err := tree.Repository.Document(at)
			if err != nil || document == nil {
				continue
			}
			for _, text := range texts(document.Values, nil) {
				text = strings.TrimPrefix(text, "file://")
				_, file, _ := strings.Cut(text, "=") // KEY=FILE, of a generator
				for _, text := range []string{text, file} {
					target := path.Join(directory, text)
					if strings.HasPrefix(text, "/") || !fs.ValidPath(target) || target == directory {
						continue
					}
					if is, err := tree.Repository.Exists(target); err == nil && is {
						found = append(found, target)
					}
				}
			}
		}
	}
	return found
}

// texts returns all strings in a value.
func texts(value any, all []string) []string {
	switch value := value.(type) {
	case string:
		return append(all, value)
	case []any:
		for _, item := range value {
			all = texts(item, all)
		}
	case map[string]any:
		for _, item := range value {
			all = texts(item, all)
		}
	}
	return all
}

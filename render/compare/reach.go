package compare

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// reach knows which other files and directories a directory names: those of a kustomization, and the charts that a
// chart depends on. It takes each text that names something in the repository for a name, so that none is missed.
type reach struct {
	repositories []*hierarchy.Repository // of both sides

	mu    sync.Mutex
	known map[string][]string
}

func newReach(repositories ...*hierarchy.Repository) *reach {
	return &reach{repositories: repositories, known: map[string][]string{}}
}

// naming are the files that name others.
var naming = []string{"kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml"}

// of returns what a directory names outside of itself, whatever that names in turn included.
func (r *reach) of(directory string) []string {
	if strings.Contains(directory, unknown) || !fs.ValidPath(directory) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if found, known := r.known[directory]; known {
		return found
	}
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
	var outside []string
	for name := range found {
		if name != directory && !strings.HasPrefix(name, directory+"/") && directory != "." {
			outside = append(outside, name)
		}
	}
	slices.Sort(outside)
	r.known[directory] = outside
	return outside
}

// named returns what the files of a directory name.
func (r *reach) named(directory string) []string {
	var found []string
	for _, repository := range r.repositories {
		for _, name := range naming {
			at := path.Join(directory, name)
			if is, err := repository.HasFile(at); err != nil || !is {
				continue
			}
			document, err := repository.Document(at)
			if err != nil || document == nil {
				continue
			}
			for _, text := range texts(document.Values, nil) {
				text = strings.TrimPrefix(text, "file://")
				target := path.Join(directory, text)
				if strings.HasPrefix(text, "/") || !fs.ValidPath(target) || target == directory {
					continue
				}
				if is, err := repository.Exists(target); err == nil && is {
					found = append(found, target)
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

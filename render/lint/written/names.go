package written

import (
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Names are the paths that were read or looked for, with the directories that they are in.
type Names struct {
	all     map[string]bool
	entries map[string][]string // of each directory
}

// NewNames returns the names in lists of paths.
func NewNames(lists ...[]string) *Names {
	n := &Names{all: map[string]bool{".": true}, entries: map[string][]string{}}
	for _, name := range slices.Concat(lists...) {
		for ; !n.all[name]; name = path.Dir(name) {
			n.all[name] = true
			n.entries[path.Dir(name)] = append(n.entries[path.Dir(name)], path.Base(name))
		}
	}
	return n
}

// Has tells whether a path, or something in it, was read or looked for.
func (n *Names) Has(name string) bool { return n.all[name] }

// Near returns the path that a wrong one probably was meant to be: it differs in one name, the last one if possible.
func (n *Names) Near(wrong string) string {
	parts := strings.Split(wrong, "/")
	for i := len(parts) - 1; i >= 0; i-- {
		before, after := path.Join(parts[:i]...), path.Join(parts[i+1:]...)
		var candidates []string
		for _, name := range n.entries[path.Join(".", before)] {
			if name != parts[i] && n.all[path.Join(before, name, after)] {
				candidates = append(candidates, name)
			}
		}
		slices.Sort(candidates)
		if meant := problem.Likely(parts[i], candidates); meant != "" {
			return path.Join(before, meant, after)
		}
	}
	return ""
}

// HasCopy tells whether a component file is read in another catalog than the one of these that it is in: the
// repositories of a fleet can have copies of one catalog, of which each group has its own component files.
func (n *Names) HasCopy(file string, catalogs []string) bool {
	for _, catalog := range catalogs {
		rest, is := strings.CutPrefix(file, catalog+"/values/")
		if is && slices.ContainsFunc(catalogs, func(other string) bool {
			return other != catalog && n.Has(path.Join(other, "values", rest))
		}) {
			return true
		}
	}
	return false
}

// Package paths knows which paths differ between two trees of files, and answers which of them something reads, also
// where the name of that is not known as a whole.
package paths

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/eks-fleet-management/fleet-cmp/render/reach"
)

// Paths are the ones that differ between two trees, and those that lead to them through links.
type Paths struct {
	set    map[string]bool
	sorted []string
	all    bool // too many lead to them, so that each may
}

// How many links there can be on a path, as for Linux (path_resolution(7)), and how many paths lead through links to
// those that differ. Where links lead in circles, there is no end of them.
const (
	maxLinks  = 40
	maxLinked = 10_000
)

// New returns the paths for which some are those that differ. links are those of both trees: where each leads.
func New(changed []string, links map[string][]string) *Paths {
	p := &Paths{set: make(map[string]bool, len(changed))}
	for _, name := range changed {
		p.set[name] = true
	}
	next := changed
	for range maxLinks {
		if len(links) == 0 || len(next) == 0 {
			break
		}
		var linked []string
		for _, name := range next {
			for target, from := range links {
				if !p.all && (name == target || strings.HasPrefix(name, target+"/")) {
					linked = p.add(linked, from, name[len(target):])
					p.all = len(p.set) > len(changed)+maxLinked
				}
			}
		}
		next = linked
	}
	for name := range p.set {
		p.sorted = append(p.sorted, name)
	}
	slices.Sort(p.sorted)
	return p
}

// add adds what leads to a path through links, and appends what is new to a list.
func (p *Paths) add(list, links []string, rest string) []string {
	for _, link := range links {
		if name := link + rest; !p.set[name] {
			p.set[name] = true
			list = append(list, name)
		}
	}
	return list
}

// Links adds the links of a tree to where they lead. It fails if the tree cannot be listed, but for submodules.
func Links(fsys fs.FS, links map[string][]string) error {
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink == 0 {
			return ignoreSubmodules(err, d)
		}
		target, err := fs.ReadLink(fsys, name)
		if err == nil && !path.IsAbs(target) {
			target = path.Join(path.Dir(name), target)
			if !slices.Contains(links[target], name) {
				links[target] = append(links[target], name)
			}
		}
		return nil // where it leads nowhere, a render says so
	})
}

// ignoreSubmodules leaves out directories that cannot be listed: a render that needs one says so.
func ignoreSubmodules(err error, d fs.DirEntry) error {
	if err != nil && d != nil && d.IsDir() {
		return fs.SkipDir
	}
	return err
}

// Has tells whether a path differs, or is below a link or file that does.
func (p *Paths) Has(name string) bool {
	if p.all {
		return true
	}
	for ; name != "."; name = path.Dir(name) {
		if p.set[name] {
			return true
		}
	}
	return false
}

// Below tells whether something differs in a directory.
func (p *Paths) Below(directory string) bool {
	if directory == "." || p.all {
		return len(p.sorted) > 0
	}
	if p.Has(directory) {
		return true
	}
	i, _ := slices.BinarySearch(p.sorted, directory+"/")
	return i < len(p.sorted) && strings.HasPrefix(p.sorted[i], directory+"/")
}

// Matching returns the paths that differ and are what Applications name: files, patterns of files, directories.
func (p *Paths) Matching(files, directories []string) []string {
	if p.all {
		return slices.Compact(slices.Sorted(slices.Values(slices.Concat(files, directories))))
	}
	var found []string
	for _, file := range files {
		switch {
		case strings.ContainsAny(file, "*?["):
			for _, name := range p.sorted {
				if is, err := doublestar.Match(file, name); is || err != nil {
					found = append(found, name)
				}
			}
		case p.Has(file):
			found = append(found, file)
		}
	}
	for _, directory := range directories {
		for _, name := range p.sorted {
			if directory == "." || name == directory || strings.HasPrefix(name, directory+"/") ||
				strings.HasPrefix(directory, name+"/") {
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// MayBe tells whether a path, of which parts are not known, can be one that differs. A directory is one below which
// something does.
func (p *Paths) MayBe(name string, directory bool) bool {
	if p.all {
		return true
	}
	if !strings.Contains(name, reach.Any) {
		switch {
		case !directory && strings.ContainsAny(name, "*?["):
			return len(p.Matching([]string{name}, nil)) > 0
		case directory:
			return p.Below(name)
		}
		return p.Has(name)
	}
	if strings.Contains(name, "..") {
		return len(p.sorted) > 0
	}
	first, _, _ := strings.Cut(name, reach.Any)
	last := name[strings.LastIndex(name, reach.Any)+len(reach.Any):]
	for _, changed := range p.sorted {
		ends := directory || strings.ContainsAny(last, "*?[") || strings.HasSuffix(changed, last)
		if strings.HasPrefix(changed, first) && ends {
			return true
		}
	}
	return false
}

package compare

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/eks-fleet-management/fleet-cmp/render/reach"
)

// paths are the ones that differ between two trees, and those that lead to them through links.
type paths struct {
	set    map[string]bool
	sorted []string
}

// newPaths returns the paths for which some are those that differ. links are those of both trees: where each leads.
func newPaths(changed []string, links map[string][]string) *paths {
	p := &paths{set: map[string]bool{}}
	pending := slices.Clone(changed)
	const most = 100_000 // links in a circle end here
	for len(pending) > 0 && len(p.set) < most {
		name := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if p.set[name] {
			continue
		}
		p.set[name] = true
		for target, from := range links {
			if rest, below := strings.CutPrefix(name, target); below && (rest == "" || rest[0] == '/') {
				for _, link := range from {
					pending = append(pending, link+rest)
				}
			}
		}
	}
	for name := range p.set {
		p.sorted = append(p.sorted, name)
	}
	slices.Sort(p.sorted)
	return p
}

// linksOf adds the links of a tree to where they lead.
func linksOf(fsys fs.FS, links map[string][]string) error {
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

// has tells whether a path differs, or is below a link or file that does.
func (p *paths) has(name string) bool {
	for ; name != "."; name = path.Dir(name) {
		if p.set[name] {
			return true
		}
	}
	return false
}

// below tells whether something differs in a directory.
func (p *paths) below(directory string) bool {
	if directory == "." {
		return len(p.sorted) > 0
	}
	if p.has(directory) {
		return true
	}
	i, _ := slices.BinarySearch(p.sorted, directory+"/")
	return i < len(p.sorted) && strings.HasPrefix(p.sorted[i], directory+"/")
}

// matching returns the paths that differ and are what Applications name: files, patterns of files, directories.
func (p *paths) matching(files, directories []string) []string {
	var found []string
	for _, file := range files {
		switch {
		case strings.ContainsAny(file, "*?["):
			for _, name := range p.sorted {
				if is, err := doublestar.Match(file, name); is || err != nil {
					found = append(found, name)
				}
			}
		case p.has(file):
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

// mayBe tells whether a path, of which parts are not known, can be one that differs. A directory is one below which
// something does.
func (p *paths) mayBe(name string, directory bool) bool {
	if !strings.Contains(name, reach.Any) {
		switch {
		case !directory && strings.ContainsAny(name, "*?["):
			return len(p.matching([]string{name}, nil)) > 0
		case directory:
			return p.below(name)
		}
		return p.has(name)
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

package lint

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// reads are what the Applications of the fleet read.
type reads struct {
	files       map[string]bool // also such as do not exist
	patterns    map[string]bool
	directories map[string]bool
}

func (r *reads) add(v stages.Visited) {
	for _, file := range v.Reads.Files {
		if strings.ContainsAny(file, "*?[") {
			r.patterns[file] = true
		} else {
			r.files[file] = true
		}
	}
	for _, directory := range slices.Concat(v.Reads.Directories, v.Overlays) {
		r.directories[directory] = true
	}
}

// read tells whether an Application reads a file.
func (r *reads) read(file string) bool {
	if r.files[file] {
		return true
	}
	for directory := path.Dir(file); directory != "."; directory = path.Dir(directory) {
		if r.directories[directory] {
			return true
		}
	}
	for pattern := range r.patterns {
		if is, _ := doublestar.Match(pattern, file); is {
			return true
		}
	}
	return false
}

// checkUnread finds files that no render of any cluster reads. Where nothing of a directory is read, it is one finding.
func (l *linter) checkUnread() {
	if !l.reaches(render.StageApplications) {
		return
	}
	noted := newNames(l.session.Files(), slices.Collect(maps.Keys(l.reads.files)))
	var unread []string
	used := map[string]bool{} // directories in which something is read
	for _, file := range l.texts.files {
		if noted.all[file] || l.reads.read(file) || l.failed && l.mayBeRead(file) {
			for directory := path.Dir(file); !used[directory]; directory = path.Dir(directory) {
				used[directory] = true
			}
		} else if !belongsToNobody(file) {
			unread = append(unread, file)
		}
	}
	roots := map[string]bool{}
	for _, root := range l.roots() {
		roots[root] = true
	}
	by := map[string][]string{} // the highest directory of which nothing is read, or the file itself
	for _, file := range unread {
		top, misspelt := file, ""
		if noted.near(file) != "" {
			misspelt = file
		}
		for at := path.Dir(file); !used[at] && !roots[at] && at != "."; at = path.Dir(at) {
			if top = at; noted.near(at) != "" {
				misspelt = at
			}
		}
		by[cmp.Or(misspelt, top)] = append(by[cmp.Or(misspelt, top)], file)
	}
	for _, top := range slices.Sorted(maps.Keys(by)) {
		l.addUnread(top, by[top], noted)
	}
}

// mayBeRead tells whether a file is in a directory of a level of some cluster, under a name that means something there:
// what could not be rendered may have read it.
func (l *linter) mayBeRead(file string) bool {
	if l.levels == nil {
		l.levels = map[string]bool{}
		f := l.session.Fleet()
		for _, c := range l.clusters {
			levels, err := f.LevelsOf(l.session.Repository(), c, f.AppPaths()...)
			if err != nil {
				continue
			}
			for _, level := range levels {
				for _, directory := range level.Directories {
					l.levels[directory] = true
				}
			}
		}
	}
	f := l.session.Fleet()
	if name, is := strings.CutPrefix(file, f.Catalog.Path+"/values/"); is && !f.Catalog.InRepository() {
		for _, g := range f.Groups {
			if slices.Contains(g.Components, strings.TrimSuffix(name, ".yaml")) {
				return true
			}
		}
		return false
	}
	if !slices.ContainsFunc(f.AppPaths(), func(at string) bool { return strings.HasPrefix(file, at+"/") }) {
		return true
	}
	for directory := path.Dir(file); directory != "."; directory = path.Dir(directory) {
		if !l.levels[directory] {
			continue
		}
		first, _, nested := strings.Cut(strings.TrimPrefix(file, directory+"/"), "/")
		switch {
		case !nested, first == "application-sets":
			return true
		case first == wellknown.GroupFleet:
			return path.Base(path.Dir(file)) == "fleet-secret"
		case f.Groups[first] != nil:
			return true
		}
	}
	return false
}

// belongsToNobody tells whether a file is there for people, or for Git.
func belongsToNobody(file string) bool {
	base := path.Base(file)
	return strings.HasPrefix(base, ".") || strings.EqualFold(path.Ext(base), ".md") || base == "OWNERS" ||
		base == "CODEOWNERS"
}

func (l *linter) addUnread(top string, files []string, noted *names) {
	hint := "correct its name or place, or remove it"
	if meant := noted.near(top); meant != "" {
		hint = "did you mean " + meant + "?"
	}
	if len(files) == 1 {
		l.add(problem.New(files[0], 0, "no render of any cluster reads the file").WithHint("%s", hint).
			WithRule(problem.RuleUnreadFile, top))
		return
	}
	l.add(problem.New(top, 0, "no render of any cluster reads anything in the directory: %s", problem.Few(files)).
		WithHint("%s", hint).WithRule(problem.RuleUnreadFile, files...))
}

// names are the paths that were read or looked for, with the directories that they are in.
type names struct {
	all     map[string]bool
	entries map[string][]string // of each directory
}

func newNames(lists ...[]string) *names {
	n := &names{all: map[string]bool{".": true}, entries: map[string][]string{}}
	for _, name := range slices.Concat(lists...) {
		for ; !n.all[name]; name = path.Dir(name) {
			n.all[name] = true
			n.entries[path.Dir(name)] = append(n.entries[path.Dir(name)], path.Base(name))
		}
	}
	return n
}

// near returns the path that a wrong one probably was meant to be: it differs in one name, the last one if possible.
func (n *names) near(wrong string) string {
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

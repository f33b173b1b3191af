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
	noted := map[string]bool{}
	for _, name := range l.session.Files() {
		noted[name] = true
	}
	for name := range l.reads.files {
		noted[name] = true
	}
	var unread []string
	used := map[string]bool{} // directories in which something is read
	for _, file := range l.texts.files {
		if noted[file] || l.reads.read(file) || l.failed && l.mayBeRead(file) {
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
		if meantBy(file, noted) != "" {
			misspelt = file
		}
		for at := path.Dir(file); !used[at] && !roots[at] && at != "."; at = path.Dir(at) {
			if top = at; meantBy(at, noted) != "" {
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

func (l *linter) addUnread(top string, files []string, noted map[string]bool) {
	hint := "correct its name or place, or remove it"
	if meant := meantBy(top, noted); meant != "" {
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

// meantBy returns the path that was looked for and is nearest to one that was not: it differs in one name.
func meantBy(wrong string, noted map[string]bool) string {
	parts := strings.Split(wrong, "/")
	siblings := make([][]string, len(parts)) // names in the place of each part
	for name := range noted {
		others := strings.Split(name, "/")
		if len(others) < len(parts) {
			continue
		}
		differing, at := 0, 0
		for i := range parts {
			if parts[i] != others[i] {
				differing, at = differing+1, i
			}
		}
		if differing == 1 {
			siblings[at] = append(siblings[at], others[at])
		}
	}
	for i := len(parts) - 1; i >= 0; i-- {
		slices.Sort(siblings[i])
		if meant := problem.Likely(parts[i], siblings[i]); meant != "" {
			return path.Join(slices.Concat(parts[:i], []string{meant}, parts[i+1:])...)
		}
	}
	return ""
}

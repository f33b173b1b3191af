package lint

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
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
	if l.failed {
		l.report.Unchecked = append(l.report.Unchecked,
			"which files no render reads: what could not be rendered would have read others")
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
		if noted[file] || l.reads.read(file) {
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
		top := file
		for directory := path.Dir(file); !used[directory] && !roots[directory] && directory != "."; directory = path.Dir(directory) {
			top = directory
		}
		by[top] = append(by[top], file)
	}
	for _, top := range slices.Sorted(maps.Keys(by)) {
		l.addUnread(top, by[top], noted)
	}
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

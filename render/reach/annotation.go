package reach

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// A listing is what of the trees can lead out of a directory.
type listing struct {
	directories []string // with files that name others
	links       []link
}

// A link is one of a tree, with where it leads.
type link struct {
	name    string
	targets []string
}

// list looks through the trees. What cannot be listed is left out: a render that needs it says so.
func (r *Reach) list() listing {
	var l listing
	for _, tree := range r.trees {
		// The function returns no other errors than those to skip a directory.
		_ = fs.WalkDir(tree.Files, ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil && d != nil && d.IsDir():
				return fs.SkipDir
			case err != nil:
				return nil
			case d.Type()&fs.ModeSymlink != 0:
				l.links = append(l.links, link{name, worktree.WithTargets(tree.Files, []string{name})})
			case !d.IsDir() && slices.Contains(naming, d.Name()):
				l.directories = append(l.directories, path.Dir(name))
			}
			return nil
		})
	}
	slices.Sort(l.directories)
	l.directories = slices.Compact(l.directories)
	return l
}

// matching returns the directories that a name with [Any] can be of.
func (l listing) matching(name string) []string {
	var found []string
	for _, directory := range l.directories {
		if matches(name, directory) {
			found = append(found, directory)
		}
	}
	return found
}

// matches tells whether a name, which can have [Any] in it, can be that of a path.
func matches(name, file string) bool {
	first, rest, isPattern := strings.Cut(name, Any)
	if !isPattern {
		return name == file
	}
	file, begins := strings.CutPrefix(file, first)
	if !begins {
		return false
	}
	for {
		part, more, further := strings.Cut(rest, Any)
		if !further {
			return strings.HasSuffix(file, part)
		}
		at := strings.Index(file, part)
		if at < 0 {
			return false
		}
		file, rest = file[at+len(part):], more
	}
}

// holds tells whether a path can be what has a name, or be in it.
func holds(name, file string) bool { return matches(name, file) || matches(name+"/"+Any, file) }

// leadsTo tells whether a path can be a directory on the way to what has a name.
func leadsTo(file, name string) bool {
	for at := range len(name) {
		if name[at] == '/' && matches(name[:at], file) {
			return true
		}
	}
	return false
}

// action is one of a template; control is one that decides whether what follows is there.
var (
	action  = regexp.MustCompile(`\{\{.*?\}\}`)
	control = regexp.MustCompile(`^\{\{-?\s*(if|else|end|with|range|define|template|block|break|continue)\b`)
)

// Pattern returns the name that a Go template gives, with [Any] for what is not known before it is evaluated.
func Pattern(template string) string {
	actions := action.FindAllStringIndex(template, -1)
	first, last := -1, -1 // what is between them may be there or not
	for _, at := range actions {
		if control.MatchString(template[at[0]:at[1]]) {
			if first < 0 {
				first = at[0]
			}
			last = at[1]
		}
	}
	if first >= 0 {
		template = template[:first] + Any + template[last:]
	}
	return path.Clean(action.ReplaceAllString(template, Any))
}

// mostOutside bounds how much an annotation names outside of one directory. More of it becomes directories around it.
const mostOutside = 32

// maxPath is how long a path of a file can be, in bytes, as for Linux (PATH_MAX).
const maxPath = 4096

// Outside returns what counts for a directory and is not in it: what is named, as [Reach.Of] has it, and what links in
// it or on the way to it lead to, and so on for these. The name is a Go template. What cannot stand in an annotation of
// paths, and what is too much for one, is replaced by the directories around it.
func (r *Reach) Outside(template string) []string {
	if len(template) > maxPath {
		return nil // there is no such file
	}
	name := strings.TrimPrefix(Pattern(template), "/")
	found := map[string]bool{name: true}
	for pending := []string{name}; len(pending) > 0; {
		next := pending[0]
		pending = pending[1:]
		further := slices.Clone(r.Of(next))
		for _, link := range r.listed().links {
			if holds(next, link.name) || leadsTo(link.name, next) {
				further = append(further, link.targets...)
			}
		}
		for _, file := range further {
			if !found[file] {
				found[file] = true
				pending = append(pending, file)
			}
		}
	}
	var outside []string
	for file := range found {
		// What a template can be in one cluster is outside of it in the others.
		if file == name || !strings.Contains(name, Any) && holds(name, file) {
			continue
		}
		for strings.ContainsAny(file, "{};*?[\\\n") {
			file = path.Dir(file)
		}
		outside = append(outside, file)
	}
	return fewer(outside)
}

// fewer returns paths without those that others hold, and the directories around them where they are too many.
func fewer(names []string) []string {
	for {
		slices.Sort(names)
		names = slices.Compact(names)
		all := slices.Clone(names)
		names = slices.DeleteFunc(names, func(name string) bool {
			return slices.ContainsFunc(all, func(other string) bool { return other != name && below(name, other) })
		})
		if len(names) <= mostOutside {
			return names
		}
		for i, name := range names {
			names[i] = path.Dir(name)
		}
	}
}

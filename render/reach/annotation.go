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
	is := regexp.MustCompile("^" + expression(name) + "$")
	var found []string
	for _, directory := range l.directories {
		if is.MatchString(directory) {
			found = append(found, directory)
		}
	}
	return found
}

func expression(name string) string {
	return strings.ReplaceAll(regexp.QuoteMeta(name), Any, "(?s:.*)")
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

// Outside returns what counts for a directory and is not in it: what is named, as [Reach.Of] has it, and what links in
// it or on the way to it lead to. The name is a Go template. What cannot stand in an annotation of paths, and what is
// too much for one, is replaced by the directories around it.
func (r *Reach) Outside(template string) []string {
	name := strings.TrimPrefix(Pattern(template), "/")
	outside := slices.Clone(r.Of(name))
	inside := regexp.MustCompile("^" + expression(name) + "(/|$)")
	leading := leadingTo(name)
	for _, link := range r.listed().links {
		if inside.MatchString(link.name) || leading.MatchString(link.name) {
			outside = append(outside, link.targets...)
		}
	}
	for _, linked := range slices.Clone(outside) {
		outside = append(outside, r.Of(linked)...) // of a directory that a link leads to
	}
	for i, file := range outside {
		for strings.ContainsAny(file, "{};*?[\\\n") {
			file = path.Dir(file)
		}
		outside[i] = file
	}
	return fewer(slices.DeleteFunc(outside, inside.MatchString))
}

// leadingTo returns what matches the directories on the way to a name.
func leadingTo(name string) *regexp.Regexp {
	var text strings.Builder
	segments := strings.Split(name, "/")
	for i, segment := range segments {
		if i > 0 {
			text.WriteString("(/")
		}
		text.WriteString(expression(segment))
	}
	text.WriteString(strings.Repeat(")?", len(segments)-1))
	return regexp.MustCompile("^" + text.String() + "$")
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

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
		l.getOn(file)
		if noted.all[file] || l.reads.read(file) || l.failed && l.mayBeRead(file) || l.isOff(file) {
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
	l.findLevels()
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
		if l.means(strings.TrimPrefix(file, directory+"/")) {
			return true
		}
	}
	return false
}

// findLevels finds the directories of the levels of all clusters.
func (l *linter) findLevels() {
	if l.levels != nil {
		return
	}
	l.levels = map[string]bool{}
	f := l.session.Fleet()
	for _, c := range l.clusters {
		l.getOn("the levels of cluster " + c.Name)
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

// means tells whether a path in a directory of a level is one that is read for some group.
func (l *linter) means(name string) bool {
	parts, groups := strings.Split(name, "/"), l.session.Fleet().Groups
	group, isYAML := strings.CutSuffix(parts[len(parts)-1], ".yaml")
	switch {
	case len(parts) == 1, len(parts) == 2 && parts[0] == "application-sets":
		return isYAML && groups[group] != nil
	case parts[0] == wellknown.GroupFleet:
		return path.Join(parts[1:]...) == "fleet-secret/values.yaml"
	case len(parts) < 3 || groups[parts[0]] == nil:
		return false
	}
	charts := l.chartsOf(parts[0])
	return charts == nil || charts[parts[1]]
}

// chartsOf returns the directories of value files that the components of a group have, also of those that are off; nil
// if that is not known.
func (l *linter) chartsOf(name string) map[string]bool {
	g := l.groups[name]
	if g == nil || len(g.argoCDs) == 0 {
		return nil
	}
	if g.charts == nil {
		values := l.valuesOf(name, g.argoCDs[0])
		if values == nil {
			return nil
		}
		g.charts = map[string]bool{}
		for key, value := range values.Map() {
			component, _ := value.(map[string]any)
			chart, _ := component["chartName"].(string)
			g.charts[cmp.Or(chart, strings.ReplaceAll(key, "_", "-"))] = true
		}
	}
	return g.charts
}

// isOff tells whether a file is one of a component that exists and that no cluster gets: it waits for that.
func (l *linter) isOff(file string) bool {
	l.findLevels()
	for directory := path.Dir(file); directory != "."; directory = path.Dir(directory) {
		parts := strings.Split(strings.TrimPrefix(file, directory+"/"), "/")
		if !l.levels[directory] || len(parts) < 3 || !l.chartsOf(parts[0])[parts[1]] {
			continue
		}
		for _, c := range l.groups[parts[0]].components {
			if c.directory == parts[1] {
				return false
			}
		}
		return true
	}
	return false
}

// belongsToNobody tells whether a file is there for people, or for Git.
func belongsToNobody(file string) bool {
	base, extension := path.Base(file), strings.ToLower(path.Ext(file))
	forPeople := []string{".md", ".txt", ".png", ".svg", ".jpg"}
	return strings.HasPrefix(base, ".") || slices.Contains(forPeople, extension) ||
		extension == "" && strings.ToUpper(base[:1]) == base[:1] // OWNERS, LICENSE, Makefile, README
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

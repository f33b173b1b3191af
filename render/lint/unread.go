package lint

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/written"
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
	noted := written.NewNames(l.session.Files(), slices.Collect(maps.Keys(l.reads.files)))
	catalogs := l.session.Fleet().Catalogs(l.session.Repository())
	var unread []string
	used := map[string]bool{} // directories in which something is read
	for _, file := range l.texts.files {
		l.getOn(file)
		if noted.Has(file) || l.reads.read(file) || noted.HasCopy(file, catalogs) ||
			l.failed && l.mayBeRead(file) || l.isOff(file) {
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
		if noted.Near(file) != "" {
			misspelt = file
		}
		for at := path.Dir(file); !used[at] && !roots[at] && at != "."; at = path.Dir(at) {
			if top = at; noted.Near(at) != "" {
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
	catalogs := f.Catalogs(l.session.Repository())
	if slices.Contains(catalogs, path.Dir(file)) {
		return false
	}
	if name := path.Base(file); path.Base(path.Dir(file)) == "values" &&
		slices.Contains(catalogs, path.Dir(path.Dir(file))) {
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
	if l.lost { // the levels of some cluster are not known
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
	for _, g := range groups {
		if slices.Contains(g.SettingsFiles, name) {
			return true
		}
	}
	switch {
	case len(parts) == 1, len(parts) == 2 && parts[0] == "application-sets":
		return isYAML && groups[group] != nil
	case parts[0] == wellknown.GroupFleet:
		return path.Join(parts[1:]...) == "fleet-secret/values.yaml"
	case len(parts) < 3 || groups[parts[0]] == nil:
		return false
	}
	charts := l.chartsOf(parts[0])
	return charts == nil || charts[parts[1]] != nil && charts[parts[1]].Near(path.Join(parts[2:]...)) == ""
}

// chartsOf returns the directories of value files that the components of a group have, also of those that are off; nil
// if that is not known.
func (l *linter) chartsOf(name string) map[string]*written.ChartPlaces {
	g := l.groups[name]
	if g == nil || len(g.argoCDs) == 0 {
		return nil
	}
	if g.charts == nil {
		values := l.valuesOf(name, g.argoCDs[0])
		if values == nil {
			return nil
		}
		g.charts = written.ChartsOf(values)
	}
	return g.charts
}

// isOff tells whether a file is one of a component that exists and that no cluster gets: it waits for that.
func (l *linter) isOff(file string) bool {
	l.findLevels()
	for directory := path.Dir(file); directory != "."; directory = path.Dir(directory) {
		parts := strings.Split(strings.TrimPrefix(file, directory+"/"), "/")
		if !l.levels[directory] || len(parts) < 3 || l.chartsOf(parts[0])[parts[1]] == nil {
			continue
		}
		if l.chartsOf(parts[0])[parts[1]].Near(path.Join(parts[2:]...)) != "" {
			return false
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
	forPeople := []string{".adoc", ".drawio", ".gif", ".jpeg", ".jpg", ".md", ".pdf", ".png", ".rst", ".svg", ".txt"}
	return strings.HasPrefix(base, ".") || slices.Contains(forPeople, extension) ||
		extension == "" && strings.ToUpper(base[:1]) == base[:1] // OWNERS, LICENSE, Makefile, README
}

func (l *linter) addUnread(top string, files []string, noted *written.Names) {
	hint, also := "correct its name or place, or remove it", []string{}
	catalog := l.session.Fleet().Catalog
	if !catalog.InRepository() && path.Dir(top) == catalog.Path+"/values" {
		hint = "name it in the components of a group in fleet.yaml, or remove it"
	}
	if slices.Contains(l.session.Fleet().Catalogs(l.session.Repository()), path.Dir(top)) && isYAML(top) {
		hint = "component files count in " + path.Dir(top) + "/values: move it there, or remove it"
	}
	if meant := noted.Near(top); meant != "" {
		hint = "did you mean " + meant + "?"
		if file, line, component := l.misnamed(top, meant); component != "" {
			hint = fmt.Sprintf("did you mean %s, or is the chartName of component %s in %s wrong?", meant, component,
				problem.Place(file, line))
			also = append(also, file)
		}
	}
	if len(files) == 1 {
		l.add(problem.New(files[0], 0, "no render of any cluster reads the file").WithHint("%s", hint).
			WithRule(problem.RuleUnreadFile, append(also, top)...))
		return
	}
	l.add(problem.New(top, 0, "no render of any cluster reads anything in the directory: %s", problem.Few(files)).
		WithHint("%s", hint).WithRule(problem.RuleUnreadFile, append(also, files...)...))
}

// misnamed returns the component whose directories have another name in all levels, and where it is described: of a
// path that is not read, and the one that was probably meant. It returns "" if there is none.
func (l *linter) misnamed(wrong, meant string) (file string, line int, component string) {
	have, want := strings.Split(wrong, "/"), strings.Split(meant, "/")
	at := 0
	for at < len(have) && at < len(want) && have[at] == want[at] {
		at++
	}
	if at == 0 || at >= len(want) || l.groups[want[at-1]] == nil {
		return "", 0, ""
	}
	g := l.groups[want[at-1]]
	if values := l.valuesOf(g.name, g.argoCDs[0]); values != nil {
		for _, key := range slices.Sorted(maps.Keys(values.Map())) {
			chart, _ := written.ValueAt(values.Map(), []string{key, "chartName"}).(string)
			if g.components[key] == nil && problem.IsSlip(chart, have[at]) { // it is off
				file, line = values.DescribedAt(key)
				return file, line, key
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(g.components)) {
		c := g.components[key]
		values := l.valuesOf(g.name, c.on)
		isSlip := problem.IsSlip(have[at], want[at]) ||
			strings.ReplaceAll(have[at], "-", "") == strings.ReplaceAll(want[at], "-", "")
		hasValues := slices.ContainsFunc(l.texts.files, func(file string) bool {
			return strings.Contains(file, "/"+g.name+"/"+c.directory+"/")
		})
		if c.directory != want[at] || !isSlip || values == nil || hasValues {
			continue
		}
		file, line = values.DescribedAt(key)
		return file, line, key
	}
	return "", 0, ""
}

package lint

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/written"
)

// texts are the files that people write: those of the hierarchy, the members and the catalogs.
type texts struct {
	files []string // from the root of the repository, sorted
	lines map[string][]string
}

// A scalar is one value of a file, as it is written.
type scalar struct {
	file string
	path []string // of keys and indexes
	node *yamlnode.Node
	in   *yamlnode.Node // the map or list that it is in
}

// written returns the value for package written.
func (s scalar) written() written.Value {
	return written.Value{File: s.file, Path: s.path, Node: s.node, In: s.in}
}

// parent returns the name of the map that the value is in.
func (s scalar) parent() string { return s.written().Parent() }

// readTexts finds the files. What is in no directory of the hierarchy is not judged.
func (l *linter) readTexts() {
	l.texts = &texts{lines: map[string][]string{}}
	f := l.session.Fleet()
	for _, root := range l.roots() {
		l.addTexts(root, func(string) bool { return true })
	}
	components := map[string]bool{}
	for _, group := range f.Groups {
		for _, name := range group.Components {
			components[name] = true
		}
	}
	for _, catalog := range f.Catalogs(l.session.Repository()) {
		l.addTexts(catalog, func(name string) bool {
			return strings.HasPrefix(name, "values/") || problem.Likely(name, []string{"values.yaml"}) != "" ||
				isYAML(name) && components[strings.TrimSuffix(name, path.Ext(name))] // not in values/, where it counts
		})
	}
	l.texts.files = append(l.texts.files, hierarchy.FleetFile, f.Releases)
	slices.Sort(l.texts.files)
	l.texts.files = slices.Compact(l.texts.files)
	l.report.Checked.Files = len(l.texts.files)
}

// roots returns the directories of which every file is judged.
func (l *linter) roots() []string {
	f := l.session.Fleet()
	return append(slices.Clone(f.AppPaths()), f.Members)
}

// addTexts adds the files below a directory of which the path from there is wanted.
func (l *linter) addTexts(root string, wanted func(name string) bool) {
	if root == "." || root == "" {
		return
	}
	_ = fs.WalkDir(l.options.Tree, root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // a render says so, if it matters
		case entry.IsDir() || !entry.Type().IsRegular():
			return nil
		}
		if wanted(strings.TrimPrefix(strings.TrimPrefix(name, root), "/")) {
			l.texts.files = append(l.texts.files, name)
		}
		return nil
	})
}

// isYAML tells whether a file is YAML by its name.
func isYAML(name string) bool {
	ext := path.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

// checkDocuments reads the files that hold values, also those that no render has read: what is wrong with one is wrong
// whoever reads it.
func (l *linter) checkDocuments() {
	for _, file := range l.texts.files {
		l.getOn(file)
		if !isYAML(file) || path.Base(file) != "values.yaml" && path.Base(path.Dir(file)) != "application-sets" &&
			!l.session.Fleet().NamesSettings(file) {
			continue
		}
		d, err := l.document(file)
		if err != nil {
			l.fail(err)
			continue
		}
		l.add(d.Warnings...)
	}
}

// document reads a file without a note of it.
func (l *linter) document(file string) (*hierarchy.Document, error) {
	return hierarchy.ReadDocument(l.options.Tree, file, file, l.session.Fleet().FileSize)
}

// eachScalar calls use for every value of the files that are YAML. Files that are not are left to renders.
func (l *linter) eachScalar(use func(scalar)) {
	for _, file := range l.texts.files {
		l.eachDocument(file, asItIs, func(root *yamlnode.Node) {
			written.Walk(root, func(path []string, node, in *yamlnode.Node) {
				use(scalar{file: file, path: path, node: node, in: in})
			})
		})
	}
}

func asItIs(data []byte) []byte { return data }

// eachDocument calls use for every document of a file that is YAML, once its text is prepared.
func (l *linter) eachDocument(file string, prepare func(data []byte) []byte, use func(root *yamlnode.Node)) {
	l.getOn(file)
	if !isYAML(file) {
		return
	}
	data, err := hierarchy.ReadFile(l.options.Tree, file, file, l.session.Fleet().FileSize)
	if err != nil {
		return
	}
	data = prepare(data)
	if safeyaml.CheckStream(data, file) != nil {
		return
	}
	decoder := safeyaml.NodeDecoder(data)
	for {
		var root yamlnode.Node
		if decoder.Decode(&root) != nil {
			return
		}
		use(&root)
	}
}

// lineOf returns a line of a file, counted from 1; "" if there is none.
func (l *linter) lineOf(file string, line int) string {
	if l.texts == nil {
		return ""
	}
	lines, known := l.texts.lines[file]
	if !known {
		if data, err := hierarchy.ReadFile(l.options.Tree, file, file, l.session.Fleet().FileSize); err == nil {
			lines = strings.Split(string(data), "\n")
		}
		l.texts.lines[file] = lines
	}
	if line > len(lines) {
		return ""
	}
	return lines[line-1]
}

// checkTexts checks each value by itself.
func (l *linter) checkTexts() {
	l.eachScalar(func(s scalar) { l.add(l.written.See(s.written())...) })
}

// checkWritten adds what is wrong with values that were seen, against each other.
func (l *linter) checkWritten() {
	l.add(l.written.Judge(written.All{Clusters: l.identities, Whole: l.whole(), ValuesOf: l.valuesOf,
		PartsOf: l.partsOf, ReleasesOf: l.releasesOf, Found: l.hasFoundAt,
		Selects: func(label, value string) bool { return l.used[label][value] }})...)
	if len(l.written.Missing) == 0 {
		return
	}
	// The stage manifests says the same of them, but not where they are named.
	l.report.Findings = slices.DeleteFunc(l.report.Findings, func(f Finding) bool {
		return f.Rule == problem.RuleRender && f.Line == 0 && slices.Contains(l.written.Missing, f.File)
	})
	clear(l.seen)
	for i, f := range l.report.Findings {
		l.seen[textOf(f.Problem)] = i
	}
}

// hasFoundAt tells whether something is wrong with a line of a file.
func (l *linter) hasFoundAt(file string, line int) bool {
	return slices.ContainsFunc(l.report.Findings, func(f Finding) bool { return f.File == file && f.Line == line })
}

// releasesOf returns the types of the releases of a group.
func (l *linter) releasesOf(group string) []string {
	releases, err := release.Read(l.session.Fleet(), l.session.Repository(), group)
	if err != nil {
		return nil
	}
	return releases.Names()
}

// partsOf returns the directories that a component has in levels, below that of its values.
func (l *linter) partsOf(component string) []string {
	var parts []string
	for _, g := range l.groups {
		c := g.components[component]
		if c == nil {
			continue
		}
		for _, file := range l.texts.files {
			directory := path.Dir(file)
			if strings.HasSuffix("/"+path.Dir(directory), "/"+path.Join(g.name, c.directory)) {
				parts = append(parts, path.Base(directory))
			}
		}
	}
	return parts
}

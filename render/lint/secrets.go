package lint

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/lint/secret"
)

// checkSecrets looks for credentials in all files, and in the manifests and charts of the repository.
func (l *linter) checkSecrets() {
	add := func(p *problem.Problem) { l.add(p) }
	for _, file := range l.texts.files {
		l.eachDocument(file, asItIs, func(root *yamlnode.Node) { secret.Find(file, root, add) })
	}
	for _, file := range l.manifests() {
		prepare := asItIs
		if slices.Contains(strings.Split(path.Dir(file), "/"), "templates") {
			prepare = secret.WithoutTemplates
		}
		l.eachDocument(file, prepare, func(root *yamlnode.Node) { secret.Find(file, root, add) })
	}
}

// manifests returns the files of the directories that are sources of Applications. Those that others wrote, such as
// subcharts, are none of them.
func (l *linter) manifests() []string {
	var files []string
	for directory := range l.reads.directories {
		_ = fs.WalkDir(l.options.Tree, directory, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil //nolint:nilerr // a render says so, if it matters
			case entry.IsDir() && slices.Contains([]string{"charts", "crds", "ci", "tests"}, entry.Name()) &&
				name != directory:
				return fs.SkipDir
			case entry.Type().IsRegular() && isYAML(name) && !slices.Contains(l.texts.files, name):
				files = append(files, name)
			}
			return nil
		})
	}
	slices.Sort(files)
	return slices.Compact(files)
}

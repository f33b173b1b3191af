package kustomize

import (
	"io/fs"
	"path"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// originAnnotation is where Kustomize notes what an object is from, if it is asked to (buildMetadata).
const originAnnotation = "config.kubernetes.io/origin"

// Origins returns the file of the repository that each object of [Build] is from, in the order of its result: that of
// the object, or the kustomization that generates it. It is "" where that is not known. It fails as Build does.
func Origins(fsys fs.FS, path string, options Options) ([]string, error) {
	c, f, err := prepare(fsys, path, options)
	if err != nil {
		return nil, err
	}
	c.tree.origins = true
	if err := c.tree.addKustomization(f.path, &f.kustomization); err != nil {
		return nil, err
	}
	objects, err := c.run(f.dir, path, krusty.ReorderOptionUnspecified)
	return c.tree.originsOf(objects, f.dir), err
}

// OverlayOrigins does so for [Overlay]. Objects that it is given are of no file.
func OverlayOrigins(fsys fs.FS, dirs []string, objects []map[string]any) ([]string, error) {
	t := newTree(fsys)
	t.origins = true
	objects, dir, err := t.overlay(dirs, objects)
	return t.originsOf(objects, dir), err
}

func (t *tree) originsOf(objects []map[string]any, dir string) []string {
	files := make([]string, len(objects))
	for i, object := range objects {
		files[i] = t.originOf(object, dir)
	}
	return files
}

// originOf returns the file that an object says that it is from, which was built in a directory of the tree.
func (t *tree) originOf(object map[string]any, dir string) string {
	metadata, _ := object["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	text, _ := annotations[originAnnotation].(string)
	var origin resource.Origin
	if safeyaml.Unmarshal([]byte(text), originAnnotation, &origin) != nil {
		return ""
	}
	for _, name := range []string{origin.Path, origin.ConfiguredIn} {
		if real, isDirectory, err := t.locate(path.Join(dir, name)); err == nil && !isDirectory && inside(real) {
			return relative(real)
		}
	}
	return ""
}

// words are the parts of a message that may name files and directories.
var words = regexp.MustCompile(`(^|\s)'[^']+'|[^\s:'"]+`)

// blamed returns the file that the message of a failed build is about, and the message without the path to it. It is
// the last one that the message names, which goes from outer to inner kustomizations, or else the kustomization file of
// the innermost one. A build of several directories has a name in place of it.
func (t *tree) blamed(dir, name, message string) (file, rest string) {
	if relative(dir) != path.Clean(name) {
		return name, message
	}
	rest = message
	for _, found := range words.FindAllString(message, -1) {
		word := strings.Trim(found, " '")
		if word == found && !strings.ContainsAny(word, "./") && !strings.HasPrefix(rest, word+": ") {
			continue
		}
		real, isDirectory, err := t.locate(path.Join(dir, word))
		if err != nil {
			real, isDirectory, err = t.locate(absolute(word))
		}
		if err != nil {
			continue
		}
		rest = strings.TrimPrefix(rest, word+": ")
		if !isDirectory {
			return relative(real), rest
		}
		dir = real
	}
	for _, file := range konfig.RecognizedKustomizationFileNames() {
		if real, isDirectory, err := t.locate(path.Join(dir, file)); err == nil && !isDirectory {
			return relative(real), rest
		}
	}
	return name, rest
}

package kustomize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// overlays is where the tree has what Overlay makes: beside the repository, where no file of it can lead.
const overlays = "/overlays"

// Overlay lays the kustomizations of directories of the repository over objects, the first directory lowest. Each
// counts as if the result of those before, or the objects, were the first of its resources; a Component is applied to
// them. It is one Kustomize build, so that a higher overlay names objects, and merges generators, by the names they
// have in the lower ones. Objects keep their order, unless the last directory has sortOptions. Without directories, the
// objects are returned as they are.
//
// It fails as [Build] does, if an object has no kind or name or appears twice, and if a directory holds one of the
// later ones.
func Overlay(fsys fs.FS, dirs []string, objects []map[string]any) ([]map[string]any, error) {
	if len(dirs) == 0 {
		return objects, nil
	}
	objects, _, err := newTree(fsys).overlay(dirs, objects)
	return objects, err
}

// overlay does what [Overlay] does, and returns the directory that was built as well.
func (t *tree) overlay(dirs []string, objects []map[string]any) (laid []map[string]any, base string, err error) {
	c := newChecker(t)
	files := make([]*file, len(dirs))
	for i, name := range dirs {
		dir, err := t.dir(name)
		if err != nil {
			return nil, "", err
		}
		if files[i], err = t.readFile(dir); err != nil {
			return nil, "", err
		}
		for _, lower := range files[:i] {
			if dir == lower.dir || strings.HasPrefix(dir, lower.dir+"/") {
				return nil, "", problem.New(name, 0, "cannot be an overlay over %s, which holds it",
					relative(lower.dir)).
					WithHint("Kustomize takes that for a cycle: give each level a directory of its own")
			}
		}
		if err := c.kustomization(files[i], []string{dir}); err != nil {
			return nil, "", err
		}
	}
	if base, err = t.addObjects(objects, dirs[0]); err != nil {
		return nil, "", err
	}
	for i, f := range files {
		if base, err = t.addOverlay(f, base, fmt.Sprint(i)); err != nil {
			return nil, "", err
		}
	}
	order := krusty.ReorderOptionNone
	if files[len(files)-1].kustomization.SortOptions != nil {
		order = krusty.ReorderOptionUnspecified // else Kustomize logs that it is given twice
	}
	laid, err = c.run(base, strings.Join(dirs, ", "), order)
	return laid, base, err
}

// addObjects puts objects into a directory of the tree, and returns it.
func (t *tree) addObjects(objects []map[string]any, name string) (string, error) {
	var documents bytes.Buffer
	for _, object := range objects {
		kind, _ := object["kind"].(string)
		metadata, _ := object["metadata"].(map[string]any)
		objectName, _ := metadata["name"].(string)
		if kind == "" || objectName == "" {
			return "", problem.New(name, 0,
				"cannot be an overlay over an object of kind %q and name %q: Kustomize needs both", kind, objectName).
				WithHint("give it a name (generateName does not do)")
		}
		data, err := json.Marshal(object)
		if err != nil {
			return "", problem.New(name, 0, "%s %s cannot be written: %w", kind, objectName, err)
		}
		documents.WriteString("---\n")
		writeYAML(&documents, data)
		documents.WriteByte('\n')
	}
	dir := path.Join(overlays, "objects")
	t.upper[path.Join(dir, "objects.yaml")] = documents.Bytes()
	return dir, t.addKustomization(path.Join(dir, "kustomization.yaml"),
		&types.Kustomization{Resources: []string{"objects.yaml"}})
}

// writeYAML writes JSON as YAML, which is the same but for characters that YAML must have escaped, and line breaks of
// YAML 1.1.
func writeYAML(out *bytes.Buffer, data []byte) {
	for _, r := range string(data) {
		if r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r == 0xfffe || r == 0xffff {
			fmt.Fprintf(out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
}

// addOverlay lays a kustomization over the directory base, and returns the directory of the result.
func (t *tree) addOverlay(f *file, base, name string) (string, error) {
	if f.kustomization.Kind == types.ComponentKind {
		dir := path.Join(overlays, name)
		below, err := between(dir, base)
		if err != nil {
			return "", err
		}
		component, err := between(dir, f.dir)
		if err != nil {
			return "", err
		}
		return dir, t.addKustomization(path.Join(dir, "kustomization.yaml"),
			&types.Kustomization{Resources: []string{below}, Components: []string{component}})
	}
	below, err := between(f.dir, base)
	if err != nil {
		return "", err
	}
	f.kustomization.Resources = append([]string{below}, f.kustomization.Resources...)
	return f.dir, t.addKustomization(f.path, &f.kustomization)
}

// between returns the path from one directory of the tree to another: Kustomize takes no absolute ones.
func between(from, to string) (string, error) {
	relative, err := filepath.Rel(from, to)
	return filepath.ToSlash(relative), err
}

// addKustomization puts a kustomization into the tree.
func (t *tree) addKustomization(file string, k *types.Kustomization) error {
	if t.origins {
		k.BuildMetadata = append(k.BuildMetadata, types.OriginAnnotations)
	}
	data, err := yaml.Marshal(k)
	if err != nil {
		return problem.New(relative(file), 0, "cannot be written: %w", err)
	}
	t.upper[file] = data
	return nil
}

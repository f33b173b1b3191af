package kustomize

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// A file is a kustomization file of the repository.
type file struct {
	path          string // in the tree
	dir           string
	kustomization types.Kustomization // read as Kustomize does, with its deprecated fields moved
	data          []byte
	root          *yamlnode.Node // for lines only
}

// readFile reads the kustomization file of a directory. It fails if there is none or more than one, and if Kustomize
// could not read it.
func (t *tree) readFile(dir string) (*file, error) {
	var f *file
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		full := path.Join(dir, name)
		_, isDirectory, err := t.locate(full)
		if isDirectory || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, problem.New(relative(full), 0, "cannot be read: %w", err)
		}
		if f != nil {
			return nil, problem.New(relative(dir), 0, "holds both %s and %s", path.Base(f.path), name).
				WithHint("keep one of them")
		}
		data, err := t.content(full)
		if err != nil {
			return nil, problem.New(relative(full), 0, "%w", err)
		}
		f = &file{path: full, dir: dir, data: data}
	}
	if f == nil {
		return nil, problem.New(relative(dir), 0, "is no Kustomize directory").WithHint("add a kustomization.yaml")
	}
	if err := f.parse(); err != nil {
		return nil, err
	}
	return f, nil
}

var (
	unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)
	wrongType    = regexp.MustCompile(`into Go struct field Kustomization\.(\w+)`)
	yamlLine     = regexp.MustCompile(`yaml: (?:unmarshal errors:\s*)?line (\d+): (.*)`)
)

func (f *file) parse() error {
	if err := safeyaml.CheckStream(f.data, relative(f.path)); err != nil {
		return err
	}
	var document yamlnode.Node
	if safeyaml.NodeDecoder(f.data).Decode(&document) == nil && len(document.Content) > 0 {
		f.root = document.Content[0]
	}
	err := f.kustomization.Unmarshal(f.data)
	if err == nil {
		f.kustomization.FixKustomization()
		return nil
	}
	if known := safeyaml.KnownMistake(f.data, relative(f.path)); known != nil {
		return known
	}
	message := strings.TrimPrefix(err.Error(), "invalid Kustomization: ")
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ := strconv.Atoi(m[1])
		return problem.New(relative(f.path), line, "is not YAML: %s", m[2])
	}
	if m := unknownField.FindStringSubmatch(message); m != nil {
		return problem.New(relative(f.path), f.keyLine(m[1]), "there is no field %q in a kustomization", m[1]).
			WithHint("see https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/")
	}
	line := 0
	if m := wrongType.FindStringSubmatch(message); m != nil {
		line = f.line(m[1], "")
	}
	return problem.New(relative(f.path), line, "is not a kustomization: %s", strings.TrimPrefix(message, "json: "))
}

// line returns the line of a value of a field, or of the field if the value is not there (an edit added it), or 0.
func (f *file) line(field, value string) int {
	if f.root == nil || f.root.Kind != yamlnode.MappingNode {
		return 0
	}
	for i := 0; i+1 < len(f.root.Content); i += 2 {
		if !strings.EqualFold(f.root.Content[i].Value, field) { // as Kustomize
			continue
		}
		if node := find(f.root.Content[i+1], func(n *yamlnode.Node) bool { return n.Value == value }); node != nil {
			return node.Line
		}
		return f.root.Content[i].Line
	}
	return 0
}

// keyLine returns the line of the first key of this name, or 0.
func (f *file) keyLine(key string) int {
	if f.root == nil {
		return 0
	}
	if node := find(f.root, func(n *yamlnode.Node) bool { return n.Value == key }); node != nil {
		return node.Line
	}
	return 0
}

func find(node *yamlnode.Node, matches func(*yamlnode.Node) bool) *yamlnode.Node {
	if node.Kind == yamlnode.ScalarNode && matches(node) {
		return node
	}
	for _, child := range node.Content {
		if found := find(child, matches); found != nil {
			return found
		}
	}
	return nil
}

// problem returns a problem with a value of a field of the file.
func (f *file) problem(field, value, format string, args ...any) *problem.Problem {
	return problem.New(relative(f.path), f.line(field, value), format, args...)
}

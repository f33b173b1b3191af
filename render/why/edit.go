package why

import (
	"errors"
	"io"
	"io/fs"
	"strconv"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// An edit changes one key of a YAML file, in memory.
type edit struct {
	file   string
	path   []string // an item of a list is named by its index
	value  *yamlnode.Node
	remove bool // the key, in place of setting it
	add    bool // the value to a list, in place of setting it
}

// text returns a string as a value, in quotes: as a label needs it.
func text(value string) *yamlnode.Node {
	return &yamlnode.Node{Kind: yamlnode.ScalarNode, Tag: "!!str", Value: value, Style: yamlnode.DoubleQuotedStyle}
}

// word returns true, false or null as a value.
func word(tag, value string) *yamlnode.Node {
	return &yamlnode.Node{Kind: yamlnode.ScalarNode, Tag: tag, Value: value}
}

// apply returns a tree with the file changed, or with a new file. It fails for a file that cannot be read, and for one
// that is made otherwise than the path says.
func (e edit) apply(tree fs.FS) (fs.FS, error) {
	data, err := worktree.ReadFile(tree, e.file, hierarchy.MaxFileSize)
	if err != nil && !hierarchy.Absent(err) {
		return nil, err
	}
	document := &yamlnode.Node{Kind: yamlnode.DocumentNode}
	if err := safeyaml.Check(data, e.file); err != nil {
		return nil, err
	}
	if err := safeyaml.NodeDecoder(data).Decode(document); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(document.Content) == 0 { // a new file, or nothing but comments
		*document = yamlnode.Node{Kind: yamlnode.DocumentNode, Content: []*yamlnode.Node{{Kind: yamlnode.MappingNode}}}
	}
	if !e.in(document.Content[0], e.path) {
		return nil, problem.New(e.file, 0, "%s cannot be set there", hierarchy.Key(e.path))
	}
	changed, err := yamlnode.Marshal(document)
	if err != nil {
		return nil, err
	}
	return worktree.With(tree, e.file, changed), nil
}

// in changes what is at a path in a node, and tells whether that was possible.
func (e edit) in(node *yamlnode.Node, path []string) bool {
	for node.Kind == yamlnode.AliasNode {
		node = node.Alias
	}
	switch {
	case len(path) == 0 && e.add:
		if node.Kind == yamlnode.SequenceNode {
			node.Content = append(node.Content, e.value)
		}
		return node.Kind == yamlnode.SequenceNode
	case len(path) == 0:
		*node = *e.value
		return true
	case node.Kind == yamlnode.SequenceNode:
		i, err := strconv.Atoi(path[0])
		return err == nil && i >= 0 && i < len(node.Content) && e.in(node.Content[i], path[1:])
	case node.Kind == yamlnode.ScalarNode && node.Tag == "!!null":
		*node = yamlnode.Node{Kind: yamlnode.MappingNode}
	case node.Kind != yamlnode.MappingNode:
		return false
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value != path[0] {
			continue
		}
		if len(path) == 1 && e.remove {
			node.Content = append(node.Content[:i:i], node.Content[i+2:]...)
			return true
		}
		return e.in(node.Content[i+1], path[1:])
	}
	if e.remove {
		return false
	}
	child := &yamlnode.Node{Kind: yamlnode.MappingNode}
	if len(path) == 1 && e.add {
		child.Kind = yamlnode.SequenceNode
	}
	node.Content = append(node.Content, &yamlnode.Node{Kind: yamlnode.ScalarNode, Value: path[0]}, child)
	return e.in(child, path[1:])
}

package conformance

import (
	"regexp"
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// Line returns the line of a file in which an object is written that a finding of [Cluster.Check] is about: that of the
// field that is wrong, or of what it would be in. It is 0 if the file does not have the object. The object may have
// become another since, by a kustomization, and have a longer name.
func Line(data []byte, name string, object map[string]any, p *problem.Problem) int {
	if safeyaml.CheckStream(data, name) != nil {
		return 0
	}
	o := identify(object)
	decoder := safeyaml.NodeDecoder(data)
	var best *yamlnode.Node
	for {
		var document yamlnode.Node
		if decoder.Decode(&document) != nil {
			break
		}
		for _, written := range objectsIn(&document) {
			switch likeness(written, o) {
			case same:
				return lineOf(written, o, p)
			case similar:
				best = written
			}
		}
	}
	if best == nil {
		return 0
	}
	return lineOf(best, o, p)
}

// objectsIn returns the objects of a document: it, or the items of a list.
func objectsIn(document *yamlnode.Node) []*yamlnode.Node {
	if document.Kind == yamlnode.DocumentNode && len(document.Content) > 0 {
		document = document.Content[0]
	}
	if _, items := entryOf(document, "items"); items != nil && items.Kind == yamlnode.SequenceNode {
		return items.Content
	}
	return []*yamlnode.Node{document}
}

const (
	other = iota
	similar
	same
)

// likeness tells whether what is written in a file is an object, or may have become it.
func likeness(written *yamlnode.Node, o identity) int {
	if _, kind := entryOf(written, "kind"); kind == nil || kind.Value != o.kind {
		return other
	}
	_, metadata := entryOf(written, "metadata")
	name := o.name[strings.LastIndexByte(o.name, '/')+1:]
	for _, key := range []string{"name", "generateName"} {
		_, value := entryOf(metadata, key)
		switch {
		case value == nil:
		case value.Value == name:
			return same
		case strings.Contains(name, value.Value):
			return similar
		}
	}
	return other
}

// entryOf returns a key of a map and its value; nil if there is none.
func entryOf(node *yamlnode.Node, name string) (key, value *yamlnode.Node) {
	if node == nil || node.Kind != yamlnode.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	return nil, nil
}

// steps are those of the path that a message begins with.
var steps = regexp.MustCompile(`^([^\s:.\[\]]+|\.|\[[^\]]*\])+`)

// lineOf returns the line of what a finding is about in an object.
func lineOf(written *yamlnode.Node, o identity, p *problem.Problem) int {
	line := written.Line
	var path []string
	switch p.Rule {
	case problem.RuleSchema:
		message := strings.TrimPrefix(p.Message, o.kind+" "+o.name+": ")
		path = step.FindAllString(steps.FindString(message), -1)
	case problem.RuleUnknownAPI, problem.RuleDeprecatedAPI:
		path = []string{"apiVersion"}
		if _, meant, _ := strings.Cut(p.Hint, "did you mean "); strings.HasPrefix(meant, o.apiVersion+"/") ||
			meant != "" && !strings.Contains(meant, "/") {
			path = []string{"kind"} // of the same API version, or of the same group
		}
	}
	for _, name := range path {
		key, value := entryOf(written, name)
		if index, err := strconv.Atoi(strings.Trim(name, "[]")); err == nil &&
			written.Kind == yamlnode.SequenceNode && index >= 0 && index < len(written.Content) {
			key, value = written.Content[index], written.Content[index]
		}
		if key == nil {
			break
		}
		line, written = key.Line, value
	}
	return line
}

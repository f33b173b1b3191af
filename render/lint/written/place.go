package written

import (
	"regexp"
	"slices"
	"strconv"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// IsInCatalog tells whether a component file has a component.
func IsInCatalog(values *hierarchy.Values, key string) bool {
	return slices.ContainsFunc(values.Origins(key),
		func(o hierarchy.Origin) bool { return o.Source == hierarchy.SourceCatalog })
}

// ValueAt returns the value at a path of keys; nil if there is none.
func ValueAt(value any, path []string) any {
	for _, key := range path {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

// Walk calls use for every value in a YAML document that is no map and no list, with its path and what it is in.
func Walk(root *yamlnode.Node, use func(path []string, node, in *yamlnode.Node)) {
	walk(root, nil, use)
}

func walk(node *yamlnode.Node, at []string, use func(path []string, node, in *yamlnode.Node)) {
	below := func(child *yamlnode.Node, at []string) {
		if child.Kind == yamlnode.ScalarNode {
			use(at, child, node)
			return
		}
		walk(child, at, use)
	}
	switch node.Kind {
	case yamlnode.DocumentNode:
		for _, child := range node.Content {
			below(child, at)
		}
	case yamlnode.SequenceNode:
		for i, child := range node.Content {
			below(child, append(slices.Clip(at), strconv.Itoa(i)))
		}
	case yamlnode.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			below(node.Content[i+1], append(slices.Clip(at), node.Content[i].Value))
		}
	}
}

// labelsRead finds the labels that a template names.
var labelsRead = regexp.MustCompile(`\.metadata\.labels(?:\.([A-Za-z0-9_]+)|\s+"([^"]+)")`)

// EachLabel calls use for each label of a cluster that text in a value names.
func EachLabel(value any, use func(name string)) {
	switch value := value.(type) {
	case string:
		for _, match := range labelsRead.FindAllStringSubmatch(value, -1) {
			use(match[1] + match[2])
		}
	case map[string]any:
		for _, child := range value {
			EachLabel(child, use)
		}
	case []any:
		for _, child := range value {
			EachLabel(child, use)
		}
	}
}

package hierarchy

import (
	"slices"
	"strconv"

	yamlnode "go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// find follows a path as far as it exists. It returns the last key, the value there, and whether that is the whole
// path. Of no key, both are the first content; nil if there is none.
func (d *Document) find(path []string) (key, value *yamlnode.Node, whole bool) {
	d.lines.Do(d.parseLines)
	if d.root == nil {
		return nil, nil, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, root := range slices.Backward(d.more) { // a later document is over an earlier one
		if key, value, whole = d.follow(root, path); whole {
			return key, value, true
		}
	}
	return d.follow(d.root, path)
}

// follow is find in one document.
func (d *Document) follow(root *yamlnode.Node, path []string) (key, value *yamlnode.Node, whole bool) {
	key, value = root, root
	for _, name := range path {
		next := d.lookup(value, name)
		if next == nil {
			return key, value, false
		}
		key, value = next, d.value(next)
	}
	return key, value, true
}

// parseLines parses the document once more, this time for the lines and the text of numbers: sigs.k8s.io/yaml does not
// tell them. This parser is never used for other values, since it reads YAML 1.2.
func (d *Document) parseLines() {
	decoder := safeyaml.NodeDecoder(d.data)
	for d.root == nil || d.several {
		var root yamlnode.Node
		err := decoder.Decode(&root)
		switch {
		case err != nil, len(root.Content) == 0 && !d.several:
			return
		case len(root.Content) == 0:
		case d.root == nil:
			d.root = root.Content[0]
			d.index = map[*yamlnode.Node]map[string]*yamlnode.Node{}
		default:
			d.more = append(d.more, root.Content[0])
		}
	}
}

// lookup returns the node of a key in a map, looking into merge keys as well, or nil.
func (d *Document) lookup(mapping *yamlnode.Node, key string) *yamlnode.Node {
	for mapping.Kind == yamlnode.AliasNode {
		mapping = mapping.Alias
	}
	if mapping.Kind == yamlnode.SequenceNode {
		i, err := strconv.Atoi(key)
		if err != nil || i < 0 || i >= len(mapping.Content) {
			return nil
		}
		item := *mapping.Content[i]
		item.Content = []*yamlnode.Node{mapping.Content[i]}
		return &item
	}
	if mapping.Kind != yamlnode.MappingNode {
		return nil
	}
	keys, ok := d.index[mapping]
	if !ok {
		keys = make(map[string]*yamlnode.Node, len(mapping.Content)/2)
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			k := *mapping.Content[i]
			k.Content = []*yamlnode.Node{mapping.Content[i+1]}
			keys[keyName(&k)] = &k
		}
		d.index[mapping] = keys
	}
	if node := keys[key]; node != nil {
		return node
	}
	if merge := keys["<<"]; merge != nil {
		sources := merge.Content
		if sources[0].Kind == yamlnode.SequenceNode {
			sources = sources[0].Content
		}
		for _, source := range sources {
			if node := d.lookup(source, key); node != nil {
				return node
			}
		}
	}
	return nil
}

// HoldsAnchor tells whether what is at a path has a YAML anchor that is used outside of it.
func (d *Document) HoldsAnchor(path ...string) bool {
	_, value, whole := d.find(path)
	if !whole {
		return false
	}
	within := map[*yamlnode.Node]bool{}
	collect(value, within)
	return slices.ContainsFunc(append(slices.Clone(d.more), d.root), func(root *yamlnode.Node) bool {
		return usesOneOf(root, within)
	})
}

func collect(node *yamlnode.Node, into map[*yamlnode.Node]bool) {
	into[node] = true
	for _, child := range node.Content {
		collect(child, into)
	}
}

// usesOneOf tells whether an alias below a node stands for one of some nodes, without being one of them.
func usesOneOf(node *yamlnode.Node, nodes map[*yamlnode.Node]bool) bool {
	if nodes[node] {
		return false
	}
	if node.Kind == yamlnode.AliasNode {
		return nodes[node.Alias]
	}
	return slices.ContainsFunc(node.Content, func(child *yamlnode.Node) bool { return usesOneOf(child, nodes) })
}

// value returns the value of a key node made by lookup.
func (d *Document) value(key *yamlnode.Node) *yamlnode.Node { return key.Content[0] }

// keyName returns the key as sigs.k8s.io/yaml has it: YAML 1.1 booleans without quotes become "true" and "false".
func keyName(key *yamlnode.Node) string {
	if key.Style&(yamlnode.SingleQuotedStyle|yamlnode.DoubleQuotedStyle) != 0 {
		return key.Value
	}
	switch key.Value {
	case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE":
		return "true"
	case "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE":
		return "false"
	}
	return key.Value
}

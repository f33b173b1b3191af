package safeyaml

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	yamlvalue "go.yaml.in/yaml/v2"
	"go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// checkKeys fails if two keys of a map are different values, but the same text in JSON.
func checkKeys(document *yaml.Node, name string) error {
	values := resolveKeys(document)
	var visit func(node *yaml.Node) error
	visit = func(node *yaml.Node) error {
		if node.Kind == yaml.MappingNode {
			seen := map[string]*yaml.Node{}
			if first, second := values.clash(node, seen); first != nil {
				return problem.New(name, second.Line, "the keys %s (line %d) and %s are both %q in JSON, "+
					"so that chance decides which one counts", written(first), first.Line, written(second),
					values.text(first)).
					WithHint("keep one of them")
			}
		}
		for _, child := range node.Content {
			if err := visit(child); err != nil {
				return err
			}
		}
		return nil
	}
	return visit(document)
}

// keyValues are the values of keys that are not just the strings that stand there, by how [source] writes them.
type keyValues map[string]any

// clash adds the keys of a map, and of those that it merges, to those seen, and returns the first two that clash.
func (k keyValues) clash(mapping *yaml.Node, seen map[string]*yaml.Node) (first, second *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		if !isMerge(key) {
			value, text, ok := k.of(key)
			if !ok {
				continue
			}
			other := seen[text]
			if other == nil {
				seen[text] = key
				continue
			}
			if same, _, _ := k.of(other); same != value {
				if other.Line > key.Line { // of a map that is merged
					return key, other
				}
				return other, key
			}
			continue
		}
		sources := []*yaml.Node{mapping.Content[i+1]}
		if sources[0].Kind == yaml.SequenceNode {
			sources = sources[0].Content
		}
		for _, source := range sources {
			if source = target(source); source.Kind != yaml.MappingNode {
				continue
			}
			if first, second = k.clash(source, seen); first != nil {
				return first, second
			}
		}
	}
	return nil, nil
}

// of returns the value of a key, and its text in JSON. It has none if it is null, a map, a list, or no value of its
// tag.
func (k keyValues) of(key *yaml.Node) (value any, text string, ok bool) {
	key = target(key)
	if key.Kind != yaml.ScalarNode {
		return nil, "", false
	}
	value = key.Value
	if from := source(key); from != "" {
		value = k[from]
	}
	text, ok = jsonKey(value)
	return value, text, ok
}

func (k keyValues) text(key *yaml.Node) string {
	_, text, _ := k.of(key)
	return text
}

// jsonKey returns what sigs.k8s.io/yaml makes of the value of a key.
func jsonKey(value any) (text string, ok bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case int:
		return strconv.Itoa(value), true
	case int64:
		return strconv.FormatInt(value, 10), true
	case float64:
		text := strconv.FormatFloat(value, 'g', -1, 32)
		switch text {
		case "+Inf":
			text = ".inf"
		case "-Inf":
			text = "-.inf"
		case "NaN":
			text = ".nan"
		}
		return text, true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}

// target returns what an alias stands for.
func target(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && (key.Style == 0 || key.Tag == "!!merge")
}

// source returns YAML from which the parser reads the value of a key again; "" if the value is its text.
func source(key *yaml.Node) string {
	switch {
	case key.Style&yaml.TaggedStyle != 0:
		quoted, err := json.Marshal(key.Value)
		if err != nil {
			return ""
		}
		return "!<" + key.LongTag() + "> " + string(quoted)
	case key.Style != 0 || key.Value == "" || !perhapsNoText(key.Value) || strings.ContainsFunc(key.Value, isOther):
		return ""
	}
	return key.Value
}

// isOther tells whether a character is in no number and no boolean.
func isOther(r rune) bool { return r <= ' ' || r == ':' || r == '#' || r >= 0x7f }

// resolveKeys returns the values of all keys of a document, as the parser has them.
func resolveKeys(document *yaml.Node) keyValues {
	values := keyValues{}
	var sources []string
	var visit func(node *yaml.Node)
	visit = func(node *yaml.Node) {
		for i, child := range node.Content {
			key := target(child)
			if node.Kind == yaml.MappingNode && i%2 == 0 && key.Kind == yaml.ScalarNode {
				if from := source(key); from != "" {
					if _, known := values[from]; !known {
						values[from] = nil
						sources = append(sources, from)
					}
				}
			}
			visit(child)
		}
	}
	visit(document)
	for batch := range slices.Chunk(sources, 1000) {
		for i, value := range parseAll(batch) {
			values[batch[i]] = value
		}
	}
	return values
}

// parseAll returns the values of scalars; nil for those that are no values of their tags.
func parseAll(sources []string) []any {
	var values []any
	if yamlvalue.Unmarshal([]byte("- "+strings.Join(sources, "\n- ")), &values) == nil && len(values) == len(sources) {
		return values
	}
	values = make([]any, len(sources))
	for i, source := range sources {
		if yamlvalue.Unmarshal([]byte(source), &values[i]) != nil {
			values[i] = nil
		}
	}
	return values
}

// written returns a key as it stands in the document.
func written(key *yaml.Node) string {
	prefix := ""
	if key.Kind == yaml.AliasNode {
		prefix = "*" + key.Value + " = "
		key = target(key)
	}
	if key.Style&yaml.TaggedStyle != 0 {
		prefix += key.ShortTag() + " "
	}
	if key.Style&^yaml.TaggedStyle == 0 {
		return prefix + key.Value
	}
	return prefix + strconv.Quote(key.Value)
}

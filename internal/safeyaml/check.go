// Package safeyaml is the one reader of text that nobody vouches for: YAML, JSON and TOML. It refuses, before a parser
// gets it and at little cost, what would exhaust memory, time or stacks: text that is too large, nested too deeply, of
// too many values, or that aliases make large. And it refuses what parsers do not read in one way: sigs.k8s.io/yaml
// takes either of two keys that are one in JSON, by chance.
//
// Where a library parses by itself, [Check] or [CheckStream] comes before it. Other code calls [Unmarshal] and its
// like.
package safeyaml

import (
	"bytes"
	"errors"
	"io"

	yamlvalue "go.yaml.in/yaml/v2" // which sigs.k8s.io/yaml reads with
	"go.yaml.in/yaml/v3"           // which tells lines

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// maxText is how much text a document with aliases may make, in bytes.
const maxText = 10 << 20

// maxDepth is how deeply lists and maps may be nested. What is indented as deeply fills lines with blanks.
const maxDepth = 250

// limits are what an input may have.
type limits struct {
	Bytes     int // of text
	Values    int // in one document: maps, lists, their keys and items
	Total     int // values in all documents
	Documents int
}

var (
	// files are the limits of files that people write, of parameters, and of the text that templates make.
	files = limits{Bytes: 64 << 20, Values: 400_000, Total: 1_000_000, Documents: 50_000}
	// indexes are the limits of indexes of chart repositories, which have an entry for each version of each chart.
	indexes = limits{Bytes: 100 << 20, Values: 2_000_000, Total: 2_000_000, Documents: 1}
)

// Check checks the first document of data, which is all that sigs.k8s.io/yaml reads, by the limits of [Files]; name is
// what messages call the data. It fails, with the line, if
//
//   - it is larger, has more values, or is nested more deeply than the limits allow;
//   - aliases make more than [maxText], or one is inside its own anchor;
//   - two keys of a map, with those that it merges, differ in YAML but are the same text in JSON, as 1 and "1" are,
//     or 1 and 1.0, or yes and "true". Keys that are the same in YAML too have an order, in which the last one counts.
//
// Data without aliases and without keys that could be numbers or booleans costs only a look at each byte. Other
// mistakes are left to the parser, which knows more of them.
func Check(data []byte, name string) error { return check(data, name, files, false) }

// CheckStream checks all documents of data as [Check] does the first. Of data with aliases that is no YAML, it says so:
// what comes after the mistake could be read by a parser that divides documents in another way.
func CheckStream(data []byte, name string) error { return check(data, name, files, true) }

func check(data []byte, name string, limits limits, stream bool) error {
	if err := checkSize(data, name, limits, stream); err != nil {
		return err
	}
	aliases, keys := scan(data)
	if !aliases && !keys {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for number := 1; ; number++ {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if stream && aliases || readable(data, number) {
				return Mistake(data, name, err)
			}
			return nil
		}
		if err := checkAliases(&document, name); err != nil {
			return err
		}
		if keys {
			if err := checkKeys(&document, name); err != nil {
				return err
			}
		}
		if !stream {
			return nil
		}
	}
}

// readable tells whether the parser reads the document of this number, which was not understood here: it cannot be
// checked.
func readable(data []byte, number int) bool {
	decoder := yamlvalue.NewDecoder(bytes.NewReader(data))
	for range number {
		var value any
		if decoder.Decode(&value) != nil {
			return false
		}
	}
	return true
}

func checkAliases(document *yaml.Node, name string) error {
	m := measure{known: map[*yaml.Node]int{}}
	size := m.size(document)
	switch {
	case m.endless != nil:
		return problem.New(name, m.endless.Line, "is not YAML: anchor '%s' value contains itself", m.endless.Anchor)
	case m.aliases && size > maxText:
		return TooManyAliases(name)
	}
	return nil
}

// TooManyAliases returns the problem that aliases make too much. Parsers have limits too, on how many values they make.
func TooManyAliases(name string) *problem.Problem {
	return problem.New(name, 0, "YAML aliases expand beyond measure").
		WithHint("write the values out, or use fewer aliases")
}

// A measure finds out how much text nodes make when their aliases are written out.
type measure struct {
	known   map[*yaml.Node]int // -1 until it is known
	aliases bool               // whether there are any
	endless *yaml.Node         // that holds an alias to itself
}

func (m *measure) size(node *yaml.Node) int {
	if size, ok := m.known[node]; ok {
		if size < 0 {
			m.endless = node
		}
		return max(size, 0)
	}
	m.known[node] = -1
	sum := len(node.Value) + 4
	if node.Alias != nil {
		m.aliases = true
		sum += m.size(node.Alias)
	}
	for _, child := range node.Content {
		sum = min(sum+m.size(child), maxText+1)
	}
	m.known[node] = sum
	return sum
}

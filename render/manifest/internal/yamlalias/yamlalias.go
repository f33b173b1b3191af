// Package yamlalias refuses YAML whose aliases expand beyond measure, before a parser that writes every alias out gets it.
package yamlalias

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// limit is how much text the aliases of a document may make, in bytes.
const limit = 32 << 20

var errorLine = regexp.MustCompile(`yaml: (?:unmarshal errors:\s*)?line (\d+): (.*)`)

// Check fails if the aliases of a YAML document in data make more than 32 MiB; name is where it stands. Of data with aliases
// that is no YAML, it says so: what comes after the mistake could be read by another parser. Other mistakes it leaves to
// the parser.
func Check(data []byte, name string) error {
	if !bytes.Contains(data, []byte("&")) || !bytes.Contains(data, []byte("*")) {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if m := errorLine.FindStringSubmatch(err.Error()); m != nil {
				line, _ := strconv.Atoi(m[1])
				return problem.New(name, line, "is not YAML: %s", m[2])
			}
			return problem.New(name, 0, "is not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		}
		if size(&document, map[*yaml.Node]int{}) > limit {
			return problem.New(name, 0, "YAML aliases expand beyond measure").WithHint("write the values out, or use fewer aliases")
		}
	}
}

// size returns how much text a node makes when its aliases are written out, or anything above the limit.
func size(node *yaml.Node, known map[*yaml.Node]int) int {
	if size, ok := known[node]; ok {
		return size
	}
	known[node] = limit + 1 // until it is known: an alias to a node that holds it never ends
	sum := len(node.Value) + 4
	if node.Alias != nil {
		sum += size(node.Alias, known)
	}
	for _, child := range node.Content {
		if sum += size(child, known); sum > limit {
			sum = limit + 1
			break
		}
	}
	known[node] = sum
	return sum
}

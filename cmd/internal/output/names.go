package output

import (
	"fmt"
	"io"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// FormatName is the output format of names alone, one on each line.
const FormatName = "name"

// Names prints names, each once and on a line of its own. It fails as the writer does.
func Names(w io.Writer, names []string) error {
	var all strings.Builder
	seen := map[string]bool{}
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			all.WriteString(problem.OneLine(name) + "\n")
		}
	}
	_, err := io.WriteString(w, all.String())
	return err
}

// nameOf returns the line of an object in the format name, as kubectl has it: KIND.GROUP/NAME.
func nameOf(object render.Object) []byte {
	kind, _ := object["kind"].(string)
	version, _ := object["apiVersion"].(string)
	kind = strings.ToLower(kind)
	if group, _, is := strings.Cut(version, "/"); is {
		kind += "." + group
	}
	return []byte(problem.OneLine(fmt.Sprintf("%s/%s", kind, hierarchy.NameOf(object))) + "\n")
}

// Encode returns an object in one of the formats that [New] takes. It fails as [render.EncodeValue] does.
func Encode(object render.Object, format string) ([]byte, error) {
	if format == FormatName {
		return nameOf(object), nil
	}
	return render.EncodeValue(object, format)
}

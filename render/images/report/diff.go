package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/images"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/columns"
)

// The actions of a change of images, as they are shown.
const (
	added   = "added"
	removed = "removed"
	changed = "changed"
)

// PrintDifference prints what differs between the images of two renders. It fails for a format that does not exist, and
// where it cannot write.
func PrintDifference(w io.Writer, d *images.Difference, format string) error {
	var out strings.Builder
	var err error
	switch format {
	case "text":
		printDifferenceText(&out, d)
	case "wide":
		printDifferenceWide(&out, d)
	case "name":
		names := map[string]bool{}
		for _, c := range d.Clusters {
			for _, change := range slices.Concat(c.Added, c.Changed) {
				names[change.After] = true
			}
		}
		printNames(&out, names)
	case "json":
		err = printJSON(&out, struct {
			*images.Difference
			Failures []string `json:"failures"`
		}{d, messages(d.Failures)})
	default:
		err = fmt.Errorf("there is no format %q of a difference of images", format)
	}
	return finish(w, out.String(), err)
}

// actions returns the changes of a cluster by what they are, in their order.
func actions(c images.ClusterChange, see func(action string, change images.Change)) {
	for _, list := range []struct {
		action  string
		changes []images.Change
	}{{added, c.Added}, {changed, c.Changed}, {removed, c.Removed}} {
		for _, change := range list.changes {
			see(list.action, change)
		}
	}
}

// name returns the image of a change, or both.
func name(c images.Change) string {
	shownNow := shown(images.Image{Reference: cmp.Or(c.After, c.Before), Invalid: c.Invalid})
	if c.Before == "" || c.After == "" {
		return shownNow
	}
	return problem.OneLine(c.Before) + " -> " + shownNow
}

func printDifferenceText(out *strings.Builder, d *images.Difference) {
	var t table
	for _, c := range d.Clusters {
		actions(c, func(action string, change images.Change) {
			t.add(action+"\t"+name(change), c.Cluster, change.Uses)
		})
	}
	if len(t.rows) == 0 {
		out.WriteString("no images differ\n")
		return
	}
	t.print(out, "ACTION\tIMAGE", d.Identities)
}

func printDifferenceWide(out *strings.Builder, d *images.Difference) {
	lines := [][]string{{"ACTION", "CLUSTER", "IMAGE", "GROUP", "COMPONENT", "APPLICATION", "KIND", "NAMESPACE", "NAME",
		"FIELD", "CONTAINER"}}
	for _, c := range d.Clusters {
		actions(c, func(action string, change images.Change) {
			for _, use := range change.Uses {
				lines = append(lines, append([]string{action}, cells(c.Cluster, name(change), use)...))
			}
		})
	}
	out.WriteString(columns.Align(lines))
}

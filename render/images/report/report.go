// Package report prints the images of a fleet, and what differs between those of two renders. Formats are text, a line
// for each object, names, JSON and a bill of materials.
package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/identity"
	"github.com/eks-fleet-management/fleet-cmp/render/images"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/columns"
)

// Formats are those of an inventory. A difference has all but the last.
var Formats = []string{"text", "wide", "json", "name", "cyclonedx"}

// Print prints an inventory, without the credentials in addresses. It fails for a format that does not exist, and where
// it cannot write.
func Print(w io.Writer, i *images.Inventory, format string) error {
	var out strings.Builder
	var err error
	switch format {
	case "text":
		printText(&out, i)
	case "wide":
		printWide(&out, i)
	case "name":
		printNames(&out, namesOf(i))
	case "json":
		err = printJSON(&out, struct {
			*images.Inventory
			Failures []string `json:"failures"`
		}{i, messages(i.Failures)})
	case "cyclonedx":
		err = printBOM(&out, i)
	default:
		err = fmt.Errorf("there is no format %q of images", format)
	}
	return finish(w, out.String(), err)
}

func finish(w io.Writer, text string, err error) error {
	if err == nil {
		_, err = io.WriteString(w, address.Redact(text))
	}
	return err
}

func printJSON(out *strings.Builder, value any) error {
	data, err := render.EncodeValue(value, "json")
	out.Write(data)
	return err
}

func messages(failures render.Failures) []string {
	texts := make([]string, len(failures))
	for i, err := range failures {
		texts[i] = problem.OneLine(err.Error())
	}
	return texts
}

// namesOf returns the references of all images.
func namesOf(i *images.Inventory) map[string]bool {
	all := map[string]bool{}
	for _, c := range i.Clusters {
		for _, image := range c.Images {
			all[image.Reference] = true
		}
	}
	return all
}

func printNames(out *strings.Builder, names map[string]bool) {
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintln(out, problem.OneLine(name))
	}
}

// A row is an image, or a change of one, in all clusters that have it.
type row struct {
	head       string
	clusters   []string
	components map[string]bool
}

// digests finds digests with the part of them that is shown in a table.
var digests = regexp.MustCompile(`(@sha256:[0-9a-f]{12})[0-9a-f]{52}\b`)

// A table has a row for what is the same in several clusters.
type table struct {
	rows map[string]*row
}

// add adds what a cluster has. Digests are shown by their beginning.
func (t *table) add(head, cluster string, uses []images.Use) {
	if t.rows == nil {
		t.rows = map[string]*row{}
	}
	found := t.rows[head]
	if found == nil {
		found = &row{head: head, components: map[string]bool{}}
		t.rows[head] = found
	}
	found.clusters = append(found.clusters, cluster)
	for _, use := range uses {
		found.components[use.Group+"/"+use.Component] = true
	}
}

// print prints the rows in their order, below the names of the columns, of which heads are the first ones.
func (t *table) print(out *strings.Builder, heads string, ids identity.Identities) {
	lines := [][]string{{heads, "CLUSTERS", "USED BY"}}
	for _, head := range slices.Sorted(maps.Keys(t.rows)) {
		r := t.rows[head]
		lines = append(lines, []string{digests.ReplaceAllString(head, "$1…"), where(r.clusters, ids),
			few(slices.Sorted(maps.Keys(r.components)))})
	}
	out.WriteString(columns.Align(lines))
}

// few are names in a cell.
func few(names []string) string {
	const most = 3
	if len(names) > most {
		return problem.OneLine(fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most))
	}
	return problem.OneLine(strings.Join(names, ", "))
}

// where says in few words which clusters, which are sorted, have something.
func where(clusters []string, ids identity.Identities) string {
	const most = 3
	shown := make([]string, len(clusters))
	for i, name := range clusters {
		shown[i] = cmp.Or(name, "(unknown)")
	}
	if len(clusters) == len(ids.Names) && len(clusters) > 1 {
		return "all " + number(len(clusters))
	}
	if len(clusters) <= most {
		return few(shown)
	}
	count := number(len(clusters)) + ": "
	if selector := ids.Selector(clusters); selector != "" {
		return problem.OneLine(count + selector)
	}
	var others []string
	for _, name := range ids.Names {
		if _, is := slices.BinarySearch(clusters, name); !is {
			others = append(others, name)
		}
	}
	if len(others) <= most {
		return problem.OneLine(count + "all but " + strings.Join(others, ", "))
	}
	return count + few(shown)
}

// number returns a number with commas between the thousands.
func number(n int) string {
	const thousand = 1000
	if n < thousand {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", number(n/thousand), n%thousand)
}

func printText(out *strings.Builder, i *images.Inventory) {
	var t table
	for _, c := range i.Clusters {
		for _, image := range c.Images {
			t.add(shown(image), c.Name, image.Uses)
		}
	}
	if len(t.rows) == 0 {
		out.WriteString("no images\n")
		return
	}
	t.print(out, "IMAGE", i.Identities)
}

// shown is an image as it is shown to people.
func shown(image images.Image) string {
	if image.Invalid != "" {
		return problem.OneLine(image.Reference) + " (invalid)"
	}
	return problem.OneLine(image.Reference)
}

func printWide(out *strings.Builder, i *images.Inventory) {
	lines := [][]string{{"CLUSTER", "IMAGE", "GROUP", "COMPONENT", "APPLICATION", "KIND", "NAMESPACE", "NAME",
		"FIELD", "CONTAINER"}}
	for _, c := range i.Clusters {
		for _, image := range c.Images {
			for _, use := range image.Uses {
				lines = append(lines, cells(c.Name, shown(image), use))
			}
		}
	}
	out.WriteString(columns.Align(lines))
}

// cells are those of a line for an object.
func cells(cluster, image string, u images.Use) []string {
	line := []string{cluster, image, u.Group, u.Component, u.Application, u.Kind, u.Namespace, u.Name, u.Field,
		u.Container}
	for i, text := range line {
		line[i] = cmp.Or(problem.OneLine(text), "-")
	}
	return line
}

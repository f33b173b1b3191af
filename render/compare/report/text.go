package report

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/eks-fleet-management/fleet-cmp/internal/color"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// paintLine returns a line of a diff in its color.
func paintLine(c color.Painter, line string) string {
	switch {
	case strings.HasPrefix(line, "@@"):
		return c.Paint(color.Cyan, line)
	case strings.HasPrefix(line, "+"):
		return c.Paint(color.Green, line)
	case strings.HasPrefix(line, "-"):
		return c.Paint(color.Red, line)
	}
	return line
}

// longest is how much of a line of a diff people may want to see.
const longest = 4000

// asText returns a result for people: dangers and failures first, then each change with its diff.
func asText(result *compare.Result, c color.Painter) string {
	var out strings.Builder
	warn(&out, result, c)
	for _, change := range result.Changes {
		fmt.Fprintf(&out, "\n%s %s is %s (%s)\n", c.Paint(color.Bold, component(change)+":"), object(change),
			change.Sides, size(change))
		fmt.Fprintf(&out, "  %s\n", clusters(change.Clusters))
		for _, place := range places(change.Causes) {
			fmt.Fprintf(&out, "  caused by %s\n", place)
		}
		for _, danger := range change.Dangers {
			fmt.Fprintf(&out, "  %s %s\n", c.Paint(color.Red, "danger ("+danger.Kind+"):"), danger.Message)
		}
		for _, line := range body(change) {
			fmt.Fprintf(&out, "    %s\n", paintLine(c, shortened(line, longest)))
		}
	}
	if out.Len() > 0 {
		fmt.Fprintln(&out)
	}
	fmt.Fprintln(&out, totals(result))
	return out.String()
}

// warn writes the failures and dangers.
func warn(out *strings.Builder, result *compare.Result, c color.Painter) {
	for _, failure := range result.Failures {
		fmt.Fprintf(out, "%s %s\n", c.Paint(color.Red, "Failure ("+side(failure)+"):"), message(failure))
	}
	for _, t := range threats(result) {
		fmt.Fprintf(out, "%s %s, %s\n", c.Paint(color.Red, "Danger ("+t.kind+"):"), t.about(),
			clusters(t.in(result.Clusters)))
	}
}

// clusters says in which clusters a change is.
func clusters(c compare.Clusters) string {
	text := howMany(len(c.Names), c.Of)
	if names := where(c); names != "" {
		text += " (" + names + ")"
	}
	if len(c.Without) > 0 {
		text += "; not in " + strings.Join(c.Without, ", ") + ", where another value wins"
	}
	return text
}

// asSummary returns a table with a line for each component, below the failures and dangers.
func asSummary(result *compare.Result) string {
	var out strings.Builder
	warn(&out, result, false)
	if len(result.Changes) > 0 {
		if out.Len() > 0 {
			fmt.Fprintln(&out)
		}
		const gap = 2
		table := tabwriter.NewWriter(&out, 0, 0, gap, ' ', 0)
		fmt.Fprintln(table, "COMPONENT\tOBJECTS\tCLUSTERS\tDANGERS\tWHAT")
		for _, row := range rows(result) {
			fmt.Fprintf(table, "%s\t%s\t%s of %s\t%s\t%s\n", row.component, number(row.objects),
				number(len(row.clusters)), number(result.Clusters), number(row.dangers), row.what())
		}
		_ = table.Flush() // a strings.Builder does not fail
		fmt.Fprintln(&out)
	}
	fmt.Fprintln(&out, totals(result))
	return out.String()
}

// A row is what changes of a component.
type row struct {
	component string
	objects   int
	dangers   int
	clusters  map[string]bool
	kinds     []string // of objects, in the order of the changes
	by        map[string]map[compare.Sides]int
}

// rows returns a row for each component, the dangerous first.
func rows(result *compare.Result) []*row {
	var all []*row
	known := map[string]*row{}
	for _, change := range result.Changes {
		r := known[component(change)]
		if r == nil {
			r = &row{component: component(change), clusters: map[string]bool{}, by: map[string]map[compare.Sides]int{}}
			known[r.component] = r
			all = append(all, r)
		}
		r.objects += len(change.Objects)
		r.dangers += len(change.Dangers)
		for _, name := range change.Clusters.Names {
			r.clusters[name] = true
		}
		if r.by[change.Kind] == nil {
			r.by[change.Kind] = map[compare.Sides]int{}
			r.kinds = append(r.kinds, change.Kind)
		}
		r.by[change.Kind][change.Sides]++
	}
	return all
}

// what says how many different changes of each kind of object there are: Deployment ~2 +1 -1.
func (r *row) what() string {
	var kinds []string
	for _, kind := range r.kinds {
		text := kind
		for _, of := range []struct {
			side compare.Sides
			sign string
		}{{compare.Changed, "~"}, {compare.Added, "+"}, {compare.Removed, "-"}} {
			if n := r.by[kind][of.side]; n > 0 {
				text += " " + of.sign + number(n)
			}
		}
		kinds = append(kinds, text)
	}
	return problem.Few(kinds)
}

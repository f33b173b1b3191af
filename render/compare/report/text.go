package report

import (
	"fmt"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// asText returns a result for people.
func asText(result *compare.Result) string {
	var out strings.Builder
	for _, failure := range result.Failures {
		where := failure.Side
		if failure.Known {
			where = "on both sides"
		}
		fmt.Fprintf(&out, "Failure (%s): %s\n", where, failure.Message)
	}
	for _, danger := range result.Dangers {
		fmt.Fprintf(&out, "Danger (%s): %s, in %s\n", danger.Kind, danger.Message, someNames(danger.Clusters))
	}
	for _, change := range result.Changes {
		fmt.Fprintf(&out, "\n%s\n", title(change))
		fmt.Fprintf(&out, "  in %s\n", clusters(change.Clusters))
		for _, cause := range change.Causes {
			fmt.Fprintf(&out, "  caused by %s\n", place(cause))
		}
		for _, danger := range change.Dangers {
			fmt.Fprintf(&out, "  danger (%s): %s\n", danger.Kind, danger.Message)
		}
		if change.Diff != "" {
			fmt.Fprintf(&out, "%s", indent(change.Diff, "    "))
		}
	}
	if out.Len() > 0 {
		fmt.Fprintln(&out)
	}
	fmt.Fprintf(&out, "%s\n", totals(result))
	return out.String()
}

// title returns what changes, as COMPONENT: KIND NAMESPACE/NAME is changed.
func title(c compare.Change) string {
	name := c.Name
	if c.Namespace != "" {
		name = c.Namespace + "/" + name
	}
	return fmt.Sprintf("%s/%s: %s %s is %s (+%d -%d)", c.Group, c.Component, c.Kind, name, c.Sides, c.Added, c.Deleted)
}

// clusters says in which clusters a change is.
func clusters(c compare.Clusters) string {
	text := ""
	switch n := len(c.Names); {
	case n == c.Of:
		text = fmt.Sprintf("all %s", count(n, "cluster"))
	case c.Selector != "":
		text = fmt.Sprintf("%d of %s (%s)", n, count(c.Of, "cluster"), c.Selector)
	default:
		text = fmt.Sprintf("%d of %s (%s)", n, count(c.Of, "cluster"), someNames(c.Names))
	}
	if len(c.Without) > 0 {
		text += "; not in " + strings.Join(c.Without, ", ") + ", where another value wins"
	}
	return text
}

// someNames lists names, but not too many.
func someNames(names []string) string { return problem.Few(names) }

// place returns where a cause is.
func place(c compare.Cause) string {
	switch {
	case c.Side != compare.Changed:
		return fmt.Sprintf("%s (%s)", c.File, c.Side)
	case c.End > c.Line:
		return fmt.Sprintf("%s:%d-%d", c.File, c.Line, c.End)
	}
	return problem.Place(c.File, c.Line)
}

// totals counts everything.
func totals(result *compare.Result) string {
	if len(result.Changes) == 0 && len(result.Dangers) == 0 && len(result.Failures) == 0 {
		return fmt.Sprintf("No differences between %s and %s.", result.Before, result.After)
	}
	objects := map[compare.Sides]int{}
	dangerous := len(result.Dangers)
	for _, change := range result.Changes {
		objects[change.Sides] += len(change.Objects)
		if len(change.Dangers) > 0 {
			dangerous++
		}
	}
	return fmt.Sprintf("%s in %s: %d changed, %d added, %d removed objects; %s; %s.",
		count(len(result.Changes), "change"), count(len(result.Applications), "Application"), objects[compare.Changed],
		objects[compare.Added], objects[compare.Removed], count(dangerous, "danger"),
		count(len(result.Failures), "failure"))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func indent(text, with string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(with + line)
	}
	return out.String()
}

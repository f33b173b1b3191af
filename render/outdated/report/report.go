// Package report prints which versions of a fleet are outdated: as text, as a line with all that is known, as JSON, or
// as names for scripts.
package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/columns"
	"github.com/eks-fleet-management/fleet-cmp/render/outdated"
)

// Formats are those of a report.
var Formats = []string{"text", "wide", "json", "name"}

// Print prints a report, without the credentials in addresses. It fails for a format that does not exist, and where it
// cannot write.
func Print(w io.Writer, r *outdated.Report, format string) error {
	var out strings.Builder
	var err error
	switch format {
	case "text":
		printTable(&out, r, textColumns(r))
	case "wide":
		printTable(&out, r, wideColumns(r))
	case "json":
		var data []byte
		data, err = render.EncodeValue(r, "json")
		out.Write(data)
	case "name":
		printNames(&out, r)
	default:
		err = fmt.Errorf("there is no format %q of outdated versions", format)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, address.Redact(out.String()))
	return err
}

// A column has a title, and the text of each row.
type column struct {
	title string
	of    func(outdated.Row) string
}

func textColumns(r *outdated.Report) []column {
	all := []column{
		{"GROUP", func(r outdated.Row) string { return r.Group }},
		{"COMPONENT", componentOf},
		{"RELEASE", func(r outdated.Row) string { return r.Release }},
		{"VERSION", inUse},
		{"IN MAJOR", func(r outdated.Row) string { return newerThan(r, r.InMajor) }},
		{"NEWEST", func(r outdated.Row) string { return newerThan(r, r.Newest) }},
		{"KUBERNETES", func(r outdated.Row) string { return kubernetes(r.Newest) }},
	}
	return append(all, changesColumn(r, column{"STATUS", status})...)
}

func wideColumns(r *outdated.Report) []column {
	all := append(slices.Clone(textColumns(r)[:6]),
		column{"KUBERNETES", func(r outdated.Row) string { return kubernetes(r.InUse) }},
		column{"OF IN MAJOR", func(r outdated.Row) string { return kubernetes(r.InMajor) }},
		column{"OF NEWEST", func(r outdated.Row) string { return kubernetes(r.Newest) }},
		column{"CLUSTERS", func(r outdated.Row) string { return strings.Join(r.Clusters, ",") }},
		column{"CHART", func(r outdated.Row) string { return r.Chart }},
		column{"REPOSITORY", func(r outdated.Row) string { return r.Repository }})
	return append(all, changesColumn(r, column{"STATUS", func(r outdated.Row) string {
		if r.InUse == nil && r.Reason != "" {
			return words[r.Status] + ": " + r.Reason
		}
		return status(r)
	}})...)
}

// changesColumn puts what updates do before the last column, if that was asked for.
func changesColumn(r *outdated.Report, last column) []column {
	for _, row := range r.Rows {
		if row.Changes != nil {
			return []column{{"CHANGES", changes}, last}
		}
	}
	return []column{last}
}

const none = "-"

func printTable(out *strings.Builder, r *outdated.Report, all []column) {
	titles := make([]string, len(all))
	for i, c := range all {
		titles[i] = c.title
	}
	lines := [][]string{titles}
	for _, row := range r.Rows {
		cells := make([]string, len(all))
		for i, c := range all {
			cells[i] = cmp.Or(problem.OneLine(c.of(row)), none)
		}
		lines = append(lines, cells)
	}
	out.WriteString(columns.Align(lines))
}

// componentOf names the component, and a chart that is not its own.
func componentOf(r outdated.Row) string {
	if r.Additional {
		return r.Component + " (" + r.Chart + ")"
	}
	return r.Component
}

// inUse is the version as it is written, with what a range stands for.
func inUse(r outdated.Row) string {
	if r.InUse != nil && strings.TrimPrefix(r.InUse.Version, "v") != strings.TrimPrefix(r.Version, "v") {
		return r.Version + " (" + r.InUse.Version + ")"
	}
	return r.Version
}

// newerThan is a version, if it is another one than the one in use.
func newerThan(r outdated.Row, v *outdated.Version) string {
	if v == nil || r.InUse != nil && v.Version == r.InUse.Version {
		return ""
	}
	return v.Version
}

func kubernetes(v *outdated.Version) string {
	if v == nil {
		return ""
	}
	return v.Kubernetes
}

// words are what stands for a status.
var words = map[outdated.Status]string{outdated.Current: "current", outdated.Outdated: "outdated",
	outdated.NotVersioned: "not versioned", outdated.NotDeployed: "not deployed", outdated.Unknown: "unknown"}

// status says what is known, and what is remarkable.
func status(r outdated.Row) string {
	all := []string{words[r.Status]}
	switch {
	case r.InUse != nil && r.InUse.Deprecated:
		all = append(all, "deprecated")
	case r.Newest != nil && r.Newest.Deprecated:
		all = append(all, "the newest is deprecated")
	}
	all = append(all, notFor(r)...)
	if r.Reason != "" && r.InUse != nil {
		all = append(all, r.Reason)
	}
	return strings.Join(all, ", ")
}

// notFor says which versions are not for the Kubernetes of clusters, and what is left to update to.
func notFor(r outdated.Row) []string {
	var all []string
	said := map[string]bool{}
	for _, v := range []*outdated.Version{r.InUse, r.InMajor, r.Newest} {
		if v != nil && len(v.NotFor) > 0 && !said[v.Version] {
			said[v.Version] = true
			all = append(all, v.Version+" is not for the Kubernetes of "+problem.Few(v.NotFor))
		}
	}
	if u := r.Usable; u != nil {
		all = append(all, u.Version+" is for all")
	}
	return all
}

// changes says what an update does.
func changes(r outdated.Row) string {
	c := r.Changes
	if c == nil {
		return ""
	}
	var parts []string
	for _, part := range []struct {
		n    int
		word string
	}{{c.Changed, "changed"}, {c.Added, "added"}, {c.Removed, "removed"}, {c.Failed, "failed"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.word))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing changed"}
	}
	return fmt.Sprintf("%s: %s in %s", c.To, strings.Join(parts, ", "), problem.Count(c.Applications, "Application"))
}

// printNames prints each component that has something outdated, once.
func printNames(w *strings.Builder, r *outdated.Report) {
	last := ""
	for _, row := range r.Rows {
		name := row.Group + "/" + row.Component
		if row.Status == outdated.Outdated && name != last {
			fmt.Fprintln(w, problem.OneLine(name))
			last = name
		}
	}
}

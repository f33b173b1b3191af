package report

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// marker is the first line of the Markdown, by which a job finds the comment that it has written before.
const marker = "<!-- cmp diff -->"

// How much of the Markdown each part may take, in percent, so that each has its place.
const (
	shareOfDangers  = 35
	shareOfFailures = 50 // together with the dangers
	shareOfDiffs    = 85 // together with all before
	shareOfOneDiff  = 25
	percent         = 100
)

// Of the Markdown: the longest line of a diff, and what is kept for the last line, which counts what is left out.
const (
	longestInMarkdown = 400
	lastLine          = 160
)

// markdown is Markdown that does not get too long.
type markdown struct {
	bytes.Buffer
	most int // bytes; 0 for no limit
}

// fits writes a text if, with it, not more than a share of the limit is taken.
func (m *markdown) fits(text string, share int) bool {
	if m.most > 0 && m.Len()+len(text) > (m.most-lastLine)*share/percent {
		return false
	}
	fmt.Fprint(m, text)
	return true
}

// asMarkdown returns a result for a pull request: not longer than a number of bytes, the dangerous first. What does not
// fit is counted.
func asMarkdown(result *compare.Result, most int) string {
	m := &markdown{most: most}
	const longestName = 60
	fmt.Fprintf(m, "%s\n### What the change does\n\n%s → %s, stage %s: %s\n", marker,
		code(cut(result.Before, longestName)), code(cut(result.After, longestName)), result.Stage, inWords(result))
	if threats := threats(result); len(threats) > 0 {
		items := make([]string, len(threats))
		for i, t := range threats {
			items[i] = fmt.Sprintf("- **%s**, %s: %s\n", t.kind, inClusters(t.in(result.Clusters)), code(t.about()))
		}
		m.list("Dangers", "danger", items, shareOfDangers)
	}
	if len(result.Failures) > 0 {
		items := make([]string, len(result.Failures))
		for i, failure := range result.Failures {
			items[i] = fmt.Sprintf("- **%s**: %s\n", side(failure), code(message(failure)))
		}
		m.list("Failures: what follows is not all", "failure", items, shareOfFailures)
	}
	m.changes(folded(result.Changes))
	return m.String()
}

// inWords returns the totals as Markdown.
func inWords(result *compare.Result) string {
	text := totals(result)
	if strings.HasPrefix(text, "No ") {
		return "no differences."
	}
	return "**" + strings.Replace(text, " in ", "** in ", 1)
}

// list writes a heading, and the items that fit.
func (m *markdown) list(heading, what string, items []string, share int) {
	fmt.Fprintf(m, "\n#### %s\n\n", heading)
	for i, item := range items {
		if !m.fits(item, share) {
			fmt.Fprintf(m, "- and %s\n", more(len(items)-i, what))
			return
		}
	}
}

// more says how many there are besides what is shown.
func more(n int, what string) string { return strings.Replace(count(n, what), " ", " more ", 1) }

// changes writes the changes that fit, and counts the others.
func (m *markdown) changes(all []fold) {
	left, applications := 0, map[string]bool{}
	for _, f := range all {
		if m.fits(f.block(m.most), shareOfDiffs) || m.fits(f.line(), percent) {
			continue
		}
		for _, change := range f.changes {
			left++
			for _, object := range change.Objects {
				applications[object.Application] = true
			}
		}
	}
	if left > 0 {
		fmt.Fprintf(m, "\nAnd %s in %s, for which there is no room here.\n", more(left, "change"),
			count(len(applications), "Application"))
	}
}

// A fold is one or more changes that have the same lines, in the same clusters.
type fold struct{ changes []compare.Change }

// folded returns changes with those of one component together that differ in the same lines, such as the label with the
// version of a chart.
func folded(changes []compare.Change) []fold {
	var all []fold
	known := map[string]int{}
	for _, change := range changes {
		key := strings.Builder{}
		fmt.Fprintf(&key, "%q %q %q %d", component(change), change.Sides, change.Clusters.Names, len(change.Dangers))
		for _, line := range body(change) {
			if strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
				key.WriteString("\n" + line)
			}
		}
		for _, of := range []any{change.Dangers, change.Causes} {
			fmt.Fprintf(&key, "\n%q", fmt.Sprint(of))
		}
		at, is := known[key.String()]
		if !is {
			at = len(all)
			known[key.String()] = at
			all = append(all, fold{})
		}
		all[at].changes = append(all[at].changes, change)
	}
	return all
}

// title returns what changes, as HTML.
func (f fold) title() string {
	c := f.changes[0]
	const longestName = 120
	name := cut(object(c), longestName)
	if others := len(f.changes) - 1; others > 0 {
		name += " and " + more(others, "object")
	}
	text := fmt.Sprintf("<code>%s</code>: <code>%s</code> %s (%s), %s",
		html.EscapeString(cut(component(c), longestName)), html.EscapeString(name), c.Sides, size(c),
		howMany(len(c.Clusters.Names), c.Clusters.Of))
	const few = 3
	if names := where(c.Clusters); names != "" && (c.Clusters.Selector != "" || len(c.Clusters.Names) <= few) {
		text += fmt.Sprintf(" (<code>%s</code>)", html.EscapeString(cut(names, longestName)))
	}
	if len(c.Dangers) > 0 {
		return "⚠️ " + text
	}
	return text
}

// line returns the changes as one line, without what differs: an element, so that nothing in it is Markdown.
func (f fold) line() string { return "\n<p>" + f.title() + "</p>\n" }

// block returns the changes as a block that is opened to see what differs.
func (f fold) block(most int) string {
	c := f.changes[0]
	var out strings.Builder
	fmt.Fprintf(&out, "\n<details><summary>%s</summary>\n\nI%s", f.title(), inClusters(c.Clusters)[1:])
	if len(c.Causes) > 0 {
		fmt.Fprintf(&out, ", caused by %s", codes(places(c.Causes)))
	}
	out.WriteString(".\n")
	for _, danger := range c.Dangers {
		fmt.Fprintf(&out, "\n**Danger** (%s): %s\n", danger.Kind, code(danger.Message))
	}
	if len(f.changes) > 1 {
		others := make([]string, len(f.changes)-1)
		for i, other := range f.changes[1:] {
			others[i] = object(other)
		}
		fmt.Fprintf(&out, "\nThe same lines in %s.\n", codes(others))
	}
	out.WriteString(fenced(body(c), most*shareOfOneDiff/percent))
	out.WriteString("\n</details>\n")
	return out.String()
}

// inClusters says in which clusters a change is, as Markdown.
func inClusters(c compare.Clusters) string {
	text := howMany(len(c.Names), c.Of)
	switch {
	case len(c.Names) == c.Of:
	case c.Selector != "":
		text += " (" + code(c.Selector) + ")"
	default:
		text += " (" + codes(c.Names) + ")"
	}
	if len(c.Without) > 0 {
		text += "; not in " + codes(c.Without) + ", where another value wins"
	}
	return text
}

// fenced returns lines of a diff as a block of code that they cannot end. What is longer than a number of bytes is left
// out, and said so; 0 is no limit.
func fenced(lines []string, most int) string {
	if len(lines) == 0 {
		return ""
	}
	var shown strings.Builder
	left := 0
	for i, line := range lines {
		line = shortened(line, longestInMarkdown)
		if most > 0 && shown.Len()+len(line) > most {
			left = len(lines) - i
			break
		}
		shown.WriteString(line + "\n")
	}
	fence := strings.Repeat("`", max(3, backticks(shown.String())+1))
	text := "\n" + fence + "diff\n" + shown.String() + fence + "\n"
	if left > 0 {
		text += "\nAnd " + more(left, "line") + ".\n"
	}
	return text
}

// backticks returns the length of the longest run of backticks.
func backticks(text string) int {
	longest, run := 0, 0
	for _, r := range text {
		run++
		if r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// code returns a text of one line as a span of code, in which nothing is Markdown, HTML or the name of a person.
func code(text string) string {
	text = shortened(text, longestInMarkdown)
	if strings.TrimSpace(text) == "" {
		return "(empty)"
	}
	fence := strings.Repeat("`", backticks(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

// codes returns a few texts as spans of code, and how many more there are.
func codes(texts []string) string {
	const few = 10
	var spans []string
	for _, text := range texts[:min(few, len(texts))] {
		spans = append(spans, code(text))
	}
	list := strings.Join(spans, ", ")
	if left := len(texts) - few; left > 0 {
		list += fmt.Sprintf(" and %s more", number(left))
	}
	return list
}

// cut returns the beginning of a text that is too long.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

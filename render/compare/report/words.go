package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// component returns GROUP/COMPONENT of a change.
func component(c compare.Change) string { return c.Group + "/" + c.Component }

// object returns KIND NAMESPACE/NAME of a change.
func object(c compare.Change) string {
	if c.Namespace == "" {
		return c.Kind + " " + c.Name
	}
	return c.Kind + " " + c.Namespace + "/" + c.Name
}

// size returns how many lines differ.
func size(c compare.Change) string { return fmt.Sprintf("+%s -%s", number(c.Added), number(c.Deleted)) }

// body returns what a change does, line by line: + for lines that are added, - for those that are removed.
func body(c compare.Change) []string {
	text, sign := c.Diff, ""
	switch c.Sides {
	case compare.Added:
		text, sign = c.Object, "+"
	case compare.Removed:
		text, sign = c.Object, "-"
	}
	if text = strings.TrimSuffix(text, "\n"); text == "" {
		return nil
	}
	all := strings.Split(text, "\n")
	for i := range all {
		all[i] = sign + all[i]
	}
	return all
}

// howMany says in how many clusters something is: "in 998 of 1,000 clusters".
func howMany(n, of int) string {
	if n == of {
		return "in " + count(n, "cluster")
	}
	return "in " + number(n) + " of " + count(of, "cluster")
}

// where says which clusters have a change, in few words; "" where all have it.
func where(c compare.Clusters) string {
	switch {
	case len(c.Names) == c.Of:
		return ""
	case c.Selector != "":
		return c.Selector
	}
	return problem.Few(c.Names)
}

// places returns where causes are, those of a file together.
func places(causes []compare.Cause) []string {
	var texts []string
	var last compare.Cause
	for _, c := range causes {
		lines := strconv.Itoa(c.Line)
		if c.End > c.Line {
			lines = fmt.Sprintf("%d-%d", c.Line, c.End)
		}
		switch {
		case c.Side != compare.Changed:
			texts = append(texts, fmt.Sprintf("%s (%s)", c.File, c.Side))
		case c.Line == 0:
			texts = append(texts, c.File)
		case last.File == c.File && last.Line > 0:
			texts[len(texts)-1] += "," + lines
		default:
			texts = append(texts, c.File+":"+lines)
		}
		last = c
	}
	return texts
}

// A threat is a danger with all that it is about.
type threat struct {
	kind, component, message string
	objects                  []string // none where it is about whole Applications
	clusters                 []string // sorted
	selector                 string   // of just these clusters, if it is known
}

// about returns what a threat is about, and what it is.
func (t threat) about() string {
	if t.component == "" {
		return t.message
	}
	return t.component + ": " + t.message + ": " + problem.Few(t.objects)
}

// in returns the clusters that have it, of all.
func (t threat) in(of int) compare.Clusters {
	return compare.Clusters{Names: t.clusters, Selector: t.selector, Of: of}
}

// threats returns the dangers of a result: those of one component that are the same are one.
func threats(result *compare.Result) []threat {
	var all []threat
	for _, danger := range result.Dangers {
		all = append(all, threat{kind: danger.Kind, message: danger.Message, clusters: danger.Clusters})
	}
	known := map[[3]string]int{}
	for _, change := range result.Changes {
		for _, danger := range change.Dangers {
			key := [3]string{danger.Kind, component(change), danger.Message}
			at, is := known[key]
			if !is {
				at = len(all)
				known[key] = at
				all = append(all, threat{kind: danger.Kind, component: key[1], message: danger.Message,
					selector: change.Clusters.Selector})
			} else if all[at].selector != change.Clusters.Selector {
				all[at].selector = ""
			}
			all[at].objects = append(all[at].objects, object(change))
			all[at].clusters = append(all[at].clusters, change.Clusters.Names...)
		}
	}
	for i := range all {
		all[i].objects = unique(all[i].objects)
		all[i].clusters = unique(all[i].clusters)
	}
	slices.SortStableFunc(all, func(a, b threat) int {
		return cmp.Compare(slices.Index(compare.Kinds, a.kind), slices.Index(compare.Kinds, b.kind))
	})
	return all
}

func unique(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

// totals counts everything.
func totals(result *compare.Result) string {
	if len(result.Changes) == 0 && len(result.Dangers) == 0 && len(result.Failures) == 0 {
		return fmt.Sprintf("No differences between %s and %s.", result.Before, result.After)
	}
	objects := map[compare.Sides]int{}
	for _, change := range result.Changes {
		objects[change.Sides] += len(change.Objects)
	}
	return fmt.Sprintf("%s in %s: %s changed, %s added, %s removed objects; %s; %s.",
		count(len(result.Changes), "change"), count(len(result.Applications), "Application"),
		number(objects[compare.Changed]), number(objects[compare.Added]), number(objects[compare.Removed]),
		count(len(threats(result)), "danger"), count(len(result.Failures), "failure"))
}

// side returns the side of a failure.
func side(f compare.Failure) string {
	if f.Known {
		return "both sides"
	}
	return f.Side
}

// message returns what a failure says, and how many Applications fail in the same way.
func message(f compare.Failure) string {
	if others := len(f.Applications) - 1; others > 0 {
		return fmt.Sprintf("%s; and so %s", f.Message, fails(others))
	}
	return f.Message
}

func fails(others int) string {
	if others == 1 {
		return "does one other Application"
	}
	return "do " + number(others) + " other Applications"
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return number(n) + " " + what
}

// number returns a number with commas between the thousands.
func number(n int) string {
	text := strconv.Itoa(n)
	const digits = 3
	for at := len(text) - digits; at > 0; at -= digits {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// shortened returns a line that is not longer than a number of bytes, and says how much of it is left out.
func shortened(line string, most int) string {
	if len(line) <= most {
		return line
	}
	short := strings.ToValidUTF8(line[:most], "")
	return short + fmt.Sprintf("… (%s more)", count(len(line)-len(short), "byte"))
}

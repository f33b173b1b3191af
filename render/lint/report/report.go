// Package report prints what is wrong with a fleet: for people, and for the machines of continuous integration. All of
// it is one line for each finding, whatever the input holds.
package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/color"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
)

// Docs is the address of the page that explains the rules; each has its name as the anchor.
const Docs = "https://github.com/eks-fleet-management/fleet-cmp/blob/main/docs/lint.md"

// The formats of a report.
const (
	Text   = "text"
	JSON   = "json"
	SARIF  = "sarif"
	GitHub = "github"
)

// Options say how a report is printed.
type Options struct {
	Format  string
	Color   bool   // of text, with the control sequences of terminals
	Version string // of the program
	// Directory is that of the fleet in its repository, with slashes; "" for the root. Machines that know only the
	// repository, that is the formats SARIF and GitHub, get files relative to it.
	Directory string
}

// Print writes a report. It fails for an unknown format, and as the writer does.
func Print(w io.Writer, r *lint.Report, o Options) error {
	switch o.Format {
	case Text:
		return printText(w, r, color.Painter(o.Color))
	case JSON:
		return printJSON(w, r)
	case SARIF:
		return printSARIF(w, r, o)
	case GitHub:
		return printGitHub(w, r, o)
	}
	return fmt.Errorf("there is no format %q of a report", o.Format)
}

var colors = map[problem.Severity]color.Color{problem.Error: color.Red, problem.Warning: color.Yellow}

// printText writes a line for each finding, FILE:LINE:COLUMN: SEVERITY: MESSAGE (RULE), and one with the totals.
func printText(w io.Writer, r *lint.Report, p color.Painter) error {
	var b strings.Builder
	for _, f := range r.Findings {
		if place := placeOf(f); place != "" {
			b.WriteString(place + ": ")
		}
		fmt.Fprintf(&b, "%s: %s (%s)\n", p.Paint(colors[f.Severity], string(f.Severity)), messageOf(f), f.Rule)
	}
	b.WriteString(totals(r) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// placeOf returns FILE:LINE:COLUMN, as far as they are known.
func placeOf(f lint.Finding) string {
	place := problem.Place(problem.OneLine(f.File), f.Line)
	if f.File != "" && f.Line > 0 && f.Column > 0 {
		place += fmt.Sprintf(":%d", f.Column)
	}
	return place
}

// messageOf returns what is wrong, what it affects, and what to do.
func messageOf(f lint.Finding) string {
	message := problem.OneLine(f.Message) + effectsOf(f)
	if f.Hint != "" {
		message += "; " + problem.OneLine(f.Hint)
	}
	return message
}

// effectsOf says what a finding is about besides its place: where that is much, a few and how many more.
func effectsOf(f lint.Finding) string {
	effects := f.Effects
	if len(effects) == 0 && f.Scope != "" {
		effects = []string{f.Scope}
	}
	for i, effect := range effects {
		effects = slices.Clone(effects)
		effects[i] = problem.OneLine(effect)
	}
	if len(effects) == 0 {
		return ""
	}
	if len(effects) == 1 {
		return " (" + effects[0] + ")"
	}
	what, separator := "places", "; "
	if clusters := clustersOf(effects); clusters != nil {
		what, separator, effects = "clusters", ", ", clusters
	}
	const few = 3
	if more := len(effects) - few; more > 0 {
		return fmt.Sprintf(" (in %d %s: %s and %d more)", len(effects), what,
			strings.Join(effects[:few], separator), more)
	}
	return fmt.Sprintf(" (in %d %s: %s)", len(effects), what, strings.Join(effects, separator))
}

// clustersOf returns the clusters that effects name, sorted: each of one group, or none, and of a cluster of its own.
// Of any other effects, it is nil.
func clustersOf(effects []string) []string {
	var clusters []string
	group := ""
	for i, effect := range effects {
		at := strings.LastIndex(effect, "cluster ")
		if at < 0 || i > 0 && effect[:at] != group {
			return nil
		}
		group = effect[:at]
		clusters = append(clusters, effect[at+len("cluster "):])
	}
	slices.Sort(clusters)
	return clusters
}

// totals says how much was looked at, and what was found.
func totals(r *lint.Report) string {
	errors, warnings := count(r)
	text := fmt.Sprintf("%s, %s in %s, %s", number(errors, "error"), number(warnings, "warning"),
		number(r.Checked.Files, "file"), number(r.Checked.Clusters, "cluster"))
	if r.Checked.Applications > 0 {
		text += ", " + number(r.Checked.Applications, "Application")
	}
	if r.Checked.Objects > 0 {
		text += ", " + number(r.Checked.Objects, "object")
	}
	if r.Ignored > 0 {
		text += fmt.Sprintf("; %d ignored", r.Ignored)
	}
	return text
}

// count returns how many errors and warnings a report has.
func count(r *lint.Report) (errors, warnings int) {
	for _, f := range r.Findings {
		if f.Severity == problem.Error {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

func number(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// docsOf returns the address of the page about a rule.
func docsOf(rule string) string { return Docs + "#" + cmp.Or(rule, problem.RuleRender) }

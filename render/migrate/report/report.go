// Package report prints what the switch from the wrapper chart changes.
package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate"
)

// Formats are the formats that a plan is printed in.
var Formats = []string{"text", "json"}

// Print prints a plan in a format of [Formats]. It fails as writing does.
func Print(out io.Writer, p *migrate.Plan, format string) error {
	if format == "json" {
		return printJSON(out, p)
	}
	var b strings.Builder
	text(&b, p)
	_, err := io.WriteString(out, b.String())
	return err
}

// printJSON prints a plan as JSON.
func printJSON(out io.Writer, p *migrate.Plan) error {
	value := struct {
		Hub      string                           `json:"hub"`
		Stage    string                           `json:"stage"`
		NoOp     bool                             `json:"noOp"`
		Totals   map[string]map[migrate.Class]int `json:"totals"`
		Traps    []migrate.Trap                   `json:"traps"`
		Items    []migrate.Item                   `json:"items"`
		Notes    []string                         `json:"notes"`
		Failures []string                         `json:"failures"`
		Known    []string                         `json:"failuresOnBothSides"`
		Files    []string                         `json:"bootstrapFiles"`
		Fleet    string                           `json:"fleet"`
		Exists   bool                             `json:"fleetExists"`
	}{p.Hub, p.Stage, p.NoOp(), totals(p), orEmpty(p.Traps), orEmpty(p.Items), orEmpty(p.Notes), orEmpty(p.Failures),
		orEmpty(p.Known), orEmpty(p.Files), p.Fleet, p.Exists}
	data, err := render.EncodeValue(value, "json")
	if err == nil {
		_, err = out.Write(data)
	}
	return err
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// totals counts the items of each class, by "PART KIND".
func totals(p *migrate.Plan) map[string]map[migrate.Class]int {
	all := map[string]map[migrate.Class]int{}
	for _, item := range p.Items {
		key := item.Part + " " + item.Kind
		if all[key] == nil {
			all[key] = map[migrate.Class]int{}
		}
		all[key][item.Class]++
	}
	return all
}

// text prints a plan for people: the traps, what is not the same, the totals, and the fleet.yaml. The diffs of what
// starts the groups are left to JSON.
func text(b *strings.Builder, p *migrate.Plan) {
	for _, failure := range p.Failures {
		fmt.Fprintf(b, "Failure (%s)\n", failure)
	}
	for _, failure := range p.Known {
		fmt.Fprintf(b, "Failure (today and cmp: %s)\n", failure)
	}
	for _, trap := range p.Traps {
		fmt.Fprintf(b, "Trap (%s): %s; %s\n", trap.Kind, trap.Message, trap.Remedy)
	}
	for _, item := range p.Items {
		if item.Class == migrate.Same {
			continue
		}
		fmt.Fprintf(b, "%s: %s %s/%s/%s is %s", item.Part, item.Kind, item.Where, item.Namespace, item.Name, item.Class)
		if item.Was != "" {
			fmt.Fprintf(b, ", was %s", item.Was)
		}
		if item.By != "" {
			fmt.Fprintf(b, " (%s)", item.By)
		}
		switch {
		case item.SameApplications && item.Part == migrate.PartRegistration:
			b.WriteString(", and its cluster gets the same Applications")
		case item.SameApplications && item.Class == migrate.Changed:
			b.WriteString(", and makes the same Applications")
		case item.SameApplications:
			b.WriteString(", and makes no Application")
		}
		b.WriteString("\n")
		for _, danger := range item.Dangers {
			fmt.Fprintf(b, "  danger: %s\n", danger)
		}
		if item.Part == migrate.PartBootstrap {
			continue // it has another source, which says nothing
		}
		for line := range strings.Lines(item.Diff) {
			fmt.Fprintf(b, "    %s", line)
		}
	}
	summary(b, p)
	if !p.Exists && p.GroupsSame() {
		b.WriteString("fleet.yaml, as --write writes it:\n")
		for line := range strings.Lines(p.Fleet) {
			fmt.Fprintf(b, "    %s", line)
		}
	}
}

// summary prints the totals, and what they mean.
func summary(b *strings.Builder, p *migrate.Plan) {
	fmt.Fprintf(b, "Started today by %s\n", strings.Join(p.Files, ", "))
	totals := totals(p)
	for _, key := range slices.Sorted(maps.Keys(totals)) {
		var counts []string
		for _, class := range migrate.Classes {
			if n := totals[key][class]; n > 0 {
				counts = append(counts, fmt.Sprintf("%d %s", n, class))
			}
		}
		fmt.Fprintf(b, "%s: %s\n", key, strings.Join(counts, ", "))
	}
	what := "the proposed fleet.yaml"
	if p.Exists {
		what = "fleet.yaml"
	}
	switch n := p.Differences(); {
	case len(p.Failures) > 0:
		fmt.Fprintf(b, "With %s, %s, and %d could not be compared.\n", what, counted(n, "thing", "differ"),
			len(p.Failures))
	case n == 0 && p.Relabelled() > 0:
		fmt.Fprintf(b, "With %s, the switch is a no-op for all groups; of the registration, %s "+
			"more or other labels and annotations of clusters, which get the same "+
			"Applications.\n", what, counted(p.Relabelled(), "ExternalSecret", "say"))
	case n == 0:
		fmt.Fprintf(b, "With %s, the switch is a no-op: groups and registration stay as they are.\n", what)
	case p.GroupsSame():
		fmt.Fprintf(b, "With %s, the switch is a no-op for all groups; of the registration, %s.\n",
			what, counted(n, "object", "differ"))
	default:
		fmt.Fprintf(b, "With %s, %s.\n", what, counted(n, "thing", "differ"))
	}
}

// counted says how many things do something: 1 object differs, 2 objects differ.
func counted(n int, noun, verb string) string {
	if n == 1 {
		verb += "s"
	}
	return problem.Count(n, noun) + " " + verb
}

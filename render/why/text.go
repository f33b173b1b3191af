package why

import (
	"fmt"
	"io"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Formats are those of an answer.
var Formats = []string{"text", "json"}

// Print prints an answer in one of the [Formats], without the credentials in addresses.
func (a *Answer) Print(w io.Writer, format string) error {
	var text string
	if format == "json" {
		data, err := render.EncodeValue(a, format)
		if err != nil {
			return err
		}
		text = address.Redact(string(data))
	} else {
		var out strings.Builder
		a.text(&out)
		text = problem.PlainLines(address.Redact(out.String()))
	}
	_, err := io.WriteString(w, text)
	return err
}

func (a *Answer) text(out *strings.Builder) {
	is := "is not"
	if a.There {
		is = "is"
	}
	fmt.Fprintf(out, "%s %s on %s (group %s)\n", a.Component, is, a.Cluster, a.Group)
	facts(out, a.Facts)
	for _, p := range a.Places {
		fmt.Fprintf(out, "\nthe Argo CD of %s %s\n", p.ArgoCD, p.has())
		facts(out, p.Facts)
		for _, failure := range p.Failures {
			fmt.Fprintf(out, "  no    %s\n", problem.OneLine(failure))
		}
	}
	out.WriteString("\n")
	a.turn(out)
}

// has says what a place has of the component.
func (p *Place) has() string {
	switch {
	case p.There:
		said := fmt.Sprintf("has the Application %s of the ApplicationSet %s", p.Application, p.ApplicationSet)
		if p.Version != "" {
			said += ", version " + p.Version
		}
		if p.Release != "" {
			said += ", release " + p.Release
		}
		return said
	case p.ApplicationSet != "":
		return "has no Application of the ApplicationSet " + p.ApplicationSet + " for it"
	}
	return "has no ApplicationSet of it"
}

// marks are what facts begin with.
var marks = map[State]string{For: "yes ", Against: "no  ", Note: "    "}

func facts(out *strings.Builder, all []Fact) {
	for _, f := range all {
		fmt.Fprintf(out, "  %s  %s", marks[f.State], problem.OneLine(f.Text))
		if f.Origin.File != "" {
			fmt.Fprintf(out, "  # %s", f.Origin)
		}
		out.WriteString("\n")
	}
}

// turn says what would turn the answer.
func (a *Answer) turn(out *strings.Builder) {
	to := "to have it"
	if a.There {
		to = "to be without it"
	}
	if len(a.Turn.Steps) == 0 {
		fmt.Fprintf(out, "%s: %s\n", to, a.Turn.Result)
		return
	}
	for i, step := range a.Turn.Steps {
		if i > 0 {
			to = "and"
		}
		fmt.Fprintf(out, "%s: %s\n", to, step)
	}
	tried := "tried: "
	if !a.Turn.Proven {
		tried = "not proven: "
	}
	fmt.Fprintf(out, "%s%s\n", tried, problem.OneLine(a.Turn.Result))
}

// String returns the step as one line.
func (s Step) String() string {
	switch {
	case s.File == "":
		return s.Text
	case s.Line == 0:
		return s.Text + " in the new file " + s.File
	}
	return s.Text + " in " + problem.Place(s.File, s.Line)
}

package report

import (
	"io"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
)

// schemaVersion is that of the format. It changes only with what would break a reader: fields may be added.
const schemaVersion = "v1"

// document is the format json, which docs/lint-report.schema.json describes.
type document struct {
	SchemaVersion string        `json:"schemaVersion"`
	Findings      []jsonFinding `json:"findings"`
	Unchecked     []string      `json:"unchecked"`
	Totals        jsonTotals    `json:"totals"`
}

type jsonFinding struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`
	Column   int      `json:"column,omitempty"`
	Message  string   `json:"message"`
	Hint     string   `json:"hint,omitempty"`
	Effects  []string `json:"effects,omitempty"`
	Docs     string   `json:"docs"`
}

type jsonTotals struct {
	Errors       int `json:"errors"`
	Warnings     int `json:"warnings"`
	Ignored      int `json:"ignored"`
	Unchecked    int `json:"unchecked"`
	Files        int `json:"files"`
	Clusters     int `json:"clusters"`
	Applications int `json:"applications"`
	Objects      int `json:"objects"`
}

func printJSON(w io.Writer, r *lint.Report) error {
	errors, warnings := count(r)
	d := document{SchemaVersion: schemaVersion, Findings: []jsonFinding{}, Unchecked: cleaned(r.Unchecked),
		Totals: jsonTotals{Errors: errors, Warnings: warnings, Ignored: r.Ignored, Unchecked: len(r.Unchecked),
			Files: r.Checked.Files, Clusters: r.Checked.Clusters, Applications: r.Checked.Applications,
			Objects: r.Checked.Objects}}
	for _, f := range r.Findings {
		effects := f.Effects
		if len(effects) == 0 && f.Scope != "" {
			effects = []string{f.Scope}
		}
		one := jsonFinding{Rule: f.Rule, Severity: string(f.Severity), File: problem.OneLine(f.File),
			Message: problem.OneLine(f.Message), Hint: problem.OneLine(f.Hint), Effects: cleaned(effects),
			Docs: docsOf(f.Rule)}
		if f.File != "" && f.Line > 0 {
			one.Line, one.Column = f.Line, f.Column
		}
		d.Findings = append(d.Findings, one)
	}
	data, err := render.EncodeValue(d, "json")
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// cleaned returns texts of the input as messages may show them; never nil.
func cleaned(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = problem.OneLine(text)
	}
	return out
}

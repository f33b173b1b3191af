// Package report prints a matrix: as text that fits a terminal, as a line for each cell, as CSV, or as JSON.
package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/color"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/internal/columns"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
)

// Formats are those of a matrix.
var Formats = []string{"text", "wide", "csv", "json"}

// Options say how a matrix is printed.
type Options struct {
	Format string // one of Formats
	Width  int    // of lines of text, in characters; 0 for 120
	Color  bool   // of text, with the control sequences of terminals
}

// Print prints a matrix, without the credentials in addresses. It fails for a format that does not exist, and where it
// cannot write.
func Print(w io.Writer, m *matrix.Matrix, o Options) error {
	var out strings.Builder
	var err error
	switch o.Format {
	case "text":
		t := table{painter: color.Painter(o.Color), width: o.Width, used: map[string]bool{}}
		t.print(m)
		out.WriteString(t.out.String())
	case "wide":
		printWide(&out, m)
	case "csv":
		err = printCSV(&out, m)
	case "json":
		var data []byte
		data, err = render.EncodeValue(m, "json")
		out.Write(data)
	default:
		err = fmt.Errorf("there is no format %q of a matrix", o.Format)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, address.Redact(out.String()))
	return err
}

// words are what stands for a state where there is no version.
var words = map[matrix.State]string{
	matrix.Deployed: "deployed", matrix.Failing: "FAILING", matrix.Off: "off", matrix.NoLabel: "no label",
	matrix.Selector: "selector", matrix.OtherArgoCD: "other Argo CD", matrix.Handover: "hand-over",
	matrix.NoRelease: "no release", matrix.NotDescribed: "-", matrix.NothingMade: "nothing",
	matrix.NotOfInterest: ".",
}

// longest is how much of a version is shown in a table: revisions of Git can be long.
const longest = 16

func cellText(c matrix.Cell) string {
	if c.State != matrix.Deployed || c.Version == "" {
		return words[c.State]
	}
	version := []rune(problem.OneLine(c.Version))
	if len(version) > longest {
		return string(version[:longest-1]) + "…"
	}
	return string(version)
}

// heads are the names of the columns of a line for each cell.
var heads = []string{"group", "component", "cluster", "hub", "tenant", "environment", "state", "version", "release",
	"argoCD", "reason"}

// line returns the columns of a cell.
func line(row matrix.Row, c matrix.Cluster, cell matrix.Cell) []string {
	all := []string{row.Group, row.Component, c.Name, c.Hub, c.Tenant, c.Environment, string(cell.State), cell.Version,
		cell.Release, cell.ArgoCD, cell.Reason}
	for i, text := range all {
		all[i] = problem.OneLine(text)
	}
	return all
}

func printWide(out *strings.Builder, m *matrix.Matrix) {
	lines := [][]string{{strings.ToUpper(strings.Join(heads, "\t"))}}
	for _, row := range m.Rows {
		for i, cell := range row.Cells {
			lines = append(lines, line(row, m.Clusters[i], cell))
		}
	}
	out.WriteString(columns.Align(lines))
}

// printCSV prints lines in which no cell is a formula. What would be one for a spreadsheet has a quote before it, which
// such a program takes for the sign of a text.
func printCSV(w io.Writer, m *matrix.Matrix) error {
	out := csv.NewWriter(w)
	write := func(cells []string) {
		for i, cell := range cells {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				cells[i] = "'" + cell
			}
		}
		_ = out.Write(cells) // the error stays, and Flush does not forget it
	}
	write(append(slices.Clone(heads), "applications", "differs"))
	for _, row := range m.Rows {
		var differs []string
		for _, d := range row.Differs {
			differs = append(differs, string(d))
		}
		for i, cell := range row.Cells {
			var applications []string
			for _, d := range cell.Deployments {
				applications = append(applications, problem.OneLine(d.Application))
			}
			write(append(line(row, m.Clusters[i], cell), strings.Join(applications, " "),
				strings.Join(differs, " ")))
		}
	}
	out.Flush()
	return out.Error()
}

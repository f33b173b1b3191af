package output

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Value prints what informs about the fleet, without the credentials in addresses. It fails for a format that is
// neither yaml nor json, and as the writer does.
func Value(w io.Writer, value any, format string) error {
	data, err := render.EncodeValue(value, format)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, address.Redact(string(data)))
	return err
}

// Table prints rows, the first of which is the header, each on one line. Credentials in addresses are hidden, and no
// cell controls a terminal. It fails as the writer does.
func Table(w io.Writer, rows [][]string) error { return printTable(w, rows, 3) }

// Narrow is [Table] with less between the columns, for a table that is to fit a terminal.
func Narrow(w io.Writer, rows [][]string) error { return printTable(w, rows, 2) }

func printTable(w io.Writer, rows [][]string, gap int) error {
	table := tabwriter.NewWriter(w, 0, 0, gap, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = problem.PlainLine(address.Redact(cell))
			if cell == "" {
				row[i] = "<none>"
			}
		}
		if _, err := fmt.Fprintln(table, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return table.Flush()
}

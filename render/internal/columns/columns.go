// Package columns prints lines for people, with their cells below each other.
package columns

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Align returns lines with their cells in columns, two spaces apart, and without spaces at their ends. A cell with tabs
// counts as several.
func Align(lines [][]string) string {
	const gap = 2
	var aligned, out strings.Builder
	writer := tabwriter.NewWriter(&aligned, 0, 0, gap, ' ', 0)
	for _, line := range lines {
		fmt.Fprintln(writer, strings.Join(line, "\t"))
	}
	_ = writer.Flush() // a strings.Builder does not fail
	for line := range strings.Lines(aligned.String()) {
		out.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return out.String()
}

// Package report prints what a change does: as text for people, a table, Markdown for a pull request, a page, or JSON.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// Options say how to print.
type Options struct {
	Format   string // text, summary, markdown, html, json, name
	MaxBytes int    // of markdown; 0 for no limit
}

// Print prints a result. It fails if it cannot be written.
func Print(w io.Writer, result *compare.Result, o Options) error {
	var text string
	var err error
	switch o.Format {
	case "json":
		text, err = asJSON(result)
	case "name":
		text = names(result)
	default:
		text = asText(result)
	}
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	return err
}

// names returns the names of the Applications that the change can concern.
func names(result *compare.Result) string {
	var out strings.Builder
	for _, app := range result.Applications {
		if app.Was != "" {
			fmt.Fprintln(&out, app.Was)
		}
		fmt.Fprintln(&out, app.Name)
	}
	return out.String()
}

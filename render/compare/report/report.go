// Package report prints what a change does: as text for people, a table, Markdown for a pull request, a page, or JSON.
// Whatever the input holds, it is shown, and neither obeyed by a terminal nor taken for Markdown or HTML.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/color"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// The formats of a result.
const (
	Text     = "text"
	Summary  = "summary"
	Markdown = "markdown"
	HTML     = "html"
	JSON     = "json"
	Name     = "name"
)

// Options say how to print.
type Options struct {
	Format   string
	MaxBytes int  // of Markdown; 0 for no limit
	Color    bool // of text, with the control sequences of terminals
}

// Print prints a result. It fails for an unknown format, and as the writer does.
func Print(w io.Writer, result *compare.Result, o Options) error {
	result = harmless(result)
	var text string
	var err error
	switch o.Format {
	case Text:
		text = asText(result, color.Painter(o.Color))
	case Summary:
		text = asSummary(result)
	case Markdown:
		text = asMarkdown(result, o.MaxBytes)
	case HTML:
		text, err = asHTML(result)
	case JSON:
		text, err = asJSON(result)
	case Name:
		text = names(result)
	default:
		return fmt.Errorf("there is no format %q of a comparison", o.Format)
	}
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	return err
}

// names returns the names of the Applications that the change can concern, one a line.
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

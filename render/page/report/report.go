// Package report makes one HTML file of what the pages of a fleet show. It needs nothing else: its style, its script
// and its data are in it, and its policy lets nothing be asked for. Whatever the data hold is shown as text.
package report

import (
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/render/compare"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/report"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
	"github.com/eks-fleet-management/fleet-cmp/render/page"
)

// app has the parts of the page.
//
//go:embed app
var app embed.FS

// scripts are the files of the script, in their order. They are one script, so that they share what they declare.
var scripts = []string{"data.js", "parts.js", "search.js", "values.js", "filters.js", "matrix.js", "cluster.js",
	"component.js", "releases.js", "findings.js", "changes.js", "main.js"}

// Options say what else is in the page.
type Options struct {
	Title     string          // of the page
	Findings  *lint.Report    // what is wrong with the fleet; nil: nobody looked
	Changes   *compare.Result // what differs from another state of the fleet; nil: nothing was compared
	Downloads []string        // files beside the page
	Live      bool            // it is served, and loads itself again when it is another one
}

// Print writes the page. It fails as the writer does.
func Print(w io.Writer, p *page.Page, o Options) error {
	all := pack(p, o)
	if o.Changes != nil {
		var err error
		if all.Changes, err = report.PageData(o.Changes); err != nil {
			return err
		}
	}
	packed, err := json.Marshal(all)
	if err != nil {
		return err
	}
	parts, connect := load(), ""
	if o.Live {
		parts.script += read("live.js")
		connect = "connect-src 'self'; "
	}
	text := strings.NewReplacer("{{style}}", parts.style, "{{script}}", parts.script, "{{data}}", string(packed),
		"{{connect}}", connect, "{{style hash}}", report.PolicyHash(parts.style),
		"{{script hash}}", report.PolicyHash(parts.script)).Replace(parts.html)
	_, err = io.WriteString(w, text)
	return err
}

// parts are those of the page that are the same for all fleets.
type parts struct{ html, style, script string }

func load() parts {
	var script strings.Builder
	script.WriteString("\"use strict\";\n(() => {\n")
	for _, name := range scripts {
		script.WriteString(read(name))
	}
	script.WriteString("})();\n")
	return parts{read("page.html"), read("page.css"), script.String()}
}

// read returns a part of the page.
func read(name string) string {
	data, err := app.ReadFile("app/" + name)
	if err != nil {
		panic(fmt.Sprintf("a part of the page is not in the program: %v", err))
	}
	return string(data)
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

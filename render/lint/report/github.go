package report

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
)

// Escapes of GitHub's workflow commands (toolkit/packages/core/src/command.ts): of the message, and of properties.
var (
	githubMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// printGitHub writes a workflow command for each finding, of which GitHub makes an annotation of the line, and one with
// the totals.
func printGitHub(w io.Writer, r *lint.Report, o Options) error {
	var b strings.Builder
	for _, f := range r.Findings {
		var properties []string
		add := func(name, value string) { properties = append(properties, name+"="+githubProperty.Replace(value)) }
		if f.File != "" {
			add("file", path.Join(o.Directory, problem.OneLine(f.File)))
		}
		if f.File != "" && f.Line > 0 {
			add("line", fmt.Sprint(f.Line))
			if f.Column > 0 {
				add("col", fmt.Sprint(f.Column))
			}
		}
		add("title", f.Rule)
		fmt.Fprintf(&b, "::%s %s::%s\n", f.Severity, strings.Join(properties, ","), githubMessage.Replace(messageOf(f)))
	}
	fmt.Fprintf(&b, "::notice title=cmp lint::%s\n", githubMessage.Replace(totals(r)))
	_, err := io.WriteString(w, b.String())
	return err
}

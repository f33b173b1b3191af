package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
)

// fingerprint is the name of the fingerprints, by which a finding is known again when lines above it come and go.
const fingerprint = "fleetCmpLint/v1"

// printSARIF writes the report in SARIF 2.1.0, with the rules that it names. Notes on what could not be checked are
// notifications.
func printSARIF(w io.Writer, r *lint.Report, o Options) error {
	run := sarif.NewRunWithInformationURI("cmp lint", Docs)
	run.Tool.Driver.WithVersion(cmp.Or(o.Version, "dev"))
	for _, f := range r.Findings {
		describe(run.AddRule(f.Rule), f)
	}
	seen := map[string]int{}
	for _, f := range r.Findings {
		result := run.CreateResultForRule(f.Rule).WithLevel(string(f.Severity)).
			WithMessage(sarif.NewTextMessage(messageOf(f)))
		key := strings.Join([]string{f.Rule, f.File, f.Message}, "\x00")
		seen[key]++
		hash := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
		result.WithPartialFingerprints(map[string]string{fingerprint: hex.EncodeToString(hash[:16])})
		if f.File != "" {
			result.AddLocation(location(f, o.Directory))
		}
	}
	if len(r.Unchecked) > 0 {
		invocation := sarif.NewInvocation().WithExecutionSuccessful(true)
		for _, note := range r.Unchecked {
			invocation.AddToolExecutionNotification(sarif.NewNotification().WithLevel(sarif.LevelNote).
				WithMessage(sarif.NewTextMessage(problem.OneLine(note))))
		}
		run.AddInvocation(invocation)
	}
	return sarif.NewReport().AddRun(run).PrettyWrite(w)
}

// describe says what the rule of a finding is about.
func describe(rule *sarif.ReportingDescriptor, f lint.Finding) {
	known, _ := problem.RuleOf(f.Rule)
	level := sarif.NewReportingConfiguration().WithLevel(string(cmp.Or(known.Severity, f.Severity)))
	summary := message(cmp.Or(known.Summary, f.Rule))
	rule.WithName(f.Rule).WithHelpURI(docsOf(f.Rule)).WithDefaultConfiguration(level).
		WithShortDescription(summary).WithFullDescription(summary).
		WithHelp(message("What it means, why it matters, and how to mend or ignore it: " + docsOf(f.Rule)))
}

// location returns the place of a finding, whose file is in a directory.
func location(f lint.Finding, directory string) *sarif.Location {
	uri := (&url.URL{Path: path.Join(directory, problem.OneLine(f.File))}).EscapedPath()
	place := sarif.NewPhysicalLocation().
		WithArtifactLocation(sarif.NewSimpleArtifactLocation(uri).WithURIBaseID("%SRCROOT%"))
	if f.Line > 0 {
		region := sarif.NewRegion().WithStartLine(f.Line)
		if f.Column > 0 {
			region.WithStartColumn(f.Column)
		}
		place.WithRegion(region)
	}
	return sarif.NewLocationWithPhysicalLocation(place)
}

func message(text string) *sarif.MultiformatMessageString {
	return sarif.NewMultiformatMessageString().WithText(text)
}

package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
)

var update = flag.Bool("update", false, "write the golden files")

// example is a report with findings of all shapes, and with text of the input that is not harmless.
func example() *lint.Report {
	finding := func(p *problem.Problem, severity problem.Severity, column int, effects ...string) lint.Finding {
		p.Column = column
		return lint.Finding{Problem: p, Severity: severity, Effects: effects}
	}
	var many []string
	for i := range 83 {
		many = append(many, fmt.Sprintf("group addons, cluster spoke-%02d", i))
	}
	scoped := problem.New("addons/defaults/x.yaml", 0, "is not read").WithRule(problem.RuleUnreadFile)
	scoped.Scope = "group addons, cluster hub"
	return &lint.Report{
		Findings: []lint.Finding{
			finding(problem.New("", 0, "the fleet has no hub").WithRule(problem.RuleRender), problem.Error, 0),
			finding(problem.New("a b/größe,1:2%.yaml", 3, "x: 50%%, a\nb ::error::c\r").WithHint("mend\tit").
				WithRule(problem.RuleSecrets), problem.Warning, 5),
			finding(problem.New("addons/a.yaml", 7, "https://me:CANARY@git.example.com is wrong").
				WithHint("write https://you:CANARY@git.example.com").WithRule(problem.RuleURL), problem.Warning, 0,
				"https://me:CANARY@git.example.com\x1b[31m"),
			finding(problem.New("addons/a.yaml", 9, "the same").WithRule(problem.RuleNoRelease), problem.Warning, 2,
				many...),
			finding(problem.New("addons/a.yaml", 9, "the same").WithRule(problem.RuleNoRelease), problem.Error, 2,
				"group addons, cluster a", "group addons, cluster b"),
			finding(problem.New("addons/a.yaml", 10, "of others").WithHint("see there").WithRule(problem.RuleSchema),
				problem.Error, 1, "Application a", "Application b", "Application c", "Application d"),
			finding(scoped, problem.Warning, 0),
		},
		Ignored: 2, Unchecked: []string{"https://me:CANARY@charts.example.com: not in\nthe cache"},
		Checked: lint.Checked{Files: 120, Clusters: 6, Applications: 58},
	}
}

func printed(t *testing.T, r *lint.Report, format string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Print(&out, r, Options{Format: format, Version: "1.2.3"}))
	return out.String()
}

var formats = []string{Text, JSON, SARIF, GitHub}

func TestGolden(t *testing.T) {
	for _, format := range formats {
		t.Run(format, func(t *testing.T) {
			got := printed(t, example(), format)
			golden := filepath.Join("testdata", "example."+format)
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

func TestTextOfTheInputIsHarmless(t *testing.T) {
	for _, format := range formats {
		got := printed(t, example(), format)
		require.NotContains(t, got, "CANARY", format)
		require.NotContains(t, got, "\x1b", format)
		require.NotContains(t, got, "\r", format)
	}
	lines := len(example().Findings) + 1 // with the totals
	require.Equal(t, lines, strings.Count(printed(t, example(), Text), "\n"))
	require.Equal(t, lines, strings.Count(printed(t, example(), GitHub), "\n"))
	require.Equal(t, lines, strings.Count("\n"+printed(t, example(), GitHub), "\n::"), "no command but of findings")
}

func TestFleetInADirectoryOfItsRepository(t *testing.T) {
	for format, want := range map[string]string{
		Text: "\naddons/a.yaml:7: ", JSON: `"file": "addons/a.yaml"`,
		SARIF: `"uri": "sub/fleet/addons/a.yaml"`, GitHub: "file=sub/fleet/addons/a.yaml,",
	} {
		var out bytes.Buffer
		require.NoError(t, Print(&out, example(), Options{Format: format, Directory: "sub/fleet"}))
		require.Contains(t, out.String(), want)
	}
}

func TestCleanFleet(t *testing.T) {
	clean := &lint.Report{Checked: lint.Checked{Files: 1, Clusters: 1, Objects: 12}}
	require.Equal(t, "0 errors, 0 warnings in 1 file, 1 cluster, 12 objects\n", printed(t, clean, Text))
	require.Contains(t, printed(t, clean, JSON), `"findings": []`)
	require.Equal(t, "::notice title=cmp lint::0 errors, 0 warnings in 1 file, 1 cluster, 12 objects\n",
		printed(t, clean, GitHub))
	require.Error(t, Print(&bytes.Buffer{}, clean, Options{Format: "xml"}))
}

func TestSchemas(t *testing.T) {
	for format, schema := range map[string]string{
		SARIF: filepath.Join("testdata", "sarif-schema-2.1.0.json"),
		JSON:  filepath.Join("..", "..", "..", "docs", "lint-report.schema.json"),
	} {
		compiled, err := jsonschema.NewCompiler().Compile(schema)
		require.NoError(t, err)
		for _, r := range []*lint.Report{example(), {}} {
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(printed(t, r, format)))
			require.NoError(t, err)
			require.NoError(t, compiled.Validate(value), format)
		}
	}
}

func TestSARIFKnowsFindingsAgain(t *testing.T) {
	prints := func(r *lint.Report) (all []string) {
		var log struct {
			Runs []struct {
				Results []struct {
					PartialFingerprints map[string]string
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(printed(t, r, SARIF)), &log))
		for _, result := range log.Runs[0].Results {
			all = append(all, result.PartialFingerprints[fingerprint])
		}
		return all
	}
	moved := example()
	for i := range moved.Findings {
		moved.Findings[i].Line += 10
	}
	first := prints(example())
	require.Len(t, first, len(moved.Findings))
	require.Equal(t, first, prints(moved), "lines that come and go change nothing")
	for i, one := range first {
		require.NotEmpty(t, one)
		require.NotContains(t, first[i+1:], one)
	}
}

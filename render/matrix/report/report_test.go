package report_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix/report"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

var update = flag.Bool("update", false, "write the golden files")

// TestExample compares the matrix of the example fleet in each format.
func TestExample(t *testing.T) {
	session, err := stages.Config{}.Open(t.Context(), os.DirFS("../../../testdata/fleet"), render.Options{},
		stages.Charts{Offline: true})
	require.NoError(t, err)
	m, err := matrix.Of(t.Context(), session,
		matrix.Options{Request: render.Request{Targets: render.Targets{All: true}}})
	require.NoError(t, err)
	for _, format := range report.Formats {
		compare(t, "example."+format, m, report.Options{Format: format})
	}
	compare(t, "narrow.text", m, report.Options{Format: "text", Width: 60})
	require.Error(t, report.Print(&strings.Builder{}, m, report.Options{Format: "yaml"}))
}

func compare(t *testing.T, name string, m *matrix.Matrix, o report.Options) {
	t.Helper()
	var out strings.Builder
	require.NoError(t, report.Print(&out, m, o))
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(out.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), out.String())
	if o.Format == "text" {
		fits(t, out.String(), cmp.Or(o.Width, 120))
	}
}

// TestMarks proves that a table marks the components that differ. It says by a line what each of its marks means, and
// has no such line for those that it has not.
func TestMarks(t *testing.T) {
	clusters := []matrix.Cluster{{Name: "a", Environment: "np"}, {Name: "b", Environment: "prod"}}
	row := func(name string, differs ...matrix.Difference) matrix.Row {
		return matrix.Row{Group: "addons", Component: name, Differs: differs, Cells: []matrix.Cell{
			{State: matrix.Deployed, Version: "1.0.0"}, {State: matrix.Deployed, Version: "2.0.0"}}}
	}
	for name, test := range map[string]struct {
		differs []matrix.Difference
		row     string
		legend  []string
	}{
		"nothing":      {row: "one", legend: []string{}},
		"releases":     {[]matrix.Difference{matrix.BetweenReleases}, "one R", []string{"R: differs between releases"}},
		"environments": {[]matrix.Difference{matrix.BetweenEnvironments}, "one E", []string{"E: differs between env"}},
		"all": {[]matrix.Difference{matrix.BetweenReleases, matrix.BetweenEnvironments, matrix.BetweenClusters},
			"one R E C", []string{"R: differs ", "E: differs ", "C: differs between clusters of one environment"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := &matrix.Matrix{Clusters: clusters, Rows: []matrix.Row{row("one", test.differs...)}}
			var out strings.Builder
			require.NoError(t, report.Print(&out, m, report.Options{Format: "text"}))
			require.Regexp(t, "(?m)^"+test.row+" +1.0.0 +2.0.0$", out.String())
			require.Equal(t, len(test.legend), strings.Count(out.String(), ": differs"))
			for _, line := range test.legend {
				require.Contains(t, out.String(), "\n"+line)
			}
		})
	}
}

// fits proves that the lines of the tables fit; lists of clusters may be longer.
func fits(t *testing.T, text string, width int) {
	t.Helper()
	for _, line := range strings.Split(text, "\n") {
		if !strings.Contains(line, ": ") {
			require.LessOrEqual(t, utf8.RuneCountInString(line), width, line)
		}
	}
}

// TestFormulas proves that a spreadsheet takes no text of the input for a formula.
func TestFormulas(t *testing.T) {
	m := &matrix.Matrix{Clusters: []matrix.Cluster{{Name: "@a", Tenant: "+1"}}, Rows: []matrix.Row{{Group: "=1+1",
		Component: "a=b", Cells: []matrix.Cell{{State: matrix.Deployed, Version: "-1", Reason: "=cmd|' /C calc'!A0",
			Deployments: []matrix.Deployment{{Application: "=a"}}}}}}}
	var out strings.Builder
	require.NoError(t, report.Print(&out, m, report.Options{Format: "csv"}))
	require.Equal(t, "'=1+1,a=b,'@a,,'+1,,deployed,'-1,,,'=cmd|' /C calc'!A0,'=a,\n",
		out.String()[strings.Index(out.String(), "\n")+1:])
}

// TestManyClusters proves that clusters that have the same are one column, and that hostile text stays on its line.
func TestManyClusters(t *testing.T) {
	m := &matrix.Matrix{Rows: []matrix.Row{{Group: "addons", Component: "one\x1b[31m\nline"}}}
	for i := range 1000 {
		c := matrix.Cluster{Name: fmt.Sprintf("cluster-%03d", i), Hub: "hub", Environment: []string{"np", "prod"}[i%2]}
		m.Clusters = append(m.Clusters, c)
		version := "1.0.0"
		if i == 7 {
			version = "https://user:secret@example.com/" + strings.Repeat("long", 10)
		}
		m.Rows[0].Cells = append(m.Rows[0].Cells, matrix.Cell{State: matrix.Deployed, Version: version})
	}
	for _, format := range report.Formats {
		var out strings.Builder
		require.NoError(t, report.Print(&out, m, report.Options{Format: format}))
		require.NotContains(t, out.String(), "\x1b", format)
		require.NotContains(t, out.String(), "secret", format)
		if format == "text" {
			require.Equal(t, 5, strings.Count(out.String(), "\n"), out.String())
			require.Contains(t, out.String(), "+998: cluster-000, cluster-001")
		}
	}
}

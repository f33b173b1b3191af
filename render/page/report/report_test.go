package report

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/report"
	"github.com/eks-fleet-management/fleet-cmp/render/lint"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/page"
)

// hostile is a text that would do something in a page that does not take it for text.
const hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\u202e"

// small is a page of two clusters, on one of which a component is.
func small(name string) *page.Page {
	value := hierarchy.Explanation{Path: []string{"a", name}, Origin: hierarchy.Origin{Source: "cluster",
		File: "own.yaml",
		Line: 3, Value: "{{.name}}"}, Overrode: []hierarchy.Origin{{Source: "system", File: "all.yaml", Line: 1,
		Value: 1}}}
	label := hierarchy.Explanation{Path: []string{"labels", "tenant"}, Origin: hierarchy.Origin{Source: "member",
		File: "members/hub/one.yaml", Line: 2, Value: "retail"}}
	levels := []fleet.ClusterLevel{{Name: "system", Directories: []string{"addons/all"}}, {Name: "cluster",
		Directories: []string{"addons/one"}}}
	clusters := []matrix.Cluster{
		{Name: name, Hub: "hub", Tenant: "retail", Releases: map[string]string{"addons": "next"},
			Identity: member.Identity{Cluster: cluster.Cluster{Name: name, File: "members/hub/one.yaml"}}},
		{Name: "other", Hub: "hub"}}
	deployment := matrix.Deployment{ArgoCD: "hub", ApplicationSet: "set", Application: "app-" + name, Version: "1.2.3",
		Release: "next"}
	return &page.Page{
		Matrix: &matrix.Matrix{Clusters: clusters, Rows: []matrix.Row{{Group: "addons", Component: "cert_manager",
			Differs: []matrix.Difference{matrix.BetweenReleases}, Cells: []matrix.Cell{
				{State: matrix.Deployed, Version: "1.2.3", Release: "next", ArgoCD: "hub",
					Deployments: []matrix.Deployment{deployment}},
				{State: matrix.Off, ArgoCD: "hub", Reason: "it is off", Origin: &matrix.Origin{Source: "system",
					File: "all.yaml", Line: 1}}}}},
			Failures: render.Failures{errors.New("broken " + name)}},
		Levels:   [][]fleet.ClusterLevel{levels, levels[:1]},
		Metadata: [][]hierarchy.Explanation{{label}, {}},
		Applications: []page.Application{
			{Deployment: deployment, Group: "addons", Component: "cert_manager", Cluster: name,
				Evaluated: []page.Evaluated{{Path: []string{"a", name}, Value: name}, {Path: []string{"gone"},
					Value: 1}}},
			{Group: "addons", Component: "gone", Cluster: name}},
		Values: [][]hierarchy.Explanation{{value}},
	}
}

// printed returns a page and the data in it.
func printed(t testing.TB, p *page.Page, o Options) (string, data) {
	t.Helper()
	var out strings.Builder
	require.NoError(t, Print(&out, p, o))
	found := regexp.MustCompile(`(?s)<script id="data" type="application/json">(.*?)</script>`).
		FindStringSubmatch(out.String())
	require.NotNil(t, found)
	var of data
	require.NoError(t, json.Unmarshal([]byte(found[1]), &of))
	return out.String(), of
}

// TestPageIsOneFile: it asks nobody for anything, and its policy forbids it as well. What a browser makes of it is
// tested in e2e.
func TestPageIsOneFile(t *testing.T) {
	text, _ := printed(t, small("one"), Options{Title: "Fleet"})
	own := strings.Replace(text, regexp.MustCompile(`(?s)<script id="data".*?</script>`).FindString(text), "", 1)
	for _, never := range []string{"http:", "https:", "//cdn", "url(", "@import", "fetch(", "XMLHttp", "innerHTML",
		"outerHTML", "insertAdjacent", "eval(", "Function(", " onclick=", " style="} {
		require.False(t, strings.Contains(own, never), never)
	}
	require.Equal(t, 2, strings.Count(text, "<script"), "the data and the script")
	require.False(t, strings.Contains(own, "{{s") || strings.Contains(own, "{{c"))
	parts := load()
	require.Contains(t, text[:2000], "default-src 'none'; script-src 'sha256-"+report.PolicyHash(parts.script)+
		"'; style-src 'sha256-"+
		report.PolicyHash(parts.style)+"'")
}

// TestLivePage proves that only a page that is served asks, and only whoever serves it.
func TestLivePage(t *testing.T) {
	text, _ := printed(t, small("one"), Options{Live: true})
	require.True(t, strings.Contains(text, `fetch("version"`))
	require.Contains(t, text[:2000], "; connect-src 'self'; ")
	require.Contains(t, text[:2000], "script-src 'sha256-"+report.PolicyHash(load().script+read("live.js"))+"'")
	text, _ = printed(t, small("one"), Options{})
	require.NotContains(t, text[:2000], "connect-src")
}

// TestHostileTextStaysText proves that no text of the input ends its element, controls anything, or turns around.
func TestHostileTextStaysText(t *testing.T) {
	text, of := printed(t, small(hostile), Options{Title: hostile, Findings: &lint.Report{Findings: []lint.Finding{
		{Problem: problem.New(hostile, 1, "%s", hostile).WithHint("%s", hostile), Effects: []string{hostile}}}},
		Changes: &compare.Result{Before: hostile, Applications: []compare.Application{{Name: hostile}}}})
	require.Equal(t, 2, strings.Count(text, "<script"))
	require.False(t, strings.Contains(text, "<img"))
	for _, shown := range append(of.Texts, of.Title, of.Clusters[0].Name, of.Findings.List[0].Message, of.Failures[0],
		string(of.Changes)) {
		require.False(t, strings.ContainsAny(strings.ReplaceAll(shown, "\x01", ""), "\x1b\u202e"), shown)
	}
	require.Contains(t, of.Clusters[0].Name, "</script><script>alert(1)</script>", "as text")
	require.Contains(t, of.Title, "<script>")
}

// TestData proves that what is the same is in the page once, and that the names of clusters can be told.
func TestData(t *testing.T) {
	_, of := printed(t, small("one"), Options{Title: "Fleet", Downloads: []string{"matrix.csv"}})
	text := func(n int) string { return of.Texts[n] }
	require.Len(t, of.Applications, 1, "without one whose component is not there")
	app := of.Applications[0]
	require.Equal(t, []int{0, 0}, []int(app[:2]))
	require.Equal(t, "app-\x01", text(app[4]))
	require.Equal(t, "1.2.3", text(app[5]))
	require.Equal(t, []int{0, -1, 0}, []int(app[7:10]), "the set, no reason, and the key that is evaluated")
	require.Equal(t, `"one"`, text(app[10]))
	require.Len(t, app, 11)
	require.Equal(t, [][2]string{{"addons", "next"}}, [][2]string{{text(of.Clusters[0].Releases[0][0]),
		text(of.Clusters[0].Releases[0][1])}})
	require.Equal(t, "off", text(of.Cells[of.Rows[0].Cells[1]][0]))
	origin := of.Origins[of.Cells[of.Rows[0].Cells[1]][5]]
	require.Equal(t, "all.yaml", text(origin[1]))
	require.Equal(t, []string{"release"}, of.Rows[0].Differs)
	require.Equal(t, []string{"broken one"}, of.Failures)
	require.Equal(t, []string{"matrix.csv"}, of.Downloads)
	require.Nil(t, of.Findings)
	require.Equal(t, len(of.Texts), len(unique(of.Texts)))
}

func unique(all []string) map[string]bool {
	found := map[string]bool{}
	for _, one := range all {
		found[one] = true
	}
	return found
}

func TestLongValuesAreCut(t *testing.T) {
	p := small("one")
	p.Values[0][0].Value = strings.Repeat("ü", mostOfValue)
	_, of := printed(t, p, Options{})
	for _, text := range of.Texts {
		require.LessOrEqual(t, len(text), mostOfValue+100)
	}
	require.Contains(t, strings.Join(of.Texts, "\n"), "bytes more")
}

// TestFindings proves that findings are said of the clusters and components that they are about.
func TestFindings(t *testing.T) {
	for name, test := range map[string]struct {
		file, message  string
		effects        []string
		clusters, rows []int
	}{
		"of its effects":     {effects: []string{"application x, cluster one", "cluster gone"}, clusters: []int{0}},
		"of a cluster":       {message: `cluster "other": no`, clusters: []int{1}},
		"of a member's file": {file: "members/hub/one.yaml", clusters: []int{0}},
		"of a level's file":  {file: "addons/one/addons/cert-manager/values.yaml", clusters: []int{0}, rows: []int{0}},
		"of all":             {file: "addons/all/x.yaml"},
		"of a component":     {message: `component "cert_manager": no`, rows: []int{0}},
		"of nothing":         {file: "fleet.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			p := problem.New(test.file, 1, "%s", test.message)
			_, of := printed(t, small("one"), Options{Findings: &lint.Report{Ignored: 2, Unchecked: []string{"x"},
				Findings: []lint.Finding{{Problem: p, Severity: problem.Error, Effects: test.effects}}}})
			require.Equal(t, 1, of.Findings.Errors)
			require.Equal(t, 2, of.Findings.Ignored)
			found := of.Findings.List[0]
			require.Equal(t, append([]int{}, test.clusters...), found.Clusters)
			require.Equal(t, append([]int{}, test.rows...), found.Rows)
		})
	}
}

func TestChanges(t *testing.T) {
	_, of := printed(t, small("one"), Options{Changes: &compare.Result{Before: "main", Stage: "manifests"}})
	require.Contains(t, string(of.Changes), `"before":"main"`)
}

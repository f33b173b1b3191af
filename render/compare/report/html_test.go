package report

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// dataIn returns the data of a page.
func dataIn(t *testing.T, page string) pageData {
	t.Helper()
	found := regexp.MustCompile(`(?s)<script id="data" type="application/json">(.*?)</script>`).FindStringSubmatch(page)
	require.NotNil(t, found)
	var data pageData
	require.NoError(t, json.Unmarshal([]byte(found[1]), &data))
	return data
}

// TestPageIsOneFile: it asks nobody for anything, and its policy forbids it as well. What a browser makes of it is
// tested in e2e.
func TestPageIsOneFile(t *testing.T) {
	page := printed(t, example(), Options{Format: HTML})
	own := strings.Replace(page, regexp.MustCompile(`(?s)<script id="data".*?</script>`).FindString(page), "", 1)
	for _, never := range []string{"http:", "https:", "//cdn", "url(", "@import", "fetch(", "XMLHttp", "innerHTML",
		"eval("} {
		require.NotContains(t, own, never)
	}
	require.Equal(t, 2, strings.Count(page, "<script"), "the data and the script")
	require.Equal(t, 2, strings.Count(page, "</script"))
	require.NotContains(t, page, "{{s")
	require.Contains(t, page, "default-src 'none'; script-src 'sha256-"+PolicyHash(pageScript)+"'; style-src 'sha256-"+
		PolicyHash(pageStyle)+"'")
}

func TestPageData(t *testing.T) {
	data := dataIn(t, printed(t, example(), Options{Format: HTML}))
	require.Len(t, data.Changes, 5)
	require.Equal(t, "retail", data.Clusters[len(data.Clusters)-1].Tenant)
	require.Equal(t, []string{"deleted"}, data.Applications[12].Kinds)
	require.Equal(t, []string{"renamed"}, data.Applications[13].Kinds)
	require.Equal(t, []int{0, 8}, data.Changes[2].Applications, "runs: the first and the last")
	require.Equal(t, data.Texts[data.Changes[2].Text],
		"@@ -7,3 +7,3 @@\n spec:\n-  replicas: 2\n+  replicas: 3\n   strategy:")
}

// TestPageHasEachTextOnce, and not without end.
func TestPageHasEachTextOnce(t *testing.T) {
	r := oneLineChanged(2, 0)
	again := r.Changes[0]
	long := r.Changes[0]
	long.Diff = "@@ -1 +1 @@\n" + strings.Repeat("+"+strings.Repeat("x", 99)+"\n", 5000)
	r.Changes = append(r.Changes, again, long)
	data := dataIn(t, printed(t, r, Options{Format: HTML}))
	require.Len(t, data.Texts, 2)
	require.Equal(t, data.Changes[0].Text, data.Changes[1].Text)
	require.LessOrEqual(t, len(data.Texts[1]), mostOfText)
	require.Equal(t, 5001, data.Changes[2].Left+strings.Count(data.Texts[1], "\n")+1)
}

func TestRuns(t *testing.T) {
	require.Equal(t, []int{0, 2, 5, 5, 7, 8}, runsOf([]int{8, 0, 1, 2, 5, 7, 1}))
	require.Equal(t, []int{}, runsOf(nil))
}

func TestPageOfWhatIsAffected(t *testing.T) {
	r := &compare.Result{Stage: "manifests", Applications: []compare.Application{{Name: "a", Cluster: "c", Group: "g",
		Component: "x", Sides: compare.Changed}}}
	data := dataIn(t, printed(t, r, Options{Format: HTML}))
	require.Equal(t, []string{"g/x"}, data.Components)
	require.Equal(t, []pageChange{}, data.Changes)
}

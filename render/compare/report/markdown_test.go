package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

const small = 8 << 10

func TestMarkdownOfOneLineInThousandClusters(t *testing.T) {
	got := printed(t, oneLineChanged(1000, 0), Options{Format: Markdown, MaxBytes: 60_000})
	require.LessOrEqual(t, len(got), small)
	require.Equal(t, 1, strings.Count(got, "\n@@ "), "one hunk")
	require.Contains(t, got, ", in 1,000 clusters</summary>")
	require.NotContains(t, got, "payments-prod-", "no cluster is named where all have the change")

	got = printed(t, oneLineChanged(1000, 3), Options{Format: Markdown, MaxBytes: 60_000})
	require.LessOrEqual(t, len(got), small)
	require.Contains(t, got, "in 997 of 1,000 clusters")
	require.Contains(t, got,
		"not in `payments-prod-0998`, `payments-prod-0999`, `payments-prod-1000`, where another value wins")
}

// many is a result with so many changes, each in clusters of its own, and dangers and failures as well.
func many(n int) *compare.Result {
	r := &compare.Result{Before: strings.Repeat("b", 500), After: strings.Repeat("a", 500), Stage: "manifests",
		Clusters: n}
	for i, name := range clusterNames(n) {
		component := fmt.Sprintf("component-%d", i)
		change := compare.Change{Sides: compare.Changed, Group: "addons", Component: component, Kind: "Deployment",
			Name: strings.Repeat("n", 63), Diff: "@@ -1,1 +1,1 @@\n-" + strings.Repeat("x", 100*i) + "\n+y\n",
			Clusters: compare.Clusters{Names: []string{name}, Of: n}, Objects: objectsIn([]string{name}, component,
				"x")}
		if i%2 == 0 {
			change.Dangers = []compare.Danger{{Kind: compare.DangerImmutable, Message: "it fails"}}
		}
		r.Changes = append(r.Changes, change)
		r.Failures = append(r.Failures, compare.Failure{Side: "after", Message: component + strings.Repeat("z", 900)})
		r.Dangers = append(r.Dangers, compare.Danger{Kind: compare.DangerMoved, Message: component,
			Clusters: []string{name}})
	}
	return r
}

var (
	blocks  = regexp.MustCompile(`<(details|p)>`)
	leftOut = regexp.MustCompile(`\nAnd (\d+) more changes? in (\d+) Applications?, for which`)
)

// TestMarkdownIsNeverTooLong: what does not fit is counted, whatever the limit is.
func TestMarkdownIsNeverTooLong(t *testing.T) {
	for _, n := range []int{1, 10, 300} {
		for _, most := range []int{1024, 1500, 2048, 5000, 20_000, 60_000} {
			got := printed(t, many(n), Options{Format: Markdown, MaxBytes: most})
			require.LessOrEqual(t, len(got), most, "%d changes", n)
			left := "0"
			if found := leftOut.FindStringSubmatch(got); found != nil {
				require.Equal(t, found[1], found[2])
				left = found[1]
			}
			require.Equal(t, fmt.Sprint(n-len(blocks.FindAllString(got, -1))), left, "%d bytes", most)
			require.Equal(t, got, printed(t, many(n), Options{Format: Markdown, MaxBytes: most}))
		}
		whole := printed(t, many(n), Options{Format: Markdown})
		require.Len(t, blocks.FindAllString(whole, -1), n, "without a limit nothing is left out")
		require.NotContains(t, whole, "for which there is no room")
	}
}

// TestMarkdownShowsTheDangerousFirst: before what is only long.
func TestMarkdownShowsTheDangerousFirst(t *testing.T) {
	r := many(300)
	r.Failures = nil
	got := printed(t, r, Options{Format: Markdown, MaxBytes: 5000})
	require.Contains(t, got, "#### Dangers")
	require.Regexp(t, `(?m)^- and \d+ more dangers$`, got)
	require.Less(t, strings.Index(got, "#### Dangers"), strings.Index(got, "<details>"))
}

// TestMarkdownOfTheInputIsCode: outside of code there is nothing but what we write ourselves.
func TestMarkdownOfTheInputIsCode(t *testing.T) {
	got := printed(t, example(), Options{Format: Markdown})
	rest := &strings.Builder{}
	fence := ""
	for line := range strings.Lines(got) {
		line = strings.TrimSuffix(line, "\n")
		if run := line[:len(line)-len(strings.TrimLeft(line, "`"))]; fence == "" && len(run) >= 3 &&
			strings.HasPrefix(line, run+"diff") {
			fence = run
		} else if fence != "" && strings.TrimRight(line, "`") == "" && len(line) >= len(fence) {
			fence = ""
		} else if fence == "" {
			fmt.Fprintln(rest, withoutSpans(line))
		}
	}
	require.Empty(t, fence, "each block ends")
	for _, never := range []string{"alert", "@team", "@git", "heading", "`", "CANARY"} {
		require.NotContains(t, regexp.MustCompile(`<code>[^<]*</code>`).ReplaceAllString(rest.String(), ""), never)
	}
	for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(rest.String(), -1) {
		require.Contains(t, []string{marker, "<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>",
			"<p>", "</p>"}, tag)
	}
}

// withoutSpans returns a line of Markdown without its spans of code (CommonMark, "Code spans").
func withoutSpans(line string) string {
	for {
		start := strings.Index(line, "`")
		if start < 0 {
			return line
		}
		run := line[start : start+len(line[start:])-len(strings.TrimLeft(line[start:], "`"))]
		rest := line[start+len(run):]
		for at := 0; ; {
			next := strings.Index(rest[at:], "`")
			if next < 0 {
				return line // the span does not end
			}
			at += next
			end := at + len(rest[at:]) - len(strings.TrimLeft(rest[at:], "`"))
			if end-at == len(run) {
				line = line[:start] + rest[end:]
				break
			}
			at = end
		}
	}
}

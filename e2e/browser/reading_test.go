package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// contrasts returns the texts on the page whose contrast to what is behind them is less than WCAG asks for.
const contrasts = `(() => {
	const numbers = (color) => (/\((.*)\)/.exec(color)?.[1] || "0,0,0,0").split(/[ ,\/]+/).map(Number);
	const light = (color) => color.slice(0, 3).map((n) => n / 255)
		.map((n) => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4)
		.reduce((sum, n, i) => sum + n * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (node) => {
		for (; node; node = node.parentElement) {
			const color = numbers(getComputedStyle(node).backgroundColor);
			if (color.length < 4 || color[3] > 0) return color;
		}
		return [255, 255, 255];
	};
	const poor = new Set();
	for (const node of document.querySelectorAll("body *")) {
		if (![...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
		if (node.closest("script, style, noscript, .unseen, option")) continue;
		const [a, b] = [light(numbers(getComputedStyle(node).color)), light(behind(node))];
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) poor.add(node.tagName + "." + node.className + " " + ratio.toFixed(2));
	}
	return [...poor].join("\n");
})()`

// visit shows another one of the pages, and waits until it is drawn.
func (b *tab) visit(page string) {
	b.t.Helper()
	b.evaluate(`window.before = document.getElementById("main").firstElementChild; location.hash = "` + page + `"`)
	b.until("it is drawn", func() bool {
		return b.evaluate(`String(document.getElementById("main").firstElementChild !== window.before)`) == "true"
	})
}

// TestReading goes through the page as people do who see little, or nothing, or on a narrow window.
func TestReading(t *testing.T) {
	file := exampleFleet(t)
	b := start(t)
	b.look(1400, 900, "", "light")
	b.open(file + "#/cluster/retail-np-1")
	b.has("h1", "retail-np-1") // as it was sent by somebody else
	pages := []string{"#/", "#/?q=cert-manager+%3C+1.18", "#/?q=nothing-is-called-so+%3C+x", "#/cluster/retail-np-1",
		"#/components", "#/component/addons/external-dns", "#/at/retail-np-1/addons/external-dns",
		"#/at/retail-np-1/monitoring/loki", "#/releases", "#/findings", "#/changes", "#/cluster/gone"}
	for _, scheme := range []string{"light", "dark"} {
		b.look(1400, 900, "", scheme)
		for _, page := range pages {
			b.visit(page)
			require.NotEmpty(t, b.evaluate(strings.Replace(contrasts, "4.5", "22", 1)), "there are texts")
			require.Empty(t, b.evaluate(contrasts), "%s, %s", scheme, page)
		}
	}
	b.look(400, 800, "", "light")
	for _, page := range pages {
		b.visit(page)
		require.Equal(t, "true", b.evaluate(`String(document.documentElement.scrollWidth <= innerWidth)`), page)
	}
	b.screenshot("narrow")
	b.look(1400, 900, "", "light")

	// What a search finds is said by an element that stays; the focus goes to what is opened, and back leads back.
	b.evaluate(`location.hash = "#/"`)
	b.has("#count", "6 clusters, 29 components")
	b.evaluate(`window.said = document.getElementById("said")`)
	b.typeInto("#search", "cert-manager < 1.18")
	b.has("#said", "4 of 6 clusters run cert-manager < 1.18")
	require.Equal(t, "status true",
		b.evaluate(`said.getAttribute("role") + " " + String(said === document.getElementById("said"))`))
	b.click(`th a[href="#/cluster/data-prod-1"]`)
	b.has("h1", "data-prod-1")
	require.Equal(t, "main data-prod-1 – Fleet example", b.evaluate(`document.activeElement.id + " " + document.title`))
	b.evaluate(`history.back()`)
	b.has("#count", "4 of 6 clusters run cert-manager < 1.18")
	require.Equal(t, "cert-manager < 1.18", b.evaluate(`document.getElementById("search").value`))
	b.evaluate(`location.hash = "#/?q=state%3Aconstructor"`)
	b.has("#count", "0 of 6 clusters")
	b.harmless(file)
}

// TestOddFleets opens pages of fleets that have nothing, or names that are not harmless.
func TestOddFleets(t *testing.T) {
	long := strings.Repeat("long", 75)
	for name, file := range map[string]struct{ text, says string }{
		"nothing": {`{"title":"T","texts":[],"clusters":[],"rows":[],"cells":[],"applications":[],"values":[],` +
			`"origins":[],"failures":[]}`, "0 clusters"},
		"one": {`{"title":"T","texts":[],"clusters":[{"name":"` + long + `","releases":[],"levels":[],"metadata":[]}],"rows":[],` +
			`"cells":[],"applications":[],"values":[],"origins":[],"failures":[]}`, "1 cluster, 0 components"},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := os.ReadFile(exampleFleet(t))
			require.NoError(t, err)
			const begin, end = `<script id="data" type="application/json">`, "</script>"
			before, rest, _ := strings.Cut(string(page), begin)
			_, after, _ := strings.Cut(rest, end)
			path := filepath.Join(t.TempDir(), "index.html")
			require.NoError(t, os.WriteFile(path, []byte(before+begin+file.text+end+after), 0o600))
			b := start(t)
			b.look(400, 800, "", "light")
			b.open(path)
			b.has("#count", file.says)
			for _, view := range []string{"components", "releases", "cluster/" + long} {
				b.visit("#/" + view)
				b.there("h1")
			}
			require.Equal(t, "true", b.evaluate(`String(document.documentElement.scrollWidth <= innerWidth)`))
			b.harmless(path)
		})
	}
}

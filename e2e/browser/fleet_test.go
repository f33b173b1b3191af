package browser

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exampleFleet writes the page of the example fleet, with text in it that is not harmless. Of what changes, it has
// another version of a component, and an Application that goes.
func exampleFleet(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	before, after := filepath.Join(directory, "before"), filepath.Join(directory, "fleet")
	require.NoError(t, os.CopyFS(before, os.DirFS("../../testdata/fleet")))
	require.NoError(t, os.CopyFS(after, os.DirFS("../../testdata/fleet")))
	const file = "addons/bootstrap/defaults/addons/external-dns/values.yaml"
	edit(t, filepath.Join(after, file), "logLevel: info", "logLevel: info\nhostile: \""+hostile+"\"")
	edit(t, filepath.Join(before, "charts/application-sets/values/addons.yaml"), "1.17.0", "1.16.9")
	edit(t, filepath.Join(before, "addons/tenants/data/clusters/data-prod-1/fleet/fleet-secret/values.yaml"),
		`enable_fluent_bit: "false"`, `enable_fluent_bit: "true"`)
	pages := filepath.Join(directory, "pages")
	run(t, os.Getenv("CMP_E2E_CMP"), "page", after, "--output-dir", pages, "--offline", "--diff", before,
		"--diff-stage",
		"applications", "--title", "Fleet example")
	return filepath.Join(pages, "index.html")
}

// output runs cmp on a fleet, and returns what counts the lines of its output that have a text.
func output(t *testing.T, fleet string, arguments ...string) func(text string) string {
	t.Helper()
	out, err := exec.Command(os.Getenv("CMP_E2E_CMP"), append(arguments, "--offline", fleet)...).Output()
	require.NoError(t, err)
	return func(text string) string {
		count := 0
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, text) {
				count++
			}
		}
		return fmt.Sprint(count)
	}
}

// has waits until an element has a text in it.
func (b *tab) has(selector, want string) {
	b.t.Helper()
	got := ""
	require.Eventually(b.t, func() bool {
		got = b.evaluate(fmt.Sprintf("document.querySelector(%q)?.innerText", selector))
		return strings.Contains(got, want)
	}, patience, patience/1000, "%s: %s", selector, want)
}

// screenshot keeps a picture of the page, if the variable CMP_E2E_SCREENSHOTS says where.
func (b *tab) screenshot(name string) {
	b.t.Helper()
	directory := os.Getenv("CMP_E2E_SCREENSHOTS")
	if directory == "" {
		return
	}
	var picture struct{ Data string }
	b.ask("Page.captureScreenshot", map[string]any{"format": "png"}, &picture)
	data, err := base64.StdEncoding.DecodeString(picture.Data)
	require.NoError(b.t, err)
	require.NoError(b.t, os.MkdirAll(directory, 0o755))
	require.NoError(b.t, os.WriteFile(filepath.Join(directory, name+".png"), data, 0o600))
}

// look sets the size of the window, and its colors or medium.
func (b *tab) look(width, height int, media, scheme string) {
	b.t.Helper()
	b.ask("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1,
		"mobile": false}, nil)
	b.ask("Emulation.setEmulatedMedia", map[string]any{"media": media,
		"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// press presses a key.
func (b *tab) press(key string, code int) {
	b.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		b.ask("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": key,
			"windowsVirtualKeyCode": code}, nil)
	}
}

// harmless requires that nothing was asked for but the file, and that nothing went wrong.
func (b *tab) harmless(file string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, request := range b.requests {
		if !strings.HasPrefix(request, "file://"+file) {
			require.Regexp(b.t, "^data:", request, "the page asks for nothing else")
		}
	}
	require.NotEmpty(b.t, b.requests)
	require.Empty(b.t, b.troubles)
}

// TestFleetPage answers with the page of the example fleet what people ask, in at most three clicks each.
func TestFleetPage(t *testing.T) {
	file := exampleFleet(t)
	fleet := filepath.Join(filepath.Dir(filepath.Dir(file)), "fleet")
	b := start(t)
	b.look(1400, 900, "", "light")
	b.open(file)
	step := func(name string, run func()) {
		t.Run(name, func(t *testing.T) {
			b.t = t
			run()
			b.screenshot(strings.ReplaceAll(name, " ", "-"))
		})
	}
	step("matrix", func() {
		b.has("#count", "6 clusters, 29 components")
		require.Equal(t, "6", b.evaluate(`String(document.querySelectorAll("#matrix tbody tr").length)`))
		require.Equal(t, "Fleet example", b.evaluate("document.title"))
	})
	step("which clusters run cert-manager below 1-18", func() { // no click
		b.typeInto("#search", "cert-manager < 1.18")
		b.has("#count", "4 of 6 clusters run cert-manager < 1.18")
		matrix := output(t, fleet, "matrix", "--component", "cert_manager", "-o", "csv")
		require.Equal(t, "4", matrix(",deployed,v1.17."), "as cmp matrix says")
		b.has("#count", "data-prod-1, hub-prod, payments-prod-1, retail-prod-1")
		require.Contains(t, b.evaluate("location.hash"), "q=cert-manager")
		b.typeInto("#search", "cert-manager < 1.15")
		b.has("#count", "0 of 6 clusters run cert-manager < 1.15")
		b.typeInto("#search", "cert-manager above 1.17")
		b.has("#count", "2 of 6 clusters run cert-manager > 1.17")
		b.typeInto("#search", "")
		b.has("#count", "6 clusters, 29 components")
	})
	step("why has retail-np-1 this value", func() { // one click
		b.click(`a[href="#/at/retail-np-1/addons/external-dns"]`)
		b.has("h1", "external-dns on retail-np-1")
		b.has(`tr[data-key="interval"]`, `"1m"`)
		b.has(`tr[data-key="interval"]`, "addons/tenants/retail/environments/np/addons/external-dns/values.yaml:1")
		b.has(`tr[data-key="interval"]`, `over "2m"`)
		values := output(t, fleet, "values", "--group", "addons", "--component", "external-dns",
			"--cluster", "retail-np-1", "--explain")
		require.Equal(t, "1", values("addons/tenants/retail/environments/np/addons/external-dns/values.yaml:1"),
			"as cmp values says")
		b.has(`tr[data-key="txtOwnerId"]`, "{{.metadata.annotations.aws_cluster_name}}")
		b.has(`tr[data-key="hostile"]`, "<script>document.title='owned'</script>")
		b.typeInto(".key-search", "interval")
		b.says(".values output", "1 of 14 values")
	})
	step("what differs between stable and next", func() { // one click
		b.click(`nav a[href="#/releases"]`)
		b.has("#count", "differ between stable and next")
		b.has("main table", "v1.17.2")
		b.has("main table", "v1.18.2")
	})
	step("cluster", func() {
		b.click("#title")
		b.click(`th a[href="#/cluster/retail-np-1"]`)
		b.has("h1", "retail-np-1")
		b.has("main", "enable_karpenter")
		b.has("main", "addons/tenants/retail/environments/np/clusters/retail-np-1")
		b.has("main", "next-retail-np-1-external-dns-1.17.0")
	})
	step("component", func() {
		b.click(`nav a[href="#/components"]`)
		b.click(`a[href="#/component/addons/external-dns"]`)
		b.has("h1", "external-dns")
		b.has("main", "Values that differ")
		b.has("main", "5 of 6")
	})
	step("changes", func() {
		b.click(`nav a[href="#/changes"]`)
		b.has("main", "stage applications")
		b.typeInto("#change-search", "external-dns")
		b.click("details.change summary")
		b.has("details.change pre", "1.17.0")
	})
	step("an Application that goes", func() {
		b.evaluate(`location.hash = "#/at/data-prod-1/monitoring/fluent-bit"`)
		b.has("h1", "fluent-bit on data-prod-1")
		b.has("main", "a label of the cluster has another value")
		b.has("details.change summary", "removed")
	})
	step("findings", func() {
		b.click(`nav a[href="#/findings"]`)
		b.has("h1", "Findings")
	})
	step("filters", func() { filters(b) })
	step("keyboard", func() { keyboard(b) })
	step("names", func() {
		require.Equal(t, "", b.evaluate(`[...document.querySelectorAll("a, button, input, select, table, [role=region]")].filter((n) =>
			!(n.textContent.trim() || n.getAttribute("aria-label") || n.labels?.length || n.caption)).map((n) => n.outerHTML).join("\n")`))
		require.Equal(t, "1", b.evaluate(`String(document.querySelectorAll("h1").length)`))
	})
	for _, picture := range [][3]string{{"dark", "", "dark"}, {"print", "print", "light"}} {
		step(picture[0], func() {
			b.look(1400, 900, picture[1], picture[2])
			require.NotEmpty(t, b.evaluate("getComputedStyle(document.body).backgroundColor"))
		})
	}
	b.t = t
	b.harmless(file)
	require.Equal(t, "Fleet example", b.evaluate("document.title"))
}

// filters filters, sorts and resets the matrix.
func filters(b *tab) {
	b.click("#title")
	b.choose("#filter-tenant", "retail")
	b.has("#count", "2 of 6 clusters")
	b.choose("#filter-environment", "np")
	b.has("#count", "1 of 6 clusters")
	b.choose("#filter-component", "karpenter (addons)")
	b.has("#count", "1 of 6 clusters, 1 component")
	b.click("#reset")
	b.has("#count", "6 clusters, 29 components")
	b.typeInto("#search", "label:enable_loki=true")
	b.has("#count", "1 of 6 clusters")
	b.typeInto("#search", "nothing-is-called-so")
	b.has("main", "Nothing here fits")
	b.typeInto("#search", "")
	b.has("#count", "6 clusters, 29 components")
	b.choose("#filter-has", "other than most")
	b.has("#count", ", 5 components")
	b.click("#reset")
	b.has("#count", "6 clusters, 29 components")
	b.click(`button[data-sort="addons/cert_manager"]`)
	b.there(`th[aria-sort="ascending"]`)
	b.click(`button[data-sort="addons/cert_manager"]`)
	b.there(`#matrix tbody tr:first-child[data-cluster$="-np-1"]`)
	b.click("#filter-equal")
	b.has("#count", "6 clusters")
}

// keyboard goes through the page without a mouse.
func keyboard(b *tab) {
	b.click("#title")
	b.there(`#matrix tbody tr:first-child[data-cluster="hub-prod"]`)
	b.evaluate(`document.querySelector("#matrix tbody a").focus()`)
	b.press("ArrowRight", 39)
	b.press("ArrowDown", 40)
	require.Equal(b.t, "#/at/data-prod-1/addons/ack-eks", b.evaluate(`document.activeElement.getAttribute("href")`))
	require.Equal(b.t, "1", b.evaluate(`String(document.querySelectorAll('#matrix tbody a[tabindex="0"]').length)`))
	b.evaluate(`document.activeElement.blur()`)
	b.ask("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": "/", "code": "Slash", "text": "/"}, nil)
	require.Equal(b.t, "search", b.evaluate("document.activeElement.id"))
	require.Equal(b.t, "", b.evaluate(`document.getElementById("search").value`))
	b.evaluate(`document.getElementById("skip").click()`)
	require.Equal(b.t, "main", b.evaluate("document.activeElement.id"))
}

// TestLargeFleetPage opens the page of many clusters: 1,000 where the time for it is given.
func TestLargeFleetPage(t *testing.T) {
	number, cluster := clusters()
	directory := t.TempDir()
	fleet, file := filepath.Join(directory, "fleet"), filepath.Join(directory, "pages", "index.html")
	run(t, os.Getenv("CMP_E2E_BIGFLEET"), fleet, number)
	run(t, os.Getenv("CMP_E2E_CMP"), "page", fleet, "--output-dir", filepath.Dir(file), "--title", hostile)
	b := start(t)
	b.look(1400, 900, "", "light")
	b.open(file)
	b.has("#count", "25 components")
	require.Equal(t, hostile, b.evaluate("document.title"), "text, and nothing that is obeyed")
	t.Logf("open after %s ms", b.evaluate(`String(Math.round(performance.getEntriesByType("navigation")[0].loadEventEnd))`))
	for what, hash := range map[string]string{"search": "#/?q=spoke-01",
		"sort":    "#/?equal=0&sort=addons%2Faddon-00:descending",
		"cluster": "#/cluster/" + cluster, "component": "#/component/addons/addon-00", "findings": "#/findings"} {
		t.Logf("%s: drawn after %s ms", what, b.evaluate(`(() => {
			location.hash = "`+hash+`";
			const begin = performance.now();
			dispatchEvent(new Event("hashchange"));
			document.body.offsetHeight;
			return String(Math.round(performance.now() - begin));
		})()`))
	}
	b.evaluate(`location.hash = "#/?equal=0"`)
	b.until("a part of the rows is drawn", func() bool {
		return b.evaluate(`String(document.querySelectorAll("#matrix tbody tr").length > 10)`) == "true"
	})
	require.Equal(t, "true", b.evaluate(`String(document.querySelectorAll("#matrix tbody tr").length <= 300)`))
	b.screenshot("large")
	b.typeInto("#search", cluster)
	b.has("#count", "1 of 1")
	b.click(`a[href="#/at/` + cluster + `/addons/addon-00"]`)
	b.has(`tr[data-key="level"]`, `"cluster"`)
	b.has(`tr[data-key="cluster"]`, `"`+cluster+`"`)
	b.evaluate(`location.hash = "#/component/addons/addon-00"`)
	b.has("main", "Values by level")
	b.harmless(file)
}

// TestServedPage proves that a page that is served loads again when a file changes.
func TestServedPage(t *testing.T) {
	directory := t.TempDir()
	require.NoError(t, os.CopyFS(directory, os.DirFS("../../testdata/fleet")))
	server := exec.Command(os.Getenv("CMP_E2E_CMP"), "page", directory, "--serve", "--offline")
	said, err := server.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt) // which fails only if it has ended
		_ = server.Wait()
	})
	lines := bufio.NewReader(said)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(line)
	require.NotEmpty(t, address, line)
	b := start(t)
	b.navigate(address + "#/at/hub-prod/addons/cert_manager")
	b.has("main", "v1.17.2")
	edit(t, filepath.Join(directory, "charts/application-sets/values/addons.yaml"), "v1.17.2", "v1.17.3")
	b.has("main", "v1.17.3")
	b.has("h1", "cert_manager on hub-prod")
	edit(t, filepath.Join(directory, "fleet.yaml"), "kind: Fleet", "kind: [")
	b.has("#stale", "The last change cannot be shown")
	line, err = lines.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "Error: fleet.yaml:")
	b.has("#stale", "The last change cannot be shown: fleet.yaml:")
	b.has("main", "v1.17.3")
	edit(t, filepath.Join(directory, "fleet.yaml"), "kind: [", "kind: Fleet")
	file := filepath.Join(directory, "charts/application-sets/values/addons.yaml")
	require.NoError(t, os.Rename(file, file+"~")) // as some editors write a file
	data, err := os.ReadFile(file + "~")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file+".new", bytes.ReplaceAll(data, []byte("v1.17.3"), []byte("v1.17.4")), 0o600))
	require.NoError(t, os.Rename(file+".new", file))
	b.has("main", "v1.17.4")
	require.Equal(t, "true", b.evaluate(`String(document.getElementById("stale").hidden)`))
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, request := range b.requests {
		require.Regexp(t, "^("+address+"|data:)", request)
	}
	require.Empty(t, b.troubles)
}

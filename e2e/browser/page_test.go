package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostile is a text that would do something in a page that does not take it for text.
const hostile = `</script><script>document.title='owned'</script><img src=https://example.com/x onerror=alert(1)>`

// page writes the page of a change of a fleet of so many clusters with 25 addons each. It concerns all Applications:
// the chart has another ConfigMap in each cluster; one addon is gone; and one has text that is not harmless.
func page(t *testing.T, clusters string) string {
	t.Helper()
	directory := t.TempDir()
	before, after := filepath.Join(directory, "before"), filepath.Join(directory, "after")
	run(t, os.Getenv("CMP_E2E_BIGFLEET"), before, clusters)
	require.NoError(t, os.CopyFS(after, os.DirFS(before)))
	edit(t, filepath.Join(after, "charts/addon/templates/config.yaml"), "  level:",
		"  own: {{ sha256sum .Values.cluster | quote }}\n  level:")
	edit(t, filepath.Join(after, "charts/application-sets/values/addons.yaml"), "addon-07:\n  enabled: true",
		"addon-07:\n  enabled: false")
	edit(t, filepath.Join(after, "addons/tenants/defaults/addons/addon-03/values.yaml"), "config: {",
		`config: {hostile: "`+hostile+`", `)
	file := filepath.Join(directory, "diff.html")
	run(t, os.Getenv("CMP_E2E_CMP"), "diff", before, after, "-o", "html", "--output-file", file, "--fail-on", "none")
	return file
}

// clusters is how many clusters the fleet has: 25,000 Applications where the time for it is given.
func clusters() (number, name string) {
	if os.Getenv("CMP_E2E_NIGHTLY") != "" {
		return "1000", "spoke-0123"
	}
	return "12", "spoke-0003"
}

// TestPage opens the page of a change as people do: from a file.
func TestPage(t *testing.T) {
	number, cluster := clusters()
	file := page(t, number)
	b := start(t)
	b.open(file)
	of := func(list, condition string) string {
		return b.evaluate(`(() => {
			const data = JSON.parse(document.getElementById("data").textContent);
			const component = (x) => data.components[x.component];
			const ranges = (r) => r.flatMap((first, i) => i % 2 ? [] : Array.from({length: r[i + 1] - first + 1}, (_, n) => first + n));
			return data.` + list + `.filter((x) => ` + condition + `).length.toLocaleString("en-US");
		})()`)
	}
	all := of("changes", "true")

	t.Run("opened", func(t *testing.T) {
		b.t = t
		b.says("#count", all+" changes")
		require.Equal(t, "100", b.evaluate(`String(document.querySelectorAll("#list > details").length)`), "a part of them")
		b.says("#between", filepath.Join(filepath.Dir(file), "before")+" → "+filepath.Join(filepath.Dir(file), "after")+
			", stage manifests")
		require.Contains(t, b.evaluate(`document.querySelector("#dangers").innerText`), "addon-07-1.7.0 is deleted")
	})
	t.Run("scrolled", func(t *testing.T) {
		b.t = t
		b.evaluate(`window.scrollTo(0, document.body.scrollHeight)`)
		b.until("more is shown", func() bool {
			return b.evaluate(`String(document.querySelectorAll("#list > details").length > 100)`) == "true"
		})
	})
	t.Run("searched", func(t *testing.T) {
		b.t = t
		b.typeInto("#search", "owned")
		b.says("#count", of("changes", `data.texts[x.text]?.includes("owned")`)+" of "+all+" changes")
		b.typeInto("#search", "OWNED config.yaml "+cluster)
		b.says("#count", "1 of "+all+" changes")
	})
	t.Run("unfolded", func(t *testing.T) {
		b.t = t
		require.Equal(t, "0", b.evaluate(`String(document.querySelectorAll("#list pre").length)`), "nothing before")
		b.click("#list summary")
		b.until("the diff is shown", func() bool { return b.evaluate(`document.querySelector("#list pre")?.innerText`) != "" })
		diff := b.evaluate(`document.querySelector("#list pre").textContent`)
		require.Contains(t, diff, "<script>document.title='owned'</script>")
		require.Contains(t, b.evaluate(`document.querySelector("#list .plus").textContent`), "+")
		require.NotEqual(t, "rgba(0, 0, 0, 0)",
			b.evaluate(`getComputedStyle(document.querySelector("#list .plus")).backgroundColor`), "the style counts")
		require.Contains(t, b.evaluate(`document.querySelector("#list .inside").innerText`),
			"Caused by charts/addon/templates/config.yaml")
	})
	t.Run("filtered", func(t *testing.T) {
		b.t = t
		b.click("#clear")
		b.says("#count", all+" changes")
		b.choose("#component", "addons/addon-07")
		b.says("#count", of("changes", `component(x) === "addons/addon-07"`)+" of "+all+" changes")
		b.choose("#component", "addons/addon-00")
		b.typeInto("#cluster", cluster)
		b.says("#count", "1 of "+all+" changes")
		b.click("#clear")
		b.choose("#tenant", "tenant-3")
		b.says("#count", of("changes", `ranges(x.clusters).some((n) => data.clusters[n].tenant === "tenant-3")`)+" of "+all+
			" changes")
		b.click("#show-applications")
		b.says("#count", of("applications", `data.clusters[x.cluster].tenant === "tenant-3"`)+" of "+
			of("applications", "true")+" applications")
		b.click("#clear")
		b.choose("#danger", "deleted")
		b.says("#count", of("applications", `x.action === "removed"`)+" of "+of("applications", "true")+" applications")
		b.typeInto("#cluster", cluster)
		b.says("#count", "1 of "+of("applications", "true")+" applications")
		b.click("#list .row button")
		b.says("#show-changes[aria-pressed=true]", "Changes")
		require.Contains(t, b.evaluate(`document.querySelector("#list").innerText`), "addons/addon-07")
	})
	t.Run("harmless", func(t *testing.T) {
		b.t = t
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, request := range b.requests {
			if request != "file://"+file {
				require.Regexp(t, "^data:", request, "the page asks for nothing else")
			}
		}
		require.NotEmpty(t, b.requests)
		require.Empty(t, b.troubles)
	})
	b.t = t
	require.Equal(t, "What the change does", b.evaluate("document.title"))
}

func run(t *testing.T, program string, arguments ...string) {
	t.Helper()
	out, err := exec.Command(program, arguments...).CombinedOutput()
	require.NoError(t, err, string(out))
}

// edit replaces a text in a file, in which it must be.
func edit(t *testing.T, file, text, with string) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(data), text, file)
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(data), text, with)), 0o600))
}

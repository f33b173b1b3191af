package browser

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestConditions proves which versions meet a condition: exactly one of < and >= is met.
func TestConditions(t *testing.T) {
	script, err := os.ReadFile("../../render/page/report/app/search.js")
	require.NoError(t, err)
	b := start(t)
	meets := "(() => { const isOdd = null;\n" + string(script) + // all that it needs at once of the other scripts
		"\nreturn String(meets(%q, %q, parseVersion(%q))) })()"
	for condition, versions := range map[[2]string]map[string]string{
		{"<", "1.15"}: {"1.14.9": "true", "v1.14.9": "true", "1.15.0": "false", "1.15.3": "false",
			"1.15.0-rc.1": "true", "1.15.3-rc.1": "false", "1.9": "true", "main": "undefined", "~1.2": "undefined"},
		{">=", "v1.15"}: {"1.15.0-rc.1": "false", "1.15.0": "true", "1.15.3-rc.1": "true",
			"1.16.0-rc.1": "true"},
		{"<=", "1.15"}:          {"1.15.9": "true", "1.15.0-rc.1": "true", "1.16.0-rc.1": "false"},
		{">", "1.15"}:           {"1.15.9": "false", "1.15.0-rc.1": "false", "1.16.0-rc.1": "true"},
		{"=", "1.15"}:           {"1.15.9": "true", "1.15.0-rc.1": "false", "1.15": "true", "1.16.0": "false"},
		{"!=", "1.15"}:          {"1.15.9": "false", "1.15.0-rc.1": "true"},
		{"=", "1.2.3"}:          {"1.2.3+build.4": "true", "1.2.3-a": "false", "1.2.4": "false"},
		{"<", "1.2.3-alpha.10"}: {"1.2.3-alpha.9": "true", "1.2.3-alpha.10": "false", "1.2.3-beta": "false"},
		{"=", "1"}:              {"1.9.9": "true", "1.0.0-rc.1": "false", "2.0.0": "false"},
	} {
		for version, want := range versions {
			expression := fmt.Sprintf(meets, version, condition[0], condition[1])
			require.Equal(t, want, b.evaluate(expression), "%s %v", version, condition)
		}
	}
}

// TestSearch proves which clusters and components searches find.
func TestSearch(t *testing.T) {
	b := start(t)
	b.open(exampleFleet(t))
	const older, all = "data-prod-1,hub-prod,payments-prod-1,retail-prod-1", "data-prod-1,hub-prod,payments-np-1," +
		"payments-prod-1,retail-np-1,retail-prod-1"
	const seen = `[...document.querySelectorAll("#matrix tbody tr")].map((r) => r.dataset.cluster).sort().join() + "|" +
		[...document.querySelectorAll("#matrix th.component button")].map((n) => n.textContent.trim()).join()`
	for search, want := range map[string]string{
		"cert-manager < 1.18":                      older + "|cert_manager",
		"cert-manager < 1.18 reloader":             older + "|cert_manager,reloader", // beside it
		"reloader loki":                            all + "|reloader,loki",
		"cert-manager < 1.18, external-dns > 1.16": "hub-prod,payments-prod-1,retail-prod-1|cert_manager,external-dns",
		"cert-manager < 1.18 and tenant:retail":    "retail-prod-1|cert_manager",
		"hub:retail-prod-1 loki":                   "|",
	} {
		b.typeInto("#search", search)
		b.until(search+" finds "+want, func() bool {
			return b.evaluate(seen) == want
		})
	}
}

package chart

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAllowedRepositories(t *testing.T) {
	for _, test := range []struct {
		allowed, url, name string
		want               bool
	}{
		{"https://charts.example.com", "https://charts.example.com/stable", "web", true},
		{"https://charts.example.com/stable/", "https://charts.example.com/stable", "web", true},
		{"https://charts.example.com/stable", "https://charts.example.com/stable/below", "web", true},
		{"https://charts.example.com/stable", "https://charts.example.com/stable-not", "web", false},
		{"https://charts.example.com/stable", "https://charts.example.com/stable/../other", "web", false},
		{"https://charts.example.com/stable", "https://charts.example.com/stable/%2e%2e/other", "web", false},
		{"https://charts.example.com", "https://charts.example.com.evil.com", "web", false},
		{"https://charts.example.com", "https://charts.example.com:8443", "web", false},
		{"https://charts.example.com", "http://charts.example.com", "web", false},
		{"https://charts.example.com", "HTTPS://CHARTS.EXAMPLE.COM:443/", "web", true},
		{"https://charts.example.com", "https://charts.example.com?sig=1", "web", true},
		{"ghcr.io/org", "oci://ghcr.io/org", "web", true},
		{"oci://ghcr.io/org", "ghcr.io/org/below", "web", true},
		{"oci://ghcr.io/org/web", "oci://ghcr.io/org", "web", true},
		{"oci://ghcr.io/org/web", "oci://ghcr.io/org", "webs", false},
		{"oci://ghcr.io/org", "oci://ghcr.io/organisation", "web", false},
		{"oci://ghcr.io/org", "https://ghcr.io/org", "web", false},
	} {
		l, err := Reference{test.url, test.name, "1.0.0"}.locate()
		require.NoError(t, err)
		err = l.checkAllowed([]string{"https://unrelated.example.com", test.allowed})
		require.Equal(t, test.want, err == nil, "%+v", test)
	}
}

func TestForbiddenRepositoriesAreNotContacted(t *testing.T) {
	allowed, forbidden := newChartServer(t), newChartServer(t)
	forbidden.add("db", "1.0.0", pack(t, chartFiles("db", "1.0.0")))
	allowed.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0").with("Chart.yaml",
		fmt.Sprintf(
			"apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: db, version: 1.x, repository: %q}]",
			forbidden.URL))))
	c := newTestCache(t, func(o *Options) { o.Allowed = []string{allowed.URL} })
	_, err := fetch(c, forbidden.URL, "db", "1.0.0")
	requireOneLine(t, err, "chart db 1.0.0 from "+forbidden.URL+
		": nothing may be fetched from there; add the repository to spec.chartRepositories in fleet.yaml")
	_, err = fetch(c, allowed.URL, "web", "1.0.0")
	requireOneLine(t, err, "dependency chart db 1.x from "+forbidden.URL+
		": nothing may be fetched from there; add the repository")
	require.Empty(t, forbidden.hits)

	_, err = fetch(newTestCache(t, func(o *Options) { o.Allowed = []string{"ftp://x"} }), allowed.URL, "web", "1.0.0")
	requireOneLine(t, err, "the list of allowed chart repositories has an entry that is wrong",
		"use https, http or oci")
}

package network

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCanonicalURLs(t *testing.T) {
	for raw, want := range map[string]string{
		"https://Charts.Example.com/":          "https://charts.example.com",
		"https://charts.example.com:443/a/":    "https://charts.example.com/a",
		"http://charts.example.com:80/a//b/#x": "http://charts.example.com/a/b",
		"https://charts.example.com:8443/a":    "https://charts.example.com:8443/a",
		"https://charts.example.com/a/../b":    "https://charts.example.com/b",
		"https://charts.example.com/%2e%2e/b":  "https://charts.example.com/b",
		"https://charts.example.com/a%2Fb":     "https://charts.example.com/a/b",
		"https://charts.example.com/a?sig=1":   "https://charts.example.com/a?sig=1",
		"ghcr.io/org":                          "oci://ghcr.io/org",
		"oci://ghcr.io/org/":                   "oci://ghcr.io/org",
		"localhost:5000/charts":                "oci://localhost:5000/charts",
		"HTTPS://charts.example.com":           "https://charts.example.com",
	} {
		u, err := ParseURL(raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, u.String(), raw)
	}
	for raw, message := range map[string]string{
		"":                         "no repository is given",
		"https://":                 "cannot be understood",
		"https://a b/":             "cannot be understood",
		"https://user:pw@host/a":   "has credentials in it",
		"oci://user@host/a":        "has credentials in it",
		"oci://host/a?b=c":         "has a query",
		"file:///charts":           `unknown scheme "file"`,
		"git+https://host/a":       `unknown scheme "git+https"`,
		"https://host:port/charts": "cannot be understood",
	} {
		_, err := ParseURL(raw)
		require.ErrorContains(t, err, message, raw)
	}
}

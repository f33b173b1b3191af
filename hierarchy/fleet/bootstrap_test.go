package fleet

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBootstrapEnabled: what is neither true nor false would switch a group off that somebody wanted.
func TestBootstrapEnabled(t *testing.T) {
	yes, no := true, false
	for text, want := range map[string]*bool{"true": &yes, `"true"`: &yes, "false": &no, `"false"`: &no, "null": nil} {
		f, err := loadFleet(t, "  bootstrap: {enabled: "+text+"}\n  groups:\n    x: {bootstrap: {enabled: "+text+"}}\n")
		require.NoError(t, err, text)
		require.Equal(t, want, f.Bootstrap.Enabled, text)
		require.Equal(t, want, f.Groups["x"].Bootstrap.Enabled, text)
	}
	for text, want := range map[string]string{
		"maybe": `must be "true" or "false", not "maybe"`, `"True"`: `must be "true" or "false", not "True"`,
		`"yes"`: `must be "true" or "false", not "yes"`,
		"1":     `must be "true" or "false", not "1"`, `""`: `must be "true" or "false", not ""`,
		"[true]": "must be a string, not a list",
	} {
		_, err := loadFleet(t, "  groups:\n    x:\n      bootstrap:\n        enabled: "+text+"\n")
		require.EqualError(t, err, "fleet.yaml:7: bootstrap: enabled "+want)
		_, err = loadFleet(t, "  bootstrap:\n    enabled: "+text+"\n")
		require.EqualError(t, err, "fleet.yaml:5: bootstrap: enabled "+want)
	}
}

func TestBootstrapNames(t *testing.T) {
	const subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or " +
		"'.', and must start and end with an alphanumeric character"
	const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must " +
		"start and end with an alphanumeric character"
	for _, test := range []struct{ spec, want string }{
		{"  bootstrap:\n    project: A b\n",
			`fleet.yaml:5: bootstrap: project "A b" cannot be the name of a Kubernetes object: ` + subdomain},
		{"  groups:\n    x:\n      bootstrap:\n        project: A b\n",
			`fleet.yaml:7: bootstrap: project "A b" cannot be the name of a Kubernetes object: ` + subdomain},
		{"  bootstrap:\n    namespace: A\n    spokeNamespace: c.d\n",
			`fleet.yaml:5: bootstrap: namespace "A" cannot be the name of a Kubernetes object: ` + label},
		{"  bootstrap:\n    spokeNamespace: c.d\n",
			`fleet.yaml:5: bootstrap: spokeNamespace "c.d" cannot be the name of a Kubernetes object: must not contain dots`},
	} {
		_, err := loadFleet(t, test.spec)
		require.EqualError(t, err, test.want)
	}
	f, err := loadFleet(t, "  bootstrap: {project: fleet, namespace: argocd, spokeNamespace: ''}\n")
	require.NoError(t, err)
	require.Equal(t, Bootstrap{Project: "fleet", Namespace: "argocd", Selectors: map[string]string{}}, f.Bootstrap)
}

// TestSyncPolicyHasALine: who checks it says where it is.
func TestSyncPolicyHasALine(t *testing.T) {
	f, err := loadFleet(t,
		"  bootstrap:\n    project: x\n    syncPolicy: {automated: {}}\n  groups:\n    addons:\n      path: a\n      "+
			"components: [a]\n      bootstrap:\n        syncPolicy: {retry: {}}\n    other: {path: b, components: "+
			"[b]}\n")
	require.NoError(t, err)
	require.Equal(t, 6, f.Bootstrap.SyncLine)
	require.Equal(t, 12, f.Groups["addons"].Bootstrap.SyncLine)
	require.Zero(t, f.Groups["other"].Bootstrap.SyncLine)
}

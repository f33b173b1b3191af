package application_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCredentialsInAddressesAreRefused: an Application with one is left out, whoever wrote its ApplicationSet.
func TestCredentialsInAddressesAreRefused(t *testing.T) {
	clusters := threeClusters()
	clusters[1].Annotations["url"], clusters[2].Annotations["url"] = "https://me:CANARY@git.example/a",
		"https://git.example/a"
	const of = `generators: [{clusters: {selector: {matchLabels: {fleet_member: spoke}}}}]` + "\n"
	for _, test := range []struct{ name, spec, where string }{
		{"a source", "template: {spec: {source: {repoURL: '{{.metadata.annotations.url}}'}}}", "spec.source.repoURL"},
		{"one of several sources", "template: {spec: {source: null, sources: [{repoURL: x, path: z}, {repoURL: " +
			"'{{.metadata.annotations.url}}', path: x}]}}",
			"spec.sources.1.repoURL"},
		{"an annotation", "template: {metadata: {annotations: {a: 'see {{.metadata.annotations.url}}'}}}",
			"metadata.annotations.a"},
		{"a patch", "templatePatch: 'spec: {info: [{name: a, value: \"{{.metadata.annotations.url}}\"}]}'",
			"spec.info.0.value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			expansion := expander(t, nil, clusters).Expand(t.Context(), set(t, of+test.spec))
			require.Equal(t, []string{`ApplicationSet "set": Application "app-east": ` + test.where +
				" holds a credential; leave it out: it belongs in a repository Secret, which External Secrets can " +
				"make"}, messages(expansion.Problems))
			require.Equal(t, []string{"app-west"}, names(expansion.Applications))
		})
	}
	expansion := expander(t, nil, clusters).Expand(t.Context(), set(t, of+`
template: {spec: {destination: {name: null, server: '{{.metadata.annotations.url}}'}}}`))
	require.Contains(t, messages(expansion.Problems)[0], "spec.destination.server holds a credential")

	expansion = expander(t, nil, clusters).Expand(t.Context(), set(t, of+`
template: {spec: {source: {helm: {valuesObject: {a: '{{.metadata.annotations.url}}'}}}}}`))
	require.Empty(t, expansion.Problems)
	require.Len(t, expansion.Applications, 2, "Helm's values are the user's own")
}

package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// FuzzParseClusterSecrets: whatever the stream holds, it is clusters with names or an error of one line. That no error
// quotes a credential is for the tables of TestClusterSecretsErrorsQuoteNoCredentials: here the fuzzer would make it a
// name.
func FuzzParseClusterSecrets(f *testing.F) {
	for _, seed := range []string{
		"", "---\n", secret(""), secret("") + "---\n" + secret("stringData: {name: b}"), secret("data: {name: '!'}"),
		secret("data: null"),
		"items: [" + "{kind: Secret}, null, [], a]", "a: b\n--- {kind: Secret}\n", "- a",
		"kind: Secret\nmetadata: []\n", "config: a: b\n", "\xff",
		"kind: Secret\nmetadata: {labels: {argocd.argoproj.io/secret-type: cluster}, name: \"a\\nb\"}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		clusters, err := ParseSecrets("s.yaml", data)
		if err != nil {
			require.Nil(t, clusters)
			requireOneLine(t, err, "s.yaml: ")
			return
		}
		for _, c := range clusters {
			require.NotEmpty(t, c.Name)
			require.Equal(t, "s.yaml", c.File)
			require.Equal(t, "cluster", c.Labels[wellknown.LabelSecretType])
			require.NotContains(t, c.Annotations, "kubectl.kubernetes.io/last-applied-configuration")
		}
	})
}

package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

func TestCredentialsOfClusterSecretsAreRefused(t *testing.T) {
	for _, test := range []struct{ labels, annotations, data, want string }{
		{"", "", "name: a, server: 'https://me:CANARY@x'", "server"},
		{"", "", "name: 'https://me:CANARY@x'", "name"},
		{"", "b: 'https://ghp_CANARY@x'", "name: a", "annotation b"},
		{", b: 'https://x?token=CANARY'", "", "name: a", "label b"},
	} {
		_, err := ParseSecrets("secrets.yaml",
			[]byte("kind: Secret\nstringData: {"+test.data+"}\nmetadata:\n  name: s\n"+
				"  labels: {argocd.argoproj.io/secret-type: cluster"+test.labels+"}\n  annotations: {"+test.annotations+
				"}\n"))
		requireOneLine(t, err, `secrets.yaml: cluster Secret "s": its `+test.want+" holds a credential")
		require.NotContains(t, err.Error(), "CANARY")
	}
}

func TestWithoutLastApplied(t *testing.T) {
	plain := map[string]string{"a": "b"}
	require.Equal(t, plain, WithoutLastApplied(plain))
	given := map[string]string{"a": "b", wellknown.AnnotationLastApplied: "CANARY"}
	require.Equal(t, plain, WithoutLastApplied(given))
	require.Len(t, given, 2, "the argument stays as it is")
	require.Nil(t, WithoutLastApplied(nil))
}

package member

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

// FuzzParseMember: a member without errors has valid names and labels, and is written as it was read.
func FuzzParseMember(f *testing.F) {
	for _, seed := range []string{
		"", "tenant: t\nenvironment: np\nuse_remote_argo: yes\n", "clusterName: 010\ntenant: true\nenvironment: 1e3\n",
		"githubSecret: maybe",
		"secretManagerSecretName: <arn>",
		"secretManagerSecretName: arn:aws:secretsmanager:eu-west-1:123456789012:secret:a",
		"fleet_repo_url: https://a:b@c",
		"tenant: [a]", "environment: ''", "clusterName: <x>", "addons_repo_path: ../..",
		"tennant: x\nargocd_config: {}\nannotations: {a: b}",
		"addons_repo_basepath: \"\\u2028\"\ntenant: a\nenvironment: b",
		"tenant: a\nenvironment: b\ngithubSecretName: '#'",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := hierarchy.ParseDocument(membersAt+"hub/a.yaml", data)
		if err != nil {
			return
		}
		m, warnings, errs := parse(d, "hub")
		for _, warning := range warnings {
			requireOneLine(t, warning, d.Name)
		}
		for _, err := range errs {
			requireOneLine(t, err, d.Name)
		}
		if len(errs) > 0 {
			return
		}
		require.NoError(t, checkName(m.Name))
		labels, annotations := m.metadata()
		_, err = cluster.CheckMetadata(d, cluster.MetadataValues(labels, annotations))
		require.NoError(t, err)
		for _, text := range annotations {
			require.NotContains(t, text, "<no value>")
		}
		if text, err := Encode(m); err == nil {
			again, warnings, errs := parse(document(t, d.Name, string(text)), "hub")
			require.Empty(t, warnings)
			require.Empty(t, errs)
			require.Equal(t, m, again)
		}
	})
}

package fleet

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

func TestVersionsOfFleet(t *testing.T) {
	f, err := loadFleet(t, "  argocdVersion: v3.5.7\n  kubernetesVersion: \"1.34\"\n")
	require.NoError(t, err)
	require.Equal(t, "3.5", f.ArgoCDVersion.Name)
	require.Equal(t, "1.34", f.KubernetesVersion)
	require.Nil(t, f.VersionWarning())

	f, err = loadFleet(t, "  kubernetesVersion: v1.34.2-eks-1a2b3c\n")
	require.NoError(t, err)
	require.True(t, f.ArgoCDVersion.IsZero())

	f, err = loadFleet(t, "  argocdVersion: \"3.2\"\n")
	require.NoError(t, err)
	require.Equal(t, "2.14", f.ArgoCDVersion.Name)
	require.ErrorContains(t, f.VersionWarning(),
		"fleet.yaml:4: spec: Argo CD 3.2 is rendered as 2.14, the nearest older version")
}

func TestVersionsOfFleetFail(t *testing.T) {
	for spec, want := range map[string]string{
		"  argocdVersion: 3.5\n":      `fleet.yaml:4: spec: argocdVersion is a number, which loses zeros: write argocdVersion: "3.5"`,
		"  argocdVersion: 3.10\n":     `write argocdVersion: "3.10"`,
		"  argocdVersion: 3\n":        `argocdVersion is a number, which loses zeros: write argocdVersion: "3.6"`,
		"  kubernetesVersion: 0x10\n": `write kubernetesVersion: "1.34"`,
		"  argocdVersion: \"4.0\"\n": "fleet.yaml:4: spec: argocdVersion: version 4.0 of Argo CD is not known " +
			"here, only 2.14, 3.4, 3.5 and 3.6",
		"  argocdVersion: latest\n":      `argocdVersion: "latest" is no version of Argo CD: write it as 3.6 or v3.6.1`,
		"  argocdVersion: [\"3.5\"]\n":   "argocdVersion must be a string, not a list",
		"  kubernetesVersion: 1.30\n":    `write kubernetesVersion: "1.30"`,
		"  kubernetesVersion: newest\n":  `kubernetesVersion: "newest" is no version of Kubernetes: write it as 1.34 or v1.34.2`,
		"  kubernetesVersion: {a: b}\n":  "kubernetesVersion must be a string, not a map",
		"  kubernetesVersion: \"1\"\n":   "is no version of Kubernetes",
		"  kubernetesVersion: 1.2.3.4\n": "is no version of Kubernetes",
	} {
		_, err := loadFleet(t, spec)
		requireOneLine(t, err, hierarchy.FleetFile)
		require.ErrorContains(t, err, want)
	}
}

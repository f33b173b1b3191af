package fleet

import (
	"strings"
	"testing"
	"testing/fstest"

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
		"  cmpVersion: 1.4\n":            `fleet.yaml:4: spec: cmpVersion is a number, which loses zeros: write cmpVersion: "1.4"`,
		"  cmpVersion: 1\n":              `write cmpVersion: ">=1.4"`,
		"  cmpVersion: newest\n":         `fleet.yaml:4: spec: cmpVersion: "newest" is no range of versions: write it as`,
		"  cmpVersion: \"\"\n":           `cmpVersion: "" is no range of versions`,
		"  cmpVersion: [1.4]\n":          "cmpVersion must be a string, not a list",
	} {
		_, err := loadFleet(t, spec)
		requireOneLine(t, err, hierarchy.FleetFile)
		require.ErrorContains(t, err, want)
	}
}

// TestVersionsOfCmp proves that another cmp fails before anything else that it does not know.
func TestVersionsOfCmp(t *testing.T) {
	const spec = "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  cmpVersion: \">=1.4, <2\"\n"
	load := func(text, version string) error {
		_, err := LoadFor(hierarchy.NewRepository(fstest.MapFS{hierarchy.FleetFile: {Data: []byte(text)}}), version)
		return err
	}
	for _, version := range []string{"1.4.0", "v1.9.3", ""} {
		require.NoError(t, load(spec, version), version)
	}
	for _, more := range []string{"", "  later: true\n", "  levels: {}\n"} {
		require.EqualError(t, load(spec+more, "v1.3.2"),
			"fleet.yaml:4: the fleet wants cmp >=1.4, <2, and this is 1.3.2; "+
				"install one of those, or change spec.cmpVersion")
	}
	for _, version := range []string{"(devel)", "0123abc", "v0.0.0-20261127120000-0123456789ab"} {
		require.EqualError(t, load(spec, version), "fleet.yaml:4: the fleet wants cmp >=1.4, <2, and this is "+
			strings.TrimPrefix(version, "v")+", a build without a version; install one of those, build it with one "+
			"(make build VERSION=...), or change spec.cmpVersion")
	}
	_, err := Load(hierarchy.NewRepository(fstest.MapFS{hierarchy.FleetFile: {Data: []byte(spec)}}))
	require.NoError(t, err)
	require.ErrorContains(t, load(spec+"  later: true\n", "1.4.0"), `unknown key "later"`)
}

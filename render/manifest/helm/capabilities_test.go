package helm

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/common"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// TestBuiltInAPIVersionsAreThoseOfTheLinkedHelm: Helm makes its list of the client-go that it is linked with, here 0.36
// as in Helm 4.2.
func TestBuiltInAPIVersionsAreThoseOfTheLinkedHelm(t *testing.T) {
	require.Equal(t, []string(common.DefaultVersionSet), builtInAPIVersions("4.2.1"), "run go generate")
}

func TestBuiltInAPIVersions(t *testing.T) {
	for _, test := range []struct{ version, has, lacks string }{
		{"3.16.3", "v1 autoscaling/v2beta1 policy/v1beta1 apiextensions.k8s.io/v1beta1", "resource.k8s.io/v1"},
		{"3.19.4", "autoscaling/v2beta1 resource.k8s.io/v1 coordination.k8s.io/v1alpha2", "scheduling.k8s.io/v1alpha3"},
		{"3.22.0", "resource.k8s.io/v1 storagemigration.k8s.io/v1", "autoscaling/v2beta1"},
		{"4.2.1", "resource.k8s.io/v1 scheduling.k8s.io/v1alpha2", "autoscaling/v2beta1 storagemigration.k8s.io/v1"},
		{"4.3.1", "storagemigration.k8s.io/v1 scheduling.k8s.io/v1alpha3",
			"autoscaling/v2beta1 scheduling.k8s.io/v1alpha2"},
	} {
		got := builtInAPIVersions(test.version)
		assert.Subset(t, got, strings.Fields(test.has), test.version)
		for _, name := range strings.Fields(test.lacks) {
			assert.NotContains(t, got, name, test.version)
		}
		assert.Equal(t, []string{"v1", "admissionregistration.k8s.io/v1"}, got[:2], test.version)
	}
	for version, same := range map[string]string{
		"3.15.0": "3.16.3", "3.17.1": "3.16.3", "4.2.9": "4.2.1", "5.0.0": "4.3.1", "new": "3.16.3",
	} {
		assert.Equal(t, builtInAPIVersions(same), builtInAPIVersions(version), version)
	}
}

// TestBuiltInAPIVersionsOfArgoCD: no Helm that Argo CD has may fall back to another's.
func TestBuiltInAPIVersionsOfArgoCD(t *testing.T) {
	for _, v := range argocd.Versions {
		assert.True(t, slices.ContainsFunc(builtIns(), func(b builtIn) bool { return b.helm.String() == v.Helm }),
			"Helm %s of Argo CD %s is missing: run go generate", v.Helm, v.Name)
	}
}

func TestChartsSeeAPIVersions(t *testing.T) {
	c := makeChart(t, map[string]string{"templates/c.yaml": configMap(
		"all: {{ .Capabilities.APIVersions | toJson | quote }}" +
			"\n" + `has: {{ .Capabilities.APIVersions.Has "example.com/v1/Widget" | quote }}`)})
	for _, version := range []string{"3.16.3", "3.22.0", "4.2.1", "4.3.1"} {
		given := []string{"example.com/v1/Widget", "v1"}
		data := dataOf(t, version, c, Options{APIVersions: given})
		all := slices.Concat(builtInAPIVersions(version), given) // as Helm, twice what is in both
		assert.Equal(t, map[string]any{"has": "true", "all": `["` + strings.Join(all, `","`) + `"]`}, data, version)
	}
}

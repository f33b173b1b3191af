package kubernetes

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
)

func TestAPIVersions(t *testing.T) {
	const flowcontrol = "flowcontrol.apiserver.k8s.io/"
	for _, test := range []struct{ version, has, lacks string }{
		{"1.25", "autoscaling/v2beta2/HorizontalPodAutoscaler storage.k8s.io/v1beta1 " + flowcontrol + "v1beta1",
			"autoscaling/v2beta1 batch/v1beta1 policy/v1beta1 " + flowcontrol + "v1beta3"},
		{"1.26", "storage.k8s.io/v1beta1/CSIStorageCapacity " + flowcontrol + "v1beta3", "autoscaling/v2beta2"},
		{"1.27", flowcontrol + "v1beta2", "storage.k8s.io/v1beta1 resource.k8s.io/v1alpha2"},
		{"1.28", flowcontrol + "v1beta2", "admissionregistration.k8s.io/v1beta1 " + flowcontrol + "v1"},
		{"1.29", flowcontrol + "v1/FlowSchema " + flowcontrol + "v1beta3", flowcontrol + "v1beta2"},
		{"1.30", "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy", "networking.k8s.io/v1alpha1"},
		{"1.31", flowcontrol + "v1beta3", "networking.k8s.io/v1beta1 storage.k8s.io/v1beta1"},
		{"1.32", flowcontrol + "v1", "resource.k8s.io/v1beta1 " + flowcontrol + "v1beta3"},
		{"1.33", "networking.k8s.io/v1/ServiceCIDR", "resource.k8s.io/v1"},
		{"1.34", "resource.k8s.io/v1 resource.k8s.io/v1/ResourceClaim storage.k8s.io/v1/VolumeAttributesClass",
			"resource.k8s.io/v1beta2"},
		{"1.35", "resource.k8s.io/v1",
			"admissionregistration.k8s.io/v1/MutatingAdmissionPolicy storagemigration.k8s.io/v1beta1"},
		{"1.36", "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy",
			"certificates.k8s.io/v1/ClusterTrustBundle"},
		{"1.37", "certificates.k8s.io/v1/ClusterTrustBundle storagemigration.k8s.io/v1", "scheduling.k8s.io/v1beta1"},
	} {
		t.Run(test.version, func(t *testing.T) {
			got := APIVersions(test.version)
			always := " v1 v1/ConfigMap apps/v1 apps/v1/Deployment policy/v1/PodDisruptionBudget " +
				"networking.k8s.io/v1/Ingress" +
				" apiextensions.k8s.io/v1/CustomResourceDefinition apiregistration.k8s.io/v1/APIService"
			assert.Subset(t, got, strings.Fields(test.has+always))
			// Only what can be listed and watched counts.
			never := " v1/Binding v1/ComponentStatus autoscaling/v1/Scale authorization.k8s.io/v1 " +
				"authentication.k8s.io/v1"
			for _, name := range strings.Fields(test.lacks + never) {
				assert.NotContains(t, got, name)
			}
			assert.True(t, slices.IsSorted(got))
			assert.Equal(t, slices.Compact(slices.Clone(got)), got)
		})
	}
}

func TestAPIVersionsOfOtherVersions(t *testing.T) {
	for version, same := range map[string]string{
		"v1.34.2": "1.34", "1.34.2-eks-1a2b3c": "1.34", "1.34+": "1.34", "1.34.0+k3s1": "1.34",
		"1.24": "1.25", "1.9.3": "1.25", "0.21": "1.25", "1.38": "1.37", "1.9999": "1.37", "2.0": "1.37",
		"": "1.37", "new": "1.37", "1": "1.37", "1.99999": "1.37",
	} {
		assert.Equal(t, APIVersions(same), APIVersions(version), version)
	}
}

func TestAPIVersionsAreShared(t *testing.T) {
	assert.Same(t, &APIVersions("1.34")[0], &APIVersions("v1.34.2")[0])
	assert.Same(t, &APIVersions("nothing")[0], &APIVersions("1.37")[0])
	longer := append(APIVersions("1.34"), "example.com/v1")
	assert.NotSame(t, &APIVersions("1.34")[0], &longer[0], "appending must not write into what is shared")
}

// TestAPIVersionsAreThoseOfClientGo compares the table with the client-go that is linked, which knows the stable kinds
// of one Kubernetes. Those with a list are served.
func TestAPIVersionsAreThoseOfClientGo(t *testing.T) {
	const linked = "1.36"
	known := runtime.NewScheme()
	require.NoError(t, scheme.AddToScheme(known))
	require.NoError(t, apiextensions.AddToScheme(known))
	want := []string{"apiregistration.k8s.io/v1", "apiregistration.k8s.io/v1/APIService"} // of the aggregator
	types := known.AllKnownTypes()
	for gvk := range types {
		list := gvk.GroupVersion().WithKind(gvk.Kind + "List")
		if strings.Contains(gvk.Version, "alpha") || strings.Contains(gvk.Version, "beta") || types[list] == nil {
			continue
		}
		if gvk.Kind == "ComponentStatus" || gvk.Kind == "APIGroup" { // cannot be watched; no resource
			continue
		}
		want = append(want, gvk.GroupVersion().String(), gvk.GroupVersion().String()+"/"+gvk.Kind)
	}
	slices.Sort(want)
	assert.Equal(t, slices.Compact(want), APIVersions(linked))
}

func FuzzAPIVersions(f *testing.F) {
	for _, version := range []string{"1.34", "v1.30.2-eks-1", "new", "0.1", "2.0"} {
		f.Add(version)
	}
	f.Fuzz(func(t *testing.T, version string) {
		if !slices.Contains(APIVersions(version), "v1/ConfigMap") {
			t.Fatalf("%q has no ConfigMap", version)
		}
	})
}

func TestMinor(t *testing.T) {
	for version, want := range map[string]int{
		"1.34": 34, "v1.9.2-eks-1": 9, "1.30+": 30, "0.21": -1, "2.1": math.MaxInt,
	} {
		minor, ok := Minor(version)
		assert.True(t, ok, version)
		assert.Equal(t, want, minor, version)
	}
	for _, version := range []string{"", "1", "new", "1.99999"} {
		_, ok := Minor(version)
		assert.False(t, ok, version)
	}
}

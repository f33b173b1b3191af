package compare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// TestCount counts as comparisons do: by group, kind, namespace and name, and not by the version of the API.
func TestCount(t *testing.T) {
	of := func(version, kind, namespace, name string, data any) render.Object {
		return render.Object{"apiVersion": version, "kind": kind, "data": data,
			"metadata": render.Object{"name": name, "namespace": namespace}}
	}
	before := []render.Object{of("v1", "ConfigMap", "a", "same", 1), of("v1", "ConfigMap", "a", "other", 1),
		of("apps/v1beta1", "Deployment", "a", "migrated", 1), of("v1", "Service", "a", "gone", 1),
		of("v1", "Service", "a", "moved", 1), of("v1", "Secret", "a", "twice", 1), of("v1", "Secret", "a", "twice", 2)}
	after := []render.Object{of("v1", "ConfigMap", "a", "same", 1), of("v1", "ConfigMap", "a", "other", 2),
		of("apps/v1", "Deployment", "a", "migrated", 1), of("v1", "Service", "b", "moved", 1),
		of("batch/v1", "Job", "a", "new", 1), of("v1", "Secret", "a", "twice", 2)}
	added, removed, changed := compare.Count(before, after)
	require.Equal(t, []int{2, 2, 2}, []int{added, removed, changed})
	added, removed, changed = compare.Count(nil, after)
	require.Equal(t, []int{len(after), 0, 0}, []int{added, removed, changed})
}

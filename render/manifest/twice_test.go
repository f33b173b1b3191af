package manifest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
)

// TestKeysTwice: the last one counts, as for Argo CD, and that is a finding for those who ask.
func TestKeysTwice(t *testing.T) {
	repository := tree(`
-- chart/Chart.yaml --
apiVersion: v2
name: chart
version: 0.1.0
-- chart/templates/map.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
data: {a: first, b: other}
data: {a: last}
`)
	app := application.Read(map[string]any{"metadata": map[string]any{"name": "app"}, "spec": map[string]any{
		"source":      map[string]any{"repoURL": "r", "path": "chart"},
		"destination": map[string]any{"name": "c", "namespace": "ns"}}}, argocd.Newest())
	for _, asked := range []bool{false, true} {
		r := New(Options{Repository: repository, Charts: &charts{}, KeysTwice: asked})
		objects, warnings, err := r.Render(t.Context(), app, Destination{})
		require.NoError(t, err)
		require.Equal(t, map[string]any{"a": "last"}, objects[0]["data"])
		if !asked {
			require.Empty(t, warnings)
			continue
		}
		require.Len(t, warnings, 1)
		require.Equal(t, problem.RuleConflicts, warnings[0].Rule)
		require.Contains(t, warnings[0].Error(),
			"chart/templates/map.yaml: prints the key data twice: Argo CD takes the last one")
	}
}

package render_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestFiles: a result says what it depends on, also where a session has read it before, and what is not there.
func TestFiles(t *testing.T) {
	session, err := open(question{Tree: files(small)})
	require.NoError(t, err)
	for range 2 {
		result, err := session.Render(render.Request{Group: "core", Cluster: "till-1", Components: []string{"probe"}})
		require.NoError(t, err)
		read := result.Files()
		require.Subset(t, read, []string{"fleet.yaml", "members/hub/till-2.yaml", "lanes.yaml",
			"apps/bootstrap/defaults/core.yaml", "apps/tenants/defaults/application-sets/core.yaml",
			"parts/values/base.yaml"})
		require.NotContains(t, read, "edges/tenants/defaults/application-sets/edge.yaml", "of another group")
	}
	session, err = open(question{Tree: exampleFleet})
	require.NoError(t, err)
	result, err := session.Render(render.Request{Stage: render.StageBootstrap, Cluster: "hub-prod"})
	require.NoError(t, err)
	require.Subset(t, result.Files(), []string{"addons/control-plane/defaults/application-sets/addons.yaml",
		"resources/control-plane/defaults/application-sets/resources.yaml"}, "of all groups")
}

package render_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
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
	merged, err := session.Values(render.Request{Group: "core", Cluster: "till-1"})
	require.NoError(t, err)
	require.Subset(t, merged.Files(), []string{"fleet.yaml", "apps/tenants/defaults/application-sets/core.yaml"})
	session, err = open(question{Tree: exampleFleet})
	require.NoError(t, err)
	result, err := session.Render(render.Request{Stage: render.StageBootstrap, Cluster: "hub-prod"})
	require.NoError(t, err)
	require.Subset(t, result.Files(), []string{"addons/control-plane/defaults/application-sets/addons.yaml",
		"resources/control-plane/defaults/application-sets/resources.yaml"}, "of all groups")
}

// TestFilesBehindLinks: a result depends on the link, and on what it leads to.
func TestFilesBehindLinks(t *testing.T) {
	tree := files(small, "-- shared/core.yaml --\nprobe: {valuesObject: {shared: yes}}\n")
	const level = "apps/tenants/shops/environments/test/application-sets"
	tree[level] = &fstest.MapFile{Data: []byte("../../../../../shared"), Mode: fs.ModeSymlink | 0o777}
	note := &worktree.Note{}
	session, err := open(question{Tree: tree, Options: render.Options{Note: note}})
	require.NoError(t, err)
	result, err := session.Render(render.Request{Group: "core", Cluster: "till-2", Components: []string{"probe"}})
	require.NoError(t, err)
	for _, names := range [][]string{result.Files(), session.Files()} {
		require.Subset(t, names, []string{level, level + "/core.yaml", "shared/core.yaml"})
	}
}

package hub_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/hub"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// find looks for a hub in the fleet of testdata/wrapper with one more file.
func find(t *testing.T, q hub.Question, secrets ...render.File) (hub.Hub, string, error) {
	t.Helper()
	tree := fstest.MapFS{"addons/control-plane/environments/np/clusters/hub-1/fleet/fleet-secret/values.yaml": {
		Data: []byte("externalSecret: {labels: {addonsRelease: stable}, annotations: {a: b}}")}}
	root := os.DirFS("../../../testdata/wrapper")
	require.NoError(t, fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		tree[name] = &fstest.MapFile{Data: data}
		return err
	}))
	s, err := stages.Config{}.Open(t.Context(), tree, render.Options{ClusterSecrets: secrets},
		stages.Charts{CacheDir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	return hub.Of(s.Session, tree, q)
}

// TestSupposed: directories tell of a hub that nobody describes.
func TestSupposed(t *testing.T) {
	found, note, err := find(t, hub.Question{Name: "hub-1", Region: hub.SupposedRegion})
	require.NoError(t, err)
	require.Contains(t, note, `nobody describes the hub "hub-1": by the directories it is of tenant control-plane`)
	require.Equal(t, "stable", found.Labels["addonsRelease"])
	require.Equal(t, "b", found.Annotations["a"])
	require.Equal(t, "us-east-1", found.Annotations["aws_region"])
	require.Contains(t, found.Supposed, "aws_region")

	secret, err := hub.Secret(found.Cluster)
	require.NoError(t, err)
	again, note, err := find(t, hub.Question{Name: "hub-1"}, secret)
	require.NoError(t, err)
	require.Empty(t, note, "its Secret describes it")
	require.Equal(t, found.Labels["tenant"], again.Labels["tenant"])
}

// TestNoHub: a cluster that is a spoke, and one of which there is no trace.
func TestNoHub(t *testing.T) {
	_, _, err := find(t, hub.Question{Name: "hub-2"})
	require.ErrorIs(t, err, render.ErrNoCluster)
	_, _, err = find(t, hub.Question{Name: "shop-1"})
	require.ErrorIs(t, err, hub.ErrSpoke)
	require.EqualError(t, err, `cluster "shop-1" is a spoke; give its hub (--cluster)`)
}

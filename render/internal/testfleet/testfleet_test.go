package testfleet_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/internal/testfleet"
)

const directory = "../../../testdata/fleet"

// TestLoad: changes of one tree are not in another.
func TestLoad(t *testing.T) {
	tree := testfleet.Load(t, directory)
	require.NotEmpty(t, tree["fleet.yaml"].Data)
	tree["fleet.yaml"] = &fstest.MapFile{}
	require.NotEmpty(t, testfleet.Load(t, directory)["fleet.yaml"].Data)
}

func TestReplaced(t *testing.T) {
	tree := testfleet.Replaced(t, testfleet.Load(t, directory), "fleet.yaml", "kind: Fleet", "kind: Navy",
		"new.yaml", "", "a: 1")
	for file, want := range map[string]string{"fleet.yaml": "kind: Navy", "new.yaml": "a: 1"} {
		data, err := fs.ReadFile(tree, file)
		require.NoError(t, err)
		require.Contains(t, string(data), want)
	}
}

// TestUseChart: no component takes a chart from elsewhere.
func TestUseChart(t *testing.T) {
	tree := testfleet.Load(t, directory)
	testfleet.UseChart(tree, "charts/any")
	text := string(tree["charts/application-sets/values/addons.yaml"].Data)
	require.Contains(t, text, "  path: charts/any\n")
	require.NotContains(t, text, "chartRepository:")
	require.NotContains(t, text, "repoURL: public")
}

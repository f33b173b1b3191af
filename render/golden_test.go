package render_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const testdata = "../testdata"

var exampleFleet = os.DirFS(filepath.Join(testdata, "fleet"))

// exampleClusters and exampleGroups are those of the example fleet.
var (
	exampleClusters = []string{"data-prod-1", "hub-prod", "payments-np-1", "payments-prod-1", "retail-np-1",
		"retail-prod-1"}
	exampleGroups = []string{"addons", "monitoring", "resources"}
)

// TestExampleFleet pins down what the example fleet renders: the whole output of the hub, and that of a spoke which all
// five levels reach.
func TestExampleFleet(t *testing.T) {
	for _, tt := range []question{
		{Request: render.Request{Group: "addons", Cluster: "hub-prod", Release: "stable"}},
		{Request: render.Request{Group: "addons", Cluster: "hub-prod", Release: "next",
			Components: []string{"karpenter"}}},
		{Request: render.Request{Group: "monitoring", Cluster: "hub-prod"}},
		{Request: render.Request{Group: "resources", Cluster: "hub-prod"}},
		{Request: render.Request{Group: "addons", Cluster: "retail-np-1", Release: "next"}},
		{Request: render.Request{Group: "resources", Cluster: "payments-prod-1"}},
	} {
		t.Run(tt.Group+"-"+tt.Cluster+"-"+tt.Release, func(t *testing.T) {
			tt.Tree = exampleFleet
			tt.Strict = true
			result, err := renderOf(tt)
			require.NoError(t, err)
			data, err := render.Encode(result.Objects, "yaml")
			require.NoError(t, err)
			name := tt.Group + "-" + tt.Cluster
			if tt.Release != "" {
				name += "-" + tt.Release
			}
			golden(t, name+".yaml", data)
		})
	}
}

// TestExampleFleetIsClean renders all that there is to render, with findings as errors: the example is one to copy.
func TestExampleFleetIsClean(t *testing.T) {
	for _, cluster := range exampleClusters {
		for _, group := range exampleGroups {
			result, err := renderOf(question{Tree: exampleFleet,
				Request: render.Request{Group: group, Cluster: cluster, Strict: true}})
			require.NoError(t, err, "%s of %s", group, cluster)
			require.NotEmpty(t, result.Objects)
		}
	}
}

// golden compares data with a golden file, or writes it there with -update.
func golden(t *testing.T, name string, data []byte) {
	t.Helper()
	file := filepath.Join(testdata, "golden", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, data, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(data), "run: go test ./render -run %s -update", t.Name())
}

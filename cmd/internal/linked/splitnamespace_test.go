package linked_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestSplitFleetWithoutMembers: a hub without spokes, which a file .keep says, is registered all the same.
func TestSplitFleetWithoutMembers(t *testing.T) {
	_, directories := splitFleet(t, "addons")
	members := filepath.Join(directories["fleet"], "fleet", "fleet-bootstrap", "fleet-members", "hub-prod")
	require.NoError(t, os.RemoveAll(members))
	require.NoError(t, os.MkdirAll(members, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(members, ".keep"), nil, 0o644))
	three, err := join(t, directories, "addons", "resources")
	require.NoError(t, err)
	of := sourceOf(applications(t, three, "hub-prod")["Application fleet-registration-hub-prod"])
	require.Contains(t, generated(t, directories["addons"], of), "name: hub-prod-fleet-secret")
}

// TestNamespaceOfSpokesInASplitFleet: what starts a spoke in the repository of the resources is in the namespace that a
// component in that of the addons has.
func TestNamespaceOfSpokesInASplitFleet(t *testing.T) {
	_, directories := splitFleet(t, "addons")
	replace := func(file, before, after string) {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(data), before)
		require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(data), before, after, 1)), 0o644))
	}
	replace(filepath.Join(directories["fleet"], "fleet.yaml"), "\n  groups:\n", "\n  groups:\n"+
		"    fleet: {path: addons, components: [fleetBootstrap], globalSelectors: {fleet_member: spoke}}\n")
	require.NoError(t, os.WriteFile(
		filepath.Join(directories["addons"], "charts", "application-sets", "values", "fleetBootstrap.yaml"),
		[]byte("fleet-argocd: {enabled: true, chartName: argo-cd, path: charts/a, namespace: platform-system, "+
			"defaultVersion: \"1\"}\n"), 0o644))
	three, err := join(t, directories, "addons", "resources")
	require.NoError(t, err)
	session, err := render.Open(three, render.Options{})
	require.NoError(t, err)
	clusters, _, err := session.Clusters(render.Request{})
	require.NoError(t, err)
	spoke := clusters[slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return c.Name == "retail-np-1" })]
	sets := applications(t, three, "hub-prod")
	for _, repository := range []string{"addons", "resources"} {
		set := sourceOf(sets["ApplicationSet fleet-member-bootstrap-hub-prod-"+repository])
		text := generated(t, directories[repository], forCluster(t, set, spoke))
		require.Contains(t, text, "namespace: platform-system")
		require.NotContains(t, text, "namespace: argocd")
	}
}

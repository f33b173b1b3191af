package member

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

func TestAllClustersLaterSourcesWinAndLabelsMerge(t *testing.T) {
	f := builtIn()
	f.Members = "members"
	f.Clusters = []cluster.Cluster{
		{Name: "hub", File: hierarchy.FleetFile, Labels: map[string]string{"tenant": "control-plane"}},
		{Name: "b", Server: "from-fleet", File: hierarchy.FleetFile,
			Labels:      map[string]string{"a": "fleet", "b": "fleet", "c": "fleet"},
			Annotations: map[string]string{"x": "fleet"}},
	}
	repo := files{"members/hub/b.yaml": "tenant: t\nuse_remote_argo: true\n"}.Repository()
	secrets := []cluster.Cluster{
		{Name: "b", Server: "from-secret", File: "secrets.yaml",
			Labels: map[string]string{"b": "secret", "tenant": "secret"}},
		{Name: "a", File: "secrets.yaml"},
		{Name: "b", Labels: map[string]string{"c": "second"}},
	}
	all, warnings, err := Clusters(f, repo, secrets)
	require.NoError(t, err)
	require.Empty(t, besidesTenants(warnings))
	require.Equal(t, []cluster.Cluster{
		{Name: "a", File: "secrets.yaml", Labels: map[string]string{}, Annotations: map[string]string{}},
		{Name: "b", Server: "from-secret", Hub: "hub", File: "secrets.yaml",
			Annotations: map[string]string{"x": "fleet"}, Labels: map[string]string{
				"a": "fleet", "b": "secret", "c": "second", "tenant": "secret", "use_remote_argo": "true",
				"fleet_member": "spoke"}},
		{Name: "hub", File: hierarchy.FleetFile, Labels: map[string]string{"tenant": "control-plane"},
			Annotations: map[string]string{}},
	}, all)
	require.Len(t, f.Clusters[1].Labels, 3, "the fleet is not changed")
}

package member

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestSecretsOfHubs: what External Secrets merges into the cluster Secret of a hub is known, in the same order (rule
// cluster-secret in docs/rules/registration.md).
func TestSecretsOfHubs(t *testing.T) {
	const level = "addons/bootstrap/defaults/fleet/fleet-secret/values.yaml"
	spec := fleetHeader + `  clusters:
    - name: h
      labels: {fleet_member: hub-cluster, both: file}
      annotations: {both: file}
    - name: named
      labels: {fleet_member: hub-cluster}
      annotations: {secret_manager_secret_name: own/named}
    - name: silenced
      labels: {fleet_member: hub-cluster, tenant: silent}
    - name: other
      labels: {role: none}
`
	repo := files{hierarchy.FleetFile: spec,
		level: "externalSecret:\n  labels: {level: l, secret: l}\n  annotations: {level: l, secret: l}\n",
		"addons/tenants/silent/defaults/fleet/fleet-secret/values.yaml": "externalSecret: {enabled: 'false'}\n",
		membersAt + "h/m.yaml": "secretManagerSecretName: m\n"}.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	var asked []cluster.SecretReference
	f.Secrets = func(references []cluster.SecretReference) (map[string]cluster.Cluster, []*problem.Problem, error) {
		asked = references
		texts := map[string]string{"both": "aws", "level": "aws", "secret": "aws", "only": "aws",
			"addons_repo_url": "U"}
		return map[string]cluster.Cluster{
			"hub/h": {Name: "x", Server: "https://elsewhere", Labels: texts, Annotations: texts},
			"m":     {Server: "https://m"},
		}, nil, nil
	}
	got, _, err := Clusters(f, repo, nil)
	require.NoError(t, err)
	require.Equal(t, []cluster.SecretReference{
		{ID: "hub/h", File: hierarchy.FleetFile, Line: 5, Hub: true},
		{ID: "own/named", File: hierarchy.FleetFile, Line: 10, Hub: true},
		{ID: "m", File: membersAt + "h/m.yaml", Line: 1},
	}, asked)
	hub := got[0]
	require.Equal(t, "h", hub.Name)
	require.Empty(t, hub.Server, "that is where its Argo CD runs")
	require.Equal(t, map[string]string{"fleet_member": "hub-cluster", "both": "file", "level": "aws", "secret": "aws",
		"only": "aws", "addons_repo_url": "U"}, hub.Labels, "above the levels, below fleet.yaml")
	require.Equal(t, map[string]string{"both": "file", "level": "l", "secret": "l", "only": "aws",
		"addons_repo_url": "U"}, hub.Annotations, "below the levels")
	require.Equal(t, "U", got[1].Annotations["addons_repo_url"], "its members have its repositories")
	require.Equal(t, "https://m", got[1].Server)
}

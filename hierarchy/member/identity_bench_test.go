package member

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

// manyMembers is a repository with members of ten tenants, in two environments each; every second member has a file of
// its own in the hierarchy.
func manyMembers(count int) files {
	repo := files{
		hierarchy.FleetFile: fleetHeader + "  clusters:\n  - name: hub\n    labels: {fleet_member: hub-cluster}\n" +
			"    annotations: {addons_repo_url: 'https://git.example.com/fleet', addons_repo_revision: main}\n",
		"addons/tenants/defaults/fleet/fleet-secret/values.yaml": "externalSecret:\n  labels: {fleetRelease: " +
			"default, enable_x: 'true', enable_y: 'true'}\n",
	}
	for tenant := range 10 {
		directory := fmt.Sprintf("addons/tenants/t%d/", tenant)
		repo[directory+
			"defaults/fleet/fleet-secret/values.yaml"] = "externalSecret: {labels: {addonsRelease: stable}, " +
			"annotations: {dns: example.com}}"
		for _, environment := range []string{"np", "prod"} {
			repo[directory+"environments/"+environment+
				"/defaults/fleet/fleet-secret/values.yaml"] = "externalSecret: {labels: {tier: " + environment + "}}"
		}
	}
	for i := range count {
		name, tenant, environment := fmt.Sprintf("spoke-%04d", i), i%10, []string{"np", "prod"}[i/10%2]
		repo[membersAt+"hub/"+name+".yaml"] = fmt.Sprintf(
			"tenant: t%d\nenvironment: %s\nuse_remote_argo: 'true'\nenable_remote_addons: 'true'\n"+
				"secretManagerSecretName: spokes/%s\n", tenant, environment, name)
		if i%2 == 0 {
			repo[fmt.Sprintf("addons/tenants/t%d/environments/%s/clusters/%s/fleet/fleet-secret/values.yaml", tenant,
				environment, name)] =
				"externalSecret: {annotations: {aws_cluster_name: " + name + "}}"
		}
	}
	return repo
}

// BenchmarkAllClusters should grow with the number of members, and no faster.
func BenchmarkAllClusters(b *testing.B) {
	for _, count := range []int{100, 1000} {
		b.Run(fmt.Sprintf("members=%d", count), func(b *testing.B) {
			fsys := manyMembers(count).FS()
			b.ReportAllocs()
			for b.Loop() {
				repo := hierarchy.NewRepository(fsys)
				f, err := fleet.Load(repo)
				require.NoError(b, err)
				clusters, _, err := Clusters(f, repo, nil)
				require.NoError(b, err)
				require.Len(b, clusters, count+1)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count), "ns/member")
		})
	}
}

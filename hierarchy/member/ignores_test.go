package member

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestUnmatchedIgnores: an entry is called needless only by a render that can tell.
func TestUnmatchedIgnores(t *testing.T) {
	const entry = "  clusters: [{name: hub, labels: {fleet_member: hub-cluster}}]\n" +
		"  members: spokes\n  lint: {ignore: [{rule: RULE, path: spokes/hub, reason: a test}]}\n"
	for name, test := range map[string]struct {
		rule       string
		allMembers bool
		repo       files
		unmatched  bool
	}{
		"it covers a hub without members": {rule: "missing-members", repo: files{"spokes/other/": ""}},
		"the hub has members":             {rule: "missing-members", repo: files{"spokes/hub/": ""}, unmatched: true},
		"not all members were read":       {rule: "unknown-tenant", repo: files{"spokes/hub/": ""}},
		"all were, and their tenants exist": {rule: "unknown-tenant", allMembers: true, repo: files{"spokes/hub/": ""},
			unmatched: true},
		"only lint can tell": {rule: "dead-value", allMembers: true, repo: files{"spokes/hub/": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			all := test.repo.With(files{hierarchy.FleetFile: fleetHeader +
				strings.ReplaceAll(entry, "RULE", test.rule)})
			f, err := fleet.Load(all.Repository())
			require.NoError(t, err)
			got, err := UnmatchedIgnores(f, all.Repository(), nil, nil, test.allMembers)
			require.NoError(t, err)
			if !test.unmatched {
				require.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			require.Equal(t, problem.RuleUnmatchedIgnore, got[0].Rule)
		})
	}
}

// TestLabelPlace: a label is where the file sets it that comes last.
func TestLabelPlace(t *testing.T) {
	const at = "fleet/fleet-bootstrap/fleet-members/"
	all := files{
		hierarchy.FleetFile: fleetHeader +
			"  clusters:\n  - name: hub\n    labels:\n      fleet_member: hub-cluster\n      tier: one\n",
		at + "hub/web.yaml": "clusterName: web\ntenant: a\nenvironment: b\nuse_remote_argo: 'false'\n",
		"addons/tenants/a/": "",
	}
	repo := all.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	clusters, _, err := Clusters(f, repo, nil)
	require.NoError(t, err)
	require.Len(t, clusters, 2)
	hub, web := clusters[0], clusters[1]
	place := func(label string) string {
		file, line := LabelPlace(f, repo, web, label)
		return problem.Place(file, line)
	}
	require.Equal(t, at+"hub/web.yaml:2", place("tenant"))
	require.Equal(t, at+"hub/web.yaml:4", place("use_remote_argo"))
	require.Equal(t, at+"hub/web.yaml", place("given"), "which no file sets")
	file, line := LabelPlace(f, repo, hub, "tier")
	require.Equal(t, "fleet.yaml:8", problem.Place(file, line))
	web.Labels["use_remote_argo"] = "true"
	require.Equal(t, at+"hub/web.yaml", place("use_remote_argo"), "it is given on the command line")
	web.File = "clusters.yaml"
	require.Equal(t, "clusters.yaml", place("tenant"), "only a cluster Secret describes it")
}

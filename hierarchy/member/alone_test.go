package member

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

// lonely has a member whose file is in order beside others that are not.
var lonely = files{
	hierarchy.FleetFile: fleetHeader +
		"  clusters:\n  - {name: hub, labels: {tenant: house}, annotations: {addons_repo_url: " +
		"'https://git.example/fleet'}}\n" +
		"  - {name: other-hub, labels: {tenant: house}}\n",
	membersAt + "hub/one.yaml":                                     "tenant: shops\nenvironment: live\n",
	membersAt + "hub/broken.yaml":                                  "[",
	membersAt + "other-hub/broken.yaml":                            "tenant: shops\nenvironment: a/b\n",
	"addons/defaults/fleet/fleet-secret/values.yaml":               "externalSecret: {labels: {level: system}}\n",
	"addons/tenants/shops/clusters/one/unrelated.yaml":             "[",
	"addons/tenants/other/defaults/fleet/fleet-secret/values.yaml": "[",
}

// TestAllClustersFor: of a member, neither the others nor their files are read.
func TestAllClustersFor(t *testing.T) {
	secrets := []cluster.Cluster{{Name: "one", Server: "https://one.example", File: "s.yaml",
		Labels: map[string]string{"from": "secret"}}, {Name: "stranger"}}
	repo := lonely.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	_, _, err = Clusters(f, repo, secrets)
	require.ErrorContains(t, err, "broken.yaml", "all of them cannot be had")
	alone, warnings, err := ClustersFor(f, repo, "one", secrets)
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, []string{"hub", "one", "other-hub", "stranger"}, clusterNames(alone))

	// It is the cluster that it is among all.
	whole := lonely.With(files{membersAt + "hub/broken.yaml": "tenant: shops\nenvironment: live\n",
		membersAt + "other-hub/broken.yaml": "",
		membersAt + "other-hub/two.yaml":    "tenant: shops\nenvironment: test\n"})
	delete(whole, membersAt+"other-hub/broken.yaml")
	all, _, err := Clusters(f, whole.Repository(), secrets)
	require.NoError(t, err)
	require.Equal(t, []string{"broken", "hub", "one", "other-hub", "stranger", "two"}, clusterNames(all))
	require.Equal(t, all[2], alone[1])
	require.Equal(t, map[string]string{"addons_repo_url": "https://git.example/fleet"}, alone[1].Annotations,
		"from the hub")
	require.Equal(t, "https://one.example", alone[1].Server)
}

// TestAllClustersForOthers: what is no member, or is not named as its file, takes all members.
func TestAllClustersForOthers(t *testing.T) {
	good := files{
		hierarchy.FleetFile:          fleetHeader + "  clusters: [{name: hub}]\n",
		membersAt + "hub/one.yaml":   "tenant: shops\nenvironment: live\n",
		membersAt + "hub/two.yaml":   "tenant: shops\nenvironment: live\nclusterName: renamed\n",
		membersAt + "hub/three.yml":  "tenant: shops\nenvironment: live\n",
		membersAt + "hub/twice.yaml": "tenant: shops\nenvironment: live\nclusterName: first\n",
		membersAt + "two/twice.yaml": "tenant: shops\nenvironment: live\nclusterName: twice\n",
	}
	repo := good.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	every := []string{"first", "hub", "one", "renamed", "three", "twice"}
	for name, want := range map[string][]string{
		"one":              {"hub", "one"},
		"three":            {"hub", "three"},
		"hub":              every,
		"renamed":          every,
		"two":              every, // the file of renamed
		"twice":            every, // two files
		"none":             every,
		"":                 every,
		"..":               every,
		"a/b":              every,
		"one.yaml":         every,
		"arn:aws:eks:c/up": every,
	} {
		clusters, _, err := ClustersFor(f, repo, name, nil)
		require.NoError(t, err, name)
		require.Equal(t, want, clusterNames(clusters), name)
	}
}

func TestAllClustersForFails(t *testing.T) {
	for rule, test := range map[string]struct {
		repo files
		want string
	}{
		"the member's file": {files{membersAt + "hub/one.yaml": "tenant: [a]\nenvironment: live\n"},
			membersAt + "hub/one.yaml:1: "},
		"a file that is no YAML": {files{membersAt + "hub/one.yaml": "tenant: ["}, membersAt + "hub/one.yaml:1: "},
		"a value file of its level": {
			files{"addons/tenants/shops/clusters/one/fleet/fleet-secret/values.yaml": "externalSecret: x\n"},
			"addons/tenants/shops/clusters/one/fleet/fleet-secret/values.yaml:1: "},
	} {
		t.Run(rule, func(t *testing.T) {
			repo := lonely.With(test.repo).Repository()
			f, err := fleet.Load(repo)
			require.NoError(t, err)
			clusters, warnings, err := ClustersFor(f, repo, "one", nil)
			requireOneLine(t, err, test.want)
			require.Empty(t, clusters)
			require.Empty(t, warnings)
		})
	}
}

// TestAllClustersForReadsOnlyItsOwn: the cost does not depend on how many members there are.
func TestAllClustersForReadsOnlyItsOwn(t *testing.T) {
	c := counting{FS: lonely.FS(), opened: map[string]int{}}
	repo := hierarchy.NewRepository(c)
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	_, _, err = ClustersFor(f, repo, "one", nil)
	require.NoError(t, err)
	var read []string
	for name := range c.opened {
		if strings.HasSuffix(name, ".yaml") && strings.HasPrefix(name, membersAt) {
			read = append(read, name)
		}
	}
	require.Equal(t, []string{membersAt + "hub/one.yaml"}, read)
}

func clusterNames(clusters []cluster.Cluster) []string {
	var names []string
	for _, c := range clusters {
		names = append(names, c.Name)
	}
	return names
}

package render_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestErrorsOfASessionStayAsTheyAre: renders share what is wrong with the members, each for its own group and cluster.
func TestErrorsOfASessionStayAsTheyAre(t *testing.T) {
	session, err := open(question{Tree: files(small, "-- members/hub/till-2.yaml --\n[\n")})
	require.NoError(t, err)
	_, core := session.Render(render.Request{Group: "core", Cluster: "hub"})
	_, edge := session.Values(render.Request{Group: "edge", Cluster: "hub"})
	require.ErrorContains(t, edge, "(group edge, cluster hub)")
	require.ErrorContains(t, core, "(group core, cluster hub)")
	_, _, err = session.Clusters(render.Request{})
	require.EqualError(t, err, "members/hub/till-2.yaml:1: is not YAML: did not find expected node content")
}

// TestClustersOfASessionStayAsTheyAre: what it returns is the caller's own.
func TestClustersOfASessionStayAsTheyAre(t *testing.T) {
	session, err := open(question{Tree: files(small)})
	require.NoError(t, err)
	for _, r := range []render.Request{{}, {Cluster: "hub"}, {Group: "core", Cluster: "till-2", Alone: true}} {
		before, _, err := session.Clusters(r)
		require.NoError(t, err)
		changed, _, err := session.Clusters(r)
		require.NoError(t, err)
		for _, c := range changed {
			c.Labels["changed"] = "yes"
		}
		after, _, err := session.Clusters(r)
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
}

// TestClustersAreReadOnce: for whatever cluster they are asked, but for hubs with a cluster that another hub has too.
func TestClustersAreReadOnce(t *testing.T) {
	const both = "tenant: shops\nenvironment: %s\nsecretManagerSecretName: fleet/both\n"
	moving := fmt.Sprintf("-- members/hub/both.yaml --\n"+both+"-- members/hub-2/both.yaml --\n"+both, "test", "live")
	times := 0
	secrets := func([]cluster.SecretReference) (map[string]cluster.Cluster, []*problem.Problem, error) {
		times++
		return map[string]cluster.Cluster{}, nil, nil
	}
	session, err := open(question{Tree: files(small, moving), Options: render.Options{Secrets: secrets}})
	require.NoError(t, err)
	environments := map[string]string{}
	for range 2 {
		for _, name := range []string{"", "hub", "till-1", "till-2", "hub-2", "both", "new"} {
			clusters, _, err := session.Clusters(render.Request{Cluster: name, Labels: map[string]string{"a": "b"}})
			require.NoError(t, err)
			for _, c := range clusters {
				if c.Name == "both" {
					environments[name] = c.Labels["environment"]
				}
			}
		}
	}
	require.Equal(t, 2, times)
	require.Equal(t, map[string]string{"": "test", "hub": "test", "till-1": "test", "till-2": "test", "hub-2": "live",
		"both": "test", "new": "test"}, environments)
}

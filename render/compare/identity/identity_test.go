package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render/compare/identity"
)

func one(name, tenant string) cluster.Cluster {
	return cluster.Cluster{Name: name, Server: "https://" + name + ".example",
		Labels: map[string]string{"tenant": tenant, "fleet": "all", "on": "true"}}
}

func TestCommon(t *testing.T) {
	ids := identity.Of([]cluster.Cluster{one("east-1", "shops"), one("west-1", "data"), one("east-1", "ignored")})
	require.Equal(t, []string{"east-1", "west-1"}, ids.Names)
	for text, want := range map[string]string{
		"web-east-1":              "web-{{.name}}",
		"east-10 xeast-1":         "east-10 xeast-1",
		"https://east-1.example":  "{{.server}}",
		"shops east-1 all true":   "{{.metadata.labels.tenant}} {{.name}} all true",
		"workshops and shopsters": "workshops and shopsters",
		"west-1 ignored":          "west-1 ignored",
		"":                        "",
	} {
		require.Equal(t, want, ids.Common(text, "east-1"), text)
	}
	require.Equal(t, "east-1", ids.Common("east-1", "unknown"))
}

func TestKeysAreNoValuesOfACluster(t *testing.T) {
	ids := identity.Of([]cluster.Cluster{one("east-1", "data"), one("west-1", "shops")})
	require.Equal(t, "+  data:\n+    x: {{.metadata.labels.tenant}}\n", ids.Common("+  data:\n+    x: data\n",
		"east-1"))
}

func TestSelector(t *testing.T) {
	var all []cluster.Cluster
	for _, tenant := range []string{"a", "a", "a", "a", "b", "b", "b", "b", "c", "d"} {
		all = append(all, one(string(rune('k'+len(all))), tenant))
	}
	ids := identity.Of(all)
	for want, names := range map[string][]string{
		"tenant=a":        {"k", "l", "m", "n"},
		"tenant in (a,b)": {"k", "l", "m", "n", "o", "p", "q", "r"},
	} {
		require.Equal(t, want, ids.Selector(names))
	}
	for _, names := range [][]string{nil, {"k", "l", "m"}, {"k", "l", "m", "o"}, ids.Names} {
		require.Empty(t, ids.Selector(names), "%v", names)
	}
}

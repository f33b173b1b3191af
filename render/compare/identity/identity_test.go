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

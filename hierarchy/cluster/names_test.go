package cluster

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

func TestNamesOfSecrets(t *testing.T) {
	const noARN = " is no ARN of a secret; the form is arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME"
	for name, want := range map[string]string{
		"fleet/spokes/web-1": "",
		"rds!db-1+a=b@c.d_e": "",
		"arn:aws:secretsmanager:eu-west-1:012345678901:secret:fleet/web-AbCdEf":        "",
		"arn:aws-us-gov:secretsmanager:us-gov-west-1:012345678901:secret:fleet/web-ab": "",
		"": `"" is no name of a secret`,
		"arn:aws:secretsmanager::012345678901:secret:a":         "has no region",
		"arn:aws:secretsmanager:eu-west-1:12345678901:secret:a": noARN,
		"arn:aws:secretsmanager:eu--west:012345678901:secret:a": noARN,
		"arn:aws:ssm:eu-west-1:012345678901:secret:a":           noARN,
		"two words":              "is no name of a secret",
		strings.Repeat("a", 512): "",
		strings.Repeat("a", 513): "is no name of a secret: up to 512 letters, digits and /_+=.@!-",
	} {
		err := CheckSecretName(name)
		if want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, want, name)
	}
	require.True(t, IsSecretName("fleet/web"))
	require.False(t, IsSecretName("fleet web"))
}

func TestLabelsThatKubernetesHasNot(t *testing.T) {
	require.NoError(t, CheckLabels(map[string]string{"tenant": "retail", "example.com/tier": "", "a": "1.2_3"}))
	require.EqualError(t, CheckLabels(map[string]string{"a": "b", "tenant": "two words"}),
		`"tenant"="two words" is no label of Kubernetes: a valid label must be an empty string or consist of `+
			`alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character; `+
			`give the cluster's labels as they are`)
	require.ErrorContains(t, CheckLabels(map[string]string{"a/b/c": "d"}), `"a/b/c"="d" is no label of Kubernetes`)
}

func TestWhatAClusterManagesItself(t *testing.T) {
	spoke := Cluster{Name: "web", Labels: map[string]string{"fleet_member": "spoke", "use_remote_argo": "true",
		"enable_remote_addons": "true"}}
	require.True(t, spoke.IsSpoke())
	require.True(t, spoke.Manages("addons"))
	require.True(t, spoke.Manages("monitoring"))
	require.False(t, spoke.Manages("resources"), "which enable_remote_resources says")
	require.False(t, spoke.Manages("fleet"), "which is the hub's")
	spoke.Labels["use_remote_argo"] = "false"
	require.False(t, spoke.Manages("addons"))

	require.True(t, Cluster{Name: "web", Hub: "hub"}.IsSpoke())
	require.False(t, Cluster{Name: "hub", Labels: map[string]string{"fleet_member": "hub-cluster"}}.IsSpoke())

	copied := spoke.Clone()
	copied.Labels["tenant"] = "other"
	require.NotContains(t, spoke.Labels, "tenant", "a copy is the caller's own")
}

func TestNearlyLabelled(t *testing.T) {
	at := func(c Cluster) (file string, line int) {
		if c.Name == "given" {
			return "", 0
		}
		return c.Name + ".yaml", 3
	}
	clusters := []Cluster{{Name: "given", Labels: map[string]string{"environment": "production"}},
		{Name: "web", Labels: map[string]string{"environment": "staging"}}, {Name: "bare"}}
	require.Equal(t, "is environment=staging of cluster web meant ("+problem.Place("web.yaml", 3)+")? Else ",
		NearlyLabelled(clusters, "environment", "stagin", at))
	require.Equal(t, "is environment=production of cluster given meant? Else ",
		NearlyLabelled(clusters, "environment", "prodution", at))
	require.Empty(t, NearlyLabelled(clusters, "environment", "test", at))
	require.Empty(t, NearlyLabelled(clusters, "tenant", "retail", at))
}

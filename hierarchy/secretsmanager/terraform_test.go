package secretsmanager

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSecretsOfTheTerraformModules reads the secrets that OpenTofu evaluates from manifests/terraform (make terraform
// compares the files). Every key of each is either kept, or one of which credentials could be part.
func TestSecretsOfTheTerraformModules(t *testing.T) {
	for _, test := range []struct {
		name   string
		want   Identity
		config string
	}{
		{"hub", Identity{
			Name:   "hub-prod",
			Server: "https://kubernetes.default.svc",
			Labels: map[string]string{"environment": "prod", "fleet_member": "hub-cluster", "tenant": "control-plane"},
			Annotations: map[string]string{"aws_account_id": "012345678901", "aws_cluster_name": "hub-prod",
				"aws_region": "eu-west-1", "aws_vpc_id": "vpc-0aa00000000000001"},
		}, `{"tlsClientConfig":{"insecure":false}}`},
		{"spoke", Identity{
			Name:   "data-prod-1",
			Server: "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
			Labels: map[string]string{"enable_karpenter": "true", "environment": "prod", "on_call": "007", "empty": ""},
			Annotations: map[string]string{"aws_account_id": "400000000001", "aws_cluster_name": "data-prod-1-eks",
				"aws_region": "eu-west-1", "aws_vpc_id": "vpc-other", "karpenter_queue": `a "quoted" <name> & more`},
		}, `{"awsAuthConfig":{"clusterName":"data-prod-1-eks",
			"roleARN":"arn:aws:iam::400000000001:role/fleet-data-prod-1-argocd-spoke"},
			"tlsClientConfig":{"insecure":false,"caData":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			secret, err := os.ReadFile(filepath.Join("testdata", "terraform", test.name+".json"))
			require.NoError(t, err)
			newFake(t, map[string]any{test.name: string(secret)})
			got, err := read(t, newClient(t, Config{}), test.name)
			require.NoError(t, err)
			require.Equal(t, map[string]Identity{test.name: test.want}, got)

			var keys map[string]string
			require.NoError(t, json.Unmarshal(secret, &keys))
			require.JSONEq(t, test.config, keys["config"])
			require.Len(t, keys, 5)
			for _, key := range []string{"cluster_name", "server", "metadata", "addons"} {
				require.Contains(t, keys, key)
			}
		})
	}
}

package bootstrap_test

import (
	"encoding/json"
	"bytes"
	"testing"

	"github.com/argoproj/argo-cd/v2/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

// TestExpandedByArgoCD expands the ApplicationSets of the members with Argo CD's own code, for clusters as their Secrets are.
func TestExpandedByArgoCD(t *testing.T) {
	remote := map[string]string{"fleet_member": "spoke", "use_remote_argo": "true"}
	expander, err := application.New(fleet(), []hierarchy.Cluster{
		{Name: "hub-np", Labels: map[string]string{"fleet_member": "hub-cluster"}},
		{Name: "central", Labels: map[string]string{"fleet_member": "spoke", "use_remote_argo": "false"}},
		{Name: "Plain_1", Server: "https://plain", Labels: remote},
		{Name: "spoke-dev-workload1", Server: "https://spoke", Labels: remote,
			Annotations: map[string]string{"aws_region": "eu-west-2", "kubectl.kubernetes.io/last-applied-configuration": "canary"}},
	})
	require.NoError(t, err)
	objects := mustBuild(t, fleet(), "hub-np", bootstrap.Options{})
	var got []string
	for _, object := range objects {
		if object["kind"] != "ApplicationSet" {
			continue
		}
		expansion := expander.Expand(object)
		require.Empty(t, expansion.Errors)
		for _, a := range expansion.Applications {
			got = append(got, at(a.Object, "metadata/name").(string))
			require.Nil(t, at(a.Object, "metadata/finalizers"))
		}
	}
	require.Equal(t, []string{"fleet-bootstrap-plain-1", "fleet-bootstrap-spoke-dev-workload1", "fleet-registration-plain-1", "fleet-registration-spoke-dev-workload1"}, got)
	_ = json.Decoder{}
	_ = bytes.MinRead
	_ = v1alpha1.Application{}
}

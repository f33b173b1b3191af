package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

func TestKubernetesVersionOfCluster(t *testing.T) {
	for label, want := range map[string]string{"v1.34.2": "v1.34.2", "1.34": "1.34", "": ""} {
		got, finding := Cluster{Labels: map[string]string{wellknown.LabelKubernetesVersion: label}}.KubernetesVersion()
		require.Nil(t, finding)
		require.Equal(t, want, got)
	}
	got, finding := Cluster{Name: "a", File: "members/a.yaml",
		Labels: map[string]string{wellknown.LabelKubernetesVersion: "new"}}.KubernetesVersion()
	require.Empty(t, got)
	require.ErrorContains(t, finding,
		`members/a.yaml: the label argocd.argoproj.io/kubernetes-version of cluster "a": "new" is no version of Kubernetes`)
}

package command

import (
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// CheckVersions fails for a version of the flags --argocd-version and --kube-version that is none.
func CheckVersions(argoCD, kubernetes string) error {
	if argoCD != "" {
		if _, _, err := argocd.Parse(argoCD); err != nil {
			return usage.Error(fmt.Errorf("--argocd-version: %w", err))
		}
	}
	if kubernetes != "" {
		if err := cluster.CheckKubernetesVersion(kubernetes); err != nil {
			return usage.Error(fmt.Errorf("--kube-version: %w", err))
		}
	}
	return nil
}

package cluster

import (
	"fmt"
	"regexp"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// kubernetesVersion is a version as Kubernetes, Argo CD's label and Helm's --kube-version write it: 1.34, v1.34.2,
// v1.34.2-eks-1a2b3c.
var kubernetesVersion = regexp.MustCompile(
	`^v?[1-9][0-9]{0,3}\.(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3}))?\+?([-+][0-9A-Za-z.+-]*)?$`)

// CheckKubernetesVersion fails for a string that is no version of Kubernetes.
func CheckKubernetesVersion(text string) error {
	if !kubernetesVersion.MatchString(text) {
		return fmt.Errorf("%.40q is no version of Kubernetes: write it as 1.34 or v1.34.2", text)
	}
	return nil
}

// KubernetesVersion returns the version that the cluster's label says, "" if there is no label. The finding is about a
// label that says none.
func (c Cluster) KubernetesVersion() (string, *problem.Problem) {
	text := c.Labels[wellknown.LabelKubernetesVersion]
	if text == "" {
		return "", nil
	}
	if err := CheckKubernetesVersion(text); err != nil {
		return "", problem.New(c.File, 0, "the label %s of cluster %q: %w", wellknown.LabelKubernetesVersion, c.Name,
			err).WithRule(problem.RuleUnknownVersion)
	}
	return text, nil
}

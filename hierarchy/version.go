package hierarchy

import (
	"fmt"
	"regexp"

	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// LabelKubernetesVersion says which Kubernetes a cluster runs. Argo CD sets it on cluster Secrets with the label
// argocd.argoproj.io/auto-label-cluster-info.
const LabelKubernetesVersion = "argocd.argoproj.io/kubernetes-version"

// kubernetesVersion is a version as Kubernetes, Argo CD's label and Helm's --kube-version write it: 1.34, v1.34.2,
// v1.34.2-eks-1a2b3c.
var kubernetesVersion = regexp.MustCompile(`^v?[1-9][0-9]{0,3}\.(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3}))?\+?([-+][0-9A-Za-z.+-]*)?$`)

// minorVersion is a version that YAML takes for a number.
var minorVersion = regexp.MustCompile(`^[1-9][0-9]*\.[0-9]+$`)

// CheckKubernetesVersion fails for a text that is no version of Kubernetes.
func CheckKubernetesVersion(text string) error {
	if !kubernetesVersion.MatchString(text) {
		return fmt.Errorf("%.40q is no version of Kubernetes: write it as 1.34 or v1.34.2", text)
	}
	return nil
}

// KubernetesVersion returns the version that the cluster's label says, "" if there is no label. The finding is about a
// label that says none.
func (c Cluster) KubernetesVersion() (string, *Problem) {
	text := c.Labels[LabelKubernetesVersion]
	if text == "" {
		return "", nil
	}
	if err := CheckKubernetesVersion(text); err != nil {
		return "", problem.New(c.File, 0, "the label %s of cluster %q: %w", LabelKubernetesVersion, c.Name, err)
	}
	return text, nil
}

// readVersions reads whose rules the later stages follow.
func (f *Fleet) readVersions(d *Document, spec *fields.Reader) {
	if text := quotedVersion(d, spec, "argocdVersion", argocd.Newest().Name); text != "" {
		v, warning, err := argocd.Parse(text)
		if err != nil {
			spec.Fail("argocdVersion", "argocdVersion: %w", err)
		}
		f.ArgoCDVersion = v
		if warning != "" {
			f.versionWarning = spec.Problem("argocdVersion", "%s", warning)
		}
	}
	f.KubernetesVersion = quotedVersion(d, spec, "kubernetesVersion", "1.34")
	if f.KubernetesVersion != "" {
		if err := CheckKubernetesVersion(f.KubernetesVersion); err != nil {
			spec.Fail("kubernetesVersion", "kubernetesVersion: %w", err)
		}
	}
}

// quotedVersion returns a version that is a string: as a number, 3.10 would be 3.1. The message shows the string to
// write, or the example if the number does not look like a version.
func quotedVersion(d *Document, spec *fields.Reader, key, example string) string {
	if number, ok := spec.Any(key).(float64); ok {
		text := d.written(number, "spec", key)
		if !minorVersion.MatchString(text) {
			text = example
		}
		spec.Fail(key, "%s is a number, which loses zeros: write %s: %q", key, key, text)
		return ""
	}
	return spec.Text(key)
}

// VersionWarning returns the finding about an argocdVersion that is rendered as another one; nil if there is none.
func (f *Fleet) VersionWarning() *Problem { return f.versionWarning }

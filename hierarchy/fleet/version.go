package fleet

import (
	"regexp"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
	"github.com/eks-fleet-management/fleet-cmp/internal/cmpversion"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// minorVersion is a version that YAML takes for a number.
var minorVersion = regexp.MustCompile(`^[1-9][0-9]*\.[0-9]+$`)

// checkVersion fails if a version of cmp is none of those that fleet.yaml wants. What else is wrong with that, the
// reader of all keys says.
func checkVersion(d *hierarchy.Document, version string) error {
	constraint, _ := fields.AsMap(d.Values["spec"])[keyCmpVersion].(string)
	if fits, err := cmpversion.Fits(constraint, version); err != nil || fits {
		return nil
	}
	this, remedy := strings.TrimPrefix(version, "v"), "install one of those"
	if _, has := cmpversion.Parse(version); !has {
		this += ", a build without a version"
		remedy += ", build it with one (make build VERSION=...)"
	}
	return problem.New(d.Name, d.Line("spec", keyCmpVersion),
		"the fleet wants cmp %s, and this is %s", constraint, this).
		WithHint("%s, or change spec.%s", remedy, keyCmpVersion)
}

// keyCmpVersion says which versions of cmp may read the fleet.
const keyCmpVersion = "cmpVersion"

// readVersions reads whose rules the later stages follow.
func (f *Fleet) readVersions(d *hierarchy.Document, spec *fields.Reader) {
	if text := quotedVersion(d, spec, "argocdVersion", argocd.Newest().Name); text != "" {
		v, warning, err := argocd.Parse(text)
		if err != nil {
			spec.Fail("argocdVersion", "argocdVersion: %w", err)
		}
		f.ArgoCDVersion = v
		if warning != "" {
			f.versionWarning = spec.Problem("argocdVersion", "%s", warning).WithRule(problem.RuleUnknownVersion)
		}
	}
	if text := quotedVersion(d, spec, keyCmpVersion, ">=1.4"); spec.Has(keyCmpVersion) && spec.Err() == nil {
		if _, err := cmpversion.Fits(text, cmpversion.Any); err != nil {
			spec.Fail(keyCmpVersion, "%s: %w", keyCmpVersion, err)
		}
	}
	f.KubernetesVersion = quotedVersion(d, spec, "kubernetesVersion", "1.34")
	if f.KubernetesVersion != "" {
		if err := cluster.CheckKubernetesVersion(f.KubernetesVersion); err != nil {
			spec.Fail("kubernetesVersion", "kubernetesVersion: %w", err)
		}
	}
}

// quotedVersion returns a version that is a string: as a number, 3.10 would be 3.1. The message shows the string to
// write, or the example if the number does not look like a version.
func quotedVersion(d *hierarchy.Document, spec *fields.Reader, key, example string) string {
	if number, ok := spec.Any(key).(float64); ok {
		text := d.Written(number, "spec", key)
		if !minorVersion.MatchString(text) {
			text = example
		}
		spec.Fail(key, "%s is a number, which loses zeros: write %s: %q", key, key, text)
		return ""
	}
	return spec.Text(key)
}

// VersionWarning returns the finding about an argocdVersion that is rendered as another one; nil if there is none.
func (f *Fleet) VersionWarning() *problem.Problem { return f.versionWarning }

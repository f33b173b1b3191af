package chart

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	helmchart "helm.sh/helm/v3/pkg/chart"
	ocireference "oras.land/oras-go/v2/registry"

	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/chart/network"
)

// A Reference names a chart, or an artifact in a registry, as a source of an Argo CD Application does.
type Reference struct {
	// RepoURL is the URL of a chart repository (https://, http://) or registry (oci://, or no scheme at all, which is
	// how Argo CD writes registries); of an artifact, its whole address with oci://.
	RepoURL string
	Name    string // "" of an artifact
	// Version is exact, or a range such as "1.x" or "^1.2". Empty is the newest that is no pre-release. Of an artifact
	// it is a tag, a digest, or a range where no tag has that name, and not empty.
	Version string
}

// ReferenceOf returns what a source refers to that is a chart of a repository, or an artifact.
func ReferenceOf(source *v1alpha1.ApplicationSource) Reference {
	return Reference{RepoURL: source.RepoURL, Name: source.Chart, Version: source.TargetRevision}
}

// location is a checked reference. Its URL is in one canonical form, which is the one that is compared with what is
// allowed and the one that is requested.
type location struct {
	url           *url.URL // without credentials, fragment and trailing slash
	name, version string
}

// locate checks a reference. Errors do not repeat the URL, since it may hold credentials.
func (r Reference) locate() (location, error) {
	u, err := network.ParseURL(r.RepoURL)
	if err != nil {
		return location{}, err
	}
	l := location{url: u, name: r.Name, version: r.Version}
	if r.Name == "" {
		return l, problem.Hinted("name the chart", "no name is given")
	}
	if u.Scheme == network.SchemeOCI {
		parsed, err := ocireference.ParseReference(l.ociRepository())
		if err != nil || parsed.Reference != "" {
			return l, network.ErrRepository
		}
	}
	if _, err := semver.NewConstraint(r.versionRange()); err != nil {
		return l, problem.Hinted("write a version such as 1.2.3, or a range such as 1.x",
			"%q is no version or version range", r.Version)
	}
	return l, nil
}

func (r Reference) versionRange() string {
	if r.Version == "" {
		return "*"
	}
	return r.Version
}

// ociRepository is the chart's repository in a registry, HOST/PATH/NAME.
func (l location) ociRepository() string { return l.url.Host + l.url.Path + "/" + l.name }

// label is the repository as messages name it: without query, which may be a token.
func (l location) label() string { return address.StripURL(l.url) }

// id stands for the chart, at whatever version, in file names and maps.
func (l location) id() string { return hash(l.url.String(), l.name) }

// hash gives a file name for strings of the input.
func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// exact tells whether the version names one release, so that no index is needed to know which. A registry takes "1.2"
// as a tag, as Helm and Argo CD do; in a chart repository it is a range.
func (l location) exact() bool {
	if l.url.Scheme == network.SchemeOCI {
		_, err := semver.NewVersion(l.version)
		return err == nil
	}
	_, err := semver.StrictNewVersion(strings.TrimPrefix(l.version, "v"))
	return err == nil
}

// checkAllowed fails unless the repository is one of the allowed ones or below one. Without any, all are.
func (l location) checkAllowed(allowed []string) error {
	if len(allowed) == 0 {
		return nil
	}
	own := *l.url
	own.RawQuery = ""
	if own.Scheme == network.SchemeOCI {
		own.Path += "/" + l.name
	}
	for _, a := range allowed {
		u, err := network.ParseURL(a)
		if err != nil {
			return fmt.Errorf("the list of allowed chart repositories has an entry that is wrong: %w", err)
		}
		u.RawQuery = ""
		if own.String() == u.String() || strings.HasPrefix(own.String(), u.String()+"/") {
			return nil
		}
	}
	return problem.Hinted("add the repository to spec.chartRepositories in fleet.yaml",
		"nothing may be fetched from there")
}

// checkIdentity fails if an archive of a chart repository holds another chart than its index promises. For a registry
// the repository and tag are the identity, as for Helm.
func (l location) checkIdentity(m *helmchart.Metadata, version string) error {
	if l.url.Scheme == network.SchemeOCI {
		return nil
	}
	want, err := semver.NewVersion(version)
	if err != nil {
		return fmt.Errorf("the version %q cannot be understood", version)
	}
	got, err := semver.NewVersion(m.Version)
	if m.Name != l.name || err != nil || !got.Equal(want) {
		return problem.Hinted("the index of the repository is wrong; tell its owner",
			"it is %s %s according to the Chart.yaml of its archive, and not %s %s", m.Name, m.Version, l.name, version)
	}
	return nil
}

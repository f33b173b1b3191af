package manifest

import (
	"path"
	"strings"

	"github.com/argoproj/argo-cd/v3/util/git"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// checkAddress refuses what the chosen Argo CD cannot take from the address of a source, and Git repositories that are
// not the checkout.
func (r *Renderer) checkAddress(s *source) error {
	switch {
	case s.IsOCI() && s.Chart != "":
		return r.checkChartInArtifact(s)
	case s.Chart != "":
		return nil
	case s.IsOCI() && r.options.Version.OCI:
		return nil
	case s.IsOCI():
		return problem.New("", 0, "%s is no Git repository, and Argo CD knows artifacts since 3.1", s.RepoURL).
			WithHint("for a Helm chart in a registry, name the chart, and leave out %s", chart.SchemeArtifact)
	}
	return r.checkRepository(s)
}

// checkRepository refuses Git sources that are not of the checkout, which are the only ones that can be rendered.
func (r *Renderer) checkRepository(s *source) error {
	if len(r.urls) > 0 && !r.urls[git.NormalizeGitURL(s.RepoURL)] {
		return problem.New("", 0, "%s is not this repository", s.RepoURL)
	}
	return nil
}

// checkChartInArtifact refuses a chart besides an address of oci://. Argo CD since 3.1 ignores it and fetches the
// address alone; before, it asks for an index.yaml there. The plugin of this project fetches the chart.
func (r *Renderer) checkChartInArtifact(s *source) error {
	if r.options.ValuesLowest {
		return nil
	}
	whole := strings.TrimRight(s.RepoURL, "/")
	registry := strings.TrimPrefix(whole, chart.SchemeArtifact)
	if path.Base(whole) == path.Base(s.Chart) {
		registry = strings.TrimSuffix(registry, "/"+s.Chart)
	} else {
		whole += "/" + s.Chart
	}
	if !r.options.Version.OCI {
		return problem.New("", 0, "Argo CD %s knows registries without %s only", r.options.Version.Name,
			chart.SchemeArtifact).WithHint("write repoURL: %s beside the chart", registry)
	}
	return problem.New("", 0, "Argo CD takes the whole address for the artifact, and fails or ignores the chart %s",
		s.Chart).WithHint("write repoURL: %s and path: . without chart, or repoURL: %s beside the chart", whole,
		registry)
}

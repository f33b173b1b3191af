package network

import (
	"context"
	"strings"

	"github.com/Masterminds/semver/v3"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// An Entry is a version of a chart, as its repository describes it.
type Entry struct {
	Version     string
	KubeVersion string // the range of versions of Kubernetes that it is for; "" if it does not say
	Deprecated  bool
}

var errNoSuchChart = problem.Hinted("check the name", "the repository has no such chart")

// Check fails if the repository has no index that can be read. The index is fetched once.
func (r *Repository) Check(ctx context.Context) error {
	_, err := r.readIndex(ctx)
	return err
}

// Entries returns the versions of a chart that the index has, the highest first. It fails as [Repository.Check] does,
// and for a chart that the index does not have.
func (r *Repository) Entries(ctx context.Context, name string) ([]Entry, error) {
	index, err := r.readIndex(ctx)
	if err != nil {
		return nil, err
	}
	versions := index.Entries[name]
	if len(versions) == 0 {
		return nil, errNoSuchChart
	}
	entries := make([]Entry, len(versions))
	for i, v := range versions {
		entries[i] = Entry{Version: v.Version, KubeVersion: v.KubeVersion, Deprecated: v.Deprecated}
	}
	return entries, nil
}

// Tags returns the tags of a repository of the registry that are versions, in no order, with a plus sign for each
// underscore.
func (r *Registry) Tags(ctx context.Context, repository string) ([]string, error) {
	tags, err := r.tags(ctx, repository)
	versions := tags[:0]
	for _, t := range tags {
		if _, err := semver.StrictNewVersion(strings.TrimPrefix(t, "v")); err == nil {
			versions = append(versions, t)
		}
	}
	return versions, err
}

// Describe returns what the chart of a version says of itself, without fetching the chart. It fails with [ErrNoChart]
// for another artifact.
func (r *Registry) Describe(ctx context.Context, repository, version string) (Entry, error) {
	entry := Entry{Version: version}
	err := r.do(ctx, "its Chart.yaml", repository, func(ctx context.Context, target *remote.Repository) error {
		config, err := inManifest(ctx, target, tag(version), configOf)
		if err != nil {
			return err
		}
		stream, err := target.Blobs().Fetch(ctx, config)
		if err != nil {
			return err
		}
		defer stream.Close()
		data, err := content.ReadAll(stream, config)
		if err != nil {
			return err
		}
		return entry.describe(data)
	})
	return entry, err
}

// describe reads the Chart.yaml of a chart, which registries have as JSON.
func (e *Entry) describe(data []byte) error {
	var m helmchart.Metadata
	if err := safeyaml.UnmarshalJSON(data, "its Chart.yaml", &m); err != nil {
		return problem.Hinted(problem.HintOf(err), "its Chart.yaml in the registry cannot be read: %w", err)
	}
	e.KubeVersion, e.Deprecated = m.KubeVersion, m.Deprecated
	return nil
}

// configOf finds the configuration of a chart, which is its Chart.yaml.
func configOf(manifest []byte, err error) (ocispec.Descriptor, error) {
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	m, err := chartManifest(manifest)
	if err == nil && m.Config.Size > manifestBytes {
		err = problem.Hinted("", "its Chart.yaml is larger than %d MiB, which is the most that is accepted",
			manifestBytes>>20)
	}
	return m.Config, err
}

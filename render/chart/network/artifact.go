package network

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/v3/util/versions"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	helmregistry "helm.sh/helm/v3/pkg/registry"
	ocireference "oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// LayerTypes are the media types of layers that Argo CD's repo-server takes (its flag --oci-layer-media-types).
var LayerTypes = []string{
	ocispec.MediaTypeImageLayer, ocispec.MediaTypeImageLayerGzip, helmregistry.ChartLayerMediaType,
}

// IsReference tells whether a string can be a tag or a digest.
func IsReference(text string) bool { return IsDigest(text) || isTag(text) }

// IsDigest tells whether a string can be a digest.
func IsDigest(text string) bool {
	return ocireference.Reference{Reference: text}.ValidateReferenceAsDigest() == nil
}

func isTag(text string) bool {
	return ocireference.Reference{Reference: text}.ValidateReferenceAsTag() == nil
}

// ResolveArtifact returns the layer of an artifact, and which revision of it that is: the given one, or for a range
// that is no tag too, the highest among the tags.
func (r *Registry) ResolveArtifact(
	ctx context.Context, repository, revision string,
) (tag string, layer ocispec.Descriptor, err error) {
	if IsReference(revision) {
		layer, err = r.artifact(ctx, repository, revision)
		if err == nil || status(err) != http.StatusNotFound || !versions.IsConstraint(revision) {
			return revision, layer, err
		}
	}
	tags, err := r.tags(ctx, repository)
	if err != nil {
		return "", layer, err
	}
	if tag, err = versions.MaxVersion(revision, tags, ""); err != nil {
		return "", layer, problem.Hinted("check the revision", "the registry has no such version")
	}
	if !isTag(tag) {
		return "", layer, problem.Hinted("name the tag itself, with _ in place of +",
			"its highest version is %s, which Argo CD does not find: tags have no +", tag)
	}
	layer, err = r.artifact(ctx, repository, tag)
	return tag, layer, err
}

// artifact reads the manifest of a tag or digest, and tells where its files are.
func (r *Registry) artifact(ctx context.Context, repository, reference string) (layer ocispec.Descriptor, err error) {
	err = r.do(ctx, "its manifest", repository, func(ctx context.Context, target *remote.Repository) error {
		d, stream, err := target.FetchReference(ctx, reference)
		if err != nil {
			return err
		}
		data, err := readManifest(stream, d)
		if err != nil {
			return err
		}
		var m ocispec.Manifest
		if safeyaml.UnmarshalJSON(data, "its manifest", &m) != nil || d.MediaType == ocispec.MediaTypeImageIndex {
			return problem.Hinted(pushAgain, "it is not the manifest of one artifact, but of type %q", d.MediaType)
		}
		layer, err = layerOfArtifact(m)
		return err
	})
	return layer, err
}

// layerOfArtifact finds the layer of a manifest that Argo CD unpacks (nativeOCIClient.extract).
func layerOfArtifact(m ocispec.Manifest) (ocispec.Descriptor, error) {
	const most = 10
	if len(m.Layers) > most {
		return ocispec.Descriptor{}, problem.Hinted(pushAgain, "it has %d layers, and Argo CD takes %d at most",
			len(m.Layers), most)
	}
	isContent := func(mediaType string) bool {
		return slices.ContainsFunc([]string{"tar+gzip", "tar.gzip", "tar"},
			func(end string) bool { return strings.HasSuffix(mediaType, end) })
	}
	if m.Config.MediaType == helmregistry.ConfigMediaType {
		isContent = func(mediaType string) bool { return mediaType == helmregistry.ChartLayerMediaType }
	}
	var content []ocispec.Descriptor
	for _, l := range m.Layers {
		if !isContent(l.MediaType) {
			continue
		}
		if !slices.Contains(LayerTypes, l.MediaType) {
			return l, problem.Hinted(pushAgain, "it has a layer of type %q, and Argo CD takes only %s", l.MediaType,
				strings.Join(LayerTypes, ", "))
		}
		content = append(content, l)
	}
	switch {
	case len(content) != 1:
		return ocispec.Descriptor{}, problem.Hinted(pushAgain, "it has %d layers with files, and Argo CD takes one",
			len(content))
	case content[0].Digest.Validate() != nil:
		return content[0], problem.Hinted(pushAgain, "its layer has no valid digest")
	case content[0].Size > DownloadBytes:
		return content[0], errTooLong
	}
	return content[0], nil
}

const pushAgain = "push the files as one archive, as oras push and helm push do"

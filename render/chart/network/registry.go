package network

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/Masterminds/semver/v3"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	helmregistry "helm.sh/helm/v3/pkg/registry"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

const (
	manifestBytes = 4 << 20
	// manifestsOfIndex is how many manifests of an image index are looked through for one of a chart.
	manifestsOfIndex = 16
)

// A Registry is an OCI registry. Helm's own registry client cannot be cancelled, reads without limit, and looks for
// credentials in more places, so this uses the library below it.
type Registry struct {
	host     string
	client   *auth.Client
	retry    retry
	plain    atomic.Bool // HTTP is spoken, for good
	loopback bool        // HTTP may be spoken
}

func newRegistry(host string, h *http.Client, credential auth.CredentialFunc, r retry) *Registry {
	client := &auth.Client{Client: h, Credential: credential, Cache: auth.NewCache()}
	client.SetUserAgent(userAgent)
	return &Registry{host: host, client: client, retry: r, loopback: isLoopback(host)}
}

// isLoopback tells whether a registry is on this machine. As with Docker, such a registry needs no TLS.
func isLoopback(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// do tries something with a repository of the registry: over TLS, and if a registry on this machine does not speak it,
// over HTTP.
func (r *Registry) do(ctx context.Context, what, repository string,
	try func(context.Context, *remote.Repository) error) error {
	return r.retry.do(ctx, r.host, what, func(ctx context.Context) error {
		target, err := remote.NewRepository(repository)
		if err != nil {
			return ErrRepository
		}
		target.Client, target.PlainHTTP, target.MaxMetadataBytes = r.client, r.plain.Load(), manifestBytes
		err = try(ctx, target)
		if r.loopback && !target.PlainHTTP && isPlainHTTP(err) {
			r.plain.Store(true)
			target.PlainHTTP = true
			err = try(ctx, target)
		}
		return err
	})
}

// Resolve returns the Release for a version, which is its tag, or for a range the highest among the tags.
func (r *Registry) Resolve(ctx context.Context, repository, version string) (Release, error) {
	if _, err := semver.NewVersion(version); err == nil {
		return Release{Version: version, URL: repository + ":" + tag(version)}, nil
	}
	tags, err := r.tags(ctx, repository)
	if err != nil {
		return Release{}, err
	}
	found, err := Highest(tags, version)
	if err != nil {
		return Release{}, problem.Hinted("check the version", "the registry has no such version")
	}
	return Release{Version: found, URL: repository + ":" + tag(found)}, nil
}

// How much is read of the tags of a repository. What is longer than a tag can be is none.
const (
	mostTags  = 100_000
	mostPages = 1_000
	pageTags  = 1_000 // are asked for at once: many registries give 100 if nobody says
	tagBytes  = 128
)

// tags returns all tags of a repository, as versions: with a plus sign for each underscore.
func (r *Registry) tags(ctx context.Context, repository string) (all []string, err error) {
	err = r.do(ctx, "its tags", repository, func(ctx context.Context, target *remote.Repository) error {
		all = nil
		target.Client, target.TagListMaxPages, target.TagListPageSize = pageClient{target.Client}, mostPages, pageTags
		target.MaxMetadataBytes = manifestBytes + 1 // so that it is the client that fails
		read := 0
		err := target.Tags(ctx, "", func(tags []string) error {
			if read += len(tags); read > mostTags {
				return problem.Hinted("",
					"the registry has more than %d tags of it, which is the most that is accepted", mostTags)
			}
			for _, t := range tags {
				if len(t) <= tagBytes {
					all = append(all, strings.ReplaceAll(t, "_", "+"))
				}
			}
			return nil
		})
		if errors.Is(err, errdef.ErrTooManyPages) {
			return problem.Hinted("",
				"the registry has more than %d pages of tags of it, which is the most that is accepted", mostPages)
		}
		return err
	})
	return all, err
}

// pageClient fails for a page of tags that is too long. The library below would take it for one that broke off.
type pageClient struct{ remote.Client }

// Do implements [remote.Client].
func (c pageClient) Do(r *http.Request) (*http.Response, error) {
	response, err := c.Client.Do(r)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, manifestBytes)
	}
	return response, err
}

// Highest returns the highest of some versions that a version or range stands for. As with Helm, what is no complete
// version, such as the tags "latest" and "1", does not count. It fails if there is none.
func Highest(versions []string, wanted string) (string, error) {
	parsed := map[string]*semver.Version{}
	var complete []string
	for _, text := range versions {
		if v, err := semver.StrictNewVersion(strings.TrimPrefix(text, "v")); err == nil {
			parsed[text] = v
			complete = append(complete, text)
		}
	}
	slices.SortFunc(complete, func(a, b string) int { return cmp.Or(parsed[b].Compare(parsed[a]), cmp.Compare(a, b)) })
	return helmregistry.GetTagMatchingVersionOrConstraint(complete, wanted)
}

// tag is the tag of a version: tags have no plus sign, for which Helm writes an underscore.
func tag(version string) string { return strings.ReplaceAll(version, "+", "_") }

// Download gets the chart layer of a manifest. The manifest and the layer are verified against their digests.
func (r *Registry) Download(ctx context.Context, found Release) ([]byte, error) {
	repository, reference, ok := cutTag(found.URL)
	if !ok {
		return nil, problem.Hinted("tell the owner of the repository", "it links to a registry without naming a tag")
	}
	var layer ocispec.Descriptor
	err := r.do(ctx, "its manifest", repository, func(ctx context.Context, target *remote.Repository) (err error) {
		layer, err = chartLayer(ctx, target, reference)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.Blob(ctx, repository, layer)
}

// Blob gets an archive, verified against its digest.
func (r *Registry) Blob(ctx context.Context, repository string, d ocispec.Descriptor) (data []byte, err error) {
	err = r.do(ctx, "its archive", repository, func(ctx context.Context, target *remote.Repository) error {
		stream, err := target.Blobs().Fetch(ctx, d)
		if err != nil {
			return err
		}
		defer stream.Close()
		data, err = content.ReadAll(stream, d)
		return err
	})
	return data, err
}

// cutTag splits HOST[:PORT]/PATH:TAG, or @DIGEST.
func cutTag(reference string) (repository, tag string, ok bool) {
	if repository, tag, ok = strings.Cut(reference, "@"); ok {
		return repository, tag, true
	}
	at := strings.LastIndex(reference, ":")
	if at <= strings.LastIndex(reference, "/") {
		return "", "", false
	}
	return reference[:at], reference[at+1:], true
}

// chartLayer reads a manifest, and tells where its chart is.
func chartLayer(ctx context.Context, target *remote.Repository, reference string) (ocispec.Descriptor, error) {
	return inManifest(ctx, target, reference, layerOf)
}

// inManifest reads a manifest, and finds a part of a chart in it. An image index may hold it among its manifests.
func inManifest(ctx context.Context, target *remote.Repository, reference string,
	part func(manifest []byte, err error) (ocispec.Descriptor, error)) (ocispec.Descriptor, error) {
	d, stream, err := target.FetchReference(ctx, reference)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	data, err := readManifest(stream, d)
	if err != nil || d.MediaType != ocispec.MediaTypeImageIndex {
		return part(data, err)
	}
	var index ocispec.Index
	if safeyaml.UnmarshalJSON(data, "its manifest", &index) != nil {
		return ocispec.Descriptor{}, ErrNoChart
	}
	for i, d := range index.Manifests {
		if i == manifestsOfIndex || d.MediaType != ocispec.MediaTypeImageManifest {
			continue
		}
		stream, err := target.Manifests().Fetch(ctx, d)
		if err != nil {
			return ocispec.Descriptor{}, err
		}
		found, err := part(readManifest(stream, d))
		if !errors.Is(err, ErrNoChart) {
			return found, err
		}
	}
	return ocispec.Descriptor{}, ErrNoChart
}

// ErrNoChart is what is wrong with an artifact that should be a chart.
var ErrNoChart = problem.Hinted("push it with helm push", "what the registry has under this name is no Helm chart")

func readManifest(stream io.ReadCloser, d ocispec.Descriptor) ([]byte, error) {
	defer stream.Close()
	if d.Size > manifestBytes {
		return nil, problem.Hinted("", "its manifest is larger than %d MiB, which is the most that is accepted",
			manifestBytes>>20)
	}
	return content.ReadAll(stream, d)
}

// layerOf finds the chart layer of a manifest, as Helm does: also in what early versions of Helm pushed.
func layerOf(manifest []byte, err error) (ocispec.Descriptor, error) {
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	m, err := chartManifest(manifest)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	for _, l := range m.Layers {
		if l.MediaType != helmregistry.ChartLayerMediaType && l.MediaType != helmregistry.LegacyChartLayerMediaType {
			continue
		}
		if l.Size > DownloadBytes {
			return l, errTooLong
		}
		return l, nil
	}
	return ocispec.Descriptor{}, ErrNoChart
}

// chartManifest reads the manifest of a chart.
func chartManifest(data []byte) (m ocispec.Manifest, err error) {
	if safeyaml.UnmarshalJSON(data, "its manifest", &m) != nil || m.Config.MediaType != helmregistry.ConfigMediaType {
		return m, ErrNoChart
	}
	return m, nil
}

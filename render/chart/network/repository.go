package network

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/repo"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// A Repository is an HTTP(S) chart repository: an index.yaml that links to archives.
type Repository struct {
	url    string
	client *http.Client
	retry  retry
	oci    func(host string) (*Registry, error) // indexes may link to registries
	parse  *sync.Mutex                          // of all repositories: one index at a time, which takes much memory

	mu    sync.Mutex
	index *repo.IndexFile
	err   error
}

// Resolve looks a version or range up in the index, as Helm does.
func (r *Repository) Resolve(ctx context.Context, name, version string) (Release, error) {
	index, err := r.readIndex(ctx)
	if err != nil {
		return Release{}, err
	}
	if len(index.Entries[name]) == 0 {
		return Release{}, errNoSuchChart
	}
	found, err := index.Get(name, version)
	if err != nil {
		return Release{}, problem.Hinted("check the version", "the repository has no such version")
	}
	if len(found.URLs) == 0 {
		return Release{}, problem.Hinted("tell the owner of the repository", "its index has no URL for version %s",
			found.Version)
	}
	target, err := repo.ResolveReferenceURL(r.url, found.URLs[0])
	if err != nil {
		return Release{}, problem.Hinted("tell the owner of the repository",
			"its index has a malformed URL for version %s", found.Version)
	}
	return Release{Version: found.Version, URL: target,
		Digest: strings.ToLower(strings.TrimPrefix(found.Digest, "sha256:"))}, nil
}

// readIndex fetches the index once.
func (r *Repository) readIndex(ctx context.Context) (*repo.IndexFile, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.index != nil || r.err != nil {
		return r.index, r.err
	}
	index, err := r.fetchIndex(ctx)
	if ctx.Err() == nil {
		r.err = err
	}
	r.index = index
	return index, err
}

func (r *Repository) fetchIndex(ctx context.Context) (*repo.IndexFile, error) {
	target, err := repo.ResolveReferenceURL(r.url, "index.yaml")
	if err != nil {
		return nil, problem.Hinted("", "its URL cannot be understood")
	}
	data, err := r.get(ctx, "index.yaml", target, togetherBytes)
	large := errors.Is(err, errTooLong)
	if err != nil && !large {
		return nil, err
	}
	r.parse.Lock()
	defer r.parse.Unlock()
	if large { // it is asked for again: several of these at the same time do not fit into memory
		if data, err = r.get(ctx, "index.yaml", target, DownloadBytes); err != nil {
			return nil, err
		}
	}
	return parseIndex(data)
}

func (r *Repository) get(ctx context.Context, what, target string, most int64) (data []byte, err error) {
	at, err := url.Parse(target)
	if err != nil {
		return nil, errURL
	}
	err = r.retry.do(ctx, at.Host, what, func(ctx context.Context) error {
		data, err = get(ctx, r.client, target, most)
		return err
	})
	return data, err
}

// isValid tells whether Helm takes a version of an index for one.
func isValid(v *repo.ChartVersion) bool {
	if v == nil || v.Metadata == nil {
		return false
	}
	if v.APIVersion == "" {
		v.APIVersion = chart.APIVersionV1
	}
	err := v.Validate()
	// Artifactory drops aliases, so that Helm lets such dependencies pass.
	return err == nil || strings.HasPrefix(err.Error(), "validation: more than one dependency with name or alias")
}

// parseIndex reads an index.yaml, which may be JSON. Unlike Helm it tolerates unknown fields; like Helm it leaves out
// entries that are not valid. Of what charts say of themselves, it keeps what is asked for: indexes stay in memory.
func parseIndex(data []byte) (*repo.IndexFile, error) {
	if bytes.HasPrefix(data, []byte("\x1f\x8b")) {
		return nil, problem.Hinted("tell the owner of the repository",
			"its index.yaml is compressed by gzip, which was not asked for, and is not unpacked")
	}
	index := &repo.IndexFile{}
	err := safeyaml.UnmarshalIndex(data, "its index.yaml", index)
	if safeyaml.Refused(err) {
		return nil, err
	}
	if len(bytes.TrimSpace(data)) == 0 || err != nil || index.APIVersion == "" {
		return nil, problem.Hinted("check the URL of the repository",
			"its index.yaml is no index of a chart repository")
	}
	for name, versions := range index.Entries {
		valid := versions[:0]
		for _, v := range versions {
			if isValid(v) {
				v.Metadata = &chart.Metadata{Version: v.Version, KubeVersion: v.KubeVersion, Deprecated: v.Deprecated}
				valid = append(valid, v)
			}
		}
		index.Entries[name] = valid
	}
	index.SortEntries()
	return index, nil
}

// Download gets the archive that the index links to.
func (r *Repository) Download(ctx context.Context, found Release) ([]byte, error) {
	u, err := url.Parse(found.URL)
	if err != nil {
		return nil, problem.Hinted("tell the owner of the repository", "its index has a malformed URL for version %s",
			found.Version)
	}
	var data []byte
	switch u.Scheme {
	case schemeHTTP, schemeHTTPS:
		data, err = r.get(ctx, "its archive", found.URL, DownloadBytes)
	case SchemeOCI:
		data, err = r.downloadOCI(ctx, u)
	default:
		err = problem.Hinted("tell the owner of the repository", "its index links to the unknown scheme %q", u.Scheme)
	}
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); found.Digest != "" && got != found.Digest {
		return nil, problem.Hinted("the archive was changed after it was published; tell the owner of the repository",
			"its archive has the digest sha256:%s, but the index says sha256:%s", got, found.Digest)
	}
	return data, nil
}

// downloadOCI follows a link oci://HOST/PATH:TAG.
func (r *Repository) downloadOCI(ctx context.Context, u *url.URL) ([]byte, error) {
	if isHere(u.Host) && !isHere(r.retry.from) {
		return nil, errLeadsHere(u.Host)
	}
	from, err := r.oci(strings.ToLower(u.Host))
	if err != nil {
		return nil, err
	}
	return from.Download(ctx, Release{URL: u.Host + u.Path})
}

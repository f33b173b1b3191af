package chart

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/argoproj/argo-cd/v3/util/versions"
	helmregistry "helm.sh/helm/v3/pkg/registry"
	ocireference "oras.land/oras-go/v2/registry"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/chart/network"
)

// SchemeArtifact begins the addresses of artifacts, by which Argo CD since 3.1 knows them (ApplicationSource.IsOCI).
const SchemeArtifact = network.SchemeOCI + "://"

// Artifact returns the files of an artifact in a registry, as Argo CD since 3.1 has them of a source with an address of
// oci:// (util/oci.Client). That is what its one layer holds, of a Helm chart without the directory at the top.
//
// It fails, with one line that names address and revision and holds nothing secret, as [Cache.Fetch] fails. It also
// fails if the artifact does not have exactly one layer of a type that Argo CD takes, and if that holds links, or paths
// outside of it.
func (c *Cache) Artifact(ctx context.Context, r Reference) (fs.FS, error) {
	l, err := r.locateArtifact()
	if err == nil {
		var files fs.FS
		if files, err = c.loadArtifact(ctx, l); err == nil {
			return files, nil
		}
	}
	what := "the artifact"
	if l.url != nil {
		what = strings.TrimSpace("artifact " + SchemeArtifact + l.ociRepository() + " " + r.Version)
	}
	return nil, problem.New("", 0, "%s: %w", what, err).WithHint("%s", problem.HintOf(err))
}

// locateArtifact checks the reference of an artifact.
func (r Reference) locateArtifact() (location, error) {
	u, err := network.ParseURL(r.RepoURL)
	if err != nil {
		return location{}, err
	}
	parsed, err := ocireference.ParseReference(u.Host + u.Path)
	if u.Scheme != network.SchemeOCI || err != nil || parsed.Reference != "" {
		return location{}, network.ErrRepository
	}
	l := location{url: u, version: r.Version}
	at := strings.LastIndex(u.Path, "/")
	u.Path, l.name = u.Path[:at], u.Path[at+1:]
	if r.Version == "" {
		return l, problem.Hinted("name a tag, a digest, or a range of versions", "no revision is given")
	}
	if !network.IsReference(r.Version) && !versions.IsConstraint(r.Version) {
		return l, problem.Hinted("tags have _ in place of +",
			"the revision %q is no tag, no digest, and no range of versions", r.Version)
	}
	return l, nil
}

// contents are the files of an artifact, as they are kept in memory.
type contents struct {
	key   string // media type and digest of their archive
	files fs.FS
	bytes int
}

// loadArtifact returns the files of an artifact.
func (c *Cache) loadArtifact(ctx context.Context, l location) (fs.FS, error) {
	if err := l.checkAllowed(c.options.Allowed); err != nil {
		return nil, err
	}
	e := c.entry("artifact", l)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return nil, e.err
	}
	if files, ok := c.memory.Get(e.digest).(fs.FS); ok {
		return files, nil
	}
	found, err := c.again(e.digest)
	if err != nil {
		found, err = c.obtainArtifact(ctx, l)
	}
	if err != nil {
		if ctx.Err() == nil {
			e.err = err
		}
		return nil, err
	}
	e.digest = found.key
	c.memory.Keep(found.key, found.files, found.bytes)
	return found.files, nil
}

// again returns what an artifact was when it was first asked for, whatever its tag stands for by now. It fails if that
// is no longer known.
func (c *Cache) again(key string) (contents, error) {
	mediaType, digest, _ := strings.Cut(key, " ")
	data, err := c.store.archive(digest)
	if err != nil {
		return contents{}, err
	}
	return unpack(mediaType, data)
}

// obtainArtifact gets an artifact from the cache directory, and if it is not there, from the network.
func (c *Cache) obtainArtifact(ctx context.Context, l location) (contents, error) {
	if c.options.Dir == "" {
		return contents{}, errNoDirectory
	}
	if c.options.Offline {
		return c.obtainArtifactOffline(l)
	}
	// Tags that are no versions move, as branches do.
	fixed := l.exact() || network.IsDigest(l.version)
	if fixed {
		if found, err := c.storedArtifact(l, l.version); err == nil {
			return found, nil
		}
	}
	unlock, err := c.store.lock(ctx, l.id())
	if err != nil {
		return contents{}, err
	}
	defer unlock()
	if fixed { // another process may have fetched it in the meantime
		if found, err := c.storedArtifact(l, l.version); err == nil {
			return found, nil
		}
	}
	return c.fetchArtifact(ctx, l)
}

// obtainArtifactOffline gets an artifact from the cache directory; the highest version that is there, if a range is
// asked for, and what a tag stood for when it was fetched last.
func (c *Cache) obtainArtifactOffline(l location) (contents, error) {
	found, err := c.storedArtifact(l, l.version)
	if errors.Is(err, errNotStored) && versions.IsConstraint(l.version) {
		if highest, none := versions.MaxVersion(l.version, c.store.versions(l.id()), ""); none == nil {
			found, err = c.storedArtifact(l, highest)
		}
	}
	if errors.Is(err, errNotStored) {
		err = problem.Hinted(onceOnline, "%w, and %w", err, ErrOffline)
	}
	return found, err
}

// storedArtifact looks for a version of an artifact in the cache directory. It fails with errNotStored if there is
// none.
func (c *Cache) storedArtifact(l location, version string) (contents, error) {
	data, found, err := c.store.read(l.id(), version)
	if err != nil {
		return contents{}, err
	}
	return unpack(found.MediaType, data)
}

// fetchArtifact gets an artifact from the network, checks it, and stores it. The artifact is locked.
func (c *Cache) fetchArtifact(ctx context.Context, l location) (contents, error) {
	from, err := c.sources.Registry(l.url.Host)
	if err != nil {
		return contents{}, err
	}
	tag, layer, err := from.ResolveArtifact(ctx, l.ociRepository(), l.version)
	if err != nil {
		return contents{}, err
	}
	mediaType := layer.MediaType
	if mediaType == helmregistry.ChartLayerMediaType {
		mediaType = "" // as charts are stored
	}
	data, err := c.store.archive(layer.Digest.Encoded())
	if err != nil {
		data, err = from.Blob(ctx, l.ociRepository(), layer)
	}
	if err != nil {
		return contents{}, err
	}
	found, err := unpack(mediaType, data)
	if err == nil {
		_, err = c.store.write(l.id(), tag, mediaType, data)
	}
	return found, err
}

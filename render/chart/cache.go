// Package chart gives Helm charts, with their dependencies, to those who render them: from a directory of the
// repository, an HTTP(S) chart repository, or an OCI registry. What comes from the network is kept in a cache directory
// by digest.
//
//	reference -> exact version (index.yaml, tags) -> archive (cache directory, else network)
//	    -> chart -> its dependencies
//
// In the same way it gives the files of other artifacts that registries hold, where Argo CD takes them for sources.
//
// Nothing is ever executed but what Helm's own registry/config.json names as a credential helper: there are no
// downloader plugins, and provenance files are not looked at. Credentials come from Helm's two configuration files
// alone.
package chart

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"

	helmchart "helm.sh/helm/v3/pkg/chart"

	"github.com/eks-fleet-management/fleet-cmp/internal/memory"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/chart/network"
)

const (
	timeout    = 30 * time.Second       // of one try to fetch something
	firstPause = 500 * time.Millisecond // before the second try

	onceOnline = "run once without --offline"
)

// ErrOffline is the cause when something is not in the cache that was not to be fetched.
var ErrOffline = errors.New("nothing is fetched while offline")

// Options say where charts may come from and where they are kept.
type Options struct {
	// Dir is the cache directory. It is created, for its owner alone, when something is first put into it.
	Dir string
	// Offline forbids the network: what is not in the cache is an error.
	Offline bool
	// Allowed are the repository URLs that charts and dependencies may come from; a URL stands for all below it too.
	// Empty allows every repository. What an allowed repository links or redirects to is the repository's business.
	Allowed []string
	// RepositoryConfig and RegistryConfig are Helm's repositories.yaml and registry/config.json. A file that does not
	// exist holds nothing. There are no credentials from anywhere else.
	RepositoryConfig, RegistryConfig string
}

// A Cache fetches charts. What a version range stands for, indexes of repositories, and failures are remembered for as
// long as the Cache lives. So a render sees one state of the world and asks a dead repository once. It is safe for
// concurrent use, and several processes may share one directory.
type Cache struct {
	options Options
	store   store
	memory  *memory.Memory // of parsed charts and of the files of artifacts
	sources *network.Sources

	mu      sync.Mutex
	entries map[string]*entry // by kind, location and version
}

// entry is what is known of one chart or artifact at one version or range; its lock is held while that is looked for.
// It is no cache, since it holds none of the content, but a decision that must not change within a render.
type entry struct {
	mu     sync.Mutex
	digest string
	err    error
}

// New returns a cache. It touches neither disk nor network.
func New(o Options) *Cache {
	return &Cache{
		options: o,
		store:   store{dir: o.Dir},
		memory:  memory.New(memory.Usual),
		sources: network.New(network.Options{
			RepositoryConfig: o.RepositoryConfig, RegistryConfig: o.RegistryConfig, Timeout: timeout, Pause: firstPause,
		}),
		entries: map[string]*entry{},
	}
}

// Memory returns what the cache keeps charts in, for what others make of them.
func (c *Cache) Memory() *memory.Memory { return c.memory }

// Fetch returns a chart of a chart repository or registry, with its dependencies; those that its archive lacks are
// fetched as for [Cache.Directory]. The chart is the caller's own, because Helm changes charts when it processes their
// dependencies; only the bytes of its files are shared and must stay as they are.
//
// It fails, with one line that names chart, version and repository and holds nothing secret, if the repository is not
// allowed, cannot be reached, or has no such version. So it does if the archive does not have the digest that the
// repository promises, is larger than 100 MiB, or is no chart that can be installed, and if a dependency fails.
func (c *Cache) Fetch(ctx context.Context, r Reference) (*helmchart.Chart, error) {
	l, err := r.locate()
	if err != nil {
		return nil, failure(r, "", err)
	}
	ch, err := c.load(ctx, l)
	if err == nil {
		err = c.addDependencies(ctx, ch, parent{location: l.id()})
	}
	if err == nil {
		err = installable(ch)
	}
	if err != nil {
		return nil, failure(r, l.label(), err)
	}
	return ch, nil
}

// Directory returns the chart in a directory of the repository, as Helm loads it: .helmignore counts, links within the
// repository are followed. Dependencies of its Chart.yaml that are missing in charts/ are added as `helm dependency
// build` does, at the versions of Chart.lock if there is one, else at the highest that Chart.yaml allows. They come
// from chart repositories, registries, names of repositories.yaml, and directories of the repository (file://). As
// there, dependencies of dependencies are not: they have to be in the dependency's own charts/. Nothing is written to
// the repository.
//
// It fails, with one line that names the directory, if that holds no chart that can be installed, or if a link leaves
// the repository. It also fails if Chart.lock is out of sync with Chart.yaml, if file:// dependencies form a cycle, or
// as [Cache.Fetch].
func (c *Cache) Directory(ctx context.Context, fsys fs.FS, path string) (*helmchart.Chart, error) {
	ch, err := c.readDirectory(fsys, path)
	if err == nil {
		err = c.addDependencies(ctx, ch, parent{fsys: fsys, path: path})
	}
	if err == nil {
		err = installable(ch)
	}
	if err != nil {
		return nil, directoryFailure(path, err)
	}
	return ch, nil
}

// installable is what Helm checks before it renders a chart on its own.
func installable(ch *helmchart.Chart) error {
	if ch.Metadata.Type != "" && ch.Metadata.Type != "application" {
		return problem.Hinted("put it into the dependencies of a chart of type application",
			"it is a %s chart, which cannot be installed", ch.Metadata.Type)
	}
	return nil
}

// load returns a fresh copy of a chart as its archive holds it.
func (c *Cache) load(ctx context.Context, l location) (*helmchart.Chart, error) {
	if err := l.checkAllowed(c.options.Allowed); err != nil {
		return nil, err
	}
	e := c.entry("chart", l)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return nil, e.err
	}
	if ch := c.remembered(e.digest); ch != nil {
		return ch, nil
	}
	found, err := c.obtain(ctx, l)
	if err != nil {
		if ctx.Err() == nil {
			e.err = err
		}
		return nil, err
	}
	e.digest = found.digest
	return c.remember(found.digest, found.chart), nil
}

func (c *Cache) entry(kind string, l location) *entry {
	key := kind + "\x00" + l.id() + "\x00" + l.version
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil {
		e = &entry{}
		c.entries[key] = e
	}
	return e
}

// archive is a chart as it was read from its archive.
type archive struct {
	digest string
	chart  *helmchart.Chart
}

// source is a chart repository or a registry.
type source interface {
	// Resolve returns the highest release that a version or range stands for.
	Resolve(ctx context.Context, name, version string) (network.Release, error)
	// Download returns the archive of a release, with its digest checked.
	Download(ctx context.Context, r network.Release) ([]byte, error)
}

// obtain gets an archive from the cache directory, and if it is not there, from the network.
func (c *Cache) obtain(ctx context.Context, l location) (archive, error) {
	if c.options.Dir == "" {
		return archive{}, errNoDirectory
	}
	if c.options.Offline {
		return c.obtainOffline(l)
	}
	if found, ok, err := c.stored(l, network.Release{Version: l.version}, l.exact()); ok {
		return found, err
	}
	unlock, err := c.store.lock(ctx, l.id())
	if err != nil {
		return archive{}, err
	}
	defer unlock()
	// Another process may have fetched it in the meantime.
	if found, ok, err := c.stored(l, network.Release{Version: l.version}, l.exact()); ok {
		return found, err
	}
	return c.fetch(ctx, l)
}

var errNoDirectory = problem.Hinted("name one with --cache-dir", "no cache directory is given")

// obtainOffline gets an archive from the cache directory; the highest version that is there, if a range is asked for.
func (c *Cache) obtainOffline(l location) (archive, error) {
	version := l.version
	if !l.exact() {
		var err error
		if version, err = network.Highest(c.store.versions(l.id()), l.version); err != nil {
			return archive{}, problem.Hinted(onceOnline,
				"no such version is in the cache, and %w", ErrOffline)
		}
	}
	data, found, err := c.store.read(l.id(), version)
	switch {
	case err != nil:
		return archive{}, problem.Hinted(onceOnline, "%w, and %w", err, ErrOffline)
	case found.MediaType != "":
		return archive{}, network.ErrNoChart
	}
	ch, err := loadArchive(data)
	return archive{found.Digest, ch}, err
}

// stored looks for a release in the cache directory. A damaged one is as good as none, and so is one whose digest is no
// longer that of the repository's index. Only an exact version is looked for.
func (c *Cache) stored(l location, r network.Release, exact bool) (found archive, ok bool, err error) {
	if !exact {
		return archive{}, false, nil
	}
	data, has, err := c.store.read(l.id(), r.Version)
	if err != nil || has.MediaType != "" || (r.Digest != "" && r.Digest != has.Digest) {
		return archive{}, false, nil //nolint:nilerr // it is fetched again then
	}
	ch, err := loadArchive(data)
	return archive{has.Digest, ch}, true, err
}

// fetch gets an archive from the network, checks it, and stores it. The chart is locked.
func (c *Cache) fetch(ctx context.Context, l location) (archive, error) {
	from, name, err := c.source(l)
	if err != nil {
		return archive{}, err
	}
	r, err := from.Resolve(ctx, name, l.version)
	if err != nil {
		return archive{}, err
	}
	if found, ok, err := c.stored(l, r, true); ok {
		return found, err
	}
	data, err := from.Download(ctx, r)
	if err != nil {
		return archive{}, err
	}
	ch, err := loadArchive(data)
	if err == nil {
		err = l.checkIdentity(ch.Metadata, r.Version)
	}
	if err != nil {
		return archive{}, err
	}
	digest, err := c.store.write(l.id(), r.Version, "", data)
	if err == nil && l.exact() && l.version != r.Version { // "1.2.3" may have found "v1.2.3"
		_, err = c.store.write(l.id(), l.version, "", data)
	}
	return archive{digest, ch}, err
}

// source returns where a chart comes from, and the chart's name there.
func (c *Cache) source(l location) (from source, name string, err error) {
	if l.url.Scheme == network.SchemeOCI {
		from, err := c.sources.Registry(l.url.Host)
		return from, l.ociRepository(), err
	}
	from, err = c.sources.Repository(l.url)
	return from, l.name, err
}

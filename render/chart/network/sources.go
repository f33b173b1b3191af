package network

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// How large files may be, in bytes.
const (
	// DownloadBytes is for an archive or index.yaml.
	DownloadBytes = 100 << 20
	// togetherBytes is for an index.yaml of those that are fetched at the same time; larger ones are fetched alone.
	togetherBytes = 16 << 20
	// configurationBytes is for repositories.yaml and certificates.
	configurationBytes = 10 << 20
)

// Options say how the network is used.
type Options struct {
	// RepositoryConfig and RegistryConfig are Helm's repositories.yaml and registry/config.json. A file that does not
	// exist holds nothing. There are no credentials from anywhere else.
	RepositoryConfig, RegistryConfig string
	Timeout                          time.Duration // of one try to fetch something; there are three
	Pause                            time.Duration // before the second try, doubled before the third
	// Sleep waits between tries, or fails when the context ends; nil: it does so by the clock.
	Sleep func(context.Context, time.Duration) error
}

// Sources are chart repositories and registries. What they were found to be, indexes and failures included, is
// remembered for as long as they live. They are safe for concurrent use.
type Sources struct {
	files configuration
	retry retry
	plain *http.Client // for what repositories.yaml does not name

	parse        sync.Mutex
	mu           sync.Mutex
	repositories map[string]*Repository // by URL
	registries   map[string]*Registry   // by host
}

// New returns sources. It touches neither disk nor network.
func New(o Options) *Sources {
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return &Sources{
		files: configuration{repositoriesFile: o.RepositoryConfig, registryFile: o.RegistryConfig},
		retry: retry{timeout: o.Timeout,
			backoff: wait.Backoff{Steps: 3, Duration: o.Pause, Factor: 2, Jitter: 0.1},
			sleep:   o.Sleep, lost: &lost{hosts: map[string]error{}}},
		plain:        &http.Client{Transport: newTransport(nil), CheckRedirect: checkRedirect},
		repositories: map[string]*Repository{},
		registries:   map[string]*Registry{},
	}
}

// A Release is one exact version of a chart: where its archive is, and its digest if the repository tells.
type Release struct{ Version, URL, Digest string }

// URLOf returns the URL that Helm's repositories.yaml has for the name of a repository. It fails if that has none.
func (s *Sources) URLOf(name string) (string, error) {
	entry, err := s.files.entryNamed(name)
	switch {
	case err != nil:
		return "", err
	case entry == nil:
		return "", problem.Hinted("write its URL, or add it with helm repo add",
			"Helm's repositories.yaml has no repository named %q", name)
	}
	return entry.URL, nil
}

// Repository returns the chart repository at a canonical URL, see [ParseURL], the same each time. It fails if Helm's
// repositories.yaml says something about it that cannot be used.
func (s *Sources) Repository(u *url.URL) (*Repository, error) {
	e, err := s.files.entryFor(u)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := u.String()
	if r, ok := s.repositories[key]; ok {
		return r, nil
	}
	own := s.plain
	if e != nil {
		if own, err = client(e, u); err != nil {
			return nil, err
		}
	}
	r := &Repository{url: key, client: own, retry: s.retry.of(u.Host), oci: s.Registry, parse: &s.parse}
	s.repositories[key] = r
	return r, nil
}

// Registry returns the registry at a host, the same each time. It fails if Helm's registry/config.json cannot be used.
func (s *Sources) Registry(host string) (*Registry, error) {
	credential, err := s.files.registryCredential()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.registries[host]
	if !ok {
		r = newRegistry(host, s.plain, credential, s.retry.of(host))
		s.registries[host] = r
	}
	return r, nil
}

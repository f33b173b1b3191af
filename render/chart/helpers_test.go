package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ociregistry "github.com/google/go-containerregistry/pkg/registry"
	"github.com/stretchr/testify/require"
	helmchart "helm.sh/helm/v3/pkg/chart"
	helmregistry "helm.sh/helm/v3/pkg/registry"

	"github.com/eks-fleet-management/fleet-cmp/render/chart/network"
)

// files are the files of a chart, by path.
type files map[string]string

// chartFiles returns a chart of one template.
func chartFiles(name, version string) files {
	return files{
		"Chart.yaml":          fmt.Sprintf("apiVersion: v2\nname: %s\nversion: %s\n", name, version),
		"values.yaml":         "replicas: 1\nnested: {list: [a, b]}\n",
		"templates/some.yaml": "kind: ConfigMap\n",
	}
}

func (f files) with(name, content string) files {
	f = maps.Clone(f)
	f[name] = content
	return f
}

// pack makes the archive of a chart.
func pack(t testing.TB, f files) []byte {
	t.Helper()
	var entries []tar.Header
	for _, name := range slices.Sorted(maps.Keys(f)) {
		entries = append(entries, tar.Header{Name: "chart/" + name, Mode: 0o644, Size: int64(len(f[name]))})
	}
	return packEntries(t, entries, func(h tar.Header) []byte { return []byte(f[strings.TrimPrefix(h.Name, "chart/")]) })
}

func packEntries(t testing.TB, entries []tar.Header, content func(tar.Header) []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	for _, h := range entries {
		require.NoError(t, archive.WriteHeader(&h))
		_, err := archive.Write(content(h))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, zipped.Close())
	return out.Bytes()
}

// chartServer is a chart repository over HTTP. It counts requests by path.
type chartServer struct {
	*httptest.Server
	mu       sync.Mutex
	entries  map[string][]map[string]any
	archives map[string][]byte
	hits     map[string]int
	before   func(w http.ResponseWriter, r *http.Request) bool // true: answered
	headers  []http.Header
}

func newChartServer(t testing.TB) *chartServer {
	s := unstartedChartServer()
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func unstartedChartServer() *chartServer {
	return &chartServer{entries: map[string][]map[string]any{}, archives: map[string][]byte{}, hits: map[string]int{}}
}

// add publishes an archive.
func (s *chartServer) add(name, version string, data []byte) {
	file := name + "-" + version + ".tgz"
	s.addLink(name, version, file, digestOf(data))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.archives["/"+file] = data
}

func (s *chartServer) addLink(name, version, url, digest string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries[name] = append(s.entries[name], map[string]any{
		"apiVersion": "v2", "name": name, "version": version, "urls": []string{url}, "digest": digest,
		"unheardOf": true,
	})
}

func (s *chartServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.hits[r.URL.Path]++
	s.headers = append(s.headers, r.Header.Clone())
	before := s.before
	s.mu.Unlock()
	if before != nil && before(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == "/index.yaml" {
		_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": "v1", "entries": s.entries})
		return
	}
	data, ok := s.archives[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(data)
}

func (s *chartServer) hitsOf(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hits[path]
}

// authorizations returns the Authorization headers of all requests.
func (s *chartServer) authorizations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, h := range s.headers {
		all = append(all, h.Get("Authorization"))
	}
	return all
}

// registryHandler returns an empty registry in memory.
func registryHandler() http.Handler {
	return ociregistry.New(ociregistry.Logger(log.New(io.Discard, "", 0)))
}

// push puts a chart into a registry with Helm's own client, over HTTP.
func push(t testing.TB, handler http.Handler, name, version string, data []byte) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	client, err := helmregistry.NewClient(helmregistry.ClientOptPlainHTTP(),
		helmregistry.ClientOptCredentialsFile(filepath.Join(t.TempDir(), "none.json")))
	require.NoError(t, err)
	_, err = client.Push(data, fmt.Sprintf("%s/charts/%s:%s", host(server), name, version))
	require.NoError(t, err)
}

func host(s *httptest.Server) string { return s.Listener.Addr().String() }

// newTestCache returns a cache in a new directory whose pauses between tries are short.
func newTestCache(t testing.TB, change ...func(*Options)) *Cache {
	t.Helper()
	o := Options{Dir: filepath.Join(t.TempDir(), "cache")}
	for _, f := range change {
		f(&o)
	}
	c := New(o)
	c.sources = network.New(network.Options{
		RepositoryConfig: o.RepositoryConfig, RegistryConfig: o.RegistryConfig, Timeout: timeout,
		Pause: time.Millisecond,
	})
	return c
}

func inDirectory(dir string) func(*Options) { return func(o *Options) { o.Dir = dir } }
func offline(o *Options)                    { o.Offline = true }

func fetch(c *Cache, url, name, version string) (*helmchart.Chart, error) {
	return c.Fetch(context.Background(), Reference{RepoURL: url, Name: name, Version: version})
}

// at returns the path of a file below a directory.
func at(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }

// writeFile writes a file below a directory, and returns its path.
func writeFile(t testing.TB, dir, name, content string) string {
	t.Helper()
	file := at(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

// requireOneLine checks that an error is one line with all the given parts in it.
func requireOneLine(t testing.TB, err error, parts ...string) {
	t.Helper()
	require.Error(t, err)
	require.NotContains(t, err.Error(), "\n")
	for _, part := range parts {
		require.ErrorContains(t, err, part)
	}
}

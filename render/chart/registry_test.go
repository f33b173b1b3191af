package chart

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	helmregistry "helm.sh/helm/v3/pkg/registry"
)

// TestMain lets the authority of httptest's TLS servers be one of the system's, as registries need it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == fetchProcess {
		os.Exit(runFetchProcess(os.Args[2:]))
	}
	os.Exit(func() int {
		s := httptest.NewTLSServer(nil)
		defer s.Close()
		dir, err := os.MkdirTemp("", "chart-test-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		file := filepath.Join(dir, "ca.pem")
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
		if os.WriteFile(file, text, 0o600) != nil || os.Setenv("SSL_CERT_FILE", file) != nil {
			panic("cannot prepare the certificate")
		}
		return m.Run()
	}())
}

func TestFetchFromRegistry(t *testing.T) {
	handler := registryHandler()
	for _, version := range []string{"1.0.0", "1.1.0", "2.0.0-rc.1", "1.1.1+build.5"} {
		push(t, handler, "web", version, pack(t, chartFiles("web", version)))
	}
	plain, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer secure.Close()
	for _, url := range []string{"oci://" + host(plain) + "/charts", host(secure) + "/charts/", "oci://" +
		host(secure) + "/charts"} {
		c := newTestCache(t)
		for wanted, got := range map[string]string{"1.0.0": "1.0.0", "1.0.x": "1.0.0", "": "1.1.1+build.5",
			">=2.0.0-0":     "2.0.0-rc.1",
			"1.1.1+build.5": "1.1.1+build.5"} {
			ch, err := fetch(c, url, "web", wanted)
			require.NoError(t, err, url)
			require.Equal(t, got, ch.Metadata.Version)
		}
		_, err := fetch(c, url, "web", "3.x")
		requireOneLine(t, err, "chart web 3.x from oci://127.0.0.1:",
			"/charts: the registry has no such version; check the version")
		_, err = fetch(c, url, "web", "1.1")
		requireOneLine(t, err, "its manifest: the server answered 404 Not Found") // a version to Argo CD, and so a tag
		_, err = fetch(c, url, "wep", "1.0.0")
		requireOneLine(t, err, "its manifest: the server answered 404 Not Found; check repository, name and version")
		_, err = fetch(c, url, "wep", "1.x")
		requireOneLine(t, err, "its tags: the server answered 404 Not Found")
		for _, name := range []string{"Web", "web:1.0.0", "web@sha256:" + strings.Repeat("0", 64), "../web", "web?x",
			"we b"} {
			_, err = fetch(c, url, name, "1.0.0")
			requireOneLine(t, err, "it is not the name of a repository in a registry; ", "lower case")
		}
	}
}

// registryConfig writes a registry/config.json.
func registryConfig(t *testing.T, s *httptest.Server, auth string) func(*Options) {
	file := writeFile(t, t.TempDir(), "config.json", fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, host(s), auth))
	return func(o *Options) { o.RegistryConfig = file }
}

func TestRegistryAuthentication(t *testing.T) {
	handler := registryHandler()
	push(t, handler, "web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	const credentials = "dXNlcjpwYXNz" // user:pass
	for _, start := range []func(http.Handler) *httptest.Server{httptest.NewServer, httptest.NewTLSServer} {
		for _, kind := range []string{"basic", "token"} {
			var s *httptest.Server
			s = start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				given := r.Header.Get("Authorization")
				switch {
				case r.URL.Path == "/token" && given == basicUserPassword:
					_, _ = w.Write([]byte(`{"token": "a-token"}`))
				case r.URL.Path != "/token" && ((kind == "basic" && given == basicUserPassword) ||
					(kind == "token" && given == "Bearer a-token")):
					handler.ServeHTTP(w, r)
				default:
					w.Header().Set("WWW-Authenticate", map[string]string{
						"basic": `Basic realm="charts"`, "token": fmt.Sprintf(`Bearer realm="%s/token",service="charts"`, s.URL)}[kind])
					w.WriteHeader(http.StatusUnauthorized)
					_, _ = fmt.Fprintf(w, `{"errors": [{"code": "DENIED", "message": "you sent %s"}]}`, given)
				}
			}))
			t.Cleanup(s.Close)
			for _, version := range []string{"1.0.0", "1.x"} {
				_, err := fetch(newTestCache(t, registryConfig(t, s, credentials)), host(s)+"/charts", "web", version)
				require.NoError(t, err)
				_, err = fetch(newTestCache(t, registryConfig(t, s, "dXNlcjp3cm9uZw==")), host(s)+"/charts", "web",
					version)
				requireOneLine(t, err, "the server answered 401 Unauthorized; credentials come from")
				require.NotContains(t, err.Error(), "dXNlcjp3cm9uZw")
				_, err = fetch(newTestCache(t), host(s)+"/charts", "web", version)
				requireOneLine(t, err, "the server answered 401 Unauthorized; credentials come from")
			}
		}
	}
}

func TestRegistryFilesThatHoldNothing(t *testing.T) {
	handler := registryHandler()
	push(t, handler, "web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	s := httptest.NewServer(handler)
	defer s.Close()
	for _, file := range []string{filepath.Join(t.TempDir(), "none"), writeFile(t, t.TempDir(), "empty", ""),
		writeFile(t, t.TempDir(), "json", "{}")} {
		_, err := fetch(newTestCache(t, func(o *Options) { o.RegistryConfig, o.RepositoryConfig = file, file }),
			host(s)+"/charts", "web", "1.0.0")
		require.NoError(t, err)
	}
}

// tampered answers requests for blobs or manifests in another way than the registry behind it.
func tampered(behind http.Handler, path string, answer func(w http.ResponseWriter, body []byte)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, path) || r.Method != http.MethodGet {
			behind.ServeHTTP(w, r)
			return
		}
		recorder := httptest.NewRecorder()
		behind.ServeHTTP(recorder, r)
		for key, values := range recorder.Header() {
			w.Header()[key] = values
		}
		answer(w, recorder.Body.Bytes())
	})
}

func TestTamperedRegistry(t *testing.T) {
	handler := registryHandler()
	push(t, handler, "web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	change := func(from, to string) func(http.ResponseWriter, []byte) {
		return func(w http.ResponseWriter, body []byte) {
			_, _ = w.Write(bytes.Replace(body, []byte(from), []byte(to), 1))
		}
	}
	for name, test := range map[string]struct {
		path    string
		answer  func(http.ResponseWriter, []byte)
		message string
	}{
		"layer": {"/blobs/", func(w http.ResponseWriter, body []byte) {
			body[len(body)-1] ^= 1
			_, _ = w.Write(body)
		}, "its archive: what the registry sent does not have the digest that it promised"},
		"manifest": {"/manifests/", change(`"schemaVersion":2`, `"schemaVersion":3`), "its manifest: what the registry sent does not have the digest"},
		"truncated layer": {"/blobs/", func(w http.ResponseWriter, body []byte) {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			_, _ = w.Write(body[:10])
			panic(http.ErrAbortHandler)
		}, "its archive (tried 3 times): the connection broke off"},
		"broken registry": {"/manifests/", func(w http.ResponseWriter, _ []byte) {
			w.WriteHeader(http.StatusBadGateway)
		},
			"its manifest (tried 3 times): the server answered 502 Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(tampered(handler, test.path, test.answer))
			defer s.Close()
			c := newTestCache(t)
			_, err := fetch(c, host(s)+"/charts", "web", "1.0.0")
			requireOneLine(t, err, test.message)
			require.NoDirExists(t, c.options.Dir+"/archives")
		})
	}
}

// put stores something in a registry.
func put(t testing.TB, handler http.Handler, path, mediaType string, data []byte) {
	t.Helper()
	request := httptest.NewRequest(http.MethodPut, path, bytes.NewReader(data))
	request.Header.Set("Content-Type", mediaType)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	require.Equal(t, http.StatusCreated, recorder.Code, recorder.Body.String())
}

func TestImagesThatAreNoCharts(t *testing.T) {
	handler := registryHandler()
	chartManifest := func(size int64) ocispec.Manifest {
		m := ocispec.Manifest{Config: ocispec.DescriptorEmptyJSON,
			Layers: []ocispec.Descriptor{ocispec.DescriptorEmptyJSON}}
		m.SchemaVersion = 2
		m.Config.MediaType, m.Layers[0].MediaType, m.Layers[0].Size = helmregistry.ConfigMediaType,
			helmregistry.ChartLayerMediaType, size
		return m
	}
	empty := []byte("{}")
	put(t, handler, "/v2/charts/web/blobs/uploads/1?digest="+string(ocispec.DescriptorEmptyJSON.Digest),
		"application/octet-stream", empty)
	image := chartManifest(2)
	image.Config.MediaType = ocispec.MediaTypeImageConfig
	noLayer := chartManifest(2)
	noLayer.Layers[0].MediaType = ocispec.MediaTypeImageLayer
	for tag, test := range map[string]struct {
		manifest any
		message  string
	}{
		"1.0.0": {image, "is no Helm chart; push it with helm push"},
		"1.0.1": {noLayer, "is no Helm chart"},
		"1.0.2": {chartManifest(100<<20 + 1), "more than 100 MiB"},
		"1.0.3": {chartManifest(2), "the archive is truncated"},
	} {
		data, err := json.Marshal(test.manifest)
		require.NoError(t, err)
		put(t, handler, "/v2/charts/web/manifests/"+tag, ocispec.MediaTypeImageManifest, data)
		s := httptest.NewServer(handler)
		_, err = fetch(newTestCache(t), host(s)+"/charts", "web", tag)
		s.Close()
		requireOneLine(t, err, "chart web "+tag+" from oci://", test.message)
	}
}

func TestChartInImageIndex(t *testing.T) {
	handler := registryHandler()
	data := pack(t, chartFiles("web", "1.0.0"))
	push(t, handler, "web", "1.0.0", data)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/v2/charts/web/manifests/1.0.0", http.NoBody))
	manifest := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Size: int64(recorder.Body.Len()),
		Digest: digest.FromBytes(recorder.Body.Bytes())}
	index := ocispec.Index{Manifests: []ocispec.Descriptor{{MediaType: "application/x-other", Digest: manifest.Digest,
		Size: 1}, manifest}}
	index.SchemaVersion = 2
	text, err := json.Marshal(index)
	require.NoError(t, err)
	put(t, handler, "/v2/charts/web/manifests/1.2.0", ocispec.MediaTypeImageIndex, text)
	s := httptest.NewServer(handler)
	defer s.Close()
	ch, err := fetch(newTestCache(t), host(s)+"/charts", "web", "1.2.0")
	require.NoError(t, err)
	require.Equal(t, "1.0.0", ch.Metadata.Version)
}

func TestIndexThatLinksToARegistry(t *testing.T) {
	handler := registryHandler()
	data := pack(t, chartFiles("web", "1.0.0"))
	push(t, handler, "web", "1.0.0", data)
	var hits atomic.Int32
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		handler.ServeHTTP(w, r)
	}))
	defer registry.Close()
	s := newChartServer(t)
	s.addLink("web", "1.0.0", "oci://"+host(registry)+"/charts/web:1.0.0", digestOf(data))
	s.addLink("web", "1.0.1", "oci://"+host(registry)+"/charts/web", "")
	_, err := fetch(newTestCache(t), s.URL, "web", "1.0.0")
	require.NoError(t, err)
	require.NotZero(t, hits.Load())
	_, err = fetch(newTestCache(t), s.URL, "web", "1.0.1")
	requireOneLine(t, err, "links to a registry without naming a tag")
}

func TestRegistryRedirectsWithoutCredentials(t *testing.T) {
	handler := registryHandler()
	push(t, handler, "web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	var sent []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Header.Get("Authorization"))
		handler.ServeHTTP(w, r)
	}))
	defer elsewhere.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") == "":
			w.Header().Set("WWW-Authenticate", `Basic realm="charts"`)
			w.WriteHeader(http.StatusUnauthorized)
		case strings.Contains(r.URL.Path, "/blobs/"):
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
		default:
			handler.ServeHTTP(w, r)
		}
	}))
	defer s.Close()
	_, err := fetch(newTestCache(t, registryConfig(t, s, "dXNlcjpwYXNz")), host(s)+"/charts", "web", "1.0.0")
	require.NoError(t, err)
	require.Equal(t, []string{""}, sent)
}

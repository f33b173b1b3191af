package chart

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// listOne lists what a repository or registry has of the chart web.
func listOne(t testing.TB, repository string, change ...func(*Options)) Listing {
	t.Helper()
	return newTestCache(t, change...).List(t.Context(), []Reference{{RepoURL: repository, Name: "web"}}, nothing)[0]
}

// answering returns a server that answers everything in one way, and how often it was asked.
func answering(t testing.TB, answer http.HandlerFunc) (s *httptest.Server, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s, asked
}

// TestListingsOfServersThatRefuse: the same is said of repositories and of registries, with what can be done.
func TestListingsOfServersThatRefuse(t *testing.T) {
	for code, test := range map[int]struct {
		tries   int32
		message string
	}{
		http.StatusUnauthorized: {1, ": the server answered 401 Unauthorized; credentials come from Helm's"},
		http.StatusTooManyRequests: {1, ": the server answered 429 Too Many Requests, and asks to wait 24h0m0s; " +
			"try again later; with --offline, what was fetched before is used"},
		http.StatusInternalServerError: {3, " (tried 3 times): the server answered 500 Internal Server Error; " +
			"try again later"},
	} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			s, asked := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "86400")
				w.WriteHeader(code)
				_, _ = w.Write([]byte(`{"errors": [{"code": "X", "message": "said by the server"}]}`))
			})
			for url, what := range map[string]string{s.URL: "index.yaml", "oci://" + host(s) + "/charts": "its tags"} {
				asked.Store(0)
				l := listOne(t, url)
				requireOneLine(t, l.Err, what+test.message)
				require.NotContains(t, l.Err.Error(), "said by the server")
				require.Equal(t, test.tries, asked.Load())
				require.Empty(t, l.Versions)
			}
		})
	}
}

// TestListingsElsewhere: credentials follow neither a redirect, nor the question for them by the server behind it.
func TestListingsElsewhere(t *testing.T) {
	for _, challenge := range []bool{false, true} {
		sent := make(chan string, 100)
		elsewhere, _ := answering(t, func(w http.ResponseWriter, r *http.Request) {
			sent <- r.Header.Get("Authorization")
			switch {
			case challenge:
				w.Header().Set("WWW-Authenticate", `Basic realm="charts"`)
				w.WriteHeader(http.StatusUnauthorized)
			case strings.HasSuffix(r.URL.Path, "/list"):
				_, _ = w.Write([]byte(`{"name": "charts/web", "tags": ["1.0.0"]}`))
			default:
				_, _ = w.Write([]byte("apiVersion: v1\nentries: {web: [{name: web, version: 1.0.0, urls: [web.tgz]}]}"))
			}
		})
		s, _ := answering(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != basicUserPassword {
				w.Header().Set("WWW-Authenticate", `Basic realm="charts"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			http.Redirect(w, r, elsewhere.URL+r.URL.Path+"?signature=hunter2", http.StatusFound)
		})
		for url, change := range map[string]func(*Options){
			s.URL:                          repositoriesYAML(t, s.URL, "username: user, password: pass"),
			"oci://" + host(s) + "/charts": registryConfig(t, s, "dXNlcjpwYXNz"),
		} {
			l := listOne(t, url, change)
			require.Empty(t, <-sent)
			require.Empty(t, sent)
			if challenge {
				requireOneLine(t, l.Err, "the server answered 401 Unauthorized")
				require.NotContains(t, l.Err.Error(), "hunter2")
				continue
			}
			require.NoError(t, l.Err)
			require.Equal(t, "1.0.0", l.Versions[0].Version)
		}
	}
}

// TestSecretsOfRedirects: the next server sees neither the query of the URL before nor the token that is exchanged.
func TestSecretsOfRedirects(t *testing.T) {
	var seen strings.Builder
	var lock sync.Mutex
	elsewhere, asked := answering(t, func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		require.NoError(t, r.Write(&seen))
		w.WriteHeader(http.StatusNotFound)
	})
	var own *httptest.Server
	own, _ = answering(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v2/") {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token",service="charts"`, own.URL))
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	file := writeFile(t, t.TempDir(), "config.json",
		fmt.Sprintf(`{"auths": {%q: {"auth": "dXNlcjo=", "identitytoken": "hunter2"}}}`, host(own)))

	requireOneLine(t, listOne(t, own.URL+"?token=hunter2").Err, "index.yaml: the server answered 404 Not Found")
	require.EqualValues(t, 1, asked.Load())
	l := listOne(t, host(own)+"/charts", func(o *Options) { o.RegistryConfig = file })
	requireOneLine(t, l.Err, ": the server redirects credentials to another server, which does not get them")
	require.EqualValues(t, 1, asked.Load())
	require.NotContains(t, seen.String(), "hunter2")
}

// TestRedirectsAreNotRepeated: what a server redirects to may hold a signature.
func TestRedirectsAreNotRepeated(t *testing.T) {
	s, asked := answering(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"?signature=hunter2", http.StatusFound)
	})
	for url, where := range map[string]string{s.URL: s.URL, "oci://" + host(s) + "/charts": "charts"} {
		asked.Store(0)
		l := listOne(t, url)
		requireOneLine(t, l.Err, where, ": the server redirects more than ten times")
		require.NotContains(t, l.Err.Error(), "hunter2")
		require.EqualValues(t, 10, asked.Load())
	}
}

// TestCompressedIndex: nothing unpacks what may be a bomb.
func TestCompressedIndex(t *testing.T) {
	var data bytes.Buffer
	zipped := gzip.NewWriter(&data)
	for range 64 {
		_, err := zipped.Write(make([]byte, 1<<20))
		require.NoError(t, err)
	}
	require.NoError(t, zipped.Close())
	s, asked := answering(t, func(w http.ResponseWriter, r *http.Request) {
		require.Empty(t, r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(data.Bytes())
	})
	requireOneLine(t, listOne(t, s.URL).Err, "chart repository "+s.URL+": its index.yaml is compressed by gzip")
	require.EqualValues(t, 1, asked.Load())
	requireOneLine(t, listOne(t, "oci://"+host(s)+"/charts").Err, "its tags: ")
}

// TestIndexOfOneGigabyte: it is not read to its end, whether or not the server says how long it is.
func TestIndexOfOneGigabyte(t *testing.T) {
	const gigabyte = 1 << 30
	for _, announced := range []bool{false, true} {
		var sent atomic.Int64
		s, asked := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			if announced {
				w.Header().Set("Content-Length", strconv.Itoa(gigabyte))
			}
			block := bytes.Repeat([]byte("# more\n"), 1<<17)
			for sent.Load() < gigabyte {
				n, err := w.Write(block)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		})
		requireOneLine(t, listOne(t, s.URL).Err, "chart repository "+s.URL+": the server sends more than 100 MiB")
		require.EqualValues(t, 2, asked.Load()) // with others, and alone
		s.Close()                               // which waits for the handler
		require.Less(t, sent.Load(), int64(gigabyte))
	}
}

// TestLargeIndexes: they are read one after the other, since several do not fit into memory.
func TestLargeIndexes(t *testing.T) {
	const servers = 4
	var together, most atomic.Int32
	var all []Reference
	for range servers {
		s, _ := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			block := bytes.Repeat([]byte("# more\n"), 1<<17)
			write := func(bytes int) bool {
				for sent := 0; sent < bytes; sent += len(block) {
					if _, err := w.Write(block); err != nil {
						return false
					}
				}
				return true
			}
			if !write(64 << 20) { // more than fits into what is between client and server
				return
			}
			now := together.Add(1)
			for before := most.Load(); now > before && !most.CompareAndSwap(before, now); {
				before = most.Load()
			}
			ok := write(26 << 20)
			together.Add(-1)
			if ok {
				write(1 << 30)
			}
		})
		all = append(all, Reference{RepoURL: s.URL, Name: "web"})
	}
	for i, l := range newTestCache(t).List(t.Context(), all, nothing) {
		requireOneLine(t, l.Err, "chart repository "+all[i].RepoURL+": the server sends more than 100 MiB")
	}
	require.EqualValues(t, 1, most.Load())

	text := "apiVersion: v1\nentries: {web: [{name: web, version: 1.0.0, urls: [web.tgz]}]}\n" +
		strings.Repeat("# more\n", 3<<20)
	s, asked := answering(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) })
	l := listOne(t, s.URL)
	require.NoError(t, l.Err)
	require.Len(t, l.Versions, 1)
	require.EqualValues(t, 2, asked.Load())
}

// TestTagsWithoutEnd: pages of tags that do not end, and pages and tags that are too long.
func TestTagsWithoutEnd(t *testing.T) {
	for name, test := range map[string]struct {
		page    func(w http.ResponseWriter, n int)
		message string
		pages   int32
	}{
		"empty pages": {func(w http.ResponseWriter, _ int) { _, _ = w.Write([]byte(`{"tags": []}`)) },
			"the registry has more than 1000 pages of tags of it, which is the most that is accepted", 1000},
		"many tags": {func(w http.ResponseWriter, n int) {
			fmt.Fprintf(w, `{"tags": [%s"1.0.%d"]}`, strings.Repeat(`"latest",`, 9_999), n)
		}, "the registry has more than 100000 tags of it", 11},
		"a long page": {func(w http.ResponseWriter, _ int) {
			fmt.Fprintf(w, `{"tags": ["%s"]}`, strings.Repeat("x", 5<<20))
		}, "its tags: the server sends more than 4 MiB at once, which is the most that is accepted", 1},
		"a page that breaks off": {func(w http.ResponseWriter, _ int) { _, _ = w.Write([]byte(`{"tags": ["1.0.0"`)) },
			"its tags (tried 3 times): the connection broke off", 3},
		"the next page elsewhere": {func(w http.ResponseWriter, _ int) {
			w.Header().Set("Link", `<http://charts.example/v2/charts/web/tags/list?signature=hunter2>; rel="next"`)
			_, _ = w.Write([]byte(`{"tags": ["1.0.0"]}`))
		}, `its tags: invalid next link "http://charts.example/v2/charts/web/tags/list": not the same origin`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			pages := atomic.Int32{}
			s, _ := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				n := int(pages.Add(1))
				w.Header().Set("Link", fmt.Sprintf(`</v2/charts/web/tags/list?last=%d>; rel="next"`, n))
				test.page(w, n)
			})
			l := listOne(t, host(s)+"/charts")
			requireOneLine(t, l.Err, test.message)
			require.NotContains(t, l.Err.Error(), "hunter2")
			require.Equal(t, test.pages, pages.Load())
		})
	}
}

// TestTagsThatAreTooLong are none.
func TestTagsThatAreTooLong(t *testing.T) {
	s, _ := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"tags": ["1.0.0-%s", "1.0.0"]}`, strings.Repeat("x", 200))
	})
	l := listOne(t, host(s)+"/charts")
	require.NoError(t, l.Err)
	require.Equal(t, []Version{{Version: "1.0.0"}}, l.Versions)
}

// TestVersionsThatCannotBeDescribed: the versions are known all the same.
func TestVersionsThatCannotBeDescribed(t *testing.T) {
	handler := registryHandler()
	push(t, handler, "web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	for name, test := range map[string]struct {
		path    string
		answer  func(w http.ResponseWriter, body []byte)
		message string
	}{
		"a long manifest": {"/manifests/", func(w http.ResponseWriter, _ []byte) {
			w.Header().Set("Content-Length", strconv.Itoa(1<<30))
			_, _ = w.Write(bytes.Repeat([]byte(" "), 5<<20))
		}, "its manifest is larger than 4 MiB"},
		"a long Chart.yaml": {"/manifests/", func(w http.ResponseWriter, body []byte) {
			w.Header().Del("Docker-Content-Digest")
			w.Header().Del("Content-Length")
			_, _ = w.Write(regexp.MustCompile(`("config":[^}]*"size":)\d+`).ReplaceAll(body, []byte("${1}104857600")))
		}, "its Chart.yaml is larger than 4 MiB"},
		"another Chart.yaml": {"/blobs/", func(w http.ResponseWriter, body []byte) {
			_, _ = w.Write(bytes.Repeat([]byte("x"), len(body)))
		}, "its Chart.yaml: what the registry sent does not have the digest that it promised"},
		"a Chart.yaml without end": {"/blobs/", func(w http.ResponseWriter, body []byte) {
			w.Header().Del("Content-Length")
			_, _ = w.Write(append(body, bytes.Repeat([]byte(" "), 5<<20)...))
		}, "its Chart.yaml: what the registry sent does not have the size that it promised"},
		"no manifest": {"/manifests/", func(w http.ResponseWriter, _ []byte) {
			w.WriteHeader(http.StatusTooManyRequests)
		},
			"its Chart.yaml (tried 3 times): the server answered 429 Too Many Requests; try again later"},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(tampered(handler, test.path, test.answer))
			defer s.Close()
			l := newTestCache(t).List(t.Context(), []Reference{{RepoURL: host(s) + "/charts", Name: "web"}},
				Wanted{Describe: func(int, Listing) []string { return []string{"1.0.0"} }})[0]
			requireOneLine(t, l.Err, "chart web from oci://"+host(s)+"/charts: ", test.message)
			require.Equal(t, []Version{{Version: "1.0.0"}}, l.Versions)
		})
	}
}

package chart

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/chart/network"
)

func TestFetchFromRepository(t *testing.T) {
	s := newChartServer(t)
	s.add("web", "1.2.3", pack(t, chartFiles("web", "1.2.3").with("charts/db/Chart.yaml",
		"apiVersion: v2\nname: db\nversion: 0.1.0\n")))

	ch, err := fetch(newTestCache(t), s.URL+"/", "web", "1.2.3")
	require.NoError(t, err)
	require.Equal(t, "web", ch.Name())
	require.Equal(t, "1.2.3", ch.Metadata.Version)
	require.Equal(t, float64(1), ch.Values["replicas"])
	require.Len(t, ch.Templates, 1)
	require.Len(t, ch.Dependencies(), 1)
}

func TestEachFetchGivesAChartOfItsOwn(t *testing.T) {
	s := newChartServer(t)
	s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0").
		with("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: db, version: 1.x, "+
			"import-values: [{child: a, parent: b}]}]\n").
		with("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n")))
	c := newTestCache(t)
	first, err := fetch(c, s.URL, "web", "1.0.0")
	require.NoError(t, err)

	first.Values["nested"].(map[string]any)["list"] = nil
	first.Metadata.Dependencies[0].Enabled = true
	first.Metadata.Dependencies[0].ImportValues[0].(map[string]any)["child"] = "changed"
	first.Dependencies()[0].Metadata.Name = "changed"
	first.SetDependencies()
	first.Templates = nil

	second, err := fetch(c, s.URL, "web", "1.0.0")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"list": []any{"a", "b"}}, second.Values["nested"])
	require.False(t, second.Metadata.Dependencies[0].Enabled)
	require.Equal(t, []any{map[string]any{"child": "a", "parent": "b"}}, second.Metadata.Dependencies[0].ImportValues)
	require.Len(t, second.Templates, 1)
	require.Len(t, second.Dependencies(), 1)
	require.Equal(t, "db", second.Dependencies()[0].Name())
	require.Same(t, second, second.Dependencies()[0].Parent())
	require.Equal(t, 1, s.hitsOf("/web-1.0.0.tgz"))
}

func TestVersionsAndRanges(t *testing.T) {
	s := newChartServer(t)
	for _, version := range []string{"1.2.3", "1.10.0", "2.0.0-rc.1", "v0.9.0", "1.2.10"} {
		s.add("web", version, pack(t, chartFiles("web", version)))
	}
	c := newTestCache(t)
	for wanted, got := range map[string]string{
		"": "1.10.0", "*": "1.10.0", "1.x": "1.10.0", "^1.2": "1.10.0", "~1.2.0": "1.2.10", "1.2": "1.2.10",
		"<1":    "v0.9.0",
		"1.2.3": "1.2.3", "v1.2.3": "1.2.3", "0.9.0": "v0.9.0", ">=2.0.0-0": "2.0.0-rc.1", "2.0.0-rc.1": "2.0.0-rc.1",
		">=1.2.3 <1.10.0": "1.2.10", "1.2.3 || 1.2.10": "1.2.10",
	} {
		ch, err := fetch(c, s.URL, "web", wanted)
		require.NoError(t, err, wanted)
		require.Equal(t, got, ch.Metadata.Version, wanted)
	}
	require.Equal(t, 1, s.hitsOf("/index.yaml"))

	_, err := fetch(c, s.URL, "web", "3.x")
	requireOneLine(t, err, "chart web 3.x from "+s.URL+": the repository has no such version; check the version")
	_, err = fetch(c, s.URL, "wep", "1.2.3")
	requireOneLine(t, err, "chart wep 1.2.3 from "+s.URL+": the repository has no such chart; check the name")
	_, err = fetch(c, s.URL, "web", "newest")
	requireOneLine(t, err, "no version or version range", "newest")
}

func TestNetworkFailures(t *testing.T) {
	for name, test := range map[string]struct {
		answer  func(w http.ResponseWriter, try int) bool // of the archive; true: answered
		tries   int
		message string // none: it succeeds in the end
	}{
		"500 then OK": {func(w http.ResponseWriter, try int) bool {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}, 3, "its archive (tried 3 times): the server answered 500 Internal Server Error"},
		"500, 429, OK": {func(w http.ResponseWriter, try int) bool {
			if try == 3 {
				return false
			}
			w.WriteHeader(map[int]int{1: http.StatusInternalServerError, 2: http.StatusTooManyRequests}[try])
			return true
		}, 3, ""},
		"404": {func(w http.ResponseWriter, _ int) bool {
			w.WriteHeader(http.StatusNotFound)
			return true
		}, 1, "its archive: the server answered 404 Not Found; check repository, name and version"},
		"401": {func(w http.ResponseWriter, _ int) bool {
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}, 1, "its archive: the server answered 401 Unauthorized; credentials come from Helm's"},
		"403": {func(w http.ResponseWriter, _ int) bool {
			w.WriteHeader(http.StatusForbidden)
			return true
		}, 1, "the server answered 403 Forbidden"},
		"broken in the middle": {func(w http.ResponseWriter, _ int) bool {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("half"))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, 3, "its archive (tried 3 times): the connection broke off"},
		"broken once": {func(w http.ResponseWriter, try int) bool {
			if try == 1 {
				panic(http.ErrAbortHandler)
			}
			return false
		}, 2, ""},
		"slow": {func(w http.ResponseWriter, _ int) bool {
			w.WriteHeader(http.StatusOK)
			for { // until the client goes away
				if _, err := w.Write([]byte("x")); err != nil {
					return true
				}
				_ = http.NewResponseController(w).Flush()
				time.Sleep(5 * time.Millisecond)
			}
		}, 3, "its archive (tried 3 times): there was no complete answer within 100ms"},
		"endless": {func(w http.ResponseWriter, _ int) bool {
			block := make([]byte, 1<<20)
			for range 101 {
				_, _ = w.Write(block)
			}
			return true
		}, 1, "the server sends more than 100 MiB"},
		"announced to be too long": {func(w http.ResponseWriter, _ int) bool {
			w.Header().Set("Content-Length", "104857601")
			return true
		}, 1, "the server sends more than 100 MiB"},
		"redirect to a file": {func(w http.ResponseWriter, _ int) bool {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
			return true
		}, 1, `the server redirects to the scheme "file"`},
		"redirect in a circle": {func(w http.ResponseWriter, _ int) bool {
			w.Header().Set("Location", "/web-1.0.0.tgz")
			w.WriteHeader(http.StatusFound)
			return true
		}, 10, "the server redirects more than ten times"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newChartServer(t)
			s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
			var tries atomic.Int32
			s.before = func(w http.ResponseWriter, r *http.Request) bool {
				return r.URL.Path != "/index.yaml" && test.answer(w, int(tries.Add(1)))
			}
			s.Config.ErrorLog = nil
			c := newTestCache(t)
			if name == "slow" {
				_, err := fetch(c, s.URL, "none", "1.0.0") // so that the index is there, however slow the machine is
				requireOneLine(t, err, "the repository has no such chart")
				c.sources = network.New(network.Options{Timeout: 100 * time.Millisecond, Pause: time.Millisecond})
			}
			_, err := fetch(c, s.URL, "web", "1.0.0")
			if test.message == "" {
				require.NoError(t, err)
			} else {
				requireOneLine(t, err, "chart web 1.0.0 from "+s.URL+": ", test.message)
				_, again := fetch(c, s.URL, "web", "1.0.0")
				require.Equal(t, err, again, "a failure is remembered")
			}
			if name == "slow" {
				require.LessOrEqual(t, int(tries.Load()), test.tries, "one may end before it arrives")
				return
			}
			require.EqualValues(t, test.tries, tries.Load())
		})
	}
}

func TestNobodyListens(t *testing.T) {
	s := newChartServer(t)
	s.Close()
	_, err := fetch(newTestCache(t), s.URL, "web", "1.0.0")
	requireOneLine(t, err, "index.yaml (tried 3 times): ", "connection refused")
}

func TestCancelledFetchIsNotRemembered(t *testing.T) {
	s := newChartServer(t)
	s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	ctx, cancel := context.WithCancel(context.Background())
	s.before = func(http.ResponseWriter, *http.Request) bool {
		cancel()
		return false
	}
	c := newTestCache(t)
	cancelled, stop := context.WithCancel(ctx)
	stop()
	_, err := c.Fetch(cancelled, Reference{s.URL, "web", "1.0.0"})
	require.ErrorIs(t, err, context.Canceled)

	_, err = fetch(c, s.URL, "web", "1.0.0")
	require.NoError(t, err)
}

func TestIndexThatIsNone(t *testing.T) {
	for _, index := range []string{"", "\x00", "{", "[]", "<html>404</html>", "entries: {}",
		"entries: 1\napiVersion: v1",
		"apiVersion: v1\nentries: {web: [null, {}, {version: x}]}"} {
		s := newChartServer(t)
		s.before = func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write([]byte(index))
			return true
		}
		_, err := fetch(newTestCache(t), s.URL, "web", "1.0.0")
		require.Regexp(t, `^chart web 1\.0\.0 from http://127[^ ]+: (its index.yaml is no index|the repository has no such chart)`, err.Error())
	}
}

func TestIndexAndArchiveMustAgree(t *testing.T) {
	data := pack(t, chartFiles("web", "1.0.0"))
	for name, test := range map[string]struct {
		prepare func(s *chartServer)
		message string
	}{
		"digest": {func(s *chartServer) {
			s.addLink("web", "1.0.0", "web.tgz", strings.Repeat("0", 64))
		}, "its archive has the digest sha256:" + digestOf(data) + ", but the index says sha256:" + strings.Repeat("0",
			64) + "; "},
		"name": {func(s *chartServer) {
			s.addLink("web", "1.0.0", "web.tgz", "")
			s.archives["/web.tgz"] = pack(t, chartFiles("other", "1.0.0"))
		}, "is other 1.0.0 according to the Chart.yaml of its archive, and not web 1.0.0"},
		"version": {func(s *chartServer) { s.addLink("web", "1.0.1", "web.tgz", "") }, "and not web 1.0.1"},
		"no URL": {func(s *chartServer) { s.entries["web"] = []map[string]any{{"name": "web", "version": "1.0.0"}} },
			"has no URL for version 1.0.0"},
		"other scheme": {func(s *chartServer) { s.addLink("web", "1.0.0", "file:///web.tgz", "") }, `unknown scheme "file"`},
		"bad URL":      {func(s *chartServer) { s.addLink("web", "1.0.0", "http://[::1", "") }, "malformed URL"},
		"bad archive": {func(s *chartServer) {
			s.addLink("web", "1.0.0", "web.tgz", "")
			s.archives["/web.tgz"] = []byte("<html>not found</html>")
		}, "the archive is not the .tgz of a chart"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newChartServer(t)
			s.archives["/web.tgz"] = data
			test.prepare(s)
			c := newTestCache(t)
			_, err := fetch(c, s.URL, "web", "*")
			requireOneLine(t, err, "chart web * from "+s.URL+": ", test.message)
			require.NoDirExists(t, c.options.Dir+"/archives", "what is wrong is not kept")
		})
	}
}

func TestDigestOfIndexWithPrefix(t *testing.T) {
	s := newChartServer(t)
	data := pack(t, chartFiles("web", "1.0.0"))
	s.addLink("web", "1.0.0", s.URL+"/absolute/web.tgz", "sha256:"+strings.ToUpper(digestOf(data)))
	s.archives["/absolute/web.tgz"] = data
	_, err := fetch(newTestCache(t), s.URL, "web", "1.0.0")
	require.NoError(t, err)
}

// repositoriesYAML writes a repositories.yaml with one entry.
func repositoriesYAML(t *testing.T, url, more string) func(*Options) {
	file := writeFile(t, t.TempDir(), "repositories.yaml",
		fmt.Sprintf("apiVersion: v1\nrepositories:\n- {name: own, url: %q, %s}\n", url, more))
	return func(o *Options) { o.RepositoryConfig = file }
}

const basicUserPassword = "Basic dXNlcjpwYXNz" // user:pass

func TestCredentialsGoToTheRepositoryAlone(t *testing.T) {
	const user = "username: user, password: pass"
	// The other host is the same address at another port, for which the standard library would keep the header.
	for name, test := range map[string]struct {
		more     string
		redirect bool // else a link of the index
		want     string
	}{
		"redirect":                              {user, true, ""},
		"link":                                  {user, false, ""},
		"redirect with pass_credentials_all":    {user + ", pass_credentials_all: true", true, ""},
		"link with pass_credentials_all":        {user + ", pass_credentials_all: true", false, basicUserPassword},
		"a user without a password is not sent": {"username: user", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			other, own := newChartServer(t), newChartServer(t)
			data := pack(t, chartFiles("web", "1.0.0"))
			other.archives["/web.tgz"] = data
			own.addLink("web", "1.0.0", own.URL+"/moved.tgz", digestOf(data))
			if !test.redirect {
				own.entries["web"][0]["urls"] = []string{other.URL + "/web.tgz"}
			}
			own.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/moved.tgz" {
					http.Redirect(w, r, other.URL+"/web.tgz", http.StatusFound)
				}
				return r.URL.Path == "/moved.tgz"
			}
			_, err := fetch(newTestCache(t, repositoriesYAML(t, own.URL+"/", test.more)), own.URL, "web", "1.0.0")
			require.NoError(t, err)
			require.Equal(t, []string{test.want}, other.authorizations())
			want := basicUserPassword
			if test.more == "username: user" {
				want = ""
			}
			for _, sent := range own.authorizations() {
				require.Equal(t, want, sent)
			}
		})
	}
}

func TestBasicAuthentication(t *testing.T) {
	s := newChartServer(t)
	s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == basicUserPassword {
			return false
		}
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	_, err := fetch(newTestCache(t, repositoriesYAML(t, s.URL, "username: user, password: pass")), s.URL, "web",
		"1.0.0")
	require.NoError(t, err)
	for _, config := range []func(*Options){
		repositoriesYAML(t, s.URL, "username: user, password: wrong"),
		repositoriesYAML(t, s.URL+"/below", "username: user, password: pass"),
		func(*Options) {},
	} {
		_, err = fetch(newTestCache(t, config), s.URL, "web", "1.0.0")
		requireOneLine(t, err, "index.yaml: the server answered 401 Unauthorized; credentials come from")
	}
}

package chart

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExactVersionsNeedNoNetworkOnceCached(t *testing.T) {
	s := newChartServer(t)
	s.add("web", "1.2.3", pack(t, chartFiles("web", "1.2.3")))
	s.add("web", "v1.5.0", pack(t, chartFiles("web", "1.5.0")))
	dir := newTestCache(t).options.Dir
	for _, version := range []string{"1.2.3", "1.5.0"} {
		_, err := fetch(newTestCache(t, inDirectory(dir)), s.URL, "web", version)
		require.NoError(t, err)
	}
	s.Close()

	for _, options := range [][]func(*Options){{inDirectory(dir)}, {inDirectory(dir), offline}} {
		for _, version := range []string{"1.2.3", "1.5.0"} {
			ch, err := fetch(newTestCache(t, options...), s.URL, "web", version)
			require.NoError(t, err)
			require.Equal(t, version, ch.Metadata.Version)
		}
	}
	for wanted, got := range map[string]string{"1.2.x": "1.2.3", "*": "1.5.0", "": "1.5.0"} {
		ch, err := fetch(newTestCache(t, inDirectory(dir), offline), s.URL, "web", wanted)
		require.NoError(t, err)
		require.Equal(t, got, ch.Metadata.Version)
	}
}

func TestOfflineMiss(t *testing.T) {
	s := newChartServer(t)
	c := newTestCache(t, offline)
	for _, version := range []string{"1.2.3", "1.x"} {
		for _, url := range []string{s.URL, host(s.Server)} {
			_, err := fetch(c, url, "web", version)
			requireOneLine(t, err, "chart web "+version+" from ",
				"in the cache, and nothing is fetched while offline; run once without --offline")
		}
	}
	require.Empty(t, s.hits)
	require.NoDirExists(t, c.options.Dir)
}

func TestDamagedCache(t *testing.T) {
	s := newChartServer(t)
	s.add("web", "1.2.3", pack(t, chartFiles("web", "1.2.3")))
	damage := map[string]struct {
		glob    string
		change  func(file string) error
		message string
	}{
		"truncated archive": {"archives/*", func(f string) error { return os.Truncate(f, 20) },
			"any more: its archive was damaged"},
		"changed archive": {"archives/*", func(f string) error { return os.WriteFile(f, []byte("x"), 0o600) },
			"its archive was damaged"},
		"missing archive": {"archives/*", os.Remove, "it is not in the cache"},
		"truncated stamp": {"versions/*/*", func(f string) error { return os.Truncate(f, 5) },
			"it is not in the cache"},
		"stamp that leads out of the directory": {"versions/*/*", func(f string) error {
			return os.WriteFile(f, []byte(`{"version": "1.2.3", "digest": "../../secret"}`), 0o600)
		}, "it is not in the cache"},
	}
	for name, test := range damage {
		t.Run(name, func(t *testing.T) {
			dir := newTestCache(t).options.Dir
			_, err := fetch(newTestCache(t, inDirectory(dir)), s.URL, "web", "1.2.3")
			require.NoError(t, err)
			found, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(test.glob)))
			require.NoError(t, err)
			require.Len(t, found, 1)
			require.NoError(t, test.change(found[0]))
			before := s.hitsOf("/web-1.2.3.tgz")

			_, err = fetch(newTestCache(t, inDirectory(dir), offline), s.URL, "web", "1.2.3")
			requireOneLine(t, err, test.message, "run once without --offline")
			for range 2 {
				_, err = fetch(newTestCache(t, inDirectory(dir)), s.URL, "web", "1.2.3")
				require.NoError(t, err)
			}
			require.Equal(t, before+1, s.hitsOf("/web-1.2.3.tgz"), "fetched again, once")
			_, err = fetch(newTestCache(t, inDirectory(dir), offline), s.URL, "web", "1.2.3")
			require.NoError(t, err)
		})
	}
}

// TestDirectoriesInThePlaceOfEntries: they are replaced, and what is fetched is kept.
func TestDirectoriesInThePlaceOfEntries(t *testing.T) {
	s := newChartServer(t)
	s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	dir := filepath.Join(t.TempDir(), "cache")
	_, err := fetch(newTestCache(t, inDirectory(dir)), s.URL, "web", "1.0.0")
	require.NoError(t, err)
	entries := 0
	require.NoError(t, filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		entries++
		require.NoError(t, os.Remove(file))
		writeFile(t, file, "below/file", "text")
		return filepath.SkipDir
	}))
	require.NotZero(t, entries)
	for _, offlineToo := range [][]func(*Options){{inDirectory(dir)}, {inDirectory(dir), offline}} {
		_, err = fetch(newTestCache(t, offlineToo...), s.URL, "web", "1.0.0")
		require.NoError(t, err)
	}
}

func TestRangeSeesThatAVersionWasReplaced(t *testing.T) {
	s := newChartServer(t)
	s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	dir := newTestCache(t).options.Dir
	_, err := fetch(newTestCache(t, inDirectory(dir)), s.URL, "web", "1.x")
	require.NoError(t, err)
	_, err = fetch(newTestCache(t, inDirectory(dir)), s.URL, "web", "1.x")
	require.NoError(t, err)
	require.Equal(t, 1, s.hitsOf("/web-1.0.0.tgz"))

	s.entries = map[string][]map[string]any{}
	s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0").with("values.yaml", "replicas: 2")))
	ch, err := fetch(newTestCache(t, inDirectory(dir)), s.URL, "web", "1.x")
	require.NoError(t, err)
	require.Equal(t, float64(2), ch.Values["replicas"])
}

func TestCacheDirectory(t *testing.T) {
	s := newChartServer(t)
	s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	c := newTestCache(t)
	require.NoDirExists(t, c.options.Dir, "created when first needed")
	_, err := fetch(c, s.URL, "web", "1.0.0")
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(c.options.Dir, func(file string, e fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := e.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, file)
		require.Regexp(t, `^(cache|archives|versions|locks|[0-9a-f]{64})$`, e.Name(), "no names of the input, nothing left over")
		return nil
	}))

	file := writeFile(t, t.TempDir(), "file", "")
	_, err = fetch(newTestCache(t, inDirectory(file)), s.URL, "web", "1.0.0")
	requireOneLine(t, err, "the cache directory cannot be used: ", "choose a directory that can be written")
	_, err = fetch(newTestCache(t, inDirectory("")), s.URL, "web", "1.0.0")
	requireOneLine(t, err, "no cache directory is given; name one with --cache-dir")
}

func TestManyFetchOnce(t *testing.T) {
	handler := registryHandler()
	push(t, handler, "web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	registry := newChartServer(t)
	registry.before = func(w http.ResponseWriter, r *http.Request) bool { handler.ServeHTTP(w, r); return true }
	s := newChartServer(t)
	s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	dir := newTestCache(t).options.Dir
	shared := newTestCache(t, inDirectory(dir))

	var group sync.WaitGroup
	for i := range 40 {
		c := shared
		if i%2 == 0 {
			c = newTestCache(t, inDirectory(dir)) // as good as another process
		}
		for _, url := range []string{s.URL, host(registry.Server) + "/charts"} {
			group.Go(func() {
				_, err := fetch(c, url, "web", "1.0.0")
				require.NoError(t, err)
			})
		}
	}
	group.Wait()
	require.Equal(t, 1, s.hitsOf("/web-1.0.0.tgz"))
	require.Equal(t, 1, s.hitsOf("/index.yaml"))
	blobs := 0
	for path, n := range registry.hits {
		if strings.Contains(path, "/blobs/") {
			blobs += n
		}
	}
	require.Equal(t, 1, blobs)
}

// fetchProcess is the argument with which the test binary fetches a chart and ends.
const fetchProcess = "fetch-a-chart"

func runFetchProcess(args []string) int {
	_, err := New(Options{Dir: args[0]}).Fetch(context.Background(), Reference{args[1], args[2], args[3]})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func TestProcessesFetchOnce(t *testing.T) {
	s := newChartServer(t)
	s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
	dir := newTestCache(t).options.Dir
	binary, err := os.Executable()
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			out, err := exec.Command(binary, fetchProcess, dir, s.URL, "web", "1.0.0").CombinedOutput()
			require.NoError(t, err, string(out))
		})
	}
	group.Wait()
	require.Equal(t, 1, s.hitsOf("/web-1.0.0.tgz"))
}

func TestLockHeldByAProcessThatHangs(t *testing.T) {
	c := newTestCache(t)
	l, err := Reference{"https://charts.example.com", "web", "1.0.0"}.locate()
	require.NoError(t, err)
	unlock, err := c.store.lock(context.Background(), l.id())
	require.NoError(t, err)
	defer unlock()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = c.Fetch(ctx, Reference{"https://charts.example.com", "web", "1.0.0"})
	require.ErrorIs(t, err, context.Canceled)
}

func TestNothingSecretIsSaidOrKept(t *testing.T) {
	const canary = "c4nary"
	var leaks []string
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"works": func(http.ResponseWriter, *http.Request) bool { return false },
		"echo": func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprintf(w, `{"errors": [{"code": "X", "message": "%s %s"}]}`, r.Header.Get("Authorization"), canary)
			return true
		},
		"redirect to nowhere": func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Location", "http://"+canary+":"+canary+"@127.0.0.1:1/?token="+canary)
			w.WriteHeader(http.StatusFound)
			return true
		},
		"redirect that is no URL": func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Location", "http://"+canary+"@[::1/?token="+canary)
			w.WriteHeader(http.StatusFound)
			return true
		},
		"broken": func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
		"challenge": func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+canary+`:x@127.0.0.1:1/token?key=`+canary+`"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		},
	} {
		s := newChartServer(t)
		s.add("web", "1.0.0", pack(t, chartFiles("web", "1.0.0")))
		s.before = answer
		dir := t.TempDir()
		repositories := writeFile(t, dir, "repositories.yaml", fmt.Sprintf(
			"repositories: [{name: own, url: '%s?sig=%s', username: %s, password: %s}]", s.URL, canary, canary, canary))
		config := writeFile(t, dir, "config.json", fmt.Sprintf(
			`{"auths": {%q: {"username": %q, "password": %q}}}`, host(s.Server), canary, canary))
		bad := writeFile(t, dir, "bad", "{"+canary+": [\n: "+canary)
		badAuth := writeFile(t, dir, "bad-auth", fmt.Sprintf(`{"auths": {%q: {"auth": "%s!"}}}`, host(s.Server), canary))
		for _, files := range [][2]string{{repositories, config}, {bad, bad}, {repositories, badAuth}} {
			for _, url := range []string{s.URL + "?sig=" + canary, host(s.Server) + "/charts", "oci://" + canary +
				":x@" + host(s.Server),
				"https://" + canary + "@example.com", "https://" + canary + ":%zz@example.com", host(s.Server) + "/?" +
					canary, "x" + canary + "://[::1"} {
				c := newTestCache(t, func(o *Options) { o.RepositoryConfig, o.RegistryConfig = files[0], files[1] })
				for _, version := range []string{"1.0.0", "*"} {
					if _, err := fetch(c, url, "web", version); err != nil && strings.Contains(err.Error(), canary) {
						leaks = append(leaks, name+" "+url+": "+err.Error())
					}
				}
				_ = filepath.WalkDir(c.options.Dir, func(file string, e fs.DirEntry, err error) error {
					if err == nil && !e.IsDir() {
						data, err := os.ReadFile(file)
						require.NoError(t, err)
						if bytes.Contains(data, []byte(canary)) || strings.Contains(e.Name(), canary) {
							leaks = append(leaks, file)
						}
					}
					return nil
				})
			}
		}
	}
	require.Empty(t, leaks)
}

package chart

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// addEntry publishes a version in the index only, with what it says of itself.
func (s *chartServer) addEntry(name, version, kubeVersion string, deprecated bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries[name] = append(s.entries[name], map[string]any{"apiVersion": "v2", "name": name, "version": version,
		"kubeVersion": kubeVersion, "deprecated": deprecated, "urls": []string{name + ".tgz"}})
}

func described(version, kubeVersion string, deprecated bool) Version {
	return Version{Version: version, KubeVersion: kubeVersion, Deprecated: deprecated, Described: true}
}

var nothing = Wanted{Describe: func(int, Listing) []string { return nil }}

func TestListingOfARepository(t *testing.T) {
	s := newChartServer(t)
	s.addEntry("web", "1.2.0", ">=1.25.0-0", false)
	s.addEntry("web", "v1.10.0", ">=1.28.0-0", false)
	s.addEntry("web", "2.0.0-rc.1", "", false)
	s.addEntry("old", "0.1.0", "", true)
	all := []Reference{{RepoURL: s.URL, Name: "web", Version: "1.2.0"}, {RepoURL: s.URL + "/", Name: "old"},
		{RepoURL: s.URL, Name: "none"}}
	c := newTestCache(t)
	online := c.List(t.Context(), all, nothing)
	require.Equal(t, 1, s.hitsOf("/index.yaml"))
	require.NoError(t, online[0].Err)
	require.Equal(t, s.URL, online[0].Repository)
	require.Equal(t, []Version{described("2.0.0-rc.1", "", false), described("v1.10.0", ">=1.28.0-0", false),
		described("1.2.0", ">=1.25.0-0", false)}, online[0].Versions)
	require.Equal(t, []Version{described("0.1.0", "", true)}, online[1].Versions)
	requireOneLine(t, online[2].Err, "chart none from "+s.URL+": the repository has no such chart; check the name")
	s.Close()

	again := newTestCache(t, inDirectory(c.options.Dir), offline).List(t.Context(), all, nothing)
	require.Zero(t, online[0].Kept)
	for i := range again[:2] {
		require.WithinDuration(t, time.Now(), again[i].Kept, time.Hour)
		again[i].Kept = time.Time{}
	}
	require.Equal(t, online[:2], again[:2])
	requireOneLine(t, again[2].Err, "chart none from ",
		"is not in the cache, and nothing is fetched while offline; run once")
	require.ErrorIs(t, again[2].Err, ErrOffline)

	failed := newTestCache(t, inDirectory(c.options.Dir)).List(t.Context(), all, nothing)
	requireOneLine(t, failed[0].Err, "chart repository "+s.URL+": index.yaml (tried 3 times): ")
	require.Same(t, failed[0].Err, failed[1].Err)
	require.Empty(t, failed[0].Versions) // and not those of the cache, which may be old
}

func TestListingOfARegistry(t *testing.T) {
	handler := registryHandler()
	for version, more := range map[string]string{"1.0.0": "kubeVersion: '>=1.25'\n", "1.1.0+b": "deprecated: true\n",
		"2.0.0": ""} {
		files := chartFiles("web", version)
		push(t, handler, "web", version, pack(t, files.with("Chart.yaml", files["Chart.yaml"]+more)))
	}
	var hits, manifests atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/tags/list"):
			hits.Add(1)
		case strings.Contains(r.URL.Path, "/manifests/"):
			manifests.Add(1)
		}
		handler.ServeHTTP(w, r)
	}))
	defer s.Close()
	first := Wanted{Describe: func(int, Listing) []string { return []string{"1.0.0", "1.1.0+b"} }}
	want := []Version{{Version: "2.0.0"}, described("1.1.0+b", "", true), described("1.0.0", ">=1.25", false)}
	c := newTestCache(t)
	all := []Reference{{RepoURL: host(s) + "/charts", Name: "web"}, {RepoURL: "oci://" + host(s) + "/charts/web",
		Version: "1.0.0"}}
	for range 2 {
		for _, l := range newTestCache(t, inDirectory(c.options.Dir)).List(t.Context(), all, first) {
			require.NoError(t, l.Err)
			require.Equal(t, want, l.Versions)
		}
	}
	require.EqualValues(t, 2, manifests.Load()) // the second time, that is known
	for _, l := range newTestCache(t, inDirectory(c.options.Dir), offline).List(t.Context(), all, first) {
		require.NoError(t, l.Err)
		require.Equal(t, want, l.Versions)
	}
	l := c.List(t.Context(), []Reference{{RepoURL: host(s) + "/charts", Name: "none"}}, first)[0]
	requireOneLine(t, l.Err, "chart none from oci://"+host(s)+"/charts: its tags: the server answered 404 Not Found")
}

// TestArtifactsThatAreNoCharts are listed, and say nothing of themselves.
func TestArtifactsThatAreNoCharts(t *testing.T) {
	handler := registryHandler()
	put(t, handler,
		"/v2/files/blobs/uploads/1?digest=sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
		"application/octet-stream", []byte("{}"))
	put(t, handler, "/v2/files/manifests/1.0.0", "application/vnd.oci.image.manifest.v1+json",
		[]byte(`{"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.empty.v1+json", "size": 2, "digest": `+
			`"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}, "layers": []}`))
	s := httptest.NewServer(handler)
	defer s.Close()
	l := newTestCache(t).List(t.Context(), []Reference{{RepoURL: "oci://" + host(s) + "/files"}},
		Wanted{Describe: func(int, Listing) []string { return []string{"1.0.0"} }})[0]
	require.NoError(t, l.Err)
	require.Equal(t, []Version{described("1.0.0", "", false)}, l.Versions)
}

func TestListingsThatAreRefused(t *testing.T) {
	s := newChartServer(t)
	s.addEntry("web", "1.0.0", "", false)
	for message, test := range map[string]struct {
		change func(*Options)
		of     Reference
	}{
		"nothing may be fetched from there": {func(o *Options) { o.Allowed = []string{"https://charts.example.com"} },
			Reference{RepoURL: s.URL, Name: "web"}},
		"has credentials in it": {func(*Options) {}, Reference{RepoURL: "https://user:hunter2@charts.example.com",
			Name: "web"}},
		"chart of an artifact: it is not the name of a repository in a registry": {func(*Options) {},
			Reference{RepoURL: "oci://charts.example.com/Web"}},
		"no cache directory is given": {inDirectory(""), Reference{RepoURL: s.URL, Name: "web"}},
		"the cache directory cannot be used": {inDirectory(writeFile(t, t.TempDir(), "file", "")),
			Reference{RepoURL: s.URL, Name: "web"}},
	} {
		l := newTestCache(t, test.change).List(t.Context(), []Reference{test.of}, nothing)[0]
		requireOneLine(t, l.Err, message)
		require.NotContains(t, l.Err.Error(), "hunter2")
	}
}

func TestBoundsOfListings(t *testing.T) {
	s := newChartServer(t)
	for i := range mostListed + 10 {
		s.addEntry("web", fmt.Sprintf("1.0.%d", i), strings.Repeat(">", listedText), false) // which JSON escapes
	}
	s.addEntry("web", "9.0.0", strings.Repeat("x", 1000), false)
	s.addEntry("web", "9.0.1-"+strings.Repeat("x", 1000), "", false)
	c := newTestCache(t)
	l := c.List(t.Context(), []Reference{{RepoURL: s.URL, Name: "web"}}, nothing)[0]
	require.NoError(t, l.Err)
	require.Len(t, l.Versions, mostListed)
	require.Equal(t, "9.0.0", l.Versions[0].Version)
	require.Len(t, l.Versions[0].KubeVersion, listedText)
	again := newTestCache(t, inDirectory(c.options.Dir), offline).List(t.Context(),
		[]Reference{{RepoURL: s.URL, Name: "web"}}, nothing)[0]
	require.Equal(t, l.Versions, again.Versions)
}

// TestManyPreReleases: they do not take the place of other versions.
func TestManyPreReleases(t *testing.T) {
	var all []Version
	for i := range mostListed + 10 {
		all = append(all, Version{Version: fmt.Sprintf("2.0.0-build.%d", i)})
	}
	all = append(all, Version{Version: "1.0.0"}, Version{Version: "3.0.0"})
	kept := bounded(all)
	require.Len(t, kept, mostListed)
	require.Equal(t, "3.0.0", kept[0].Version)
	require.Equal(t, fmt.Sprintf("2.0.0-build.%d", mostListed+9), kept[1].Version)
	require.Equal(t, "1.0.0", kept[mostListed-1].Version)
}

// TestDescribingOnAndOn: a registry is asked for what else is wanted when more is known, until that is all.
func TestDescribingOnAndOn(t *testing.T) {
	handler := registryHandler()
	for _, version := range []string{"1.0.0", "1.1.0", "2.0.0"} {
		push(t, handler, "web", version, pack(t, chartFiles("web", version)))
	}
	s := httptest.NewServer(handler)
	defer s.Close()
	var told [][2]int
	l := newTestCache(t).List(t.Context(), []Reference{{RepoURL: "oci://" + host(s) + "/charts", Name: "web"}}, Wanted{
		Describe: func(_ int, l Listing) []string {
			for _, v := range l.Versions[:2] {
				if !v.Described {
					return []string{v.Version}
				}
			}
			return []string{"1.1.0", "9.9.9"}
		},
		Progress: func(done, total int) { told = append(told, [2]int{done, total}) },
	})[0]
	require.NoError(t, l.Err)
	require.Equal(t, []Version{described("2.0.0", "", false), described("1.1.0", "", false), {Version: "1.0.0"}},
		l.Versions)
	require.Equal(t, [2]int{0, 1}, told[0])
	require.Equal(t, [2]int{1, 1}, told[len(told)-1])
}

func TestFindInAListing(t *testing.T) {
	repository := Listing{Versions: []Version{{Version: "2.0.0-rc.1"}, {Version: "v1.10.0"}, {Version: "1.2.3"}}}
	registry := repository
	registry.Registry = true
	for _, test := range []struct {
		of      Listing
		version string
		want    string
		has     bool
	}{
		{repository, "1.2.3", "1.2.3", true}, {repository, "v1.2.3", "1.2.3", true}, {repository, "1.10.0", "v1.10.0",
			true},
		{repository, "1.x", "v1.10.0", true}, {repository, "", "v1.10.0", true}, {repository, "1.2", "1.2.3", true},
		{registry, "1.2", "1.2", false}, {repository, "3.0.0", "3.0.0", false}, {repository, "3.x", "", false},
		{repository, ">=2.0.0-0", "2.0.0-rc.1", true}, {repository, "latest", "", false},
	} {
		found, has := test.of.Find(test.version)
		require.Equal(t, test.want, found.Version, test.version)
		require.Equal(t, test.has, has, test.version)
	}
}

// TestDamagedListing is as good as none.
func TestDamagedListing(t *testing.T) {
	for _, text := range []string{"", "{}", "[]", "null", `[{"version": "latest"}]`, `[{"version": 1}]`} {
		_, err := parseListing([]byte(text))
		require.ErrorIs(t, err, errNotStored, text)
	}
	s := newChartServer(t)
	s.addEntry("web", "1.0.0", "", false)
	c := newTestCache(t)
	all := []Reference{{RepoURL: s.URL, Name: "web"}}
	require.NoError(t, c.List(t.Context(), all, nothing)[0].Err)
	found, err := os.ReadDir(at(c.options.Dir, "listings"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	writeFile(t, c.options.Dir, "listings/"+found[0].Name(), "[{")
	require.ErrorIs(t, newTestCache(t, inDirectory(c.options.Dir), offline).List(t.Context(), all, nothing)[0].Err,
		ErrOffline)
}

// FuzzParseListing shows that what a file of the cache says is bounded and sorted, whatever is in it.
func FuzzParseListing(f *testing.F) {
	f.Add([]byte(`[{"version": "1.0.0", "kubeVersion": ">=1.25", "described": true}, {"version": "v2"}, {"version": "x"}]`))
	f.Add([]byte(`[{"version": "1.0.0+` + strings.Repeat("x", 300) + `"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		versions, err := parseListing(data)
		if err != nil {
			require.ErrorIs(t, err, errNotStored)
			return
		}
		require.LessOrEqual(t, len(versions), mostListed)
		for _, v := range versions {
			require.LessOrEqual(t, len(v.Version), listedText)
			require.LessOrEqual(t, len(v.KubeVersion), listedText)
		}
		text, err := json.Marshal(versions)
		require.NoError(t, err)
		again, err := parseListing(text)
		require.NoError(t, err)
		require.Equal(t, versions, again)
	})
}

package network

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asking returns sources that note the pauses between tries, and make none.
func asking(t *testing.T) (s *Sources, pauses func() []time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var all []time.Duration
	note := func(_ context.Context, d time.Duration) error {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, d)
		return nil
	}
	s = New(Options{Timeout: time.Minute, Pause: time.Millisecond, Sleep: note})
	return s, func() []time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

const indexOfWeb = "apiVersion: v1\nentries: {web: [{name: web, version: 1.0.0, urls: [web.tgz]}]}"

// TestPausesThatServersAskFor: they are made, of repositories and of registries, up to a bound.
func TestPausesThatServersAskFor(t *testing.T) {
	const date = "Sat, 28 Nov 2026 11:00:00 GMT"
	for name, test := range map[string]struct {
		code    int
		header  string
		pauses  []time.Duration // none: those that are made without a wish
		message string
	}{
		"seconds":     {http.StatusTooManyRequests, "7", []time.Duration{7 * time.Second}, ""},
		"the longest": {http.StatusServiceUnavailable, " 30 ", []time.Duration{30 * time.Second}, ""},
		"a date": {http.StatusServiceUnavailable, "Sat, 28 Nov 2026 11:00:12 GMT",
			[]time.Duration{12 * time.Second}, ""},
		"a date in the past": {http.StatusTooManyRequests, "Sat, 28 Nov 2026 10:00:00 GMT", nil, ""},
		"nothing":            {http.StatusTooManyRequests, "", nil, ""},
		"no number":          {http.StatusTooManyRequests, "-1", nil, ""},
		"another status":     {http.StatusBadGateway, "7", nil, ""},
		"too long": {http.StatusTooManyRequests, "3600", []time.Duration{},
			"the server answered 429 Too Many Requests, and asks to wait 1h0m0s"},
		"a date that is too far": {http.StatusServiceUnavailable, "Sat, 28 Nov 2026 11:00:31 GMT", []time.Duration{},
			"the server answered 503 Service Unavailable, and asks to wait 31s"},
		"a century": {http.StatusTooManyRequests, "4294967295", []time.Duration{},
			"the server answered 429 Too Many Requests, and asks to wait 1193046h28m15s"},
		"beyond all bounds": {http.StatusTooManyRequests, strings.Repeat("9", 100), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			asked := map[string]int{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				if asked[r.URL.Path]++; asked[r.URL.Path] == 1 {
					w.Header().Set("Date", date)
					w.Header().Set("Retry-After", test.header)
					w.WriteHeader(test.code)
					return
				}
				if strings.HasSuffix(r.URL.Path, "/tags/list") {
					_, _ = w.Write([]byte(`{"tags": ["1.0.0"]}`))
					return
				}
				_, _ = w.Write([]byte(indexOfWeb))
			}))
			defer server.Close()
			for _, kind := range []string{"repository", "registry"} {
				s, pauses := asking(t)
				ask := asker(t, s, server, kind)
				err := ask(t.Context())
				if test.message != "" {
					require.ErrorContains(t, err, test.message, kind)
					require.Equal(t, err, ask(t.Context()), "it is not asked again")
				} else {
					require.NoError(t, err, kind)
				}
				if test.pauses == nil {
					require.Len(t, pauses(), 1)
					require.Less(t, pauses()[0], time.Second)
					continue
				}
				require.ElementsMatch(t, test.pauses, pauses(), kind)
			}
			mu.Lock()
			defer mu.Unlock()
			for path, n := range asked {
				require.Equal(t, map[bool]int{true: 1, false: 2}[test.message != ""], n, path)
			}
		})
	}
}

// asker returns what asks a server once more, as a repository or as a registry.
func asker(t *testing.T, s *Sources, server *httptest.Server, kind string) func(context.Context) error {
	t.Helper()
	if kind == "registry" {
		host := server.Listener.Addr().String()
		r, err := s.Registry(host)
		require.NoError(t, err)
		return func(ctx context.Context) error { _, err := r.Tags(ctx, host+"/charts/web"); return err }
	}
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	r, err := s.Repository(u)
	require.NoError(t, err)
	return r.Check
}

// TestHostsThatAnswerNothing are asked three times, and not once more for what else they might have. One that answers
// is asked again, whatever it says.
func TestHostsThatAnswerNothing(t *testing.T) {
	var asked atomic.Int32
	var answers atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if !answers.Load() {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	server.Config.ErrorLog = nil
	host := server.Listener.Addr().String()
	s, pauses := asking(t)
	r, err := s.Registry(host)
	require.NoError(t, err)
	r.plain.Store(true)
	_, first := r.Tags(t.Context(), host+"/charts/web")
	require.ErrorContains(t, first, "its tags (tried 3 times): the connection broke off")
	require.Len(t, pauses(), 2)
	before := asked.Load()
	_, second := r.Tags(t.Context(), host+"/charts/other")
	require.Equal(t, first, second)
	require.Equal(t, before, asked.Load())

	answers.Store(true)
	s, _ = asking(t)
	r, err = s.Registry(host)
	require.NoError(t, err)
	r.plain.Store(true)
	asked.Store(0)
	for range 2 {
		_, err = r.Tags(t.Context(), host+"/charts/web")
		require.ErrorContains(t, err, "its tags (tried 3 times): the server answered 500 Internal Server Error")
	}
	require.EqualValues(t, 6, asked.Load())
}

// TestPauseThatIsInterrupted: what ends the run is what is said.
func TestPauseThatIsInterrupted(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "20")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	s := New(Options{Timeout: time.Minute})
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	s.retry.sleep = func(ctx context.Context, d time.Duration) error {
		cancel(enough)
		return sleep(ctx, d)
	}
	require.ErrorIs(t, asker(t, s, server, "repository")(ctx), enough)
	require.NoError(t, sleep(t.Context(), 0))
}

// TestMetadataOfClouds: nothing is asked there, by whatever way.
func TestMetadataOfClouds(t *testing.T) {
	const away = "http://169.254.169.254/latest/meta-data/"
	redirecting := httptest.NewServer(http.RedirectHandler(away, http.StatusFound))
	defer redirecting.Close()
	for _, address := range []string{"http://169.254.169.254/latest", "https://[fd00:ec2::254]", redirecting.URL} {
		s, pauses := asking(t)
		u, err := url.Parse(address)
		require.NoError(t, err)
		r, err := s.Repository(u)
		require.NoError(t, err)
		require.ErrorContains(t, r.Check(t.Context()), ", where clouds keep credentials")
		require.Empty(t, pauses())
	}
	s, _ := asking(t)
	r, err := s.Registry("169.254.169.254")
	require.NoError(t, err)
	_, err = r.Tags(t.Context(), "169.254.169.254/charts/web")
	require.ErrorContains(t, err, ", where clouds keep credentials")
}

// TestNothingLeadsHere: what others have cannot be on this machine.
func TestNothingLeadsHere(t *testing.T) {
	for text, want := range map[string]bool{"localhost": true, "LOCALHOST:80": true, "localhost.": true,
		"a.localhost:5000": true, "127.0.0.1:1": true, "127.8.8.8": true, "[::1]:80": true, "0.0.0.0:80": true,
		"[::]": true, "[::ffff:127.0.0.1]:80": true, "charts.example.com": false, "10.0.0.1:80": false,
		"localhost.example.com": false} {
		require.Equal(t, want, isHere(text), text)
	}
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	s, _ := asking(t)
	u, err := url.Parse("https://charts.example.com")
	require.NoError(t, err)
	r, err := s.Repository(u)
	require.NoError(t, err)
	for _, link := range []string{server.URL + "/web.tgz",
		"oci://" + server.Listener.Addr().String() + "/charts/web:1.0.0"} {
		_, err = r.Download(t.Context(), Release{Version: "1.0.0", URL: link})
		require.ErrorContains(t, err, "the server leads to "+server.Listener.Addr().String()+", which is this machine")
	}
	require.Zero(t, asked.Load())
}

package pagereload

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ask asks a site for a path as a host.
func ask(t *testing.T, s *site, method, host, path string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequest(method, path, nil)
	request.Host = host
	recorder := httptest.NewRecorder()
	s.handler().ServeHTTP(recorder, request)
	return recorder
}

// TestOnlyLoopbackIsAnswered proves that no other name leads to the pages, whoever it resolves to.
func TestOnlyLoopbackIsAnswered(t *testing.T) {
	s := &site{pages: Pages{"index.html": []byte("fleet")}, version: 1}
	for host, want := range map[string]int{"127.0.0.1:80": 200, "localhost": 200, "localhost:8080": 200,
		"[::1]:80":  200,
		"[::1]":     200,
		"127.0.0.9": 200, "attacker.example": 421, "attacker.example:80": 421, "127.0.0.1.nip.io": 421, "0.0.0.0": 421,
		"10.0.0.1": 421, "localhost.attacker.example:80": 421,
		"[::2]": 421, "[::1]attacker.example": 421, "": 421, "[": 421, "[]": 421, "[localhost.attacker.example]": 421,
		"127.0.0.1@attacker.example": 421, "localhost.": 421} {
		answer := ask(t, s, http.MethodGet, host, "/")
		require.Equal(t, want, answer.Code, host)
		require.Equal(t, want == 200, answer.Body.String() == "fleet", host)
	}
}

func TestAnswers(t *testing.T) {
	s := &site{pages: Pages{"index.html": []byte("fleet"), "matrix.csv": []byte("a,b")}, version: 7}
	answer := ask(t, s, http.MethodGet, "localhost", "/")
	require.Equal(t, "text/html; charset=utf-8", answer.Header().Get("Content-Type"))
	require.Equal(t, "no-store", answer.Header().Get("Cache-Control"))
	require.Equal(t, "frame-ancestors 'none'", answer.Header().Get("Content-Security-Policy"))
	require.Equal(t, "7", ask(t, s, http.MethodGet, "localhost", "/version").Body.String())
	require.Equal(t, "a,b", ask(t, s, http.MethodGet, "localhost", "/matrix.csv").Body.String())
	require.Equal(t, 404, ask(t, s, http.MethodGet, "localhost", "/../etc/passwd").Code)
	require.Equal(t, 405, ask(t, s, http.MethodPost, "localhost", "/").Code)
	for _, path := range []string{"/%2e%2e/etc/passwd", "//etc/passwd", "/index.html/", "/./index.html", "/..%5cx"} {
		require.Equal(t, 404, ask(t, s, http.MethodGet, "localhost", path).Code, path)
	}
	s.replace(nil, errors.New("fleet.yaml:1: broken"))
	require.Equal(t, "7 stale\nfleet.yaml:1: broken", ask(t, s, http.MethodGet, "localhost", "/version").Body.String())
	s.replace(nil, nil)
	require.Equal(t, "7 stale\nthere is no page", ask(t, s, http.MethodGet, "localhost", "/version").Body.String())
	require.Equal(t, "fleet", ask(t, s, http.MethodGet, "localhost", "/").Body.String(), "as it was")
	s.replace(Pages{"index.html": []byte("new")}, errors.New("the page says it itself"))
	require.Equal(t, "8", ask(t, s, http.MethodGet, "localhost", "/version").Body.String())
	require.Equal(t, "new", ask(t, s, http.MethodGet, "localhost", "/").Body.String())
}

func TestCheckListen(t *testing.T) {
	for _, good := range []string{"127.0.0.1:0", "localhost:8080", "[::1]:80", "127.1.2.3:1"} {
		require.NoError(t, CheckListen(good), good)
	}
	for _, wrong := range []string{"", ":8080", "0.0.0.0:80", "10.0.0.1:80", "example.com:80", "127.0.0.1",
		"127.0.0.1:x",
		"127.0.0.1:99999", "127.0.0.1:-1", "[::]:80"} {
		require.Error(t, CheckListen(wrong), wrong)
	}
}

// TestServe proves that pages are made anew when a file changes, and that those before stay while they cannot be.
func TestServe(t *testing.T) {
	var state, made atomic.Int64
	var broken atomic.Bool
	address := make(chan string, 1)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	server := Server{Listen: "127.0.0.1:0", Interval: time.Millisecond, Started: func(at string) { address <- at },
		State: func() string { return strings.Repeat("x", int(state.Load())) },
		Make: func() (Pages, error) {
			if broken.Load() {
				return nil, errors.New("broken")
			}
			return Pages{"index.html": []byte(strings.Repeat("p", int(made.Add(1))))}, nil
		}}
	go func() { ended <- server.Serve(ctx) }()
	at := <-address
	get := func(path string) string {
		answer, err := http.Get(at + path)
		require.NoError(t, err)
		defer answer.Body.Close()
		data, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return string(data)
	}
	require.Equal(t, "p", get(""))
	state.Add(1)
	require.Eventually(t, func() bool { return get("") == "pp" }, time.Minute, time.Millisecond)
	broken.Store(true)
	state.Add(1)
	require.Eventually(t, func() bool { return get("version") == "2 stale\nbroken" }, time.Minute, time.Millisecond)
	require.Equal(t, "pp", get(""))
	broken.Store(false)
	state.Add(1)
	require.Eventually(t, func() bool { return get("version") == "3" }, time.Minute, time.Millisecond)
	require.Equal(t, "ppp", get(""))
	broken.Store(true)
	end()
	require.NoError(t, <-ended)
	require.ErrorContains(t, server.Serve(t.Context()), "broken")
	server.Listen = "0.0.0.0:0"
	require.ErrorContains(t, server.Serve(t.Context()), "loopback")
}

func TestRead(t *testing.T) {
	directory := t.TempDir()
	var none *NoPagesError
	_, err := Read(directory, "why.txt")
	require.ErrorAs(t, err, &none)
	require.EqualError(t, err, "there is no page")
	require.NoError(t, os.WriteFile(filepath.Join(directory, "why.txt"), []byte("since"), 0o600))
	_, err = Read(directory, "why.txt")
	require.EqualError(t, err, "since")
	require.NoError(t, os.WriteFile(filepath.Join(directory, "index.html"), []byte("x"), 0o600))
	pages, err := Read(directory, "why.txt")
	require.NoError(t, err)
	require.Equal(t, "x", string(pages["index.html"]))
	_, err = Read(filepath.Join(directory, "none"), "why.txt")
	require.Error(t, err)
}

func TestStateOf(t *testing.T) {
	directory := t.TempDir()
	state := func() string { return StateOf(directory) }
	before := state()
	require.Equal(t, before, state())
	file := filepath.Join(directory, "values.yaml")
	require.NoError(t, os.WriteFile(file, []byte("a"), 0o600))
	one := state()
	require.NotEqual(t, before, one)
	require.NoError(t, os.Chtimes(file, time.Time{}, time.Unix(1, 0)))
	require.NotEqual(t, one, state())
	require.NoError(t, os.Mkdir(filepath.Join(directory, ".git"), 0o700))
	two := state()
	require.NoError(t, os.WriteFile(filepath.Join(directory, ".git", "index"), []byte("a"), 0o600))
	require.Equal(t, two, state(), "what Git keeps does not count")
}

// TestPortInUse: the address is somebody else's, and the message says what to do.
func TestPortInUse(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	err = Server{Listen: listener.Addr().String()}.Serve(t.Context())
	require.ErrorContains(t, err, "address already in use; give another address with --listen")
}

package remote_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/revision/remote"
)

// git runs Git in a directory, without the configuration of this machine, and returns what it prints.
func git(t *testing.T, directory string, args ...string) string {
	t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
	c.Dir = directory
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1"}
	out, err := c.CombinedOutput()
	require.NoError(t, err, string(out))
	return strings.TrimSpace(string(out))
}

// serve serves the repositories of a directory on this machine, behind a handler.
func serve(t *testing.T, directory string, around func(http.Handler) http.Handler) *url.URL {
	t.Helper()
	program, err := exec.LookPath("git")
	require.NoError(t, err)
	server := httptest.NewServer(around(&cgi.Handler{Path: program, Args: []string{"http-backend"},
		Env: []string{"GIT_PROJECT_ROOT=" + directory, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_CONFIG_GLOBAL=/dev/null"}, InheritEnv: []string{"PATH"}}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL + "/fleet.git")
	require.NoError(t, err)
	return u
}

func plain(h http.Handler) http.Handler { return h }

// repository makes a repository with a branch and a tag, and returns the commits of main and next.
func repository(t *testing.T, directory string) (main, next string) {
	t.Helper()
	work := t.TempDir()
	git(t, work, "init", "-q", "-b", "main")
	require.NoError(t, os.MkdirAll(filepath.Join(work, "charts", "values"), 0o755))
	commit := func(content string) string {
		require.NoError(t, os.WriteFile(filepath.Join(work, "charts", "values.yaml"), []byte(content), 0o644))
		git(t, work, "add", ".")
		git(t, work, "commit", "-q", "-m", content)
		return git(t, work, "rev-parse", "HEAD")
	}
	main = commit("of: main")
	git(t, work, "tag", "-a", "-m", "v1", "v1")
	git(t, work, "checkout", "-q", "-b", "next")
	next = commit("of: next")
	git(t, work, "checkout", "-q", "main")
	git(t, directory, "clone", "-q", "--bare", work, filepath.Join(directory, "fleet.git"))
	return main, next
}

// read fetches a revision, and returns its commit and the file of the catalog; "" where it is known already.
func read(t *testing.T, s remote.Source, name string, known ...string) (commit, content string, err error) {
	t.Helper()
	scratch := t.TempDir()
	err = remote.Fetch(t.Context(), s, name, filepath.Join(scratch, "cache"),
		func(commit string) bool { return len(known) > 0 && commit == known[0] },
		func(name string, files func(string) (fs.FS, error)) error {
			if commit = name; files == nil {
				return nil
			}
			tree, err := files("charts")
			if err != nil {
				return err
			}
			data, err := fs.ReadFile(tree, "values.yaml")
			content = string(data)
			return err
		})
	left, _ := os.ReadDir(filepath.Join(scratch, "cache"))
	require.Empty(t, left)
	return commit, content, err
}

// TestFetch: branches, tags and commits, each without its history.
func TestFetch(t *testing.T) {
	directory := t.TempDir()
	main, next := repository(t, directory)
	s := remote.Source{URL: serve(t, directory, plain)}
	for name, want := range map[string][2]string{"main": {main, "of: main"}, "next": {next, "of: next"},
		"HEAD": {main, "of: main"}, "v1": {"", "of: main"}, "refs/heads/next": {next, "of: next"},
		next: {next, "of: next"}} {
		commit, content, err := read(t, s, name)
		require.NoError(t, err, name)
		require.Equal(t, want[1], content, name)
		if want[0] != "" {
			require.Equal(t, want[0], commit, name)
		}
	}
	commit, content, err := read(t, s, "next", next)
	require.NoError(t, err)
	require.Equal(t, []string{next, ""}, []string{commit, content}, "it is not fetched again")

	_, _, err = read(t, s, "other")
	require.EqualError(t, err, "the server has no branch or tag other")
	_, _, err = read(t, s, strings.Repeat("0", 39)+"1")
	require.EqualError(t, err, "the server gives commits only by the names of branches and tags")
}

// TestFetchOfCommits: what no branch has any more is fetched by its name, if the server allows that.
func TestFetchOfCommits(t *testing.T) {
	directory := t.TempDir()
	main, next := repository(t, directory)
	bare := filepath.Join(directory, "fleet.git")
	git(t, bare, "config", "uploadpack.allowAnySHA1InWant", "true")
	git(t, bare, "update-ref", "refs/heads/next", main)
	_, content, err := read(t, remote.Source{URL: serve(t, directory, plain)}, next)
	require.NoError(t, err)
	require.Equal(t, "of: next", content)
}

// TestCredentials: a server is asked without credentials first, gets those for it only, and never in a message.
func TestCredentials(t *testing.T) {
	directory := t.TempDir()
	repository(t, directory)
	var asked []string
	u := serve(t, directory, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, password, has := r.BasicAuth()
			asked = append(asked, user)
			if !has || password != "canary" {
				w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	netrc := filepath.Join(t.TempDir(), "netrc")
	text := "machine other.example.com login other password other\nmachine %s login me password %s\n" +
		"default login all password all\n"
	require.NoError(t, os.WriteFile(netrc, fmt.Appendf(nil, text, u.Hostname(), "canary"), 0o600))
	s := remote.Source{URL: u, Credential: remote.Credentials{Environment: []string{"NETRC=" + netrc}}.For}
	_, content, err := read(t, s, "next")
	require.NoError(t, err)
	require.Equal(t, "of: next", content)
	require.Empty(t, asked[0])

	require.NoError(t, os.WriteFile(netrc, fmt.Appendf(nil, text, u.Hostname(), "wrong-canary"), 0o600))
	_, _, err = read(t, s, "next")
	require.ErrorContains(t, err, u.Host+
		"/fleet.git cannot be fetched: the server asks for other credentials, or for some")
	require.NotContains(t, err.Error(), "canary")
	require.NoError(t, os.WriteFile(netrc, []byte("default login all password canary\n"), 0o600))
	_, _, err = read(t, s, "next")
	require.ErrorContains(t, err, "the server asks for", "an entry for all servers is for none")
}

// TestCredentialHelpers: those of the user's configuration are asked for the servers of the user's remotes only.
func TestCredentialHelpers(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(home, ".gitconfig"),
		[]byte("[credential]\n\thelper = \"!f() { echo username=me; echo password=canary; }; f\"\n"), 0o600))
	c := remote.Credentials{Environment: []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1"},
		Hosts: []string{"git.example.com"}}
	user, password, found := c.For(t.Context(), &url.URL{Scheme: "https", Host: "git.example.com", Path: "/a.git"})
	require.Equal(t, []any{"me", "canary", true}, []any{user, password, found})
	_, _, found = c.For(t.Context(), &url.URL{Scheme: "https", Host: "elsewhere.example.com", Path: "/a.git"})
	require.False(t, found)

	// A repository around does not count, nor does what it runs.
	c.Environment = append(c.Environment, "GIT_DIR="+home)
	require.NoError(t, os.WriteFile(filepath.Join(home, ".gitconfig"), nil, 0o600))
	_, _, found = c.For(t.Context(), &url.URL{Scheme: "https", Host: "git.example.com", Path: "/a.git"})
	require.False(t, found)
}

// TestServersThatFail: each is an error of one line.
func TestServersThatFail(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"nothing there": {http.NotFound, "the server has no such repository, or does not show it"},
		"nonsense": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
			"cannot be fetched: "},
		"a redirect to a file": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd/info/refs", http.StatusFound)
		}, "cannot be fetched: "},
		"a redirect to metadata of clouds": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/fleet.git/info/refs", http.StatusFound)
		}, "cannot be fetched: nothing is fetched from 169.254.169.254, where clouds keep credentials"},
		"an error": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
			"cannot be fetched: "},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.handler)
			defer server.Close()
			u, err := url.Parse(server.URL + "/fleet.git")
			require.NoError(t, err)
			_, _, err = read(t, remote.Source{URL: u}, "main")
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := remote.Fetch(ctx, remote.Source{URL: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}}, "main", "", nil, nil)
	require.ErrorContains(t, err, "the server cannot be reached in time")
	err = remote.Fetch(t.Context(), remote.Source{URL: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}}, "main", "", nil,
		nil)
	require.ErrorIs(t, err, remote.ErrUnreachable)
	require.ErrorContains(t, err, "127.0.0.1:1 cannot be fetched: the server cannot be reached: connection refused")
	err = remote.Fetch(t.Context(), remote.Source{URL: &url.URL{Scheme: "http", Host: "169.254.169.254"}}, "main", "",
		nil, nil)
	require.ErrorContains(t, err, "nothing is fetched from 169.254.169.254, where clouds keep credentials")
	require.NotErrorIs(t, err, remote.ErrUnreachable)
	require.Equal(t, "give another address", problem.HintOf(err))
}

// TestPackThatIsTooLarge: what a server sends beyond the bound is not taken.
func TestPackThatIsTooLarge(t *testing.T) {
	directory := t.TempDir()
	repository(t, directory)
	u := serve(t, directory, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "git-upload-pack") {
				h.ServeHTTP(w, r)
				return
			}
			_, _ = w.Write([]byte("0000" + "0008NAK\n"))
			line := []byte("fff0\x01" + strings.Repeat("x", 0xfff0-5))
			for range remote.MaxPack/len(line) + 1000 {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		})
	})
	_, _, err := read(t, remote.Source{URL: u}, "main")
	require.ErrorIs(t, err, remote.ErrTooLarge)
	require.ErrorContains(t, err, "cannot be fetched: the server sends more than 50 MiB")
}

package scripttest

import (
	"net/http/cgi" //nolint:gosec // for tests, with this version of Go
	"net/http/httptest"
	"os/exec"

	"github.com/rogpeppe/go-internal/testscript"
)

// serveGit serves the Git repositories of a directory over HTTP, and sets $GIT to the address of the directory.
func serveGit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gitserver DIRECTORY")
	}
	program, err := exec.LookPath("git")
	ts.Check(err)
	server := httptest.NewServer(&cgi.Handler{Path: program, Args: []string{"http-backend"},
		Env: []string{"GIT_PROJECT_ROOT=" + ts.MkAbs(args[0]), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_CONFIG_GLOBAL=/dev/null"}, InheritEnv: []string{"PATH"}})
	ts.Defer(server.Close)
	ts.Setenv("GIT", server.URL)
}

package release

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// smoke has a command line for each command, and what it prints, in a checkout of the example fleet. The last ones
// change it.
var smoke = []struct {
	line, prints string
	status       int
}{
	{"affected HEAD~1", `karpenter-nodes`, 0},
	{"clusters", `(?m)^payments-np-1 `, 0},
	{"completion bash", `__start_fleet-cmp`, 0},
	{"completion fish", `complete -c fleet-cmp`, 0},
	{"completion powershell", `Register-ArgumentCompleter -CommandName 'fleet-cmp'`, 0},
	{"completion zsh", `^#compdef fleet-cmp`, 0},
	{"diff HEAD~1 HEAD", `120`, 1},
	{"discover", `(?m)^fleet\.yaml$`, 0},
	{"explain spec.levels", `level`, 0},
	{"generate", `(?m)^kind: ApplicationSet$`, 0},
	{"help render", `fleet-cmp render`, 0},
	{"images --group resources --offline", `^no images\n$`, 0},
	{"init new --hub hub --tenant platform --environment prod --region eu-west-1 " +
		"--repo-url https://git.example.com/a.git --component a=https://charts.example.com/a:1.0.0", `new/fleet\.yaml`, 0},
	{"lint", `^0 errors, 0 warnings in `, 0},
	{"matrix", `karpenter`, 0},
	{"member check", `members checked`, 0},
	{"member list", `retail-np-1`, 0},
	{"migrate ../wrapper --cluster hub-1 --cluster-file ../wrapper/hub.yaml", `(?m)^Trap `, 1},
	{"outdated --offline", `(?m)^addons +ack-eks .* unknown$`, 1},
	{"page --output-dir ../page", ``, 0},
	{"parameters", `"name": ?"cluster"`, 0},
	{"releases", `stable`, 0},
	{"render --group addons --cluster hub-prod", `(?m)^kind: ApplicationSet$`, 0},
	{"render --group resources --cluster hub-prod --stage applications", `(?m)^kind: Application$`, 0},
	{"render --group resources --cluster payments-np-1 --stage manifests --offline", `(?m)^kind: RoleBinding$`, 0},
	{"schema fleet", `"\$schema"`, 0},
	{"server check", `plugin\.yaml does not exist`, 1}, // TestServer has one that works
	{"values --group addons --cluster hub-prod", `karpenter`, 0},
	{"version", `^fleet-cmp v`, 0},
	{"why karpenter --cluster payments-prod-1", `karpenter`, 0},
	{"member add retail-np-2 --tenant retail --environment np", `(?m)/hub-prod/retail-np-2\.yaml$`, 0},
	{"member set retail-np-2 --set environment=prod", `(?m)/hub-prod/retail-np-2\.yaml$`, 0},
	{"member remove retail-np-2 --yes", `retail-np-2`, 0},
}

// TestInstalled installs the archive of this platform with install.sh, and runs every command with a PATH in which
// there is nothing.
func TestInstalled(t *testing.T) {
	_, version := built(t)
	target, fleet := installed(t), checkout(t)
	run := func(program, line string) (string, int) {
		cmd := exec.Command(filepath.Join(target, program), strings.Fields(line)...)
		cmd.Dir = fleet
		cmd.Env = []string{"PATH=", "HOME=" + t.TempDir()}
		if line == "generate" || line == "parameters" || line == "discover" { // as Argo CD calls them
			cmd.Dir = filepath.Join(fleet, "addons")
			cmd.Env = append(cmd.Env, "ARGOCD_APP_NAME=a", "ARGOCD_APP_SOURCE_PATH=addons", "ARGOCD_ENV_GROUP=addons",
				"ARGOCD_ENV_CLUSTER=hub-prod")
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			require.IsType(t, &exec.ExitError{}, err, line)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	for _, tt := range smoke {
		out, status := run("bin/fleet-cmp", tt.line)
		require.Equal(t, tt.status, status, "%s\n%s", tt.line, out)
		require.Regexp(t, tt.prints, out, tt.line)
	}
	for program, says := range map[string]string{"bin/fleet-cmp": "fleet-cmp", "lib/fleet-cmp/cmp": "cmp",
		"lib/fleet-cmp/fleet-cmp": "fleet-cmp", "lib/fleet-cmp/cmp-stages": "cmp", "lib/fleet-cmp/cmp-server": ""} {
		out, status := run(program, "--version")
		require.Zero(t, status, out)
		require.True(t, strings.HasPrefix(out, says+" v"+version+" ") || says == "", out)
		require.Contains(t, out, "v"+version)
	}
	require.FileExists(t, filepath.Join(filepath.Dir(fleet), "page", "index.html"))
	message, status := run("bin/fleet-cmp", "matrix --hub nope")
	require.NotZero(t, status)
	require.Equal(t, "Error: there is no cluster of the hub \"nope\"; see fleet-cmp clusters\n", message,
		"of cmp-stages")
}

// installed returns where install.sh has put the archive of this platform, from a server on loopback.
func installed(t *testing.T) string {
	t.Helper()
	directory, version := built(t)
	require.FileExists(t, filepath.Join(directory,
		"fleet-cmp_"+version+"_"+runtime.GOOS+"_"+runtime.GOARCH+".tar.gz"))
	files := http.NewServeMux()
	for _, path := range []string{"/download/v" + version + "/", "/latest/download/"} {
		files.Handle(path, http.StripPrefix(path, http.FileServer(http.Dir(directory))))
	}
	server := httptest.NewServer(files)
	defer server.Close()
	target := t.TempDir()
	script, err := filepath.Abs(filepath.Join(root, "install.sh"))
	require.NoError(t, err)
	install := exec.Command("/bin/sh", script, "--dir", target)
	install.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "FLEET_CMP_RELEASES=" + server.URL}
	out, err := install.CombinedOutput()
	require.NoError(t, err, string(out))
	return target
}

// TestEveryCommand: each command that has a page for man is one that TestInstalled runs, but for those that only have
// others below them, and for the server, which TestServer runs.
func TestEveryCommand(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(installed(t), "share", "man", "man1", "fleet-cmp-*.1"))
	require.NoError(t, err)
	require.Greater(t, len(pages), 20)
	for _, page := range pages {
		words := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(page), "fleet-cmp-"), ".1")
		tried := words == "server" || slices.ContainsFunc(pages, func(other string) bool {
			return strings.HasPrefix(filepath.Base(other), "fleet-cmp-"+words+"-")
		})
		line := strings.ReplaceAll(words, "-", " ")
		for _, tt := range smoke {
			tried = tried || tt.line == line || strings.HasPrefix(tt.line, line+" ")
		}
		require.True(t, tried, "no command line for: fleet-cmp %s", line)
	}
}

// TestServer: what is installed serves as the sidecar of Argo CD does, until it is told to stop.
func TestServer(t *testing.T) {
	program := filepath.Join(installed(t), "bin", "fleet-cmp")
	config, err := filepath.Abs(root)
	require.NoError(t, err)
	sockets, err := os.MkdirTemp("", "s") // the path of a socket is short
	require.NoError(t, err)
	defer os.RemoveAll(sockets)
	environ := []string{"PATH=", "HOME=" + t.TempDir(), "ARGOCD_PLUGINSOCKFILEPATH=" + sockets}
	var log bytes.Buffer
	server := exec.Command(program, "server", "--config-dir-path", config, "--operations-address", "", "--workers", "1")
	server.Env, server.Stderr = environ, &log
	require.NoError(t, server.Start())
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	ready := func() bool {
		check := exec.Command(program, "server", "check", "readyz", "--config-dir-path", config)
		check.Env = environ
		return check.Run() == nil
	}
	for !ready() {
		select {
		case err := <-ended:
			t.Fatalf("the server ended: %v\n%s", err, log.String())
		case <-time.After(100 * time.Millisecond):
		}
	}
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	require.NoError(t, <-ended)
}

// TestFoundThroughLinks: what only cmp-stages can do works whatever the program is called by: through links to links,
// from other directories, by a relative entry of PATH, and as a program that a relative path names.
func TestFoundThroughLinks(t *testing.T) {
	target, fleet := installed(t), checkout(t)
	place := t.TempDir()
	for _, directory := range []string{"one", "two", "three"} {
		require.NoError(t, os.Mkdir(filepath.Join(place, directory), 0o755))
	}
	require.NoError(t, os.Symlink(filepath.Join(target, "bin", "fleet-cmp"), filepath.Join(place, "one", "fleet-cmp")))
	require.NoError(t, os.Symlink("../one/fleet-cmp", filepath.Join(place, "two", "cmp")))
	require.NoError(t, os.Symlink("two", filepath.Join(place, "directory")))
	shell, err := exec.LookPath("sh")
	require.NoError(t, err)
	for _, tt := range []struct{ directory, path, program string }{
		{fleet, "", filepath.Join(place, "two", "cmp")},
		{fleet, "", filepath.Join(place, "directory", "cmp")},
		{place, "two", "cmp"},
		{place, "directory", "cmp"},
		{filepath.Join(place, "three"), "../one", "fleet-cmp"},
		{filepath.Join(place, "two"), ".", "cmp"},
		{place, "", "directory/cmp"},
		{filepath.Join(place, "two"), "", "./cmp"},
		{filepath.Join(target, "lib", "fleet-cmp"), "", "./cmp"},
	} {
		cmd := exec.Command(shell, "-c", tt.program+` render "$1" --group resources --cluster hub-prod --stage applications`,
			"sh", fleet)
		cmd.Dir, cmd.Env = tt.directory, []string{"PATH=" + tt.path, "HOME=" + t.TempDir()}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%+v: %s", tt, out)
		require.Contains(t, string(out), "kind: Application\n", tt)
	}
}

// checkout returns a checkout of the example fleet, in which the last commit changes something. Beside it is a fleet
// with the wrapper chart.
func checkout(t *testing.T) string {
	t.Helper()
	work := t.TempDir()
	fleet := filepath.Join(work, "fleet")
	for _, name := range []string{"fleet", "wrapper"} {
		require.NoError(t, os.CopyFS(filepath.Join(work, name), os.DirFS(filepath.Join(root, "testdata", name))))
	}
	git := func(args ...string) {
		settings := []string{"-C", fleet, "-c", "user.name=a", "-c", "user.email=a@example.com"}
		cmd := exec.Command("git", append(settings, args...)...)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1"}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	git("init", "--quiet")
	git("add", "--all")
	git("commit", "--quiet", "-m", "one")
	values := filepath.Join(fleet, "resources", "tenants", "defaults", "resources", "karpenter-nodes", "values.yaml")
	data, err := os.ReadFile(values)
	require.NoError(t, err)
	changed := strings.Replace(string(data), "100", "120", 1)
	require.NotEqual(t, string(data), changed)
	require.NoError(t, os.WriteFile(values, []byte(changed), 0o600))
	git("commit", "--all", "--quiet", "-m", "two")
	return fleet
}

package release

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// smoke has a command line for each command that needs no network, and what it prints. It runs in a checkout of the
// example fleet.
var smoke = []struct {
	line, prints string
	status       int
}{
	{"affected HEAD~1", `karpenter-nodes`, 0},
	{"clusters", `(?m)^payments-np-1 `, 0},
	{"completion bash", `__start_fleet-cmp`, 0},
	{"diff HEAD~1 HEAD", `120`, 1},
	{"discover", `(?m)^fleet\.yaml$`, 0},
	{"explain spec.levels", `level`, 0},
	{"generate", `(?m)^kind: ApplicationSet$`, 0},
	{"help render", `fleet-cmp render`, 0},
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
	{"server --help", `Argo CD`, 0},
	{"values --group addons --cluster hub-prod", `karpenter`, 0},
	{"version", `^fleet-cmp v`, 0},
	{"why karpenter --cluster payments-prod-1", `karpenter`, 0},
}

// listed are the commands in the help of all.
var listed = regexp.MustCompile(`(?m)^  ([a-z]+) {2,}`)

// TestInstalled installs the archive of this platform with install.sh, from a server on loopback, and runs every command
// with a PATH in which there is nothing.
func TestInstalled(t *testing.T) {
	directory, version := built(t)
	archive := "fleet-cmp_" + version + "_" + runtime.GOOS + "_" + runtime.GOARCH + ".tar.gz"
	require.FileExists(t, filepath.Join(directory, archive))
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
	install.Env = append(os.Environ(), "FLEET_CMP_RELEASES="+server.URL)
	out, err := install.CombinedOutput()
	require.NoError(t, err, string(out))

	fleet := checkout(t)
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
	help, _ := run("bin/fleet-cmp", "--help")
	names := listed.FindAllStringSubmatch(help, -1)
	require.Greater(t, len(names), 20)
	for _, name := range names {
		tried := false
		for _, tt := range smoke {
			if strings.Fields(tt.line)[0] != name[1] {
				continue
			}
			tried = true
			out, status := run("bin/fleet-cmp", tt.line)
			require.Equal(t, tt.status, status, "%s\n%s", tt.line, out)
			require.Regexp(t, tt.prints, out, tt.line)
		}
		if tried {
			continue
		}
		out, status := run("bin/fleet-cmp", name[1]+" --help") // at least that it is there
		require.Zero(t, status, out)
		require.Contains(t, out, "fleet-cmp "+name[1])
		out, status = run("bin/fleet-cmp", name[1]+" --nope")
		require.Equal(t, 2, status, out)
		require.Equal(t, "Error: unknown flag: --nope; see 'fleet-cmp "+name[1]+" --help'\n", out)
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
	require.Equal(t, "Error: there is no cluster of the hub \"nope\"; see fleet-cmp clusters\n", message, "of cmp-stages")
	// What only cmp-stages can do, through a link in another place.
	link := filepath.Join(t.TempDir(), "cmp")
	require.NoError(t, os.Symlink(filepath.Join(target, "bin", "fleet-cmp"), link))
	cmd := exec.Command(link, "render", "--group", "resources", "--cluster", "hub-prod", "--stage", "applications")
	cmd.Dir, cmd.Env = fleet, []string{"PATH=", "HOME=" + t.TempDir()}
	out, err = cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

// checkout returns a checkout of the example fleet, in which the last commit changes something. Beside it is a fleet with
// the wrapper chart.
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

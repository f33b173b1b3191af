package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A released is the three executables of one version, and a copy of the example fleet.
type released struct {
	programs, fleet string
	stderr          string
}

// versionOfReleased is the version of executables that are built once: tests change what the fleet wants.
const versionOfReleased = "v2.0.0-rc.1"

// buildReleased builds the executables as a release is built.
func buildReleased(t *testing.T) *released {
	t.Helper()
	r := &released{programs: t.TempDir(), fleet: t.TempDir()}
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags",
		"-s -w -X main.version="+versionOfReleased, "-o", r.programs, "./cmd/cmp", "./cmd/cmp-stages",
		"./cmd/cmp-server")
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, os.CopyFS(r.fleet, os.DirFS(filepath.Join("..", "..", "testdata", "fleet"))))
	return r
}

// want has the fleet want a range of versions, which is on line 15 of fleet.yaml.
func (r *released) want(t *testing.T, constraint string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "fleet", "fleet.yaml"))
	require.NoError(t, err)
	before, after, found := strings.Cut(string(text), "spec:\n")
	require.True(t, found)
	require.Equal(t, 13, strings.Count(before, "\n"))
	require.NoError(t, os.WriteFile(filepath.Join(r.fleet, "fleet.yaml"),
		[]byte(before+"spec:\n  cmpVersion: "+constraint+"\n"+after), 0o600))
}

// ofGenerate is what an Application says that has the plugin's parameters in its environment.
func ofGenerate(more ...string) []string {
	return append([]string{"ARGOCD_ENV_GROUP=addons", "ARGOCD_ENV_CLUSTER=hub-prod",
		"ARGOCD_APP_SOURCE_PATH=addons"}, more...)
}

// run runs cmp in a directory of the fleet, and returns what it prints and its exit status.
func (r *released) run(t *testing.T, directory string, environment, args []string) (stdout string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(r.programs, "cmp"), args...)
	cmd.Dir = filepath.Join(r.fleet, directory)
	cmd.Env = append(os.Environ(), environment...)
	var out, messages strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &messages
	err := cmd.Run()
	require.NotNil(t, cmd.ProcessState, err)
	r.stderr = messages.String()
	return out.String(), cmd.ProcessState.ExitCode()
}

// versionedCommands are those that the fleet's range is proven for.
var versionedCommands = []struct {
	directory   string
	environment []string
	args        string
	status      int // where cmp is not among the versions
}{
	{".", nil, "render --group addons --cluster hub-prod", 1},
	{".", nil, "render --group addons --cluster hub-prod --stage applications", 1},
	{"addons", ofGenerate(), "generate", 1},
	{"addons", ofGenerate("ARGOCD_ENV_STAGE=applications"), "generate", 1},
	{".", nil, "lint --offline --stage applicationsets", 1},
	{".", nil, "diff . . --offline --stage applicationsets", 2},
	{".", nil, "diff --against-cmp @cmp --offline --stage applicationsets --group addons", 2},
}

// TestVersionsOfExecutables proves, with executables as those of a release, that each command keeps to what the fleet
// wants: also where cmp has cmp-stages do it, and through the plugin server.
func TestVersionsOfExecutables(t *testing.T) {
	r := buildReleased(t)
	socket := r.serve(t)
	for _, test := range []struct{ constraint, want string }{
		{`">=1.4"`, ""},
		{`">=2.0.0-0"`, ""},
		{`">=1.4, <2"`, "fleet.yaml:15: the fleet wants cmp >=1.4, <2, and this is 2.0.0-rc.1"},
		{`">=2"`, "fleet.yaml:15: the fleet wants cmp >=2, and this is 2.0.0-rc.1"},
		{"latest", `fleet.yaml:15: spec: cmpVersion: "latest" is no range of versions`},
		{"1.4", `fleet.yaml:15: spec: cmpVersion is a number, which loses zeros: write cmpVersion: "1.4"`},
	} {
		r.want(t, test.constraint)
		remedy := "install one of those, or change spec.cmpVersion"
		if strings.Contains(test.want, "spec:") {
			remedy = "write"
		}
		for _, command := range versionedCommands {
			t.Run(test.constraint+" "+command.args, func(t *testing.T) {
				args := strings.ReplaceAll(command.args, "@cmp", filepath.Join(r.programs, "cmp"))
				stdout, status := r.run(t, command.directory, command.environment, strings.Fields(args))
				if test.want == "" {
					require.Zero(t, status, r.stderr)
					require.NotEmpty(t, stdout)
					return
				}
				require.Equal(t, command.status, status, stdout)
				printed := stdout + r.stderr
				require.Equal(t, 1, strings.Count(printed, "cmpVersion: ")+strings.Count(printed, "wants cmp"), printed)
				line := lineWith(printed, "fleet.yaml:15")
				require.Contains(t, strings.Replace(line, "15: error:", "15:", 1), test.want)
				require.Contains(t, line, remedy)
			})
		}
		t.Run(test.constraint+" cmp-server", func(t *testing.T) {
			objects, err := ask(t.Context(), socket, r.fleet, "addons", ofGenerate())
			if test.want == "" {
				require.NoError(t, err)
				require.NotEmpty(t, objects)
				return
			}
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, remedy)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// lineWith returns the line of a text that has another in it.
func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// serve starts the plugin server, and returns its socket.
func (r *released) serve(t *testing.T) string {
	t.Helper()
	sockets, err := os.MkdirTemp("", "cmp") // the name of a socket is short
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(sockets)) })
	require.NoError(t, os.WriteFile(filepath.Join(sockets, "plugin.yaml"), []byte(`kind: ConfigManagementPlugin
metadata: {name: test}
spec:
  generate: {command: [cmp, generate]}
`), 0o600))
	server := exec.Command(filepath.Join(r.programs, "cmp-server"), "--config-dir-path", sockets)
	server.Env = append(os.Environ(), "ARGOCD_PLUGINSOCKFILEPATH="+sockets, "CMP_OPERATIONS_ADDRESS=127.0.0.1:0")
	server.Stdout, server.Stderr = io.Discard, io.Discard
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	socket := filepath.Join(sockets, "test.sock")
	require.Eventually(t, func() bool { _, err := os.Stat(socket); return err == nil }, time.Minute,
		10*time.Millisecond)
	return socket
}

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shell are the blocks of commands of a page, of which the output is not shown.
var shell = regexp.MustCompile("(?s)```sh\n(.*?)```")

// pages returns the pages of the documentation, without the README, whose blocks of commands other tests run.
func pages(t *testing.T) []string {
	t.Helper()
	var found []string
	root := filepath.Join("..", "..")
	for _, directory := range []string{"docs", "manifests"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, directory),
			func(name string, entry fs.DirEntry, err error) error {
				if err == nil && !entry.IsDir() && filepath.Ext(name) == ".md" {
					name, err = filepath.Rel(root, name)
					found = append(found, filepath.ToSlash(name))
				}
				return err
			}))
	}
	require.NotEmpty(t, found)
	return found
}

// TestCommandsOfDocs runs the commands of the pages' blocks in a clone of the example fleet, as a reader would: each
// gives an answer.
func TestCommandsOfDocs(t *testing.T) {
	ran, environ := 0, withoutNetwork(t)
	itself, err := exec.LookPath("cmp")
	require.NoError(t, err)
	itself = "'" + itself + "'"
	another := strings.NewReplacer("/opt/cmp-1.4/cmp", itself, "~/cmp-1.4/cmp", itself)
	for _, page := range pages(t) {
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(page)))
		require.NoError(t, err)
		for _, block := range shell.FindAllStringSubmatch(string(text), -1) {
			block := strings.ReplaceAll(block[1], "\\\n", " ")
			if !regexp.MustCompile(`(?m)^cmp `).MatchString(block) {
				continue
			}
			directory := placeFor(t, page)
			for _, command := range strings.Split(strings.TrimSpace(block), "\n") {
				if !strings.HasPrefix(command, "cmp ") {
					continue // of another program
				}
				ran++
				t.Run(page+": "+command, func(t *testing.T) {
					run := exec.Command("sh", "-c", "exec "+another.Replace(command))
					run.Dir, run.Env = directory, environ
					if strings.Contains(command, " --serve") {
						serves(t, run)
						return
					}
					var stdout, stderr bytes.Buffer
					run.Stdout, run.Stderr = &stdout, &stderr
					err := run.Run()
					if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
						// Nothing can be rendered without a network, but the usage is not wrong.
						require.True(t, stdout.Len() > 0 || exit.ExitCode() == 1, "%v: %s", exit, stderr.String())
						err = nil
					}
					require.NoError(t, err)
				})
			}
		}
	}
	require.NotZero(t, ran)
}

// withoutNetwork returns what has charts asked for where nothing is answered, so that a test is the same on every
// machine: through a proxy whose certificate nobody trusts, which is not tried twice.
func withoutNetwork(t *testing.T) []string {
	t.Helper()
	proxy := httptest.NewUnstartedServer(http.NotFoundHandler())
	proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
	proxy.StartTLS()
	t.Cleanup(proxy.Close)
	return append(os.Environ(), "HTTP_PROXY="+proxy.URL, "HTTPS_PROXY="+proxy.URL, "NO_PROXY=127.0.0.1",
		"XDG_CACHE_HOME="+t.TempDir())
}

// serves starts a command that goes on until it is interrupted, and interrupts it once it has said where it serves.
func serves(t *testing.T, run *exec.Cmd) {
	t.Helper()
	stderr, err := run.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, run.Start())
	lines, served := bufio.NewScanner(stderr), false
	for !served && lines.Scan() {
		served = strings.Contains(lines.Text(), "http://127.0.0.1:")
	}
	require.NoError(t, run.Process.Signal(os.Interrupt))
	_, _ = io.Copy(io.Discard, stderr)
	_ = run.Wait() // it was interrupted
	require.True(t, served, "it says where")
}

// placeFor returns the directory in which a page's commands are run: a clone of the example fleet, with the files that
// the page names besides, or for the switch from the wrapper chart a fleet that has it.
func placeFor(t *testing.T, page string) string {
	t.Helper()
	if page == "docs/commands/migrate.md" {
		directory := t.TempDir()
		require.NoError(t, os.CopyFS(directory, os.DirFS(filepath.Join("..", "..", "testdata", "wrapper"))))
		return directory
	}
	directory := cloneOfExample(t)
	if page == "docs/commands/render.md" {
		for name, text := range map[string]string{
			"site.yaml":             "useSelectors: false\nmergeValues: {addons: {use: true}}\n",
			"bootstrap/addons.yaml": startedByHand,
		} {
			file := filepath.Join(directory, filepath.FromSlash(name))
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		}
	}
	return directory
}

// startedByHand is an ApplicationSet that no group has.
const startedByHand = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: classes, namespace: argocd}
spec:
  goTemplate: true
  generators: [{clusters: {selector: {matchLabels: {tenant: data}}}}]
  template:
    metadata: {name: 'classes-{{.name}}'}
    spec:
      project: default
      source: {repoURL: "https://git.example.com/platform/fleet.git", path: manifests/priority-classes}
      destination: {name: '{{.name}}', namespace: kube-system}
`

// cloneOfExample returns a clone of the example fleet with a tag, a change that is not committed yet, and copies beside
// it by the names that the pages use.
func cloneOfExample(t *testing.T) string {
	t.Helper()
	parent := t.TempDir()
	example := os.DirFS(filepath.Join("..", "..", "testdata", "fleet"))
	for _, name := range []string{"origin", "fleet", "before", "after"} {
		require.NoError(t, os.CopyFS(filepath.Join(parent, name), example))
	}
	origin, clone := filepath.Join(parent, "origin"), filepath.Join(parent, "clone")
	for _, arguments := range [][]string{{"init", "-q", "-b", "main"}, {"add", "."},
		{"commit", "-q", "-m", "The example"}, {"tag", "v1.2.0"}, {"clone", "-q", ".", clone}} {
		gitHere(t, origin, arguments...)
	}
	const changed = "resources/tenants/defaults/resources/namespace-baseline/values.yaml"
	for _, name := range []string{clone, filepath.Join(parent, "after")} {
		file := filepath.Join(name, filepath.FromSlash(changed))
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), `cpu: "8"`, `cpu: "99"`, 1)), 0o600))
	}
	return clone
}

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
)

// gitEnvironment has nothing of the machine's configuration, nor of a hook of Git that runs the tests.
func gitEnvironment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a",
		"GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com"}
}

// gitHere calls git in a directory, and returns what it prints.
func gitHere(t *testing.T, directory string, args ...string) string {
	t.Helper()
	c := exec.Command("git", args...)
	c.Dir = directory
	c.Env = gitEnvironment()
	out, err := c.CombinedOutput()
	require.NoError(t, err, "git %s: %s", strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}

// generated returns what `cmp generate` prints as argocd-cmp-server starts it, with the whole checkout around it.
func generated(t *testing.T, directory string, environ []string) (objects []string, message string) {
	t.Helper()
	program, err := exec.LookPath("cmp")
	require.NoError(t, err)
	c := exec.Command(program, "generate")
	c.Dir, c.Env = directory, append(os.Environ(), environ...)
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return nil, strings.TrimSpace(stderr.String())
	}
	split, err := serving.Split(out)
	require.NoError(t, err)
	for _, object := range split {
		objects = append(objects, string(object))
	}
	return objects, ""
}

// TestCatalogOfTheCheckout: a catalog at another revision of the fleet's repository is read from the Git repository
// that is sent with the files, as `cmp generate` reads it from the checkout.
func TestCatalogOfTheCheckout(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	socket := startServer(t, workers.Config{})
	for _, fleet := range []string{".", "team"} {
		t.Run("in "+fleet, func(t *testing.T) {
			root := t.TempDir()
			at := filepath.Join(root, fleet)
			require.NoError(t, os.CopyFS(at, os.DirFS("../../testdata/fleet")))
			commit := func(text string) {
				catalog := filepath.Join(at, "charts", "application-sets", "values", "addons.yaml")
				values, err := os.ReadFile("../../testdata/fleet/charts/application-sets/values/addons.yaml")
				require.NoError(t, err)
				values = bytes.ReplaceAll(values, []byte(`defaultVersion: "v1.17.2"`), []byte("defaultVersion: of-"+text))
				require.NoError(t, os.WriteFile(catalog, values, 0o600))
				gitHere(t, root, "add", "--all")
				gitHere(t, root, "commit", "-q", "-m", text)
			}
			gitHere(t, root, "init", "-q", "-b", "main")
			gitHere(t, root, "remote", "add", "origin", "https://git.example.com/platform/fleet.git")
			commit("main")
			environ := []string{"ARGOCD_APP_SOURCE_PATH=" + filepath.Join(fleet, "addons"), "ARGOCD_APP_PARAMETERS=" +
				`[{"name":"group","string":"addons"},{"name":"cluster","string":"hub-prod"},{"name":"release","string":"next"}]`}
			same := func(of string) {
				t.Helper()
				gitHere(t, root, "checkout", "-q", "--detach", "main") // as repo-server has it
				want, message := generated(t, filepath.Join(at, "addons"), environ)
				for range 2 {
					got, err := ask(t.Context(), socket, root, filepath.Join(fleet, "addons"), environ)
					if message != "" {
						require.ErrorContains(t, err, message)
						continue
					}
					require.NoError(t, err)
					require.Equal(t, want, got)
				}
				require.True(t, slices.ContainsFunc(want, func(object string) bool {
					return strings.Contains(object, "of-"+of)
				}))
			}
			same("main") // the fleet's own catalog, since there is no branch

			gitHere(t, root, "checkout", "-q", "-b", "next")
			commit("branch")
			same("branch")
			gitHere(t, root, "checkout", "-q", "next")
			commit("moved")
			same("moved") // though the files of the commit that is rendered are the same
			gitHere(t, root, "gc", "-q")
			same("moved")
			gitHere(t, root, "update-ref", "refs/remotes/origin/next", "main")
			same("main") // of the remote, which counts first
			gitHere(t, root, "branch", "-q", "-D", "next")
			gitHere(t, root, "update-ref", "-d", "refs/remotes/origin/next")
			gitHere(t, root, "tag", "next", "main")
			same("main")

			require.NoError(t, os.RemoveAll(filepath.Join(root, ".git", "objects", "pack")))
			want, message := generated(t, filepath.Join(at, "addons"), environ)
			got, err := ask(t.Context(), socket, root, filepath.Join(fleet, "addons"), environ)
			require.Empty(t, message)
			require.NoError(t, err)
			require.Equal(t, want, got, "of a repository without objects")

			without, err := ask(t.Context(), socket, root, filepath.Join(fleet, "addons"), environ, ".git")
			require.NoError(t, err)
			require.NotEmpty(t, without, "where Argo CD does not send it, as with its reposerver.plugin.tar.exclusions")
		})
	}
}

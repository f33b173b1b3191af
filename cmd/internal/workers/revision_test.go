package workers_test

import (
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// TestCatalogOfAnotherRevision: argocd-cmp-server hands over the Git repository, in which the catalog of a release can
// be at another revision. Without it, the fleet's catalog is not put in its place, unless the repository has not got
// that revision either.
func TestCatalogOfAnotherRevision(t *testing.T) {
	files := exampleFleet(t)
	environ := []string{"ARGOCD_APP_SOURCE_PATH=addons", `ARGOCD_APP_PARAMETERS=[{"name":"group","string":"addons"},` +
		`{"name":"cluster","string":"hub-prod"},{"name":"release","string":"next"}]`}
	for name, git := range map[string]struct {
		file, text string
		refused    bool
	}{
		"no Git repository":    {"notes.txt", "", false},
		"without the branch":   {".git/packed-refs", "# pack-refs with: peeled\n0123 refs/remotes/origin/main\n", false},
		"a branch of a remote": {".git/packed-refs", "0123 refs/remotes/origin/main\n4567 refs/remotes/origin/next\n", true},
		"a branch":             {".git/refs/heads/next", "0123\n", true},
		"a tag":                {".git/refs/tags/next", "0123\n", true},
		"what is not known":    {".git/reftable/tables.list", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			files[git.file] = git.text
			defer delete(files, git.file)
			j := jobOf(t, server.NewStore(t.TempDir(), 8<<20), packed(t, files), environ...)
			j.Path = "addons"
			objects, err := newPool(t, "cmp", nil).Generate(t.Context(), j)
			if !git.refused {
				require.NoError(t, err)
				require.NotEmpty(t, objects)
				return
			}
			require.Empty(t, objects)
			require.ErrorContains(t, err, "fleet/bootstrap/versions/applicationSets.yaml:11: the catalog "+
				"https://git.example.com/platform/fleet.git//charts/application-sets@next: "+
				"is in the Git repository of the checkout, which is not read by the plugin server")
			require.ErrorContains(t, err, "set CMP_GIT_FETCH to true")
		})
	}
}

// exampleFleet returns the files of the example fleet.
func exampleFleet(t *testing.T) map[string]string {
	t.Helper()
	files, root := map[string]string{}, os.DirFS("../../../testdata/fleet")
	require.NoError(t, fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		files[name] = string(data)
		return err
	}))
	return files
}

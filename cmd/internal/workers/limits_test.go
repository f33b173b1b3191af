package workers_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
)

// TestLimitOfAFleet: what a worker keeps of repositories does not count for the limit of memory that a fleet says of
// its renders: argocd-cmp-server has these on disk.
func TestLimitOfAFleet(t *testing.T) {
	var seen events
	p := newPool(t, "cmp", func(c *workers.Config) { c.Notice = seen.notice })
	store := newStore(t.TempDir(), 8<<20)
	large := strings.Repeat("a", 90<<20)
	for _, test := range []struct{ limits, file string }{
		{"{}", large}, {"{memory: 64Mi}", ""}, {"{memory: 64Mi}", large},
	} {
		files := exampleFleet(t)
		files["fleet.yaml"] = strings.Replace(files["fleet.yaml"], "spec:\n", "spec:\n  limits: "+test.limits+"\n", 1)
		files["notes.txt"] = test.file
		j := jobOf(t, store, packed(t, files), "ARGOCD_APP_SOURCE_PATH=addons",
			`ARGOCD_APP_PARAMETERS=[{"name":"group","string":"addons"},{"name":"cluster","string":"hub-prod"}]`)
		j.Path = "addons"
		objects, err := p.Generate(t.Context(), j)
		require.NoError(t, err)
		require.NotEmpty(t, objects)
		require.False(t, seen.last().Killed)
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

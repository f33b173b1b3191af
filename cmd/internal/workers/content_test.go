package workers_test

import (
	"archive/tar"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
)

// TestSameContent: a repository that arrives again with other times and another log of Git is not handed over again.
func TestSameContent(t *testing.T) {
	var seen events
	p := newPool(t, "cmp", func(c *workers.Config) { c.Notice = seen.notice })
	store, environ := newStore(t.TempDir(), 8<<20), environOf(t, 2)
	at := func(seconds int64) []byte {
		return tarOf(t, func(w *tar.Writer) error {
			files := map[string]string{".git/logs/HEAD": strings.Repeat("x", int(seconds)),
				"fleet.yaml":                          carried("app"),
				"charts/application-sets/values.yaml": "repoURLGit: https://git.example.com/one\n",
				"charts/application-sets/values/app.yaml": "app: {enabled: true, namespace: app, path: charts/app, " +
					"defaultVersion: 1.0.0}\n",
				"core/tenants/t2/defaults/a": ""}
			for _, name := range slices.Sorted(maps.Keys(files)) {
				header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(files[name])), Mode: 0o644,
					ModTime: time.Unix(seconds, 0)}
				if err := w.WriteHeader(header); err != nil {
					return err
				}
				if _, err := io.WriteString(w, files[name]); err != nil {
					return err
				}
			}
			return w.Close()
		})
	}
	var first []string
	for i := range 3 {
		j := jobOf(t, store, at(int64(10+i)), environ...)
		j.Path = "core"
		objects, err := p.Generate(t.Context(), j)
		require.NoError(t, err)
		if i == 0 {
			first = objects
		}
		require.Equal(t, first, objects)
		require.Equal(t, i > 0, seen.all[i].Warm && seen.all[i].Session)
	}
}

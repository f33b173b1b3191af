package workers_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
)

// BenchmarkRepeated is what a request takes for whose repository a worker has all: from its archive to its objects,
// without what its sender does.
func BenchmarkRepeated(b *testing.B) {
	for _, files := range []int{0, 3000, 30_000} {
		b.Run(fmt.Sprint(files, " files"), func(b *testing.B) {
			p := newPool(b, "cmp", func(c *workers.Config) { c.Workers = 1 })
			store := newStore(b.TempDir(), 64<<20)
			all := map[string]string{"fleet.yaml": carried("app"),
				"charts/application-sets/values.yaml": "repoURLGit: https://git.example.com/one\n",
				"charts/application-sets/values/app.yaml": "app: {enabled: true, namespace: app, path: charts/app, " +
					"defaultVersion: 1.0.0}\n",
				"core/tenants/t2/defaults/a": ""}
			for i := range files {
				all[fmt.Sprintf("charts/c%d/templates/%d.yaml", i%100, i)] = fmt.Sprintf(
					"# %d\nkind: ConfigMap\nmetadata: {name: a%d}\n", i, i)
			}
			data := packed(b, all)
			j := jobOf(b, store, data, environOf(b, 2)...)
			j.Path = "core"
			_, err := p.Generate(b.Context(), j)
			require.NoError(b, err)
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				again := jobOf(b, store, data, environOf(b, 2)...)
				again.Path = "core"
				_, err := p.Generate(b.Context(), again)
				require.NoError(b, err)
			}
		})
	}
}

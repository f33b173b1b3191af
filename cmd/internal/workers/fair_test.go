package workers_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTenantsTakeTurns: a tenant with hundreds of jobs that wait does not keep others waiting: repositories take turns,
// and groups of a repository.
func TestTenantsTakeTurns(t *testing.T) {
	p := newPool(t, "odd", nil) // with one worker, which knows the order
	store := newStore(t.TempDir(), 8<<20)
	data, file := packed(t, map[string]string{"a": "text"}), filepath.Join(t.TempDir(), "order")
	var all sync.WaitGroup
	waits := 0
	start := func(what, url, group string) {
		j := jobOf(t, store, data, "DO="+what, "ARGOCD_APP_SOURCE_REPO_URL="+url, "ARGOCD_ENV_GROUP="+group)
		all.Go(func() {
			if _, err := p.Generate(t.Context(), j); err != nil {
				t.Error(err)
			}
		})
		if waits > 0 {
			require.Eventually(t, func() bool { return p.Waiting() == waits }, eventually, tick)
		}
		waits++
	}
	what, begun, end := held(t)
	start(what, "https://git.example.com/many", "core")
	begun()
	for range 200 {
		start("note "+file+" many", "https://git.example.com/many", "core")
	}
	for range 2 {
		start("note "+file+" few", "https://git.example.com/few", "core")
		start("note "+file+" group", "https://git.example.com/many", "addons")
	}
	end()
	all.Wait()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	order := strings.Fields(string(text))
	require.Len(t, order, 204)
	require.Equal(t, "many few group few many group many", strings.Join(order[:7], " "))
}

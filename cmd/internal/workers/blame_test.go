package workers

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// TestBlame: an Application is to blame for some time, whatever its commit, and until it succeeds. How many are known
// is bounded.
func TestBlame(t *testing.T) {
	var b blame
	now := time.Now()
	web := blamedAs("generate", server.Job{App: "web", Path: "core", Checksum: "a"})
	require.Equal(t, web, blamedAs("generate", server.Job{App: "web", Path: "core", Checksum: "b"}))
	require.False(t, b.has(web, now))
	b.put(web, now)
	require.True(t, b.has(web, now.Add(blameLasts-1)))
	require.False(t, b.has(web, now.Add(blameLasts)))
	require.False(t, b.has(blamedAs("generate", server.Job{App: "other", Path: "core"}), now))
	b.take(web)
	require.False(t, b.has(web, now))
	for i := range 2 * maxBlamed {
		b.put(fmt.Sprint(i), now)
		require.True(t, b.has(fmt.Sprint(i), now))
	}
	require.Len(t, b.until, maxBlamed)
	b.put(web, now.Add(2*blameLasts))
	require.Len(t, b.until, 1, "the time of the others is over")
}

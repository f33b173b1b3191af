package server

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/fair"
)

// TestTurnsOfTenants: a tenant with many requests that wait keeps others waiting for one of them only, and a turn that
// nobody wants any more is for the next.
func TestTurnsOfTenants(t *testing.T) {
	turns := &turns{free: 1}
	require.NoError(t, turns.take(t.Context(), fair.Tenant{}))
	var mu sync.Mutex
	var order []string
	var all sync.WaitGroup
	waits := 0
	wait := func(ctx context.Context, of string) {
		all.Go(func() {
			if err := turns.take(ctx, fair.Tenant{Repository: of}); err != nil {
				return
			}
			mu.Lock()
			order = append(order, of)
			mu.Unlock()
			turns.release()
		})
		waits++
		require.Eventually(t, func() bool {
			turns.mu.Lock()
			defer turns.mu.Unlock()
			return turns.waiting.Len() == waits
		}, time.Minute, time.Millisecond)
	}
	for range 100 {
		wait(t.Context(), "many")
	}
	ctx, cancel := context.WithCancel(t.Context())
	wait(ctx, "gone")
	for i := range 3 {
		wait(t.Context(), fmt.Sprint("few", i))
	}
	cancel()
	require.Eventually(t, func() bool {
		turns.mu.Lock()
		defer turns.mu.Unlock()
		return turns.waiting.Len() == waits-1
	}, time.Minute, time.Millisecond)
	turns.release()
	all.Wait()
	require.Equal(t, "many few0 few1 few2 many", strings.Join(order[:5], " "))
	require.Len(t, order, 103)
	require.Equal(t, 1, turns.free)

	require.NoError(t, turns.take(t.Context(), fair.Tenant{}))
	require.EqualError(t, turns.take(ctx, fair.Tenant{}), "the plugin server has too much to do")
	turns.release()
	require.Equal(t, 1, turns.free)
}

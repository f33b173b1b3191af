package workers_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
)

// TestLargeResults: there is memory for one of the largest results at a time, from when it is read until it is sent.
// Others wait in their workers, small ones do not, and a worker whose result nobody waits for any more stays.
func TestLargeResults(t *testing.T) {
	const patience = 2 * time.Second
	var seen events
	run := doer(t, newPool(t, "odd", func(c *workers.Config) { c.Notice, c.Patience = seen.notice, patience }))
	const large = "size 900000"
	sending, sent := context.WithCancel(t.Context())
	defer sent()
	before, err := run(sending, large)
	require.NoError(t, err)
	require.Greater(t, len(before), 900_000)

	ctx, pass := deadlined(t)
	what, begun, end := held(t)
	go func() {
		begun()
		end()
		time.Sleep(patience) // after which the worker of a job that is not done is killed
		pass()
	}()
	_, err = run(ctx, large+" then "+what)
	require.Error(t, err)
	require.True(t, strings.Contains(err.Error(), "waited for others to be sent") ||
		strings.Contains(err.Error(), "nobody waits for the work any more"), err.Error())
	require.False(t, seen.last().Killed)

	answer, err := run(t.Context(), "")
	require.NoError(t, err, "a small one")
	_, pid, _ := strings.Cut(before, `"pid":`)
	require.Contains(t, answer, pid, "it is the same worker")

	other, cancelOther := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := run(other, large)
		ended <- err
	}()
	select {
	case err := <-ended:
		require.Fail(t, "it does not wait", "%v", err)
	case <-time.After(100 * time.Millisecond):
	}
	sent()
	require.NoError(t, <-ended)
	cancelOther()
	_, err = run(t.Context(), large)
	require.NoError(t, err)
}

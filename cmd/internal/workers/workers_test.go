package workers_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// pidIn returns the process of which an answer tells.
func pidIn(t testing.TB, answer string) int {
	t.Helper()
	digits, ok := strings.CutPrefix(answer, `{"pid":`)
	require.True(t, ok, answer)
	pid, err := strconv.Atoi(strings.TrimSuffix(digits, "}"))
	require.NoError(t, err, answer)
	return pid
}

// TestEndOfAWorker: whatever ends a worker, or goes wrong with its answer, is one line of its job and no answer, and the
// next job has a worker.
func TestEndOfAWorker(t *testing.T) {
	for what, test := range map[string]struct {
		want   string
		killed bool
	}{
		"fail":  {"`cmp generate` failed exit status 1: Error: it is so", false},
		"grow":  {"Error: the run needs more memory than 128 MiB, while rendering Application web; raise A if that is meant", true},
		"wait":  {"Error: the run took longer than 1s, while rendering Application web; raise B if it needs that", true},
		"panic": {"ended unexpectedly (a defect), while rendering Application web; nothing was printed", true},
		"exit":  {"Error: the worker's answer cannot be used: EOF", true},
		"print": {"Error: the worker's answer cannot be used: what was read is no message of the other side", true},
		"torn":  {"Error: the worker's answer cannot be used: unexpected EOF", true},
		"half":  {"Error: the worker's answer cannot be used: unexpected EOF", true},
		"much": {"Error: the worker's answer cannot be used: the result is too large: it has more than 1048576 bytes; raise " +
			"ARGOCD_GRPC_MAX_SIZE_MB of repo-server and plugin, or render less at once", true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var seen events
			run := doer(t, newPool(t, "odd", func(c *workers.Config) { c.Notice = seen.notice }))
			before, err := run(t.Context(), "")
			require.NoError(t, err)
			answer, err := run(t.Context(), what)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "\n")
			require.NotContains(t, err.Error(), "secret")
			require.Empty(t, answer)
			event := seen.last()
			require.True(t, event.Failed)
			require.Equal(t, test.killed, event.Killed)
			require.Equal(t, test.killed && what != "much", event.Again, "a worker that had done others is no reason to fail")
			after, err := run(t.Context(), "")
			require.NoError(t, err)
			require.Equal(t, test.killed, pidIn(t, before) != pidIn(t, after))
		})
	}
}

// TestGivenUp: a worker in which work goes on that was given up is replaced.
func TestGivenUp(t *testing.T) {
	run := doer(t, newPool(t, "odd", nil))
	first, err := run(t.Context(), "go on")
	require.NoError(t, err)
	second, err := run(t.Context(), "")
	require.NoError(t, err)
	third, err := run(t.Context(), "")
	require.NoError(t, err)
	require.NotEqual(t, pidIn(t, first), pidIn(t, second))
	require.Equal(t, second, third)
}

// TestDeadline: a job that takes longer than its request can wait fails with what it did, and its worker ends.
func TestDeadline(t *testing.T) {
	var seen events
	run := doer(t, newPool(t, "odd", func(c *workers.Config) { c.Notice, c.Timeout = seen.notice, 500*time.Millisecond }))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := run(ctx, "wait")
	require.ErrorContains(t, err, "the work took longer than the request can wait, while rendering Application web")
	require.True(t, seen.last().Killed)
	_, err = run(t.Context(), "wait")
	require.ErrorContains(t, err, "the work took longer than 500ms, which a request without a deadline may take, while rendering")
	_, err = run(t.Context(), "")
	require.NoError(t, err)
}

// TestCancelled: nobody waits for a job any more, and its worker stays if that is done soon.
func TestCancelled(t *testing.T) {
	run := doer(t, newPool(t, "odd", nil))
	before, err := run(t.Context(), "")
	require.NoError(t, err)
	for what, stays := range map[string]bool{"wait a little": true, "wait": false} {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		_, err = run(ctx, what)
		require.ErrorContains(t, err, "failed exit status 1: Error: ")
		after, err := run(t.Context(), "")
		require.NoError(t, err)
		if stays {
			require.Equal(t, before, after)
		}
		before = after
	}
}

// TestKilledByOthers: who kills a worker takes nothing from its job if that can be done again, and one line otherwise.
func TestKilledByOthers(t *testing.T) {
	var seen events
	p := newPool(t, "odd", func(c *workers.Config) { c.Notice = seen.notice })
	run := doer(t, p)
	first, err := run(t.Context(), "")
	require.NoError(t, err)
	time.AfterFunc(100*time.Millisecond, func() { _ = syscall.Kill(pidIn(t, first), syscall.SIGKILL) })
	second, err := run(t.Context(), "wait a little")
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.True(t, seen.last().Again && seen.last().Killed && !seen.last().Failed)

	pid := pidIn(t, second)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Eventually(t, func() bool { return syscall.Kill(pid, 0) != nil }, time.Minute, time.Millisecond)
	third, err := run(t.Context(), "")
	require.NoError(t, err, "with nothing to do, a worker is replaced")
	require.NotEqual(t, second, third)
	require.False(t, seen.last().Again)
}

// TestQueue: jobs wait for a worker, up to a number, and none is passed over for ever.
func TestQueue(t *testing.T) {
	p := newPool(t, "odd", func(c *workers.Config) { c.Waiting = 40 })
	store := server.NewStore(t.TempDir(), 8<<20)
	often, rare := packed(t, map[string]string{"a": "often"}), packed(t, map[string]string{"a": "rare"})
	var order []string
	var mu sync.Mutex
	var all sync.WaitGroup
	start := func(name string, data []byte) {
		waiting := p.Waiting()
		j := jobOf(t, store, data, "DO=wait a little")
		if waiting > 0 {
			j.Environ = []string{"DO="}
		}
		all.Go(func() {
			_, err := p.Generate(t.Context(), j)
			mu.Lock()
			defer mu.Unlock()
			if order = append(order, name); err != nil {
				t.Error(err)
			}
		})
		require.Eventually(t, func() bool { return p.Waiting() > waiting || waiting == 0 }, time.Minute, time.Millisecond)
	}
	start("first", often)
	time.Sleep(100 * time.Millisecond) // until it is begun
	start("second", often)
	require.Eventually(t, func() bool { return p.Waiting() == 1 }, time.Minute, time.Millisecond)
	start("rare", rare)
	for i := range 30 {
		start(fmt.Sprint(i), often)
	}
	all.Wait()
	require.Less(t, indexOf(order, "rare"), 20)

	full := newPool(t, "odd", func(c *workers.Config) { c.Waiting = 0 })
	run := doer(t, full)
	_, err := run(t.Context(), "")
	require.NoError(t, err)
	all.Go(func() { _, _ = run(t.Context(), "wait a little") })
	time.Sleep(100 * time.Millisecond)
	_, err = run(t.Context(), "")
	require.ErrorIs(t, err, server.ErrBusy)
	all.Wait()
}

func indexOf(list []string, text string) int {
	for i, one := range list {
		if one == text {
			return i
		}
	}
	return len(list)
}

// TestClose: jobs that are done are done, others are refused, and no process is left.
func TestClose(t *testing.T) {
	p := newPool(t, "odd", func(c *workers.Config) { c.Workers = 2 })
	require.Eventually(t, func() bool { return p.Running() == 2 }, time.Minute, time.Millisecond, "before there is work")
	run := doer(t, p)
	answers := make(chan string, 1)
	go func() {
		answer, err := run(t.Context(), "wait a little")
		answers <- fmt.Sprint(answer, err)
	}()
	time.Sleep(100 * time.Millisecond)
	p.Close()
	require.Contains(t, <-answers, "<nil>")
	require.Zero(t, p.Running())
	_, err := run(t.Context(), "")
	require.ErrorContains(t, err, "the server stops: ask again")

	missing := newPool(t, "odd", func(c *workers.Config) { c.Program += "-missing" })
	_, err = doer(t, missing)(t.Context(), "")
	require.ErrorContains(t, err, "cannot be started: no such file or directory")
}

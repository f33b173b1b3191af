package workers_test

import (
	"context"
	"fmt"
	"slices"
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

// TestEndOfAWorker: whatever ends a worker, or goes wrong with its answer, is one line of its job and no answer, and
// the next job has a worker.
func TestEndOfAWorker(t *testing.T) {
	for what, test := range map[string]struct {
		want   string
		killed bool
	}{
		"fail": {"`cmp generate` failed exit status 1: Error: it is so", false},
		"grow": {"Error: the run needs more memory than 128 MiB, while rendering Application web; raise A if that " +
			"is meant", true},
		"wait": {"Error: the run took longer than 3s, while rendering Application web; raise B if it needs that",
			true},
		"panic": {"ended unexpectedly (a defect), while rendering Application web; nothing was printed", true},
		"exit":  {"Error: the worker's answer cannot be used: EOF", true},
		"print": {"Error: the worker's answer cannot be used: what was read is no message of the other side", true},
		"torn":  {"Error: the worker's answer cannot be used: unexpected EOF", true},
		"half":  {"Error: the worker's answer cannot be used: unexpected EOF", true},
		"much": {"Error: the result is too large: it has more than 1048576 bytes; raise ARGOCD_GRPC_MAX_SIZE_MB of " +
			"repo-server and plugin, or render less at once", false},
	} {
		t.Run(what, func(t *testing.T) {
			if what == "wait" { // for which the others have more time than they need
				t.Setenv("ODD_TIMEOUT", "3s")
			}
			var seen events
			p := newPool(t, "odd", func(c *workers.Config) { c.Notice = seen.notice })
			run, another := doer(t, p), doerOf(t, p, "another")
			before, err := another(t.Context(), "")
			require.NoError(t, err)
			answer, err := run(t.Context(), what)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "\n")
			require.NotContains(t, err.Error(), "secret")
			require.Empty(t, answer)
			event := seen.last()
			require.True(t, event.Failed)
			require.Equal(t, test.killed, event.Killed)
			require.Equal(t, what == "panic", len(event.Defects) > 0)
			require.NotContains(t, strings.Join(event.Defects, ""), "secret")
			require.Equal(t, test.killed && what != "wait", event.Again,
				"a worker that had done others is no reason to fail")
			after, err := another(t.Context(), "")
			require.NoError(t, err)
			require.Equal(t, test.killed, pidIn(t, before) != pidIn(t, after))

			_, err = run(t.Context(), what)
			require.ErrorContains(t, err, test.want)
			require.False(t, seen.last().Again, "who has ended a worker that had done no others is to blame")
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
	run := doer(t, newPool(t, "odd", func(c *workers.Config) { c.Notice, c.Timeout = seen.notice, 3*time.Second }))
	starts := func() {
		t.Helper()
		require.Eventually(t, func() bool { _, err := run(t.Context(), ""); return err == nil }, eventually, tick)
	}
	ctx, pass := deadlined(t)
	what, begun, _ := held(t)
	go func() {
		begun()
		pass()
	}()
	_, err := run(ctx, what)
	require.ErrorContains(t, err, "the work took longer than the request can wait, while rendering Application web")
	require.True(t, seen.last().Killed)
	starts() // since that counts for the time of who waits for it
	_, err = run(t.Context(), "wait")
	require.ErrorContains(t, err,
		"the work took longer than 3s, which a request without a deadline may take, while rendering")
	starts()
}

// givenUp runs a job that nobody waits for any more once it has begun, and that is done then, and returns its error. A
// result that came at the same moment is no error, and so it is tried again.
func givenUp(ctx context.Context, t *testing.T, run func(ctx context.Context, what string) (string, error),
	giveUp func()) error {
	t.Helper()
	for {
		what, begun, end := held(t)
		go func() {
			begun()
			giveUp()
			end()
		}()
		if _, err := run(ctx, what); err != nil {
			return err
		}
	}
}

// TestLateStart: a worker that a job got just before its deadline stays if it is done soon. Else, where requests wait
// for as long as they can, each would cost a worker.
func TestLateStart(t *testing.T) {
	var seen events
	run := doer(t, newPool(t, "odd", func(c *workers.Config) { c.Notice, c.Patience = seen.notice, eventually }))
	before, err := run(t.Context(), "")
	require.NoError(t, err)
	ctx, pass := deadlined(t)
	require.ErrorContains(t, givenUp(ctx, t, run, pass),
		"nobody waits for the work any more: context deadline exceeded")
	require.False(t, seen.last().Killed)
	after, err := run(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// TestCancelled: nobody waits for a job any more, and its worker stays if that is done soon.
func TestCancelled(t *testing.T) {
	for patience, stays := range map[time.Duration]bool{eventually: true, 100 * time.Millisecond: false} {
		run := doer(t, newPool(t, "odd", func(c *workers.Config) { c.Patience = patience }))
		before, err := run(t.Context(), "")
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		if stays {
			err = givenUp(ctx, t, run, cancel)
		} else {
			cancel()
			_, err = run(ctx, "wait")
		}
		require.ErrorContains(t, err, "failed exit status 1: Error: ")
		after, err := run(t.Context(), "")
		require.NoError(t, err)
		require.Equal(t, stays, before == after)
	}
}

// TestKilledByOthers: who kills a worker takes nothing from its job if that can be done again, and one line otherwise.
func TestKilledByOthers(t *testing.T) {
	var seen events
	p := newPool(t, "odd", func(c *workers.Config) { c.Notice = seen.notice })
	run := doer(t, p)
	first, err := run(t.Context(), "")
	require.NoError(t, err)
	what, begun, end := held(t)
	go func() {
		begun()
		_ = syscall.Kill(pidIn(t, first), syscall.SIGKILL)
		end()
	}()
	second, err := run(t.Context(), what)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.True(t, seen.last().Again && seen.last().Killed && !seen.last().Failed)

	pid := pidIn(t, second)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Eventually(t, func() bool { return syscall.Kill(pid, 0) != nil }, eventually, tick)
	third, err := run(t.Context(), "")
	require.NoError(t, err, "with nothing to do, a worker is replaced")
	require.NotEqual(t, second, third)
}

// TestQueue: jobs wait for a worker, up to a number, and none is passed over for ever.
func TestQueue(t *testing.T) {
	p := newPool(t, "odd", func(c *workers.Config) { c.Waiting = 40 })
	store := newStore(t.TempDir(), 8<<20)
	often, rare := packed(t, map[string]string{"a": "often"}), packed(t, map[string]string{"a": "rare"})
	var order []string
	var mu sync.Mutex
	var all sync.WaitGroup
	start := func(name string, data []byte, what string) {
		j := jobOf(t, store, data, "DO="+what)
		all.Go(func() {
			_, err := p.Generate(t.Context(), j)
			mu.Lock()
			defer mu.Unlock()
			if order = append(order, name); err != nil {
				t.Error(err)
			}
		})
	}
	what, begun, end := held(t)
	start("first", often, what)
	begun()
	for i := range 31 {
		name, data := fmt.Sprint(i), often
		if i == 1 {
			name, data = "rare", rare
		}
		start(name, data, "")
		require.Eventually(t, func() bool { return p.Waiting() == i+1 }, eventually, tick)
	}
	end()
	all.Wait()
	require.Less(t, slices.Index(order, "rare"), 20)

	full := newPool(t, "odd", func(c *workers.Config) { c.Waiting = 0 })
	run := doer(t, full)
	require.Eventually(t, func() bool {
		_, err := run(t.Context(), "")
		return err == nil
	}, eventually, tick)
	what, begun, end = held(t)
	all.Go(func() { _, _ = run(t.Context(), what) })
	begun()
	_, err := run(t.Context(), "")
	require.ErrorIs(t, err, server.ErrBusy)
	end()
	all.Wait()
}

// TestClose: jobs that are done are done, others are refused, and no process is left.
func TestClose(t *testing.T) {
	p := newPool(t, "odd", func(c *workers.Config) { c.Workers = 2 })
	require.Eventually(t, func() bool { return p.Running() == 2 }, eventually, tick, "before there is work")
	run := doer(t, p)
	answers := make(chan string, 1)
	what, begun, end := held(t)
	go func() {
		answer, err := run(t.Context(), what)
		answers <- fmt.Sprint(answer, err)
	}()
	begun()
	time.AfterFunc(50*time.Millisecond, end)
	p.Close()
	require.Contains(t, <-answers, "<nil>")
	require.Zero(t, p.Running())
	_, err := run(t.Context(), "")
	require.ErrorContains(t, err, "the server stops: ask again")

	missing := newPool(t, "odd", func(c *workers.Config) { c.Program += "-missing" })
	_, err = doer(t, missing)(t.Context(), "")
	require.ErrorContains(t, err, "cannot be started: no such file or directory")
}

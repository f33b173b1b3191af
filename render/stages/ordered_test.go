package stages

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// parallel has the test run with several workers, whatever the machine has.
func parallel(t *testing.T, workers int) {
	before := runtime.GOMAXPROCS(workers)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestOrderedKeepsTheOrder(t *testing.T) {
	const workers = 4
	parallel(t, workers)
	// Each item but the last of its block waits for the next one, so that they end in the reverse order.
	const n = 40
	done := make([]chan struct{}, n+1)
	for i := range done {
		done[i] = make(chan struct{})
	}
	var used, results, want []int
	err := ordered(t.Context(), n, func(_ context.Context, i int) (int, error) {
		if i%workers != workers-1 {
			<-done[i+1]
		}
		close(done[i])
		return i, nil
	}, func(i, result int) error {
		used, results = append(used, i), append(results, result)
		return nil
	})
	require.NoError(t, err)
	for i := range n {
		want = append(want, i)
	}
	require.Equal(t, want, used)
	require.Equal(t, want, results)
}

// TestOrderedWaits: a slow reader of the results keeps the workers from filling the memory.
func TestOrderedWaits(t *testing.T) {
	const workers, n = 3, 100
	parallel(t, workers)
	var started, finished, most atomic.Int32
	err := ordered(t.Context(), n, func(context.Context, int) (int, error) {
		if waiting := started.Add(1) - finished.Load(); waiting > most.Load() {
			most.Store(waiting)
		}
		return 0, nil
	}, func(int, int) error {
		for range 10 {
			runtime.Gosched()
		}
		finished.Add(1)
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, n, finished.Load())
	require.LessOrEqual(t, most.Load(), int32(2*workers+1), "the one in use, and the slots")
}

func TestOrderedWithoutItems(t *testing.T) {
	never := func() { t.Error("nothing is there to do") }
	require.NoError(t, ordered(t.Context(), 0, func(context.Context, int) (int, error) { never(); return 0, nil },
		func(int, int) error { never(); return nil }))
}

func TestOrderedStopsAtTheFirstError(t *testing.T) {
	parallel(t, 4)
	broken := errors.New("broken")
	t.Run("of work", func(t *testing.T) {
		var used []int
		var worked atomic.Int32
		err := ordered(t.Context(), 1000, func(_ context.Context, i int) (int, error) {
			worked.Add(1)
			if i == 10 {
				return 0, broken
			}
			return i, nil
		}, func(i, _ int) error { used = append(used, i); return nil })
		require.ErrorIs(t, err, broken)
		require.NotContains(t, used, 10)
		require.LessOrEqual(t, len(used), 10, "nothing is used past the item that failed")
		require.Less(t, int(worked.Load()), 1000)
	})
	t.Run("of use, whose work is then cancelled", func(t *testing.T) {
		var used int
		err := ordered(t.Context(), 1000, func(ctx context.Context, i int) (int, error) {
			if i > 3 {
				<-ctx.Done() // which only the error can end
				return 0, ctx.Err()
			}
			return i, nil
		}, func(i, _ int) error {
			if used++; i == 2 {
				return broken
			}
			return nil
		})
		require.ErrorIs(t, err, broken)
		require.Equal(t, 3, used)
	})
}

func TestOrderedIsCancelled(t *testing.T) {
	parallel(t, 2)
	t.Run("on the way", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		err := ordered(ctx, 1000, func(_ context.Context, i int) (int, error) {
			if i == 5 {
				cancel()
			}
			return i, nil
		}, func(int, int) error { return nil })
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("while work waits", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		err := ordered(ctx, 10, func(ctx context.Context, _ int) (int, error) {
			cancel()
			<-ctx.Done()
			return 0, ctx.Err()
		}, func(int, int) error { return errors.New("there is no result") })
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("before it begins", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := ordered(ctx, 1000, func(context.Context, int) (int, error) { return 0, nil },
			func(int, int) error { return nil })
		require.ErrorIs(t, err, context.Canceled)
	})
}

// TestOrderedLeavesNothingRunning: all work has ended when it returns, however it does.
func TestOrderedLeavesNothingRunning(t *testing.T) {
	parallel(t, 4)
	for name, fail := range map[string]func(i int) (work, use error){
		"success":       func(int) (error, error) { return nil, nil },
		"work fails":    func(i int) (error, error) { return errorAt(i, 20), nil },
		"use fails":     func(i int) (error, error) { return nil, errorAt(i, 20) },
		"all work ends": func(int) (error, error) { return errors.New("all"), nil },
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			var running atomic.Int32
			_ = ordered(t.Context(), 50, func(_ context.Context, i int) (int, error) {
				running.Add(1)
				defer running.Add(-1)
				runtime.Gosched()
				work, _ := fail(i)
				return i, work
			}, func(i, _ int) error {
				_, use := fail(i)
				return use
			})
			require.Zero(t, running.Load())
			for range 1000 { // goroutines that have told the group of their end need a moment to be gone
				if runtime.NumGoroutine() <= before {
					break
				}
				time.Sleep(time.Millisecond)
			}
			require.LessOrEqual(t, runtime.NumGoroutine(), before)
		})
	}
}

func errorAt(i, at int) error {
	if i == at {
		return errors.New("at this item")
	}
	return nil
}

// TestOrderedInOrdered: as an ApplicationSet's Applications are rendered while the next ApplicationSets are expanded.
func TestOrderedInOrdered(t *testing.T) {
	parallel(t, 3)
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			var all []int
			err := ordered(t.Context(), 10, func(_ context.Context, i int) (int, error) { return 10 * i, nil },
				func(_, tens int) error {
					return ordered(t.Context(), 10,
						func(_ context.Context, i int) (int, error) { return tens + i, nil },
						func(_, result int) error { all = append(all, result); return nil })
				})
			if err == nil && len(all) != 100 {
				err = errors.New("some are missing")
			}
			for i, result := range all {
				if i != result {
					err = errors.New("the order is not kept")
				}
			}
			return err
		})
	}
	require.NoError(t, group.Wait())
}

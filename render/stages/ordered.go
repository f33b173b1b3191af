package stages

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// ordered calls work for each of n items, on all cores, and use for each result in the order of the items, never two at
// once. Only a few results are waiting to be used at any time. It returns the first error.
func ordered[R any](ctx context.Context, n int, work func(ctx context.Context, i int) (R, error),
	use func(i int, result R) error) error {
	workers := runtime.GOMAXPROCS(0)
	group, ctx := errgroup.WithContext(ctx)
	next := make(chan int)
	// A slot holds the result of every item whose number has the same remainder.
	slots := make([]chan R, 2*workers)
	for i := range slots {
		slots[i] = make(chan R, 1)
	}
	free := make(chan struct{}, len(slots))
	group.Go(func() error {
		defer close(next)
		for i := range n {
			select {
			case free <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case next <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range workers {
		group.Go(func() error {
			for i := range next {
				result, err := work(ctx, i)
				if err != nil {
					return err
				}
				slots[i%len(slots)] <- result
			}
			return nil
		})
	}
	group.Go(func() error {
		for i := range n {
			select {
			case result := <-slots[i%len(slots)]:
				if err := use(i, result); err != nil {
					return err
				}
				<-free
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}

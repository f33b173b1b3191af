package workers

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"
)

const (
	// copiesOfResult is how often a result is in memory while it is sent: as it was read, and as a message.
	copiesOfResult = 2
	// smallResult is the size in bytes of a result up to which it does not count: these never wait for large ones.
	smallResult = 256 << 10
)

// Results bound the memory of this process for results of workers, from when they are read until they are sent.
// Workers wait with theirs meanwhile, so that several large ones at once take no more than one.
type results struct {
	budget *semaphore.Weighted
	most   int64
}

// newResults returns a bound for results of at most so many bytes each.
func newResults(largest int64) *results {
	most := copiesOfResult * largest
	return &results{semaphore.NewWeighted(most), most}
}

// take waits until there is memory for a result of so many bytes, and returns what gives it back. It fails when ctx
// ends before that.
func (r *results) take(ctx context.Context, size int64) (release func(), err error) {
	if size <= smallResult {
		return func() {}, nil
	}
	n := min(copiesOfResult*size, r.most)
	if err := r.budget.Acquire(ctx, n); err != nil {
		return nil, fmt.Errorf("its result of %d bytes waited for others to be sent: %w", size, err)
	}
	return sync.OnceFunc(func() { r.budget.Release(n) }), nil
}

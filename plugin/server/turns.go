package server

import (
	"context"
	"errors"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/internal/fair"
)

// Turns bound how many requests are received and worked on at the same time. They are safe for concurrent use.
type turns struct {
	mu      sync.Mutex
	free    int
	waiting fair.Queue[chan struct{}]
}

// take waits until a tenant may have another request. It fails when ctx ends before that; else, release is called.
func (t *turns) take(ctx context.Context, of fair.Tenant) error {
	t.mu.Lock()
	if t.free > 0 { // then nobody waits
		t.free--
		t.mu.Unlock()
		return nil
	}
	own := make(chan struct{}) // is closed when it is the turn of this one
	t.waiting.Add(own, of)
	t.mu.Unlock()
	select {
	case <-own:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	waited := t.waiting.Remove(own)
	t.mu.Unlock()
	if !waited { // it came meanwhile
		t.release()
	}
	return errors.New("the plugin server has too much to do")
}

// release gives a turn to the next tenant.
func (t *turns) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	next, ok := t.waiting.Next(func(chan struct{}) bool { return true })
	if !ok {
		t.free++
		return
	}
	t.waiting.Take(next)
	close(next)
}

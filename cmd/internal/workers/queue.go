package workers

import (
	"context"
	"fmt"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/fair"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// A waiter is a job that waits for a worker.
type waiter struct {
	content string       // of its repository
	given   chan *worker // is closed if there will be none
	passed  int          // how many others were preferred
}

// take returns a worker that has nothing to do: one that has the repository, if there is one. It is to be released.
func (p *Pool) take(ctx context.Context, content string, of fair.Tenant) (*worker, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, errClosed
	}
	if w := p.idle(content); w != nil {
		w.busy = true
		p.active.Add(1)
		p.mu.Unlock()
		return w, nil
	}
	if p.waiting.Len() >= p.config.Waiting {
		p.mu.Unlock()
		return nil, fmt.Errorf("%w: %d; give the sidecar more CPU, or repo-server fewer requests at once",
			server.ErrBusy, p.config.Waiting)
	}
	own := &waiter{content: content, given: make(chan *worker, 1)}
	p.waiting.Add(own, of)
	p.mu.Unlock()
	select {
	case w := <-own.given:
		if w == nil {
			return nil, errClosed
		}
		return w, nil
	case <-ctx.Done():
		p.leave(own)
		return nil, fmt.Errorf("no worker was free in time: %w", ctx.Err())
	}
}

// leave takes a job off those that wait. A worker that it got meanwhile is for another.
func (p *Pool) leave(own *waiter) {
	p.mu.Lock()
	waited := p.waiting.Remove(own)
	p.mu.Unlock()
	if !waited {
		if w := <-own.given; w != nil {
			p.release(w)
		}
	}
}

// idle returns the best worker that has nothing to do; nil if there is none.
func (p *Pool) idle(content string) *worker {
	var best *worker
	for _, w := range p.all {
		switch {
		case w.busy:
		case w.keeps(content):
			return w
		case best == nil || len(w.kept) < len(best.kept):
			best = w
		}
	}
	return best
}

// release gives a worker back that [Pool.take] returned. One that has no process, or was used up, gets a new one.
func (p *Pool) release(w *worker) {
	if w.usable() {
		p.give(w)
		p.active.Done()
		return
	}
	go func() { // nobody waits for that
		defer p.active.Done()
		w.stop()
		p.warm(w)
		p.give(w)
	}()
}

// warm starts the process of a worker that has none, unless the pool is closed.
func (p *Pool) warm(w *worker) {
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return
	}
	if _, err := w.start(); err != nil {
		p.config.Log.Error("a worker cannot be started", "error", err.Error())
	}
}

// mostPassed is how many others may be preferred to a job: who is new to a worker waits, so that not each job has to
// unpack its repository where many take turns.
const mostPassed = 8

// give gives a worker to the job of the tenant whose turn it is, or to one about a repository that it keeps. In a pool
// that is closed, the worker ends.
func (p *Pool) give(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		p.active.Go(w.stop)
		return
	}
	own, ok := p.waiting.Next(func(*waiter) bool { return true })
	if !ok {
		w.busy = false
		return
	}
	if !w.keeps(own.content) && own.passed < mostPassed {
		kept, ok := p.waiting.Next(func(one *waiter) bool { return w.keeps(one.content) })
		if ok {
			own.passed++
			own = kept
		}
	}
	p.waiting.Take(own)
	p.active.Add(1)
	own.given <- w
}

// ended is told that a process of a worker has ended. While the worker has a job, that one finds out by itself.
func (p *Pool) ended(w *worker, of *process) {
	p.mu.Lock()
	if p.closed || w.busy || w.current() != of {
		p.mu.Unlock()
		return
	}
	w.busy = true
	p.active.Add(1)
	p.mu.Unlock()
	defer p.active.Done()
	w.drop()
	attributes := []any{}
	if err := of.Wait(); err != nil {
		attributes = append(attributes, "error", err.Error())
	}
	if frames := of.Frames(); frames != "" {
		attributes = append(attributes, "stack", frames)
	}
	p.config.Log.Warn("a worker ended that had nothing to do", attributes...)
	const soon = time.Second // after its start: another would end too, and is started when there is work
	if time.Since(of.started) > soon {
		p.warm(w)
	}
	p.give(w)
}

// Waiting returns how many jobs wait for a worker.
func (p *Pool) Waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting.Len()
}

// Running returns how many workers there are as processes.
func (p *Pool) Running() int {
	n := 0
	for _, w := range p.all { // which never change
		if w.current() != nil {
			n++
		}
	}
	return n
}

package workers

import (
	"context"
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
)

// Check tells whether work can be done: a worker that has nothing to do answers, and is started for that if need be.
// Where all work or start, none is asked, and answered is false: what they do is bounded. Check fails, with the reason,
// if a worker cannot be started or does not answer.
func (p *Pool) Check(ctx context.Context) (answered bool, err error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return false, errClosed
	}
	w := p.idle("")
	for _, one := range p.all { // one that runs tells as much as one that is started
		if !one.busy && one.current() != nil {
			w = one
		}
	}
	if w == nil {
		p.mu.Unlock()
		return false, nil
	}
	w.busy = true
	p.active.Add(1)
	p.mu.Unlock()
	defer p.release(w)
	if o := w.do(ctx, serving.Request{}, nil, "it says nothing"); o.err != nil {
		return false, fmt.Errorf("a worker does not answer: %w", o.err)
	}
	return true, nil
}

// Busy returns how many workers work, or start.
func (p *Pool) Busy() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, w := range p.all {
		if w.busy {
			n++
		}
	}
	return n
}

package stages

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

// A bounder gives each piece of work, an Application or the expansion of an ApplicationSet, its share of time, so that
// one without end fails alone. Go cannot stop a goroutine from outside: work that does not look at its context goes on
// until the program ends, but nobody waits for it.
type bounder struct {
	timeout time.Duration
	cpu     time.Duration                 // of the process while a piece of work goes on, shared among all
	working func(on string) (done func()) // nil: nobody wants to know

	mu      sync.Mutex
	pieces  map[*piece]bool // that are worked on
	looking bool
}

func newBounder(l limits.Limits, working func(on string) (done func())) *bounder {
	return &bounder{timeout: l.ApplicationTimeout, cpu: l.ApplicationCPU(), working: working}
}

// A piece of work.
type piece struct {
	cpu    time.Duration // as far as it is known
	cancel context.CancelCauseFunc
}

// errTooLong is the cause when work is given up.
var errTooLong = errors.New("took too long")

// bounded does a piece of work, which messages call by its name, and returns its result. It fails if the work takes too
// long, or panics, and when ctx ends.
func bounded[R any](ctx context.Context, b *bounder, name string, work func(context.Context) R) (R, error) {
	type outcome struct {
		result R
		err    error
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan outcome, 1)
	end := b.begin(name, cancel)
	timer := time.AfterFunc(b.timeout, func() { cancel(b.tooLong()) })
	defer timer.Stop()
	go func() {
		defer end()
		defer func() {
			if p := recover(); p != nil {
				done <- outcome{err: fmt.Errorf("%s: a defect of cmp keeps it from being rendered (%v)", name,
					kindOf(p))}
			}
		}()
		done <- outcome{result: work(ctx)}
	}()
	var o outcome
	select {
	case o = <-done:
	case <-ctx.Done():
	}
	if cause := context.Cause(ctx); cause != nil { // whatever the work said when it was given up
		if errors.Is(cause, errTooLong) {
			return *new(R), fmt.Errorf("%s %w", name, cause)
		}
		return *new(R), cause
	}
	return o.result, o.err
}

// kindOf returns what a message may have of a panic: the runtime's own words, since others may hold values.
func kindOf(p any) string {
	var runtimeError interface{ RuntimeError() }
	if err, ok := p.(error); ok && errors.As(err, &runtimeError) {
		return err.Error()
	}
	return "panic"
}

func (b *bounder) tooLong() error {
	return fmt.Errorf("%w, more than %s: is there a loop without end? spec.limits.applicationTimeout raises the limit",
		errTooLong, b.timeout)
}

func (b *bounder) tooMuchWork() error {
	return fmt.Errorf(
		"%w, more than %s of computing: is there a loop without end? spec.limits.applicationTimeout raises the "+
			"limit, to a sixth of it",
		errTooLong, b.cpu)
}

// begin says that a piece of work begins, and returns what says that it ends.
func (b *bounder) begin(name string, cancel context.CancelCauseFunc) (end func()) {
	done := func() {}
	if b.working != nil {
		done = b.working(name)
	}
	p := &piece{cancel: cancel}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pieces == nil {
		b.pieces = map[*piece]bool{}
	}
	b.pieces[p] = true
	if !b.looking {
		b.looking = true
		go b.look()
	}
	return func() {
		done()
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.pieces, p)
	}
}

// lookEvery is how often the CPU time is looked at. Most work takes less.
const lookEvery = 50 * time.Millisecond

// look divides the CPU time that the process takes among the pieces of work that are going on, while there are any.
func (b *bounder) look() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	before := cpuTime()
	for range ticker.C {
		now := cpuTime()
		if !b.charge(now - before) {
			return
		}
		before = now
	}
}

// charge charges CPU time to the pieces of work, and gives up what has had too much. It returns false if there are
// none.
func (b *bounder) charge(cpu time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pieces) == 0 {
		b.looking = false
		return false
	}
	for p := range b.pieces {
		p.cpu += cpu / time.Duration(len(b.pieces))
		if p.cpu > b.cpu {
			p.cancel(b.tooMuchWork())
		}
	}
	return true
}

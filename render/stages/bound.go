package stages

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/cputime"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A bounder gives each piece of work, an Application or the expansion of an ApplicationSet, its share of time, so that
// one without end fails alone. Go cannot stop a goroutine from outside: work that does not look at its context goes on
// until the program ends, but nobody waits for it. What fails together has an account, see there.
type bounder struct {
	timeout time.Duration
	cpu     time.Duration                 // of the process while a piece of work goes on, shared among all
	working func(on string) (done func()) // nil: nobody wants to know
	end     func(cause error)             // ends the run; nil: nothing does
	now     func() time.Duration          // CPU time of the process

	mu      sync.Mutex
	pieces  map[*piece]bool // that are worked on
	looking bool
	account account
}

func newBounder(l limits.Limits, working func(on string) (done func()), end func(cause error)) *bounder {
	return &bounder{timeout: l.ApplicationTimeout, cpu: l.ApplicationCPU(), working: working, end: end,
		now: cputime.OfProcess, account: account{last: cputime.OfProcess()}}
}

// A piece of work.
type piece struct {
	name    string
	cpu     time.Duration // as far as it is known
	cancel  context.CancelCauseFunc
	givenUp bool
	told    func() // ends what bounder.working began
}

// errTooLong is the cause when work is given up.
var errTooLong = errors.New("took too long")

// bounded does a piece of work, which messages call by its name, and returns its result. It fails if the work takes too
// long, or panics, and when ctx ends. The work itself tells whether it failed, and so had its time in vain.
func bounded[R any](ctx context.Context, b *bounder, name string,
	work func(context.Context) (result R, failed bool)) (R, error) {
	type outcome struct {
		result R
		err    error
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan outcome, 1)
	p := b.begin(name, cancel)
	timer := time.AfterFunc(b.timeout, func() { b.giveUp(p, b.tooLong()) })
	defer timer.Stop()
	go func() {
		failed := true
		defer func() { b.done(p, failed) }()
		defer func() {
			if panicked := recover(); panicked != nil {
				message := fmt.Sprintf("%s: a defect of cmp keeps it from being rendered (%s)", name, kindOf(panicked))
				done <- outcome{err: &problem.Defect{Message: message, Frames: problem.Frames(string(debug.Stack()))}}
			}
		}()
		var result R
		result, failed = work(ctx)
		done <- outcome{result: result}
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

// begin says that a piece of work begins; done says that it ends.
func (b *bounder) begin(name string, cancel context.CancelCauseFunc) *piece {
	p := &piece{name: name, cancel: cancel, told: func() {}}
	if b.working != nil {
		p.told = b.working(name)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.charge()
	if b.pieces == nil {
		b.pieces = map[*piece]bool{}
	}
	b.pieces[p] = true
	if !b.looking {
		b.looking = true
		go b.look()
	}
	return p
}

func (b *bounder) done(p *piece, failed bool) {
	p.told()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.charge()
	delete(b.pieces, p)
	b.account.add(p, failed, b.ordinary())
}

// giveUp gives up a piece of work.
func (b *bounder) giveUp(p *piece, cause error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p.giveUp(cause)
}

func (p *piece) giveUp(cause error) {
	p.givenUp = true
	p.cancel(cause)
}

// lookEvery is how often the CPU time is looked at besides when work begins and ends. Most work takes less.
const lookEvery = 50 * time.Millisecond

// look looks at the CPU time while there is work.
func (b *bounder) look() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for range ticker.C {
		b.mu.Lock()
		b.charge()
		b.looking = len(b.pieces) > 0
		goes := b.looking
		b.mu.Unlock()
		if !goes {
			return
		}
	}
}

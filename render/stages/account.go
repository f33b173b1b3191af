package stages

import (
	"errors"
	"fmt"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// An account says what the work of a run has computed so far. One piece of work without end costs what it may take
// before it is given up; hundreds of them would cost hundreds of times that. So what fails has a budget together:
//
//   - What is ordinary, a tenth of what a piece may compute, each piece can have, whatever others do.
//   - Beyond that all that fail have a sixth more than one piece may compute. Once that is used up, whatever goes on
//     beyond what is ordinary is given up, the greediest first.
//   - If all that failed has computed half as much again as one may, and a quarter of what did not fail, the run ends.
//
// What fails quickly, as for a chart that is missing, costs nothing.
type account struct {
	last      time.Duration // CPU time of the process when it was last charged
	succeeded time.Duration
	failed    time.Duration
	excess    time.Duration // what of failed is beyond what is ordinary
	names     []string      // of what failed
	over      error         // why the run ends
}

func (b *bounder) ordinary() time.Duration { return b.cpu / 10 }
func (b *bounder) shared() time.Duration   { return b.cpu * 6 / 5 }
func (b *bounder) together() time.Duration { return b.cpu*3/2 + b.account.succeeded/4 }

// add counts a piece of work that has ended.
func (a *account) add(p *piece, failed bool, ordinary time.Duration) {
	switch {
	case !failed && !p.givenUp:
		a.succeeded += p.cpu
	case p.cpu > ordinary:
		a.failed += p.cpu
		a.excess += p.cpu - ordinary
		a.names = append(a.names, p.name)
	}
}

// charge divides the CPU time since it was last called among the pieces of work that are going on. It gives up what has
// had too much, and ends the run if all that failed has.
func (b *bounder) charge() {
	now := b.now()
	cpu := now - b.account.last
	b.account.last = now
	excess, failed, names := b.account.excess, b.account.failed, b.account.names
	var greediest *piece
	for p := range b.pieces {
		p.cpu += cpu / time.Duration(len(b.pieces))
		if p.cpu > b.cpu && !p.givenUp {
			p.giveUp(b.tooMuchWork())
		}
		excess += max(0, p.cpu-b.ordinary())
		switch {
		case p.givenUp:
			failed += p.cpu
			names = append(names[:len(names):len(names)], p.name)
		case p.cpu > b.ordinary() && (greediest == nil || p.cpu > greediest.cpu):
			greediest = p
		}
	}
	if excess > b.shared() && greediest != nil {
		greediest.giveUp(b.tooMuchTogether())
	}
	if failed > b.together() && b.account.over == nil && b.end != nil {
		b.account.over = b.tooMuchFailed(names)
		b.end(b.account.over)
	}
}

// over returns why the run ended; nil if it did not.
func (b *bounder) over() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.account.over
}

func (b *bounder) tooMuchTogether() error {
	return fmt.Errorf("%w, more than %s of computing together with others: is there a loop without end? "+
		"spec.limits.applicationTimeout raises the limit, to a fifth of it", errTooLong, b.shared())
}

func (b *bounder) tooMuchFailed(names []string) error {
	return fmt.Errorf("what failed took too long, more than %s of computing together, and ended the run: %s; "+
		"is there a loop without end? spec.limits.applicationTimeout raises the limit, to a quarter of it",
		b.together().Round(time.Millisecond), problem.Few(names))
}

// errEnough is the error when something was given up of a result that is whole or nothing: the rest would be in vain.
var errEnough = errors.New("the result cannot be whole")

// enough returns errEnough if the failure of a piece of work makes all others vain.
func (s *run) enough(err error) error {
	if errors.Is(err, errTooLong) && (s.out.Whole || s.request.Strict) {
		return errEnough
	}
	return nil
}

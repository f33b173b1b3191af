package stages

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestBounded: what has no end is given up, whether it computes, waits, or fails in an unexpected way.
func TestBounded(t *testing.T) {
	const hint = ": is there a loop without end? spec.limits.applicationTimeout raises the limit"
	for rule, test := range map[string]struct {
		timeout, cpu time.Duration
		work         func(ctx context.Context, end <-chan struct{}) int // until the end of the test
		result       int
		message      string
	}{
		"done": {time.Hour, time.Hour, func(context.Context, <-chan struct{}) int { return 7 }, 7, ""},
		"computes": {time.Hour, 100 * time.Millisecond, func(_ context.Context, end <-chan struct{}) int {
			return spin(end)
		}, 0,
			"web took too long, more than 100ms of computing" + hint + ", to a sixth of it"},
		"waits": {time.Second / 2, time.Hour, func(_ context.Context, end <-chan struct{}) int { <-end; return 1 }, 0,
			"web took too long, more than 500ms" + hint},
		"waits for its context": {time.Second / 2, time.Hour,
			func(ctx context.Context, _ <-chan struct{}) int { <-ctx.Done(); return 1 }, 0,
			"web took too long, more than 500ms" + hint},
		"panics": {time.Hour, time.Hour, func(context.Context, <-chan struct{}) int { panic("a secret") }, 0,
			"web: a defect of cmp keeps it from being rendered (panic)"},
		"panics in the words of Go's": {time.Hour, time.Hour,
			func(context.Context, <-chan struct{}) int { var none []int; return none[7] }, 0,
			"web: a defect of cmp keeps it from being rendered (runtime error: index out of range [7] with length 0)"},
	} {
		t.Run(rule, func(t *testing.T) {
			end := make(chan struct{})
			defer close(end)
			var told []string
			b := newBounder(limits.Limits{}, func(on string) func() {
				told = append(told, on)
				return func() {}
			}, nil)
			b.timeout, b.cpu = test.timeout, test.cpu
			result, err := bounded(t.Context(), b, "web",
				func(ctx context.Context) (int, bool) { return test.work(ctx, end), false })
			require.Equal(t, test.result, result)
			require.Equal(t, []string{"web"}, told)
			if test.message == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.message)
			require.Equal(t, strings.Contains(test.message, "defect"),
				strings.Contains(problem.FramesOf(err), "stages.TestBounded"), "the stack is for the log of a server")
		})
	}
}

func spin(end <-chan struct{}) int {
	for n := 0; ; n++ {
		select {
		case <-end:
			return n
		default:
		}
	}
}

// TestBoundedOfAContext: work that the caller gives up is no failure of its own.
func TestBoundedOfAContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("given up")
	_, err := bounded(ctx, newBounder(limits.Limits{ApplicationTimeout: time.Hour}, nil, nil), "web",
		func(ctx context.Context) (int, bool) {
			cancel(reason)
			<-ctx.Done()
			return 1, false
		})
	require.Equal(t, reason, err)
}

// A clock is the CPU time of a process that only a test spends.
type clock struct {
	*bounder
	spent  time.Duration
	given  map[string]string // why pieces of work were given up
	ended  string            // why the run was
	pieces map[string]*piece
}

// newClock returns a bounder whose pieces of work may compute for a second each.
func newClock() *clock {
	c := &clock{given: map[string]string{}, pieces: map[string]*piece{}}
	c.bounder = newBounder(limits.Limits{ApplicationTimeout: 6 * time.Second}, nil,
		func(cause error) { c.ended = cause.Error() })
	c.now = func() time.Duration { return c.spent }
	c.account.last = 0
	c.looking = true // only the test looks
	return c
}

func (c *clock) work(name string) {
	c.pieces[name] = c.begin(name, func(cause error) { c.given[name] = cause.Error() })
}

func (c *clock) stop(name string, failed bool) { c.done(c.pieces[name], failed) }

func (c *clock) spend(milliseconds time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spent += milliseconds * time.Millisecond
	c.charge()
}

const (
	meaning  = ": is there a loop without end? spec.limits.applicationTimeout raises the limit, to a "
	alone    = "took too long, more than 1s of computing" + meaning + "sixth of it"
	together = "took too long, more than 1.2s of computing together with others" + meaning + "fifth of it"
)

// TestCharge: CPU time is shared among what is worked on, also with what was given up and goes on.
func TestCharge(t *testing.T) {
	c := newClock()
	c.work("a")
	c.spend(900)
	c.work("b")
	c.spend(200)
	require.Empty(t, c.given)
	c.spend(2)
	require.Equal(t, map[string]string{"a": alone}, c.given)
	c.stop("a", true)
	c.work("c")
	c.spend(190) // and so b has had 196 ms, within what all that fail have
	require.Equal(t, map[string]string{"a": alone}, c.given)
	c.stop("c", false)
	c.stop("b", false)
	require.Equal(t, time.Duration(0), c.pieces["a"].cpu-1001*time.Millisecond)
	require.Empty(t, c.bounder.pieces)
	require.Empty(t, c.ended)
}

// TestAccount: what fails has a budget together, beyond what is ordinary, and no run is spent on failures.
func TestAccount(t *testing.T) {
	for rule, test := range map[string]struct {
		spend func(c *clock)
		given map[string]string
		ended string
	}{
		"after one without end, another has only a little more than what is ordinary": {func(c *clock) {
			c.work("a")
			c.spend(1001)
			c.stop("a", true)
			c.work("b")
			c.spend(390)
			require.NotContains(t, c.given, "b")
			c.spend(10)
		}, map[string]string{"a": alone, "b": together}, ""},
		"two at once have it together, and the greediest is given up first": {func(c *clock) {
			c.work("a")
			c.spend(10)
			c.work("b")
			c.spend(1300)
			require.Empty(t, c.given)
			c.spend(100)
		}, map[string]string{"a": together}, ""},
		"what is ordinary is never given up": {func(c *clock) {
			for i := range 2 {
				c.work(fmt.Sprint("endless ", i))
				c.spend(1001 - 600*time.Duration(i))
				c.stop(fmt.Sprint("endless ", i), true)
			}
			for range 1000 {
				c.work("ordinary")
				c.spend(99)
				c.stop("ordinary", false)
			}
		}, map[string]string{"endless 0": alone, "endless 1": together}, ""},
		"success costs nothing, however long it takes": {func(c *clock) {
			for range 1000 {
				c.work("a")
				c.spend(990)
				c.stop("a", false)
			}
		}, map[string]string{}, ""},
		"failures that are quick cost nothing": {func(c *clock) {
			for range 1000 {
				c.work("a")
				c.spend(99)
				c.stop("a", true)
			}
		}, map[string]string{}, ""},
		"many failures end the run": {func(c *clock) {
			for i := range 5 {
				c.work(fmt.Sprint("bad ", i))
				c.spend(390)
				c.stop(fmt.Sprint("bad ", i), true)
			}
		}, map[string]string{"bad 4": together},
			"what failed took too long, more than 1.5s of computing together, and ended " +
				"the run: bad 0, bad 1, bad 2, bad 3; is there a loop without end? spec.limits.applicationTimeout " +
				"raises the limit, " +
				"to a quarter of it"},
		"what is given up and goes on ends the run": {func(c *clock) {
			c.work("a")
			c.spend(1001)
			c.spend(500)
		}, map[string]string{"a": alone},
			"what failed took too long, more than 1.5s of computing together, and ended " +
				"the run: a; is there a loop without end? spec.limits.applicationTimeout raises the limit, to a " +
				"quarter of it"},
		"the more succeeds, the more may fail": {func(c *clock) {
			c.work("good")
			c.spend(900)
			c.stop("good", false)
			c.work("a")
			c.spend(1001)
			c.spend(700)
			require.Empty(t, c.ended)
			c.spend(100)
		}, map[string]string{"a": alone},
			"what failed took too long, more than 1.725s of computing together, and ended " +
				"the run: a; is there a loop without end? spec.limits.applicationTimeout raises the limit, to a " +
				"quarter of it"},
	} {
		t.Run(rule, func(t *testing.T) {
			c := newClock()
			test.spend(c)
			require.Equal(t, test.given, c.given)
			require.Equal(t, test.ended, c.ended)
		})
	}
}

package stages

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
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
		"computes": {time.Hour, 100 * time.Millisecond, func(_ context.Context, end <-chan struct{}) int { return spin(end) }, 0,
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
			b := &bounder{timeout: test.timeout, cpu: test.cpu, working: func(on string) func() {
				told = append(told, on)
				return func() {}
			}}
			result, err := bounded(t.Context(), b, "web", func(ctx context.Context) int { return test.work(ctx, end) })
			require.Equal(t, test.result, result)
			require.Equal(t, []string{"web"}, told)
			if test.message == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.message)
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
	_, err := bounded(ctx, &bounder{timeout: time.Hour, cpu: time.Hour}, "web", func(ctx context.Context) int {
		cancel(reason)
		<-ctx.Done()
		return 1
	})
	require.Equal(t, reason, err)
}

// TestCharge: CPU time is shared among what is worked on, also with what was given up and goes on.
func TestCharge(t *testing.T) {
	b := newBounder(limits.Limits{ApplicationTimeout: 6 * time.Second}, nil)
	b.looking = true // only the test looks
	given := map[string]bool{}
	endA := b.begin("a", func(error) { given["a"] = true })
	require.True(t, b.charge(900*time.Millisecond))
	endB := b.begin("b", func(error) { given["b"] = true })
	require.True(t, b.charge(200*time.Millisecond))
	require.Empty(t, given)
	require.True(t, b.charge(200*time.Millisecond))
	require.Equal(t, map[string]bool{"a": true}, given)
	endA()
	require.True(t, b.charge(800*time.Millisecond))
	require.Equal(t, map[string]bool{"a": true}, given)
	require.True(t, b.charge(2*time.Millisecond))
	require.Equal(t, map[string]bool{"a": true, "b": true}, given)
	endB()
	require.False(t, b.charge(time.Hour))
}

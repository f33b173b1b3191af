package serving

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestFailures: a job that fails takes the session from no other, and gets another one itself after some time, which
// others have too once it succeeds.
func TestFailures(t *testing.T) {
	c := &checkout{}
	open := func() (*render.Session, workshop.Later, error) { return &render.Session{}, nil, nil }
	use := func(app string) (*Work, *render.Session) {
		w := &Work{checkout: c, root: ".",
			key: keyOf(Request{Command: "generate", Environ: []string{"ARGOCD_APP_NAME=" + app}})}
		s, _, err := w.Session("", "", open)
		require.NoError(t, err)
		return w, s
	}
	// later has some time pass.
	later := func(d time.Duration) { c.sessions[0].failures.last = c.sessions[0].failures.last.Add(-d) }

	good, shared := use("good")
	good.succeeded()
	until := good.session.until
	bad, has := use("bad")
	require.Same(t, shared, has)
	bad.failed()
	require.Equal(t, until, good.session.until, "it lasts as long for others")

	later(failureLasts / 2)
	bad, has = use("bad")
	require.Same(t, shared, has, "what fails at once does so again")
	bad.failed()
	later(failureLasts / 2)
	other, has := use("other")
	require.Same(t, shared, has, "it did not fail")
	other.failed()
	bad, own := use("bad")
	require.NotSame(t, shared, own)
	require.False(t, bad.reused)
	bad.failed()
	for _, app := range []string{"good", "bad", "other"} {
		w, has := use(app)
		require.Same(t, shared, has, "so soon after another try, and since the session of its own was in vain")
		require.True(t, w.reused)
	}

	later(failureLasts)
	other, own = use("other")
	require.NotSame(t, shared, own)
	other.succeeded()
	require.Len(t, c.sessions, 1)
	for _, app := range []string{"good", "bad", "other"} {
		_, has := use(app)
		require.Same(t, own, has, "what was wrong is over")
	}
	(&Work{checkout: c}).failed() // without a session
	(&Work{checkout: c}).succeeded()
}

// TestManyFailures: what is known of them is bounded.
func TestManyFailures(t *testing.T) {
	var f failures
	now := time.Now()
	require.False(t, f.again(jobKey{}, now))
	for i := range maxFailures + 10 {
		f.note(keyOf(Request{Path: fmt.Sprint(i)}), false, now)
	}
	require.Len(t, f.jobs, maxFailures)
	require.True(t, f.again(keyOf(Request{Path: "0"}), now.Add(failureLasts)))
	require.False(t, f.again(keyOf(Request{Path: fmt.Sprint(maxFailures)}), now.Add(failureLasts)))
	require.NotEqual(t, keyOf(Request{Command: "a", Path: "bc"}), keyOf(Request{Command: "ab", Path: "c"}))
	require.NotEqual(t, keyOf(Request{Environ: []string{"a", "b"}}), keyOf(Request{Environ: []string{"ab"}}))
}

package serving

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"
)

// failures are what is known of the jobs that failed with a session. What the session knows, such as that a chart could
// not be fetched, may be why. Such a job is done with a session of its own from time to time, which takes the place of
// the other if it then succeeds. Jobs that succeed do not notice, whoever fails.
type failures struct {
	jobs map[jobKey]bool
	last time.Time // when the first one failed, or the last one with a session of its own
}

// maxFailures is how many jobs are known that failed with a session. Others wait for the end of the session.
const maxFailures = 1000

// A jobKey is all that a job is about, besides the repository.
type jobKey [sha256.Size]byte

func keyOf(r Request) jobKey {
	hash := sha256.New()
	for _, part := range append([]string{r.Command, r.Path}, r.Environ...) {
		_ = binary.Write(hash, binary.BigEndian, int64(len(part))) // a hash never fails
		_, _ = hash.Write([]byte(part))
	}
	return jobKey(hash.Sum(nil))
}

// note says that a job failed. own says that it had a session of its own.
func (f *failures) note(job jobKey, own bool, now time.Time) {
	if f.jobs == nil {
		f.jobs, own = map[jobKey]bool{}, true
	}
	if own {
		f.last = now
	}
	if len(f.jobs) < maxFailures {
		f.jobs[job] = true
	}
}

// again tells whether a job is to have a session of its own: it failed before, and some time has passed since any had
// one. While a server of charts is away, all would try that, and take the time of others.
func (f *failures) again(job jobKey, now time.Time) bool {
	return f.jobs[job] && now.Sub(f.last) >= failureLasts
}

// failed says that the job failed: what its session knows by now may be why.
func (w *Work) failed() {
	switch {
	case w.instead != nil:
		w.instead.failures.note(w.key, true, time.Now())
	case w.session != nil:
		w.session.failures.note(w.key, false, time.Now())
	}
}

// succeeded says that the job succeeded: if another session failed before, others are to have this one.
func (w *Work) succeeded() {
	if w.instead == nil {
		return
	}
	c := w.checkout
	c.sessions = slices.DeleteFunc(c.sessions, func(s *session) bool { return s == w.instead })
	c.add(w.session)
}

package workers

import (
	"sync"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// Bounds of what is known of those that end workers.
const (
	blameLasts = 10 * time.Minute
	maxBlamed  = 1000
)

// Blame knows which Applications have ended a worker that had done nothing else: that was their own fault. What they
// ask for next is not tried twice, so that one that is refreshed again and again takes one worker each time. It is safe
// for concurrent use.
type blame struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// blamedAs is what an Application is known by, also at another commit.
func blamedAs(command string, j server.Job) string { return command + "\x00" + j.App + "\x00" + j.Path }

func (b *blame) put(name string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until == nil {
		b.until = map[string]time.Time{}
	}
	if len(b.until) >= maxBlamed {
		b.makeRoom(now)
	}
	b.until[name] = now.Add(blameLasts)
}

// makeRoom forgets those whose time is over, and at least one.
func (b *blame) makeRoom(now time.Time) {
	for name, until := range b.until {
		if now.After(until) {
			delete(b.until, name)
		}
	}
	for name := range b.until {
		if len(b.until) < maxBlamed {
			return
		}
		delete(b.until, name)
	}
}

func (b *blame) take(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.until, name)
}

func (b *blame) has(name string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return now.Before(b.until[name])
}

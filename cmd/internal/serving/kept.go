package serving

import (
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Limits bound what a worker keeps.
type Limits struct {
	Archive      archive.Limits
	Repositories int   // how many are kept
	Memory       int64 // in bytes: of a process that has more after a job, some is forgotten
	Garbage      int64 // in bytes: as much is collected less often than usual, which takes a quarter of a worker's time
	Disk         int64 // in bytes, of all that are kept and the one that arrives; 0: as much as there is
}

// git returns the limits of a Git repository. What is read of it is seldom needed twice.
func (l Limits) git() archive.Limits {
	const inMemory = 4 << 20
	of := l.Archive
	of.Memory = inMemory
	return of
}

// Bounds of what is kept of one repository.
const (
	maxContents = 8 // archives that have the same files, though the server did not know
	maxSessions = 8
)

// How long a session is used: what it fetched for one Application holds for all others, which is right for the same
// commit, and wrong for what changes elsewhere. A failure may be one of these, see failures.
const (
	sessionLasts = 5 * time.Minute
	failureLasts = 10 * time.Second
)

// A checkout is a repository that is kept, with what was opened of it.
type checkout struct {
	contents []string // as requests said, that used last at the end
	tree     *archive.Tree
	git      *archive.Tree    // its Git repository, if one was asked for
	wantsGit bool             // a job asked for it in vain
	roots    map[string]fs.FS // by directory
	sessions []*session       // that used last at the end
}

// A sessionKey has all that a session is opened with besides the files of the repository. Nothing else of a job may be
// in a session: it is used for other Applications, of other tenants.
type sessionKey struct {
	root   string // directory of the fleet
	parts  string // fleet.yaml and other files that parameters take the place of, see plugin.Invocation.Parts
	argoCD string
}

type session struct {
	key     sessionKey
	until   time.Time
	session *render.Session
	later   workshop.Later

	failures failures
}

// root returns a directory of the repository as a tree that nothing leads out of; nil if it is none.
func (c *checkout) root(directory string) fs.FS {
	if known := c.roots[directory]; known != nil {
		return known
	}
	sub := c.tree.Sub(directory)
	if sub == nil {
		return nil
	}
	opened := worktree.InsideFor(sub, supervise.Reading)
	c.roots[directory] = opened
	return opened
}

// find returns a session that is used still; nil if there is none. It is then the one that was used last.
func (c *checkout) find(key sessionKey, now time.Time) *session {
	c.sessions = slices.DeleteFunc(c.sessions, func(s *session) bool { return now.After(s.until) })
	i := slices.IndexFunc(c.sessions, func(s *session) bool { return s.key == key })
	if i < 0 {
		return nil
	}
	found := c.sessions[i]
	c.sessions = append(slices.Delete(c.sessions, i, i+1), found)
	return found
}

func (c *checkout) add(s *session) {
	if len(c.sessions) >= maxSessions {
		c.sessions = slices.Delete(c.sessions, 0, 1)
	}
	c.sessions = append(c.sessions, s)
}

// readGit reads the Git repository of a checkout from its archive. What was opened without it is forgotten.
func (k *kept) readGit(c *checkout, sent io.Reader) error {
	bounds := k.limits.git()
	bounds.Room = k.room(c)
	git, err := archive.ReadGit(sent, bounds)
	if err != nil {
		return fmt.Errorf("the Git repository: %w", err)
	}
	c.git, c.sessions = git, nil
	return nil
}

// onDisk returns how many bytes of disk the repository takes.
func (c *checkout) onDisk() int64 {
	if c.git == nil {
		return c.tree.OnDisk()
	}
	return c.tree.OnDisk() + c.git.OnDisk()
}

// close frees what the repository has on disk.
func (c *checkout) close() {
	c.tree.Close()
	if c.git != nil {
		c.git.Close()
	}
}

// kept are the repositories that a worker keeps, that used last at the end.
type kept struct {
	limits    Limits
	checkouts []*checkout
	percent   int64 // of what is in use, by which the heap grows until garbage is collected; 0: as usual
}

func (k *kept) contents() []string {
	var all []string
	for _, c := range k.checkouts {
		all = append(all, c.contents...)
	}
	return all
}

// take returns the first repository that is as asked for; nil if none is. It is then the one that was used last.
func (k *kept) take(is func(c *checkout) bool) *checkout {
	i := slices.IndexFunc(k.checkouts, is)
	if i < 0 {
		return nil
	}
	c := k.checkouts[i]
	k.checkouts = append(slices.Delete(k.checkouts, i, i+1), c)
	return c
}

func (k *kept) has(content string) *checkout {
	return k.take(func(c *checkout) bool { return slices.Contains(c.contents, content) })
}

// receive returns the repository of a job, and reads the archive that comes with it; nil if it is not kept and did not
// come. What is left of the archive is read too: what comes next is another request.
func (k *kept) receive(r Request, from io.Reader) (*checkout, error) {
	c := k.has(r.Content)
	if r.Archive == 0 {
		return c, nil
	}
	sent := io.LimitReader(from, r.Archive)
	var err error
	switch {
	case c == nil: // with Git, it is asked for once more
		c, err = k.add(r.Content, sent)
	case r.Git && c.git == nil:
		err = k.readGit(c, sent)
	}
	_, _ = io.Copy(io.Discard, sent) // if that fails, the next request cannot be read either
	return c, err
}

// add reads the archive of a repository. One with the same files, whatever the times at which they were written, is the
// same.
func (k *kept) add(content string, sent io.Reader) (*checkout, error) {
	bounds := k.limits.Archive
	bounds.Room = k.room(nil)
	tree, err := archive.Read(sent, bounds)
	if err != nil {
		return nil, err
	}
	same := k.take(func(c *checkout) bool { return c.tree.Digest() == tree.Digest() })
	if same != nil {
		tree.Close()
		if same.contents = append(same.contents, content); len(same.contents) > maxContents {
			same.contents = slices.Delete(same.contents, 0, 1)
		}
		return same, nil
	}
	for len(k.checkouts) >= max(k.limits.Repositories, 1) {
		k.drop(0)
	}
	c := &checkout{contents: []string{content}, tree: tree, roots: map[string]fs.FS{}}
	k.checkouts = append(k.checkouts, c)
	return c, nil
}

// room returns what makes room on disk for a repository that arrives, or for more of one that is kept. That forgets
// those that were not used for the longest time, and fails if they are not enough.
func (k *kept) room(more *checkout) func(bytes int64) error {
	return func(bytes int64) error {
		for k.limits.Disk > 0 && k.onDisk()+bytes > k.limits.Disk {
			i := slices.IndexFunc(k.checkouts, func(c *checkout) bool { return c != more && c.onDisk() > 0 })
			if i < 0 {
				return fmt.Errorf("there is no room for the repository: a worker may have %s of disk; raise "+
					"--disk-limit of the plugin server, or have fewer --workers", limits.SizeText(k.limits.Disk))
			}
			k.drop(i)
		}
		return nil
	}
}

// onDisk returns how many bytes of disk the repositories take that are kept.
func (k *kept) onDisk() (bytes int64) {
	for _, c := range k.checkouts {
		bytes += c.onDisk()
	}
	return bytes
}

// drop forgets one of the repositories; the first is that which was not used for the longest time.
func (k *kept) drop(i int) {
	k.checkouts[i].close()
	k.checkouts = slices.Delete(k.checkouts, i, i+1)
}

// forget drops repositories as long as the process has more memory than it may keep: first what was read of them.
func (k *kept) forget() {
	if memory() <= k.limits.Memory {
		return
	}
	runtime.GC() // what is garbage does not count
	for len(k.checkouts) > 0 && memory() > k.limits.Memory {
		if oldest := k.checkouts[0]; len(oldest.sessions) > 0 {
			oldest.sessions = nil
		} else {
			k.drop(0)
		}
		debug.FreeOSMemory()
	}
}

// collect says when garbage is collected. A worker has little in use, and makes that much in a few jobs.
func (k *kept) collect() {
	const least, most, change = 100, 400, 20
	used := measured("/gc/heap/live:bytes")
	if k.limits.Garbage == 0 || used == 0 {
		return
	}
	percent := min(max(k.limits.Garbage*100/used, least), most)
	if percent < k.percent-change || percent > k.percent+change { // to say so stops all work for a moment
		debug.SetGCPercent(int(percent))
		k.percent = percent
	}
}

// memory returns how many bytes objects of Go take.
func memory() int64 { return measured("/memory/classes/heap/objects:bytes") }

func measured(name string) int64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return int64(min(sample[0].Value.Uint64(), 1<<62))
}

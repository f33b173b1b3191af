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
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// Limits bound what a worker keeps.
type Limits struct {
	Archive      archive.Limits
	Repositories int   // how many are kept
	Memory       int64 // in bytes: of a process that has more after a job, some is forgotten
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
	maxChecksums = 8 // archives that have the same files
	maxSessions  = 8
)

// How long a session is used: what it fetched for one Application holds for all others, which is right for the same
// commit, and wrong for what changes elsewhere. A failure may be one of these, see failures.
const (
	sessionLasts = 5 * time.Minute
	failureLasts = 10 * time.Second
)

// A checkout is a repository that is kept, with what was opened of it.
type checkout struct {
	checksums []string // of archives that have these files, that used last at the end
	tree      *archive.Tree
	git       *archive.Tree    // its Git repository, if one was asked for
	wantsGit  bool             // a job asked for it in vain
	roots     map[string]fs.FS // by directory
	sessions  []*session       // that used last at the end
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

// readGit reads the Git repository from the archive. What was opened without it is forgotten.
func (c *checkout) readGit(sent io.Reader, limits archive.Limits) error {
	git, err := archive.ReadGit(sent, limits)
	if err != nil {
		return fmt.Errorf("the Git repository: %w", err)
	}
	c.git, c.sessions = git, nil
	return nil
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
}

func (k *kept) checksums() []string {
	var all []string
	for _, c := range k.checkouts {
		all = append(all, c.checksums...)
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

func (k *kept) has(checksum string) *checkout {
	return k.take(func(c *checkout) bool { return slices.Contains(c.checksums, checksum) })
}

// add reads the archive of a repository. One with the same files, whatever the times at which they were written, is the
// same.
func (k *kept) add(checksum string, sent io.Reader) (*checkout, error) {
	tree, err := archive.Read(sent, k.limits.Archive)
	if err != nil {
		return nil, err
	}
	same := k.take(func(c *checkout) bool { return c.tree.Digest() == tree.Digest() })
	if same != nil {
		tree.Close()
		if same.checksums = append(same.checksums, checksum); len(same.checksums) > maxChecksums {
			same.checksums = slices.Delete(same.checksums, 0, 1)
		}
		return same, nil
	}
	for len(k.checkouts) >= max(k.limits.Repositories, 1) {
		k.drop()
	}
	c := &checkout{checksums: []string{checksum}, tree: tree, roots: map[string]fs.FS{}}
	k.checkouts = append(k.checkouts, c)
	return c, nil
}

// drop forgets the repository that was not used for the longest time.
func (k *kept) drop() {
	k.checkouts[0].close()
	k.checkouts = slices.Delete(k.checkouts, 0, 1)
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
			k.drop()
		}
		debug.FreeOSMemory()
	}
}

// memory returns how many bytes objects of Go take.
func memory() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(min(sample[0].Value.Uint64(), 1<<62))
}

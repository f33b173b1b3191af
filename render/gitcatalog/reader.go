// Package gitcatalog reads the catalogs of releases that are in Git: at another revision of the fleet's own repository,
// or in another repository.
//
//	the objects of the checkout, else the cache directory, else the repository's server
//
// It decides which of them, and keeps the cache. What reads objects and speaks to servers is a [Machine], which only
// cmp-stages links.
package gitcatalog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/checkout"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Options say where catalogs may come from, and where they are kept.
type Options struct {
	Root     string // the directory of the fleet on this machine; "" if it has none
	CacheDir string // "" for none
	Offline  bool   // nothing is fetched that is not in the cache
	// Forbidden says why nothing at all is fetched, nor taken from the cache; "" if that may be.
	Forbidden string
	Machine   Machine // nil: cmp, which has none
	// Sent is the Git repository of a fleet that has no directory on this machine; nil if there is none.
	Sent Sent
	// Missing says why no other program can be asked that has a machine; nil if one can.
	Missing func() error
}

// A Sent is the Git repository of a checkout that was sent here.
type Sent interface {
	// MayHave tells whether it can have a revision.
	MayHave(revision string) bool
	// Repository returns what the directory .git has, and which directory of the checkout is the fleet's. It fails with
	// [fleet.ErrNoSubstitute] if that has not been received.
	Repository() (git fs.FS, fleet string, err error)
}

// A Machine reads objects of Git repositories. Nothing that a repository's configuration names is run.
type Machine interface {
	// Checkout returns the files of a directory in a revision of the repository that is checked out at root.
	Checkout(root, revision, directory string) (fs.FS, error)
	// Files returns the files of a directory in a revision of the repository whose directory .git is a tree of files.
	Files(git fs.FS, revision, directory string) (fs.FS, error)
	// Fetch fetches a catalog. It returns no files if the commit is known. It fails with [ErrUnreachable] if it is of
	// no use to try again soon.
	Fetch(ctx context.Context, r Request) (commit string, files []File, err error)
}

// ErrUnreachable is the cause where a server does not answer.
var ErrUnreachable = errors.New("the server does not answer")

// A Request is for a catalog on a server.
type Request struct {
	URL       *url.URL
	Revision  string // a branch, a tag, HEAD, or a full commit
	Directory string
	Scratch   string                   // a directory in which files can be made; "" for that of the system
	Known     func(commit string) bool // whether the catalog of a commit is there already
	// Remotes are the addresses of the checkout's remotes: the servers to which its user gives credentials.
	Remotes []string
}

// A File is one of a catalog.
type File struct {
	Name string // from the catalog
	Data []byte
}

// A Reader reads catalogs in Git. What a revision is, and why one cannot be had, is found out once. It is safe for
// concurrent use.
type Reader struct {
	options Options
	store   store

	mu       sync.Mutex
	catalogs map[question]func() (fs.FS, error)
}

type question struct {
	chart fleet.Chart
	own   bool
}

// New returns a reader. It touches neither disk nor network.
func New(o Options) *Reader {
	r := &Reader{options: o, catalogs: map[question]func() (fs.FS, error){}}
	if o.CacheDir != "" {
		r.store.dir = filepath.Join(o.CacheDir, "git")
	}
	return r
}

// Read returns the files of a catalog. own tells that it is in the fleet's own repository, and allowed are the
// addresses that others may come from; none stands for all. It fails with [fleet.ErrNoChartReader] if another program
// is to be asked, and else with why it cannot be had.
func (r *Reader) Read(ctx context.Context, c fleet.Chart, own bool, allowed []string) (fs.FS, error) {
	q := question{c, own}
	r.mu.Lock()
	answer := r.catalogs[q]
	if answer == nil {
		answer = sync.OnceValues(func() (fs.FS, error) { return r.read(ctx, c, own, allowed) })
		r.catalogs[q] = answer
	}
	r.mu.Unlock()
	return answer()
}

func (r *Reader) read(ctx context.Context, c fleet.Chart, own bool, allowed []string) (fs.FS, error) {
	if c.Revision == "" {
		c.Revision = "HEAD" // as for Argo CD
	}
	if isRange.MatchString(c.Revision) {
		return nil, problem.Hinted("name the tag, or a branch: Argo CD takes the newest tag in the range, which may "+
			"be another one tomorrow", "%q is a range of versions", c.Revision)
	}
	if !checkout.IsName(c.Revision) {
		return nil, fmt.Errorf("%q is no branch, tag or commit", c.Revision)
	}
	if !own {
		return r.fromServer(ctx, c, allowed)
	}
	files, err := r.fromCheckout(c)
	if err == nil || errors.Is(err, fleet.ErrNoChartReader) || errors.Is(err, fleet.ErrNoSubstitute) {
		return files, err
	}
	if c.RepoURL == "" {
		return nil, err
	}
	files, failed := r.fromServer(ctx, c, nil)
	if failed == nil || errors.Is(failed, fleet.ErrNoChartReader) {
		return files, failed
	}
	return nil, problem.Hinted(problem.HintOf(err), "%w; %w", err, failed)
}

// isRange matches what Argo CD takes for a range of versions, and what no branch or tag is called.
var isRange = regexp.MustCompile(`^[<>=!~^*]|^v?[0-9][0-9A-Za-z.]*[*\s,|]`)

// fromCheckout returns the files of a catalog at another revision of the checkout.
func (r *Reader) fromCheckout(c fleet.Chart) (fs.FS, error) {
	if r.options.Sent != nil {
		return r.fromSent(r.options.Sent, c)
	}
	if r.options.Root == "" {
		return nil, errors.New("there is no checkout")
	}
	found, is := checkout.Find(r.options.Root)
	if !is {
		return nil, errors.New("there is no .git here")
	}
	if !found.MayHave(c.Revision) {
		return nil, noRevision(c)
	}
	if r.options.Machine == nil {
		return nil, r.askOther()
	}
	root, err := filepath.EvalSymlinks(r.options.Root)
	if err != nil {
		return nil, err
	}
	inside, err := filepath.Rel(found.Root, root)
	if err != nil {
		return nil, err
	}
	return r.options.Machine.Checkout(found.Root, c.Revision, path.Join(filepath.ToSlash(inside), c.Path))
}

// fromSent returns the files of a catalog at another revision of a checkout that was sent.
func (r *Reader) fromSent(sent Sent, c fleet.Chart) (fs.FS, error) {
	if !sent.MayHave(c.Revision) {
		return nil, noRevision(c)
	}
	if r.options.Machine == nil {
		return nil, r.askOther()
	}
	git, inside, err := sent.Repository()
	if err != nil {
		return nil, err
	}
	return r.options.Machine.Files(git, c.Revision, path.Join(inside, c.Path))
}

func noRevision(c fleet.Chart) error {
	return problem.Hinted("git fetch may bring it", "the checkout has no revision %s", c.Revision)
}

// askOther is the error with which whoever asks asks another program.
func (r *Reader) askOther() error {
	if r.options.Missing != nil {
		if err := r.options.Missing(); err != nil {
			return err
		}
	}
	return fleet.ErrNoChartReader
}

// commitName matches the full name of a commit, which never is another one.
var commitName = regexp.MustCompile(`^[0-9a-f]{40}$`)

// errOffline is why nothing is fetched.
var errOffline = problem.Hinted("run once without --offline",
	"it is not in the cache, and nothing is fetched while offline")

// fromServer returns the files of a catalog in a repository on a server.
func (r *Reader) fromServer(ctx context.Context, c fleet.Chart, allowed []string) (fs.FS, error) {
	u, err := parse(c.RepoURL)
	if err == nil {
		err = checkAllowed(u, allowed)
	}
	if err != nil {
		return nil, err
	}
	at := without(u)
	if r.options.Forbidden != "" {
		return nil, errors.New(r.options.Forbidden)
	}
	commit := c.Revision
	if known, is := r.store.note("revisions", at, c.Revision); is && r.options.Offline {
		commit = known.Commit
	}
	if commitName.MatchString(commit) {
		if files, is := r.store.catalog(at, commit, c.Path); is {
			return files, nil
		}
	}
	if r.options.Offline {
		return nil, errOffline
	}
	if isReserved(u.Hostname()) {
		return nil, fmt.Errorf("%s is a name for examples, which no server has", u.Hostname())
	}
	if failed, is := r.store.failure(at, c.Revision, time.Now()); is {
		return nil, fmt.Errorf("%s, which was found out at %s", failed.Reason, failed.Time.Format(time.TimeOnly))
	}
	if r.options.Machine == nil {
		return nil, r.askOther()
	}
	files, err := r.fetch(ctx, u, at, c)
	if errors.Is(err, ErrUnreachable) && ctx.Err() == nil {
		r.store.addNote("failures", at, c.Revision, note{Reason: problem.OneLine(err.Error()), Time: time.Now()})
	}
	return files, err
}

// fetch fetches a catalog, and stores it.
func (r *Reader) fetch(ctx context.Context, u *url.URL, at string, c fleet.Chart) (fs.FS, error) {
	unlock, err := r.store.lock(ctx, at)
	if err != nil {
		return nil, problem.Hinted("choose a directory that can be written with --cache-dir",
			"the cache directory cannot be used: %w", err)
	}
	defer unlock()
	var stored fs.FS
	request := Request{URL: u, Revision: c.Revision, Directory: c.Path, Scratch: r.store.dir,
		Known: func(commit string) (is bool) {
			stored, is = r.store.catalog(at, commit, c.Path)
			return is
		}}
	if found, is := checkout.Find(r.options.Root); is && r.options.Root != "" {
		request.Remotes = found.Remotes()
	}
	commit, files, err := r.options.Machine.Fetch(ctx, request)
	if err != nil {
		return nil, err
	}
	r.store.addNote("revisions", at, c.Revision, note{Commit: commit, Time: time.Now()})
	r.store.forget(at, c.Revision)
	if stored != nil {
		return stored, nil
	}
	return r.store.addCatalog(at, commit, c.Path, files)
}

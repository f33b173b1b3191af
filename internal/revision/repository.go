package revision

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/internal/checkout"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

var (
	// ErrNoRepository is the cause where a directory is in no Git repository.
	ErrNoRepository = errors.New("is in no Git repository")
	// ErrNoRevision is the cause where a name is that of no revision.
	ErrNoRevision = errors.New("there is no such revision")
	// ErrNoRemote is the cause where no remote says what its default branch is.
	ErrNoRemote = errors.New("there is no remote whose default branch is known")
	// ErrNoDefaultBranch is the cause where the default branch of the remote is not in the clone.
	ErrNoDefaultBranch = errors.New("default branch of the remote is not known")
	// ErrNoMergeBase is the cause where two commits have no common ancestor, as far as the clone has their history.
	ErrNoMergeBase = errors.New("have no common ancestor")
	// ErrSubmodule is the cause where a path leads into a submodule.
	ErrSubmodule = errors.New("leads into a submodule, whose files are in another repository")
)

// errUnreadable is why a repository answers nothing at all.
var errUnreadable = errors.New("the repository has extensions that cannot be read here")

// MaxObject is how large an object of a repository may be, in bytes; of a larger one, [worktree.ErrTooLarge] is told.
const MaxObject = 64 << 20

// A Repository is a Git repository. It is safe for concurrent use.
type Repository struct {
	// Root is the directory of the work tree; that of the repository itself where it is bare.
	Root string
	// Bare tells that there is no work tree.
	Bare bool

	mu     sync.Mutex
	stores []store // the first that can answers
}

// A store answers questions about a repository. The names of objects are hexadecimal.
type store interface {
	// commit returns the commit that a name stands for.
	commit(name string) (string, error)
	// object returns an object's type and content.
	object(hash string) (kind string, data []byte, err error)
	// mergeBase returns a best common ancestor of two commits; "" if they have none.
	mergeBase(a, b string) (string, error)
	// remotes returns the names of the remotes.
	remotes() ([]string, error)
	// shallow tells whether the history is cut off.
	shallow() (bool, error)
	close()
}

// Open finds the repository that a directory is in. environment is that of the program git, as of [os.Environ]; without
// one (nil), that is not started. It fails with [ErrNoRepository]. The repository must be closed.
func Open(directory string, environment []string) (*Repository, error) {
	absolute, err := filepath.Abs(directory)
	if err == nil {
		absolute, err = filepath.EvalSymlinks(absolute)
	}
	if err != nil {
		return nil, err
	}
	for root := absolute; ; root = filepath.Dir(root) {
		_, err := os.Lstat(filepath.Join(root, ".git"))
		bare := err != nil && isBare(root)
		if err == nil || bare {
			r := &Repository{Root: root, Bare: bare}
			if library, err := openLibrary(root); err == nil {
				r.stores = append(r.stores, library)
			}
			if environment != nil {
				r.stores = append(r.stores, newProgram(root, environment))
			}
			return r, nil
		}
		if filepath.Dir(root) == root {
			return nil, problem.New(directory, 0, "the directory %w", ErrNoRepository).
				WithHint("give two directories, or call cmp in a checkout")
		}
	}
}

// isBare tells whether a directory has what the directory of a repository has.
func isBare(directory string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(directory, name)); err != nil {
			return false
		}
	}
	return true
}

// Close ends what reads the repository.
func (r *Repository) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.stores {
		s.close()
	}
}

// ask asks the stores, one after the other, until one answers. The error is that of the last.
func ask[T any](r *Repository, question func(store) (T, error)) (answer T, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err = errUnreadable
	for _, s := range r.stores {
		if answer, err = question(s); err == nil || errors.Is(err, worktree.ErrTooLarge) {
			return answer, err
		}
	}
	return answer, err
}

// Commit returns the commit that a name stands for: a branch, a tag, a hash, HEAD~2. It fails with [ErrNoRevision],
// also for what names a file in a commit.
func (r *Repository) Commit(name string) (string, error) {
	if name == "" || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "\x00\n:") {
		return "", fmt.Errorf("%q: %w", name, ErrNoRevision)
	}
	commit, err := ask(r, func(s store) (string, error) { return s.commit(name) })
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, ErrNoRevision)
	}
	return commit, nil
}

// Deployed returns the commit that Argo CD would have for a name, as far as the clone knows it: that of the remote's
// branch, else a tag, else a branch of the clone alone, else the commit with this name. refs/heads/NAME is only the
// branch, refs/tags/NAME only the tag. HEAD is the default branch of the remote. It fails with [ErrNoRevision].
func (r *Repository) Deployed(name string) (string, error) {
	if !checkout.IsName(name) { // it is no expression over commits
		return "", fmt.Errorf("%q: %w", name, ErrNoRevision)
	}
	remote := r.remote()
	names := []string{"refs/tags/" + name, "refs/heads/" + name}
	branch, isBranch := strings.CutPrefix(name, "refs/heads/")
	switch {
	case isBranch && remote != "":
		names = []string{"refs/remotes/" + remote + "/" + branch, name}
	case isBranch, strings.HasPrefix(name, "refs/tags/"):
		names = []string{name}
	case name == "HEAD" && remote != "":
		branch, err := r.DefaultBranch()
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, ErrNoRevision)
		}
		names = []string{"refs/remotes/" + branch}
	case name == "HEAD":
		names = nil
	case remote != "":
		names = append([]string{"refs/remotes/" + remote + "/" + name}, names...)
	}
	for _, ref := range names {
		if commit, err := r.Commit(ref); err == nil {
			return commit, nil
		}
	}
	if name != "HEAD" && strings.Trim(name, "0123456789abcdefABCDEF") != "" {
		return "", fmt.Errorf("%s: %w", name, ErrNoRevision)
	}
	return r.Commit(name)
}

// remote returns the remote that counts: origin, or the only other one; "" if there is none.
func (r *Repository) remote() string {
	remotes, err := ask(r, func(s store) ([]string, error) { return s.remotes() })
	if err != nil {
		return ""
	}
	for _, name := range remotes {
		if name == "origin" || len(remotes) == 1 {
			return name
		}
	}
	return ""
}

// DefaultBranch returns the name of a remote's default branch, as origin/main: that of origin, or of the only other
// remote. A clone knows it; where the checkout of a CI job does not, it is main or master if there is one of the two.
// It fails with [ErrNoRemote], or with [ErrNoDefaultBranch] and the command that mends it.
func (r *Repository) DefaultBranch() (string, error) {
	remote := r.remote()
	if remote == "" {
		return "", ErrNoRemote
	}
	for _, branch := range []string{"HEAD", "main", "master"} {
		if _, err := r.Commit("refs/remotes/" + remote + "/" + branch); err == nil {
			return remote + "/" + branch, nil
		}
	}
	return "", problem.New("", 0, "the %w: neither %s/HEAD nor its main or master is in this clone", ErrNoDefaultBranch,
		remote).WithHint("git fetch %[1]s main:refs/remotes/%[1]s/main brings it, by its name; or give BASE", remote)
}

// MergeBase returns a best common ancestor of two revisions. It fails with [ErrNoMergeBase]; in a shallow clone, with
// the command that mends it.
func (r *Repository) MergeBase(a, b string) (string, error) {
	var commits [2]string
	for i, name := range []string{a, b} {
		var err error
		if commits[i], err = r.Commit(name); err != nil {
			return "", err
		}
	}
	base, err := ask(r, func(s store) (string, error) { return s.mergeBase(commits[0], commits[1]) })
	if err == nil && base != "" {
		return base, nil
	}
	failed := problem.New("", 0, "%s and %s %w", a, b, ErrNoMergeBase)
	if shallow, _ := ask(r, func(s store) (bool, error) { return s.shallow() }); shallow {
		return "", failed.WithHint("this clone is shallow: git fetch --unshallow brings the history " +
			"(fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 of GitLab)")
	}
	return "", failed
}

// IsAncestor tells whether the history of a revision has a commit.
func (r *Repository) IsAncestor(commit, of string) (bool, error) {
	later, err := r.Commit(of)
	if err != nil {
		return false, err
	}
	base, err := ask(r, func(s store) (string, error) { return s.mergeBase(commit, later) })
	return base == commit, err
}

// Tree returns the files of a commit in a directory of the repository, which is given from its root with slashes. It
// fails with [fs.ErrNotExist] as the cause if the commit has no such directory.
func (r *Repository) Tree(commit, directory string) (fs.FS, error) {
	root, err := r.treeOf(commit)
	if err != nil {
		return nil, err
	}
	if root, err = newTree(r, root).hashOf(directory); err != nil {
		return nil, &fs.PathError{Op: "open", Path: directory, Err: err}
	}
	return worktree.Inside(newTree(r, root)), nil
}

// treeOf returns the tree of a commit.
func (r *Repository) treeOf(commit string) (string, error) {
	kind, data, err := r.object(commit)
	if err != nil {
		return "", err
	}
	hash, isCommit := strings.CutPrefix(strings.SplitN(string(data), "\n", 2)[0], "tree ")
	if kind != "commit" || !isCommit {
		return "", fmt.Errorf("%s: %w: it is a %s", commit, ErrNoRevision, kind)
	}
	return hash, nil
}

// object returns an object's type and content.
func (r *Repository) object(hash string) (kind string, data []byte, err error) {
	type answer struct {
		kind string
		data []byte
	}
	a, err := ask(r, func(s store) (answer, error) {
		kind, data, err := s.object(hash)
		return answer{kind, data}, err
	})
	return a.kind, a.data, err
}

package linked

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/revision"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// workingTree is what the files of the machine are called.
const workingTree = "working tree"

// Trees returns the trees that BASE and HEAD name.
func (Stages) Trees(root string, args []string, whole bool) (workshop.Trees, error) {
	r := resolver{root: root}
	trees, err := r.trees(args, whole)
	trees.Close = func() {
		if r.repository != nil {
			r.repository.Close()
		}
	}
	if err != nil {
		trees.Close()
		return trees, usage.Error(err)
	}
	return trees, nil
}

// resolver finds the trees of a fleet.
type resolver struct {
	root       string // of the fleet
	repository *revision.Repository
	opened     bool
	failed     error // why there is no repository
}

func (r *resolver) trees(args []string, whole bool) (trees workshop.Trees, err error) {
	head := ""
	if len(args) == 2 {
		head = args[1]
	}
	if trees.After, err = r.tree(head); err != nil {
		return trees, err
	}
	switch {
	case len(args) > 0:
		trees.Before, err = r.tree(args[0])
	case whole:
		trees.Before = trees.After
	default:
		trees.Before, err = r.base()
	}
	if err == nil && len(args) > 0 {
		trees.Note = r.beside(args[0], head)
	}
	return trees, err
}

// base returns the merge base with the default branch of the remote.
func (r *resolver) base() (workshop.Tree, error) {
	repository, err := r.open()
	if err != nil {
		return workshop.Tree{}, err
	}
	branch, err := repository.DefaultBranch()
	if errors.Is(err, revision.ErrNoRemote) {
		return workshop.Tree{}, problem.New("", 0, "%w", err).WithHint("give BASE: a revision, or a directory")
	} else if err != nil {
		return workshop.Tree{}, err
	}
	commit, err := repository.MergeBase(branch, "HEAD")
	var failed *problem.Problem
	if errors.As(err, &failed) && failed.Hint == "" {
		return workshop.Tree{}, failed.WithHint("give BASE: a revision, or a directory")
	} else if err != nil {
		return workshop.Tree{}, err
	}
	return r.revision(fmt.Sprintf("%s (merge base with %s)", short(commit), branch), commit)
}

func short(commit string) string { return commit[:min(len(commit), 9)] }

// tree returns the tree that an argument names; "" is the working tree.
func (r *resolver) tree(name string) (workshop.Tree, error) {
	if name == "" {
		if repository, err := r.open(); err == nil && repository.Bare {
			return workshop.Tree{}, problem.New(r.root, 0, "the repository is bare: it has no working tree").
				WithHint("give two revisions")
		}
		return r.directory(workingTree, r.root)
	}
	info, err := os.Stat(name)
	exists := err == nil && info.IsDir()
	if strings.HasPrefix(name, ".") || filepath.IsAbs(name) {
		if !exists {
			return workshop.Tree{}, problem.New(name, 0, "there is no such directory").
				WithHint("a revision does not begin with . or /")
		}
		return r.directory(name, name)
	}
	repository, err := r.open()
	if err != nil {
		if exists {
			return r.directory(name, name)
		}
		return workshop.Tree{}, err
	}
	commit, err := repository.Commit(name)
	switch {
	case err == nil && exists:
		return workshop.Tree{}, problem.New("", 0, "%s is a revision as well as a directory", name).
			WithHint("write ./%s for the directory, or refs/heads/%s for the branch", name, name)
	case err == nil:
		return r.revision(name, commit)
	case exists:
		return r.directory(name, name)
	}
	return workshop.Tree{}, problem.New("", 0, "%w, and no such directory", err).
		WithHint("git fetch may bring it; git branch --all shows what there is")
}

// open opens the repository, when it is asked for.
func (r *resolver) open() (*revision.Repository, error) {
	if !r.opened {
		r.opened = true
		r.repository, r.failed = revision.Open(r.root, os.Environ())
	}
	return r.repository, r.failed
}

// revision returns the fleet's files in a commit: those at the same path as in the working tree.
func (r *resolver) revision(name, commit string) (workshop.Tree, error) {
	root, err := filepath.EvalSymlinks(r.root)
	if err != nil {
		return workshop.Tree{}, err
	}
	inside, err := filepath.Rel(r.repository.Root, root)
	if err != nil {
		return workshop.Tree{}, err
	}
	inside = filepath.ToSlash(inside)
	tree, err := r.repository.Tree(commit, inside)
	if errors.Is(err, fs.ErrNotExist) {
		return workshop.Tree{}, problem.New("", 0, "%s has no directory %s, where the fleet is", name, inside)
	}
	return workshop.Tree{Name: name, FS: tree}, err
}

// directory returns the files of a directory.
func (r *resolver) directory(name, path string) (workshop.Tree, error) {
	tree, err := worktree.OpenFor(path, supervise.Reading)
	return workshop.Tree{Name: name, FS: tree}, err
}

// beside returns a note if BASE is no ancestor of HEAD, so that changes of both show.
func (r *resolver) beside(base, head string) string {
	if r.repository == nil {
		return ""
	}
	commit, err := r.repository.Commit(base)
	if err != nil {
		return "" // a directory
	}
	if head == "" {
		head = "HEAD"
	}
	if is, err := r.repository.IsAncestor(commit, head); err != nil || is {
		return ""
	}
	if _, err := r.repository.MergeBase(base, head); err != nil {
		return fmt.Sprintf("what only %s has shows as removed: %v", base, err)
	}
	return fmt.Sprintf("%s is no ancestor of %s: what only %s has shows as removed; compare with their merge base: "+
		"cmp diff $(git merge-base %s %s)", base, head, base, base, head)
}

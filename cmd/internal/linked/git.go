package linked

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/revision"
	"github.com/eks-fleet-management/fleet-cmp/internal/revision/remote"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render/gitcatalog"
)

// Git returns what reads Git repositories on this machine.
func (Stages) Git(alone bool) gitcatalog.Machine {
	m := &machine{repositories: map[string]*revision.Repository{}}
	if !alone {
		m.environment = os.Environ()
	}
	return m
}

// A machine reads Git repositories.
type machine struct {
	environment []string // of programs; nil: none are started

	mu           sync.Mutex
	repositories map[string]*revision.Repository // by the directory that they are checked out in
}

// Checkout implements [gitcatalog.Machine].
func (m *machine) Checkout(root, name, directory string) (fs.FS, error) {
	repository, err := m.open(root)
	if err != nil {
		return nil, err
	}
	return deployed(repository, name, directory)
}

// Files implements [gitcatalog.Machine].
func (m *machine) Files(git fs.FS, name, directory string) (fs.FS, error) {
	repository, err := revision.OpenFiles(git)
	if err != nil {
		return nil, err
	}
	return deployed(repository, name, directory)
}

// deployed returns the files of a directory in the commit that Argo CD would have for a name.
func deployed(repository *revision.Repository, name, directory string) (fs.FS, error) {
	commit, err := repository.Deployed(name)
	if err != nil {
		return nil, problem.Hinted("git fetch may bring it", "the checkout has no revision %s", name)
	}
	return directoryOf(func(directory string) (fs.FS, error) { return repository.Tree(commit, directory) }, directory)
}

// open opens each repository once.
func (m *machine) open(root string) (*revision.Repository, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.repositories[root]; r != nil {
		return r, nil
	}
	r, err := revision.Open(root, m.environment)
	if err == nil {
		m.repositories[root] = r
	}
	return r, err
}

// directoryOf returns the files of a directory of a commit.
func directoryOf(tree func(directory string) (fs.FS, error), directory string) (fs.FS, error) {
	files, err := tree(directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the revision has no directory %s", directory)
	}
	return files, err
}

// Fetch implements [gitcatalog.Machine].
func (m *machine) Fetch(ctx context.Context, r gitcatalog.Request) (commit string, files []gitcatalog.File, err error) {
	credentials := remote.Credentials{Environment: m.environment}
	for _, address := range r.Remotes {
		if u, err := url.Parse(address); err == nil && m.environment != nil && u.Hostname() != "" {
			credentials.Hosts = append(credentials.Hosts, u.Hostname())
		}
	}
	if m.environment == nil {
		credentials.Environment = os.Environ() // for .netrc
	}
	source := remote.Source{URL: r.URL, Credential: credentials.For, Received: received}
	err = remote.Fetch(ctx, source, r.Revision, r.Scratch, r.Known,
		func(name string, tree func(string) (fs.FS, error)) error {
			commit = name
			if tree == nil {
				return nil
			}
			found, err := directoryOf(tree, path.Clean(r.Directory))
			if err == nil {
				files, err = catalogFiles(found)
			}
			return err
		})
	if errors.Is(err, remote.ErrUnreachable) {
		err = unreachable{err}
	}
	return commit, files, err
}

// received tells the watch of the run that a fetch goes on.
func received(mebibytes int64) {
	supervise.Reading(fmt.Sprintf("MiB %d of a commit that is fetched", mebibytes))
}

// unreachable is an error about a server that does not answer.
type unreachable struct{ error }

// Is tells that it is [gitcatalog.ErrUnreachable].
func (unreachable) Is(target error) bool { return target == gitcatalog.ErrUnreachable }

// Unwrap returns the error itself.
func (u unreachable) Unwrap() error { return u.error }

// The most that a catalog has, in one file and in number of files.
const (
	maxFile  = 10 << 20
	maxFiles = 10_000
)

// catalogFiles returns the files of a catalog: values.yaml, and those in values.
func catalogFiles(tree fs.FS) ([]gitcatalog.File, error) {
	var files []gitcatalog.File
	add := func(name string) error {
		data, err := worktree.ReadFile(tree, name, maxFile)
		if err != nil {
			return fmt.Errorf("its file %s cannot be read: %w", name, err)
		}
		if files = append(files, gitcatalog.File{Name: name, Data: data}); len(files) > maxFiles {
			return fmt.Errorf("the catalog has more than %d files", maxFiles)
		}
		return nil
	}
	if _, err := fs.Stat(tree, "values.yaml"); err == nil {
		if err := add("values.yaml"); err != nil {
			return nil, err
		}
	}
	if _, err := fs.Stat(tree, "values"); errors.Is(err, fs.ErrNotExist) {
		return files, nil
	}
	err := fs.WalkDir(tree, "values", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".yaml") {
			return err
		}
		return add(name)
	})
	return files, err
}

package revision

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// library reads a repository with go-git.
type library struct {
	repository *git.Repository
	storage    *filesystem.Storage
}

func openLibrary(root string) (*library, error) {
	found, err := git.PlainOpenWithOptions(root, &git.PlainOpenOptions{EnableDotGitCommonDir: true})
	if err != nil {
		return nil, err
	}
	first, is := found.Storer.(*filesystem.Storage)
	if !is {
		return nil, errors.ErrUnsupported
	}
	// Else each object would open its pack anew.
	return newLibrary(filesystem.NewStorageWithOptions(first.Filesystem(), cache.NewObjectLRU(cached),
		filesystem.Options{KeepDescriptors: true}))
}

// cached is how much memory objects take that were read.
const cached = 32 * cache.MiByte

func newLibrary(storage *filesystem.Storage) (*library, error) {
	repository, err := git.Open(storage, nil)
	if err != nil {
		return nil, err
	}
	return &library{repository: repository, storage: storage}, nil
}

func (l *library) commit(name string) (string, error) {
	hash, err := l.repository.ResolveRevision(plumbing.Revision(name))
	if err != nil {
		return "", err
	}
	commit, err := l.repository.CommitObject(*hash)
	if err != nil {
		return "", err
	}
	return commit.Hash.String(), nil
}

func (l *library) object(hash string) (string, []byte, error) {
	name := plumbing.NewHash(hash)
	if name.String() != hash {
		return "", nil, plumbing.ErrObjectNotFound
	}
	size, err := l.storage.EncodedObjectSize(name)
	if err != nil {
		return "", nil, err
	}
	if size > MaxObject {
		return "", nil, fmt.Errorf("object %s %w: %d bytes", hash, worktree.ErrTooLarge, size)
	}
	encoded, err := l.storage.EncodedObject(plumbing.AnyObject, name)
	if err != nil {
		return "", nil, err
	}
	reader, err := encoded.Reader()
	if err != nil {
		return "", nil, err
	}
	defer reader.Close()
	data := make([]byte, size)
	_, err = io.ReadFull(reader, data)
	return encoded.Type().String(), data, err
}

func (l *library) mergeBase(a, b string) (string, error) {
	var commits [2]*object.Commit
	for i, hash := range []string{a, b} {
		var err error
		if commits[i], err = l.repository.CommitObject(plumbing.NewHash(hash)); err != nil {
			return "", err
		}
	}
	bases, err := commits[0].MergeBase(commits[1])
	if err != nil || len(bases) == 0 {
		return "", err
	}
	return bases[0].Hash.String(), nil
}

func (l *library) remotes() ([]string, error) {
	remotes, err := l.repository.Remotes()
	var names []string
	for _, remote := range remotes {
		names = append(names, remote.Config().Name)
	}
	return names, err
}

func (l *library) shallow() (bool, error) {
	cut, err := l.storage.Shallow()
	return len(cut) > 0, err
}

func (l *library) close() { _ = l.storage.Close() }

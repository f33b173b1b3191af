package files

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// rootMarks are what tells the root of a repository, the surest first. Besides fleet.yaml and Git's directory these are
// the catalog of the sample fleets, for one that is neither under version control nor described, and misspelt files.
var rootMarks = slices.Concat([]string{hierarchy.FleetFile, ".git", filepath.Join("charts", "application-sets")},
	hierarchy.OtherFleetFiles)

// OpenRepository opens the repository of an app path, and returns the app path inside it. The root is the directory
// that is given, or the nearest parent of the app path with one of the rootMarks, or the app path itself. No link
// leaves the root, or leads into .git. It fails for an app path that is no directory of the repository.
func OpenRepository(appPath, root string) (fs.FS, string, error) {
	appPath, err := filepath.Abs(appPath)
	if err != nil {
		return nil, "", err
	}
	if err := isDirectory(appPath); err != nil {
		return nil, "", err
	}
	if root == "" {
		root = findRoot(appPath)
	}
	if root, err = filepath.Abs(root); err != nil {
		return nil, "", err
	}
	inside, err := filepath.Rel(root, appPath)
	if err != nil || !filepath.IsLocal(inside) {
		return nil, "", usage.Error(fmt.Errorf("the app path %s is not inside the repository %s", appPath, root))
	}
	repository, err := worktree.OpenFor(root, supervise.Reading)
	if err != nil {
		return nil, "", err
	}
	if _, err := fs.Stat(repository, filepath.ToSlash(inside)); errors.Is(err, worktree.ErrGit) {
		return nil, "", fmt.Errorf("the app path %s %w", appPath, worktree.ErrGit)
	}
	return repository, filepath.ToSlash(inside), nil
}

// Root returns the root of the fleet around a directory: the one that is given, or else the one that is found. It fails
// for what is no directory.
func Root(directory, root string) (string, error) {
	absolute, err := filepath.Abs(cmp.Or(root, directory))
	if err != nil {
		return "", err
	}
	if err := isDirectory(absolute); err != nil {
		return "", err
	}
	if root != "" {
		return absolute, nil
	}
	return findRoot(absolute), nil
}

// isDirectory fails if there is no directory of that path, or it cannot be looked at.
func isDirectory(directory string) error {
	info, err := os.Stat(directory)
	var cause *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = problem.New(directory, 0, "there is no such directory")
	case errors.As(err, &cause):
		err = problem.New(directory, 0, "cannot be read: %w", cause.Err)
	case err == nil && !info.IsDir():
		err = problem.New(directory, 0, "is no directory")
	}
	var p *problem.Problem
	if errors.As(err, &p) {
		return p.WithHint("give the directory of the fleet as PATH, or with --repo-root")
	}
	return err
}

// findRoot returns the root of the repository that a directory is in: the nearest directory around it with one of the
// rootMarks, or else itself.
func findRoot(appPath string) string {
	for _, mark := range rootMarks {
		for dir := appPath; ; dir = filepath.Dir(dir) {
			if _, err := os.Lstat(filepath.Join(dir, mark)); !errors.Is(err, fs.ErrNotExist) && err == nil {
				return dir
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return appPath
}

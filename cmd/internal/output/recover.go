package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// temporaryName is what [rand.Text] makes of temporaryPrefix.
var temporaryName = regexp.MustCompile(`^\.cmp-[A-Z2-7]{26}$`)

// maxIdentity is more than an identity has, in bytes.
const maxIdentity = 100

// Recover takes back what killed runs began to write to a directory, and removes their temporary directories. What else
// has a name like these stays, and nothing in it counts: a directory that was copied, or that came with a repository,
// has not the identity that is written down in it. It fails for files that cannot be moved back.
func Recover(dir string) error {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	return recoverRoot(root)
}

func recoverRoot(root *os.Root) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !temporaryName.MatchString(entry.Name()) || !entry.IsDir() {
			continue
		}
		if err := recoverOne(root, entry.Name()); err != nil {
			return err
		}
	}
	return nil
}

// recoverOne takes back what one run began, unless it still goes on.
func recoverOne(root *os.Root, name string) error {
	lock, err := lockDirectory(root, name)
	if err != nil || lock == nil {
		return nil //nolint:nilerr // another run's, which uses it
	}
	defer lock.Close()
	file := filepath.Join(name, runFile)
	written, err := worktree.ReadFile(root.FS(), filepath.ToSlash(file), maxIdentity)
	switch {
	case err == nil && len(written) > 0 && string(written) != identity(lock):
		return nil
	case err != nil || len(written) == 0: // of a run that was killed before it wrote anything else, or of none
		if err == nil {
			_ = root.Remove(file)
		}
		_ = root.Remove(name) // if it is empty
		return nil
	}
	if err := (mover{root, name}).undo(); err != nil {
		return err
	}
	return root.RemoveAll(name)
}

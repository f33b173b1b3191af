package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// WriteFile writes a file that a flag names, as a whole. It fails where its directory does not exist or cannot be
// written to, and says that another file is to be given.
func WriteFile(flag, name string, data []byte) error {
	err := writeFile(name, data)
	if err == nil {
		return nil
	}
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err
	}
	return problem.New(name, 0, "cannot be written: %w", err).
		WithHint("give a file of a directory that is there with --%s", flag)
}

func writeFile(name string, data []byte) error {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer root.Close()
	const readable = 0o644
	return worktree.WriteFile(root, filepath.Base(name), data, readable)
}

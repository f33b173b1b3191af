package output

import (
	"os"
	"path/filepath"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// WriteFile writes a file that a flag names, as a whole. It fails where its directory does not exist.
func WriteFile(name string, data []byte) error {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer root.Close()
	const readable = 0o644
	return worktree.WriteFile(root, filepath.Base(name), data, readable)
}

package members

import (
	"errors"
	"io/fs"
	"os"
	"path"

	"github.com/spf13/cobra"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// show prints the file of a member as it would be, once it is certain that it could be written.
func show(cmd *cobra.Command, directory, name string, text []byte, check func(*os.Root, string) error) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := check(root, name); err != nil {
		return err
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}

// isNew fails for the name of a file that is there already.
func isNew(root *os.Root, name string) error {
	_, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = errors.New("exists already")
	}
	return problem.New(name, 0, "%w", err).WithHint("edit it, or choose another name")
}

// isOwn fails for what is no regular file, such as a link: its content belongs to another place.
func isOwn(root *os.Root, name string) error {
	info, err := root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = problem.New(name, 0, "is not a regular file").WithHint("edit the file that it leads to")
	}
	return err
}

// changeMember replaces the text of a member's file, whole or not at all. No link leads out of the root.
func changeMember(directory, name string, text []byte) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := isOwn(root, name); err != nil {
		return err
	}
	info, err := root.Lstat(name)
	if err != nil {
		return err
	}
	return worktree.WriteFile(root, name, text, info.Mode().Perm())
}

// removeMember removes a file from its directory, which stays. A link is removed itself, and none leads out of the
// root.
func removeMember(directory, name string) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := keepDirectory(root, path.Dir(name)); err != nil {
		return err
	}
	return root.Remove(name)
}

// keepDirectory puts a file into a directory that has none such, so that Git keeps the directory.
func keepDirectory(root *os.Root, directory string) error {
	name := path.Join(directory, directories.KeepFile)
	if _, err := root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return worktree.WriteFile(root, name, nil, 0o644)
}

// writeMember writes a file that does not exist yet, so that it is there whole or not at all. No link leads out of the
// root.
func writeMember(directory, name string, text []byte) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := isNew(root, name); err != nil {
		return err
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := keepDirectory(root, path.Dir(name)); err != nil {
		return err
	}
	return worktree.WriteFile(root, name, text, 0o644)
}

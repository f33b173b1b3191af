package worktree_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

func tree(names ...string) fs.FS {
	files := map[string][]byte{}
	for _, name := range names {
		files[name] = []byte(name)
	}
	return worktree.InMemory(files)
}

func TestInMemory(t *testing.T) {
	fsys := worktree.InMemory(map[string][]byte{"a/b/c.yaml": []byte("c"), "d": []byte("d"), "../x": nil, "/y": nil,
		".": nil})
	require.NoError(t, fstest.TestFS(fsys, "a/b/c.yaml", "d"))
	var names []string
	require.NoError(t, fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		names = append(names, name)
		return err
	}))
	require.Equal(t, []string{".", "a", "a/b", "a/b/c.yaml", "d"}, names)
}

// TestJoin: a part is in its directory, all of it behind @, and what the first tree lacks is looked for in the parts.
func TestJoin(t *testing.T) {
	errMissing := errors.New("is not here")
	parts := []worktree.Part{
		{Name: "addons", Path: "config/apps", FS: tree("config/apps/x.yaml", "charts/one", "fleet.yaml")},
		{Name: "all", Path: ".", FS: tree("y.yaml", "charts/two")},
		{Name: "gone", Path: "gone", Err: errMissing},
	}
	fsys := worktree.Join(tree("fleet.yaml", "members/a.yaml"), parts)
	for name, want := range map[string]string{
		"fleet.yaml": "fleet.yaml", "members/a.yaml": "members/a.yaml",
		"addons/x.yaml": "config/apps/x.yaml", "@addons/config/apps/x.yaml": "config/apps/x.yaml",
		"@addons/fleet.yaml": "fleet.yaml", "charts/one": "charts/one", "charts/two": "charts/two",
		"all/y.yaml": "y.yaml", "@all/y.yaml": "y.yaml",
	} {
		data, err := fs.ReadFile(fsys, name)
		require.NoError(t, err, name)
		require.Equal(t, want, string(data), name)
		info, err := fs.Stat(fsys, name)
		require.NoError(t, err, name)
		require.False(t, info.IsDir(), name)
	}
	for _, name := range []string{"gone", "gone/x", "@gone/x"} {
		_, err := fs.ReadFile(fsys, name)
		require.ErrorIs(t, err, errMissing, name)
		_, err = fs.Stat(fsys, name)
		require.ErrorIs(t, err, errMissing, name)
		_, err = fs.ReadDir(fsys, name)
		require.ErrorIs(t, err, errMissing, name)
	}
	for _, name := range []string{"config/apps/y.yaml", "addons/y.yaml", "@other/x"} {
		_, err := fs.Stat(fsys, name)
		require.ErrorIs(t, err, fs.ErrNotExist, name)
	}
	_, err := fs.Stat(fsys, "../x")
	require.ErrorIs(t, err, fs.ErrInvalid)
	var names []string
	require.NoError(t, fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		names = append(names, name)
		return err
	}))
	require.Equal(t, []string{".", "addons", "addons/x.yaml", "all", "all/charts", "all/charts/two", "all/y.yaml",
		"fleet.yaml", "members", "members/a.yaml"}, names)
}

func TestWhereAFileOfAPartIs(t *testing.T) {
	deep, root := worktree.Part{Name: "addons", Path: "config/apps"}, worktree.Part{Name: "all", Path: "."}
	for _, test := range []struct {
		part           worktree.Part
		inside, joined string
	}{
		{deep, "config/apps", "addons"}, {deep, "config/apps/a/b", "addons/a/b"},
		{deep, "charts/a", "@addons/charts/a"},
		{deep, "config/appsets", "@addons/config/appsets"}, {deep, ".", "@addons"},
		{root, "a/b", "all/a/b"}, {root, ".", "all"},
	} {
		require.Equal(t, test.joined, test.part.Locate(test.inside))
		inside, is := test.part.Inside(test.joined)
		require.True(t, is)
		require.Equal(t, test.inside, inside)
	}
	_, is := deep.Inside("addons2/x")
	require.False(t, is)
}

// TestLinksStayInTheirTree: no link of one tree leads into another.
func TestLinksStayInTheirTree(t *testing.T) {
	base, other := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(base, "secret.yaml"), []byte("x"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(other, "apps"), 0o755))
	require.NoError(t, os.Symlink("../secret.yaml", filepath.Join(other, "apps", "link.yaml")))
	require.NoError(t, os.Symlink("../../secret.yaml", filepath.Join(other, "apps", "out.yaml")))
	first, err := worktree.Open(base)
	require.NoError(t, err)
	second, err := worktree.Open(other)
	require.NoError(t, err)
	fsys := worktree.Join(first, []worktree.Part{{Name: "apps", Path: "apps", FS: second}})
	_, err = fs.ReadFile(fsys, "apps/link.yaml")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = fs.ReadFile(fsys, "apps/out.yaml")
	require.ErrorIs(t, err, worktree.ErrEscapes)
}

func TestRelocated(t *testing.T) {
	part := worktree.Part{Name: "addons", Path: "apps", FS: tree("apps/x.yaml", "charts/one")}
	fsys := worktree.Relocated(worktree.Join(tree("fleet.yaml"), []worktree.Part{part}), part.Locate)
	var names []string
	require.NoError(t, fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		names = append(names, name)
		return err
	}))
	require.Equal(t, []string{".", "apps", "apps/x.yaml", "charts", "charts/one"}, names)
}

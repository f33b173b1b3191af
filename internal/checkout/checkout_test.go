package checkout_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/checkout"
)

// git runs Git in a directory, without the configuration of this machine.
func git(t *testing.T, directory string, args ...string) {
	t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
	c.Dir = directory
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1"}
	out, err := c.CombinedOutput()
	require.NoError(t, err, string(out))
}

// TestCheckout: what the files of .git say, of loose and packed names, and in a further work tree.
func TestCheckout(t *testing.T) {
	root := t.TempDir()
	git(t, root, "init", "-q", "-b", "main")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "a", "b"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "a", "b", "f"), nil, 0o644))
	git(t, root, "add", ".")
	git(t, root, "commit", "-q", "-m", "x")
	for _, ref := range []string{"refs/heads/next", "refs/heads/feature/one", "refs/tags/v1", "refs/remotes/origin/far",
		"refs/remotes/origin/deep/far"} {
		git(t, root, "update-ref", ref, "HEAD")
	}
	git(t, root, "remote", "add", "origin", "https://token@git.example.com/fleet.git")
	git(t, root, "config", "http.url", "https://other.example.com")
	found, is := checkout.Find(filepath.Join(root, "a", "b"))
	require.True(t, is)
	require.Equal(t, "main", found.Branch())
	require.Equal(t, []string{"https://token@git.example.com/fleet.git"}, found.Remotes())
	check := func(found *checkout.Checkout) {
		t.Helper()
		for name, want := range map[string]bool{"next": true, "feature/one": true, "one": false, "feature": false,
			"v1": true, "far": true, "origin/far": false, "other": false, "HEAD": true, "abcd": true, "abc": false,
			"refs/heads/next": true, "refs/tags/v1": true, "refs/tags/v2": false, "../config": false, "next~1": false,
			"": false} {
			require.Equal(t, want, found.MayHave(name), name)
		}
		// which nobody can tell from a remote "origin/deep" without reading the configuration
		require.False(t, found.MayHave("missing/far"))
	}
	check(found)
	git(t, root, "pack-refs", "--all")
	check(found)

	tree := filepath.Join(t.TempDir(), "tree")
	git(t, root, "worktree", "add", "-q", tree, "next")
	further, is := checkout.Find(tree)
	require.True(t, is)
	require.Equal(t, "next", further.Branch())
	check(further)
	git(t, tree, "checkout", "-q", "--detach")
	require.Empty(t, further.Branch())

	_, is = checkout.Find(filepath.Join(root, "none"))
	require.False(t, is)
}

func TestIsName(t *testing.T) {
	for text, want := range map[string]bool{"main": true, "v1.2": true, "feature/a-b_c": true, "a#b": true, "": false,
		"-x": false, "a..b": false, "a b": false, "a:b": false, "a^": false, "a~1": false, "a@{1}": false, "/a": false,
		"a/": false, "a//b": false, "a\nb": false, "a.lock": false, "*": false} {
		require.Equal(t, want, checkout.IsName(text), text)
	}
}

// FuzzMayHave: whatever the files hold, looking for a name in them ends.
func FuzzMayHave(f *testing.F) {
	f.Add([]byte("# pack-refs with: peeled\n0123 refs/heads/next\n^4567\n"), []byte("[remote \"a\"]\n\turl = b\n"),
		"next")
	f.Add([]byte("/next\n/next\n"), []byte("url = x"), "x/next")
	f.Fuzz(func(t *testing.T, packed, config []byte, name string) {
		root := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(root, ".git"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, ".git", "packed-refs"), packed, 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(root, ".git", "config"), config, 0o644))
		found, is := checkout.Find(root)
		require.True(t, is)
		if found.MayHave(name) {
			require.True(t, checkout.IsName(strings.TrimPrefix(name, "refs/heads/")))
		}
		found.Remotes()
	})
}

package revision

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
)

// gitIn calls git in a directory, with nothing of the machine's configuration.
func gitIn(t testing.TB, directory string, args ...string) string {
	t.Helper()
	c := exec.Command("git", append([]string{"-c", "protocol.file.allow=always"}, args...)...)
	c.Dir = directory
	c.Env = environment()
	out, err := c.CombinedOutput()
	require.NoError(t, err, "git %s: %s", strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}

func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a",
		"GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z"}
}

// write writes files below a directory.
func write(t testing.TB, directory string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		at := filepath.Join(directory, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
		require.NoError(t, os.WriteFile(at, []byte(text), 0o644))
	}
}

// history makes a repository with three commits on main, the first of which has the branch base, and one on other.
func history(t testing.TB, args ...string) string {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "origin")
	require.NoError(t, os.Mkdir(directory, 0o755))
	gitIn(t, directory, append([]string{"init", "-q", "-b", "main"}, args...)...)
	commit := func(message string, files map[string]string) {
		write(t, directory, files)
		gitIn(t, directory, "add", "-A")
		gitIn(t, directory, "commit", "-q", "-m", message)
	}
	commit("one", map[string]string{"fleet/a.yaml": "one", "fleet/deep/b.yaml": "b", "README.md": "read"})
	require.NoError(t, os.Symlink("deep/b.yaml", filepath.Join(directory, "fleet", "link.yaml")))
	gitIn(t, directory, "branch", "base")
	commit("two", map[string]string{"fleet/a.yaml": "two", "fleet/new.yaml": "new"})
	gitIn(t, directory, "tag", "-m", "a tag", "v1")
	gitIn(t, directory, "checkout", "-q", "-b", "other", "base")
	commit("beside", map[string]string{"fleet/other.yaml": "other"})
	gitIn(t, directory, "checkout", "-q", "main")
	commit("three", map[string]string{"fleet/a.yaml": "three"})
	return directory
}

func open(t testing.TB, directory string) *Repository {
	t.Helper()
	r, err := Open(directory, append(environment(), "GIT_DIR=/nonexistent")) // as a hook has it
	require.NoError(t, err)
	t.Cleanup(r.Close)
	return r
}

// flavours are clones of a repository, of all kinds that people have.
var flavours = map[string]func(t *testing.T) string{
	"plain": func(t *testing.T) string { return history(t) },
	"packed": func(t *testing.T) string {
		directory := history(t)
		gitIn(t, directory, "gc", "-q")
		return directory
	},
	"work tree": func(t *testing.T) string {
		directory := history(t)
		gitIn(t, directory, "worktree", "add", "-q", "--detach", "../beside", "main")
		return filepath.Join(directory, "..", "beside")
	},
	"SHA-256": func(t *testing.T) string { return history(t, "--object-format=sha256") },
	"partial": func(t *testing.T) string {
		origin := history(t)
		gitIn(t, origin, "config", "uploadpack.allowFilter", "true")
		return clone(t, origin, "--filter=blob:none")
	},
	"with the objects of another": func(t *testing.T) string { return clone(t, history(t), "--shared") },
	"work tree configuration": func(t *testing.T) string {
		directory := history(t)
		gitIn(t, directory, "config", "extensions.worktreeConfig", "true")
		return directory
	},
}

// clone clones a repository with all of its branches.
func clone(t testing.TB, origin string, args ...string) string {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "clone")
	gitIn(t, filepath.Dir(origin), append(append([]string{"clone", "-q"}, args...), "file://"+origin, directory)...)
	for _, branch := range []string{"base", "other"} {
		gitIn(t, directory, "branch", "-q", branch, "origin/"+branch)
	}
	return directory
}

// TestTreesOfAllKindsOfClones: a revision has the files that a checkout of it has.
func TestTreesOfAllKindsOfClones(t *testing.T) {
	for name, of := range flavours {
		t.Run(name, func(t *testing.T) {
			directory := of(t)
			r := open(t, filepath.Join(directory, "fleet"))
			for revision, want := range map[string]string{"HEAD": "three", "main": "three", "HEAD~1": "two",
				"v1":   "two",
				"base": "one", "main~2": "one", "HEAD^": "two"} {
				commit, err := r.Commit(revision)
				require.NoError(t, err, revision)
				fleet, err := r.Tree(commit, "fleet")
				require.NoError(t, err)
				data, err := fs.ReadFile(fleet, "a.yaml")
				require.NoError(t, err)
				require.Equal(t, want, string(data), revision)
			}
			base, err := r.MergeBase("main", "other")
			require.NoError(t, err)
			want, err := r.Commit("base")
			require.NoError(t, err)
			require.Equal(t, want, base)

			checkout, err := worktree.Open(directory)
			require.NoError(t, err)
			head, err := r.Commit("HEAD")
			require.NoError(t, err)
			tree, err := r.Tree(head, ".")
			require.NoError(t, err)
			changed, err := Changes(tree, checkout)
			require.NoError(t, err)
			require.Empty(t, changed)
			linked, err := worktree.ReadFile(tree, "fleet/link.yaml", 10)
			require.NoError(t, err)
			require.Equal(t, "b", string(linked))
			_, err = worktree.ReadFile(tree, "fleet/a.yaml", 4)
			require.ErrorIs(t, err, worktree.ErrTooLarge)
		})
	}
}

func TestChanges(t *testing.T) {
	directory := history(t)
	r := open(t, directory)
	at := func(revision string) fs.FS {
		commit, err := r.Commit(revision)
		require.NoError(t, err)
		tree, err := r.Tree(commit, ".")
		require.NoError(t, err)
		return tree
	}
	changes := func(before, after fs.FS) []string {
		changed, err := Changes(before, after)
		require.NoError(t, err)
		back, err := Changes(after, before)
		require.NoError(t, err)
		require.Equal(t, changed, back)
		return changed
	}
	require.Equal(t, []string{"fleet/a.yaml", "fleet/link.yaml", "fleet/new.yaml"}, changes(at("base"), at("main")))
	require.Equal(t, []string{"fleet/a.yaml", "fleet/link.yaml", "fleet/new.yaml", "fleet/other.yaml"},
		changes(at("other"), at("main")))

	write(t, directory, map[string]string{"fleet/deep/c/d.yaml": "new", "fleet/new.yaml": "other"})
	require.NoError(t, os.Remove(filepath.Join(directory, "README.md")))
	require.NoError(t, os.Remove(filepath.Join(directory, "fleet", "link.yaml")))
	require.NoError(t, os.Symlink("a.yaml", filepath.Join(directory, "fleet", "link.yaml")))
	checkout, err := worktree.Open(directory)
	require.NoError(t, err)
	want := []string{"README.md", "fleet/deep/c/d.yaml", "fleet/link.yaml", "fleet/new.yaml"}
	require.Equal(t, want, changes(at("main"), checkout))

	copied := t.TempDir()
	write(t, copied, map[string]string{"README.md": "read", "fleet": "a file by now"})
	other, err := worktree.Open(copied)
	require.NoError(t, err)
	require.Equal(t, []string{"README.md", "fleet", "fleet/a.yaml", "fleet/deep/b.yaml", "fleet/deep/c/d.yaml",
		"fleet/link.yaml", "fleet/new.yaml"}, changes(other, checkout))
	require.Equal(t, []string{"fleet", "fleet/a.yaml", "fleet/deep/b.yaml"}, changes(at("main~2"), other))
}

func TestWhatARepositoryLacks(t *testing.T) {
	_, err := Open(t.TempDir(), environment())
	require.ErrorIs(t, err, ErrNoRepository)

	r := open(t, history(t))
	for _, name := range []string{"nowhere", "", "--all", "main..other", "fleet/a.yaml", "HEAD:fleet", "HEAD~99"} {
		_, err = r.Commit(name)
		require.ErrorIs(t, err, ErrNoRevision, name)
	}
	_, err = r.DefaultBranch()
	require.ErrorIs(t, err, ErrNoRemote)
	head, err := r.Commit("HEAD")
	require.NoError(t, err)
	for _, directory := range []string{"nowhere", "README.md/deep", "README.md"} {
		_, err = r.Tree(head, directory)
		require.Error(t, err, directory)
	}
}

func TestDefaultBranch(t *testing.T) {
	origin := history(t)
	for name, test := range map[string]struct {
		make func() string
		want string
	}{
		"a clone": {func() string { return clone(t, origin) }, "origin/HEAD"},
		"a checkout of a job": {func() string {
			directory := clone(t, origin)
			gitIn(t, directory, "remote", "set-head", "origin", "--delete")
			return directory
		}, "origin/main"},
		"another name": {func() string {
			directory := clone(t, origin)
			gitIn(t, directory, "remote", "rename", "origin", "upstream")
			return directory
		}, "upstream/HEAD"},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, test.make())
			got, err := r.DefaultBranch()
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			base, err := r.MergeBase(got, "other")
			require.NoError(t, err)
			ancestor, err := r.IsAncestor(base, "main")
			require.NoError(t, err)
			require.True(t, ancestor)
			beside, err := r.Commit("other")
			require.NoError(t, err)
			ancestor, err = r.IsAncestor(beside, "main")
			require.NoError(t, err)
			require.False(t, ancestor)
		})
	}
}

// TestCloneOfOneBranch: without the default branch, the message says how to get it.
func TestCloneOfOneBranch(t *testing.T) {
	origin := history(t)
	directory := filepath.Join(t.TempDir(), "clone")
	gitIn(t, filepath.Dir(origin), "clone", "-q", "--single-branch", "--branch=other", "file://"+origin, directory)
	_, err := open(t, directory).DefaultBranch()
	require.ErrorIs(t, err, ErrNoDefaultBranch)
	require.ErrorContains(t, err, "; git fetch origin main:refs/remotes/origin/main brings it")
	gitIn(t, directory, "fetch", "-q", "origin", "main:refs/remotes/origin/main")
	branch, err := open(t, directory).DefaultBranch()
	require.NoError(t, err)
	require.Equal(t, "origin/main", branch)
}

// TestPartialCloneWithoutItsRemote: the message is what git says, and one line.
func TestPartialCloneWithoutItsRemote(t *testing.T) {
	origin := history(t)
	gitIn(t, origin, "config", "uploadpack.allowFilter", "true")
	directory := filepath.Join(t.TempDir(), "clone")
	gitIn(t, filepath.Dir(origin), "clone", "-q", "--no-checkout", "--filter=blob:none", "file://"+origin, directory)
	require.NoError(t, os.Rename(origin, origin+"-gone"))
	r := open(t, directory)
	head, err := r.Commit("HEAD")
	require.NoError(t, err)
	tree, err := r.Tree(head, ".")
	require.NoError(t, err)
	_, err = fs.ReadFile(tree, "README.md")
	require.ErrorContains(t, err, "in a partial clone, its remote must be reached")
	require.NotContains(t, err.Error(), "\n")
	require.ErrorContains(t, err, "fatal: ")
}

// TestShallowClones: without the history, the message says how to get it.
func TestShallowClones(t *testing.T) {
	origin := history(t)
	gitIn(t, origin, "tag", "--delete", "v1") // else these have what is between
	gitIn(t, origin, "branch", "-q", "-D", "base")
	directory := filepath.Join(t.TempDir(), "clone")
	gitIn(t, filepath.Dir(origin), "clone", "-q", "--depth=1", "--no-single-branch", "file://"+origin, directory)
	r := open(t, directory)
	_, err := r.MergeBase("origin/main", "origin/other")
	require.ErrorIs(t, err, ErrNoMergeBase)
	require.ErrorContains(t, err, "git fetch --unshallow")
	require.NotContains(t, err.Error(), "\n")
	head, err := r.Commit("origin/other")
	require.NoError(t, err)
	tree, err := r.Tree(head, "fleet")
	require.NoError(t, err)
	data, err := fs.ReadFile(tree, "other.yaml")
	require.NoError(t, err)
	require.Equal(t, "other", string(data))
}

// TestSubmodules: what is in a submodule is not there, which must not look as if it did not exist.
func TestSubmodules(t *testing.T) {
	origin, directory := history(t), history(t)
	gitIn(t, directory, "submodule", "add", "-q", "file://"+origin, "fleet/module")
	gitIn(t, directory, "commit", "-q", "-m", "module")
	r := open(t, directory)
	head, err := r.Commit("HEAD")
	require.NoError(t, err)
	tree, err := r.Tree(head, ".")
	require.NoError(t, err)
	for _, name := range []string{"fleet/module/README.md", "fleet/module"} {
		_, err = fs.ReadFile(tree, name)
		require.Error(t, err)
		require.NotErrorIs(t, err, fs.ErrNotExist)
	}
	_, err = fs.ReadDir(tree, "fleet/module")
	require.ErrorIs(t, err, ErrSubmodule)
	_, err = fs.Stat(tree, "fleet/module/README.md")
	require.ErrorIs(t, err, ErrSubmodule)
	before, err := r.Tree(mustCommit(t, r, "HEAD~1"), ".")
	require.NoError(t, err)
	changed, err := Changes(before, tree)
	require.NoError(t, err)
	require.Equal(t, []string{".gitmodules", "fleet/module"}, changed)
}

func mustCommit(t *testing.T, r *Repository, name string) string {
	t.Helper()
	commit, err := r.Commit(name)
	require.NoError(t, err)
	return commit
}

func TestBareRepositories(t *testing.T) {
	origin := history(t)
	directory := filepath.Join(t.TempDir(), "bare.git")
	gitIn(t, filepath.Dir(origin), "clone", "-q", "--bare", "file://"+origin, directory)
	r := open(t, directory)
	require.True(t, r.Bare)
	tree, err := r.Tree(mustCommit(t, r, "other"), "fleet")
	require.NoError(t, err)
	_, err = fs.Stat(tree, "other.yaml")
	require.NoError(t, err)
}

// TestDamagedTrees: what is no tree object is an error, and nothing breaks off.
func TestDamagedTrees(t *testing.T) {
	for _, data := range []string{"100644", "100644 a", "100644 a\x00short", "9 a\x00" + strings.Repeat("x", 20),
		"100644 ../a\x00" + strings.Repeat("x", 20), "100644 a/b\x00" + strings.Repeat("x", 20),
		"40000 \x00" + strings.Repeat("x", 20)} {
		_, err := newTree(nil, "").parse([]byte(data), 20)
		require.Error(t, err, fmt.Sprintf("%q", data))
	}
}

// FuzzTree: whatever a tree object is, reading it ends, with names that are one segment of a path.
func FuzzTree(f *testing.F) {
	f.Add([]byte("100644 a\x00"+strings.Repeat("x", 20)+"40000 b\x00"+strings.Repeat("y", 20)), false)
	f.Add([]byte("160000 m\x00"+strings.Repeat("x", 32)), true)
	f.Fuzz(func(t *testing.T, data []byte, long bool) {
		size := 20
		if long {
			size = 32
		}
		l, err := newTree(nil, "").parse(data, size)
		if err != nil {
			return
		}
		for _, e := range l.entries {
			require.True(t, fs.ValidPath(e.name) && !strings.Contains(e.name, "/"), e.name)
		}
	})
}

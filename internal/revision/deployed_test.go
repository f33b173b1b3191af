package revision

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDeployed: a name is what the server has of it, before what only the clone has.
func TestDeployed(t *testing.T) {
	origin := t.TempDir()
	gitIn(t, origin, "init", "-q", "-b", "main")
	commit := func(directory, content string) string {
		require.NoError(t, os.WriteFile(filepath.Join(directory, "f"), []byte(content), 0o644))
		gitIn(t, directory, "add", ".")
		gitIn(t, directory, "commit", "-q", "-m", content)
		return mustCommit(t, open(t, directory), "HEAD")
	}
	main := commit(origin, "main")
	gitIn(t, origin, "tag", "-a", "-m", "v1", "v1")
	gitIn(t, origin, "checkout", "-q", "-b", "next")
	next := commit(origin, "next")
	gitIn(t, origin, "checkout", "-q", "main")

	clone := filepath.Join(t.TempDir(), "clone")
	gitIn(t, filepath.Dir(clone), "clone", "-q", origin, clone)
	gitIn(t, clone, "checkout", "-q", "-b", "next", "origin/next")
	ahead := commit(clone, "not pushed")
	gitIn(t, clone, "branch", "local")
	for _, environment := range [][]string{nil, os.Environ()} {
		r, err := Open(clone, environment)
		require.NoError(t, err)
		for name, want := range map[string]string{"next": next, "main": main, "v1": main, "HEAD": main, "local": ahead,
			ahead: ahead, ahead[:8]: ahead, "refs/heads/next": next, "refs/heads/local": ahead, "refs/tags/v1": main} {
			got, err := r.Deployed(name)
			require.NoError(t, err, name)
			require.Equal(t, want, got, name)
		}
		for _, name := range []string{"other", "origin/next", "next~1", "main:f", "HEAD~1", "refs/heads/v1",
			"refs/tags/next", "refs/remotes/origin/next"} {
			_, err := r.Deployed(name)
			require.ErrorIs(t, err, ErrNoRevision, name)
		}
		r.Close()
	}
	r := open(t, origin) // which has no remote
	head, err := r.Deployed("HEAD")
	require.NoError(t, err)
	require.Equal(t, main, head)
}

// TestWithoutTheProgram: where the program git is not started, what only that could read cannot be read.
func TestWithoutTheProgram(t *testing.T) {
	directory := t.TempDir()
	gitIn(t, directory, "init", "-q", "-b", "main", "--object-format=sha256")
	gitIn(t, directory, "commit", "-q", "--allow-empty", "-m", "x")
	r, err := Open(directory, nil)
	require.NoError(t, err)
	_, err = r.Commit("main")
	require.ErrorIs(t, err, ErrNoRevision)
	_, err = r.Tree("0123", ".")
	require.ErrorIs(t, err, errUnreadable)
}

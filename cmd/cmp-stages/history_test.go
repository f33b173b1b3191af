package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
)

// A history is a repository whose commits are those of testdata/history.txtar.
type history struct {
	directory, programs string
	commits             []string // by what they do
}

// newHistory makes the repository.
func newHistory(t *testing.T) history {
	h := history{directory: t.TempDir(), programs: t.TempDir()}
	buildPrograms(t, h.programs)
	archive, err := txtar.ParseFile(filepath.Join("testdata", "history.txtar"))
	require.NoError(t, err)
	h.git(t, "init", "-q", "-b", "main")
	for _, file := range archive.Files {
		commit, name, _ := strings.Cut(file.Name, "/")
		if len(h.commits) > 0 && h.commits[len(h.commits)-1] != commit {
			h.commit(t)
		}
		if len(h.commits) == 0 || h.commits[len(h.commits)-1] != commit {
			h.commits = append(h.commits, commit)
		}
		name = filepath.Join(h.directory, filepath.FromSlash(name))
		if string(file.Data) == "(removed)\n" {
			require.NoError(t, os.Remove(name))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, file.Data, 0o600))
	}
	h.commit(t)
	return h
}

// commit commits what the last of the commits does.
func (h history) commit(t *testing.T) {
	h.git(t, "add", "-A")
	h.git(t, "commit", "-q", "-m", h.commits[len(h.commits)-1])
	h.git(t, "tag", fmt.Sprintf("v%d", len(h.commits)))
}

func (h history) git(t *testing.T, arguments ...string) {
	command := exec.Command("git", arguments...)
	command.Dir = h.directory
	command.Env = gitEnvironment()
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
}

// diff returns what cmp diff prints of two commits, and whether they differ. Neither side fails.
func (h history) diff(t *testing.T, before, after int, format string) (printed string, differs bool) {
	command := exec.Command(filepath.Join(h.programs, "cmp"), "diff", fmt.Sprintf("v%d", before+1),
		fmt.Sprintf("v%d", after+1), "-o", format, "--cache-dir", h.programs)
	var stdout, stderr bytes.Buffer
	command.Dir, command.Stdout, command.Stderr = h.directory, &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		require.Equal(t, 1, exit.ExitCode(), "%s %s", stderr.String(), stdout.String())
	} else {
		require.NoError(t, err)
	}
	for line := range strings.Lines(stderr.String()) {
		require.True(t, before > after && strings.HasPrefix(line, "Note: "), line)
	}
	return stdout.String(), err != nil
}

// TestDiffsOfAHistory: every pair of the last 20 commits of a repository can be compared, in both directions with the
// same number of changes, and each time with the same bytes.
func TestDiffsOfAHistory(t *testing.T) {
	h := newHistory(t)
	require.Len(t, h.commits, 20)
	for before := range h.commits {
		t.Run(h.commits[before], func(t *testing.T) {
			t.Parallel()
			for after := before; after < len(h.commits); after++ {
				printed, differs := h.diff(t, before, after, "json")
				if after == before {
					require.False(t, differs)
				}
				if after != before+1 {
					continue
				}
				again, _ := h.diff(t, before, after, "json")
				require.Equal(t, printed, again)
				back, differsToo := h.diff(t, after, before, "json")
				require.Equal(t, differs, differsToo)
				require.Equal(t, strings.Count(printed, `"linesAdded"`), strings.Count(back, `"linesAdded"`))
				commit := h.commits[after]
				silent := strings.HasSuffix(commit, " (no change)")
				require.Equal(t, !silent, differs, commit)
				markdown, _ := h.diff(t, before, after, "markdown")
				markdownAgain, _ := h.diff(t, before, after, "markdown")
				require.Equal(t, markdown, markdownAgain)
			}
		})
	}
}

package e2e

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository is a bare Git repository, as Argo CD knows it, and a checkout of it, as a laptop has it.
type repository struct {
	url      string
	checkout string
	others   map[string]*repository // of a fleet in several, by their names in fleet.yaml
}

// at returns the repository with a name; without others, the one there is.
func (r *repository) at(name string) *repository {
	if other := r.others[name]; other != nil {
		return other
	}
	return r
}

// newFleet makes a repository of the example fleet.
func newFleet(t *testing.T) *repository {
	t.Helper()
	r := newRepository(t)
	copyDirectory(t, "../testdata/fleet", r.checkout)
	r.push(t)
	return r
}

// newRepository makes a repository that has nothing yet.
func newRepository(t *testing.T) *repository {
	t.Helper()
	directory := t.TempDir()
	r := &repository{url: "file://" + filepath.Join(directory, "fleet.git"), checkout: filepath.Join(directory,
		"fleet")}
	git(t, directory, "init", "--quiet", "--bare", "--initial-branch=main", "fleet.git")
	git(t, directory, "clone", "--quiet", "fleet.git", "fleet")
	git(t, r.checkout, "checkout", "--quiet", "-B", "main")
	return r
}

// fill adds files that no render reads, and pushes them.
func (r *repository) fill(t *testing.T, directory string, files int) {
	t.Helper()
	for n := range files {
		r.write(t, fmt.Sprintf("%s/%02d/%04d.yaml", directory, n/100, n), strings.Repeat(fmt.Sprintf("key: value %d\n",
			n), 20))
	}
	r.push(t)
}

// write writes a file of the checkout.
func (r *repository) write(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(r.checkout, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

// add appends to a file of the checkout.
func (r *repository) add(t *testing.T, name, content string) {
	t.Helper()
	before, err := os.ReadFile(filepath.Join(r.checkout, name))
	require.NoError(t, err)
	r.write(t, name, string(before)+content)
}

// replace writes another text for one of a file of the checkout.
func (r *repository) replace(t *testing.T, name, before, after string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.checkout, name))
	require.NoError(t, err)
	require.Contains(t, string(text), before)
	r.write(t, name, strings.ReplaceAll(string(text), before, after))
}

// push commits what is in the checkout, and pushes it.
func (r *repository) push(t *testing.T) {
	t.Helper()
	git(t, r.checkout, "add", "--all")
	git(t, r.checkout, "commit", "--quiet", "--message", "a change")
	git(t, r.checkout, "push", "--quiet", "origin", "main")
}

func git(t *testing.T, directory string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = directory
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com", "GIT_COMMITTER_NAME=test",
		"GIT_COMMITTER_EMAIL=test@example.com",
	}
	output, err := command.CombinedOutput()
	require.NoError(t, err, "git %s: %s", strings.Join(args, " "), output)
}

func copyDirectory(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return copyFile(path, filepath.Join(to, name))
	}))
}

// cmp runs a subcommand as on a laptop, in the app path of a checkout. It returns standard output, and, if it failed,
// the message without "Error: ".
func (r *repository) cmp(t *testing.T, path string, args ...string) (stdout []byte, message string) {
	t.Helper()
	stdout, message = r.run(t, path, args...)
	if message != "" {
		return nil, message
	}
	return stdout, ""
}

// run is cmp for what may also fail in part.
func (r *repository) run(t *testing.T, path string, args ...string) (stdout []byte, message string) {
	t.Helper()
	for name, other := range r.others {
		args = append(args, "--repository", name+"="+other.checkout)
	}
	command := exec.CommandContext(t.Context(), cmpProgram, args...)
	command.Dir = filepath.Join(r.checkout, path)
	command.Env = []string{"SSL_CERT_FILE=" + trusted.file}
	var errors bytes.Buffer
	command.Stderr = &errors
	stdout, err := command.Output()
	if err == nil {
		return stdout, ""
	}
	require.IsType(t, &exec.ExitError{}, err)
	return stdout, strings.TrimPrefix(strings.TrimSpace(errors.String()), "Error: ")
}

// files counts the files of the repository.
func (r *repository) files(t *testing.T) int {
	t.Helper()
	count := 0
	require.NoError(t, filepath.WalkDir(r.checkout, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == ".git" {
			return filepath.SkipDir
		}
		if err == nil && !entry.IsDir() {
			count++
		}
		return err
	}))
	return count
}

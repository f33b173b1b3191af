package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHandOverForABranch: cmp hands over for a catalog in Git only if it can be there, and with its standard input,
// which it has read by then. Without cmp-stages, it says why the release has another catalog.
func TestHandOverForABranch(t *testing.T) {
	directory := t.TempDir()
	program, err := filepath.EvalSymlinks(directory)
	require.NoError(t, err)
	program = filepath.Join(program, "cmp")
	self, err := os.Executable()
	require.NoError(t, err)
	copyProgram(t, self, program)
	fleet := filepath.Join(directory, "fleet")
	require.NoError(t, os.CopyFS(fleet, os.DirFS(filepath.Join("..", "..", "..", "testdata", "fleet"))))
	run := func(release string) string {
		c := exec.Command(program, "render", fleet, "--group", "addons", "--cluster", "hub-prod", "--component",
			"karpenter", "--release", release, "-f", "-")
		c.Env = []string{"PATH=" + directory + ":" + os.Getenv("PATH"), "HOME=" + directory}
		in, err := os.Open(filepath.Join(directory, "values.yaml"))
		require.NoError(t, err)
		defer in.Close()
		c.Stdin = in
		out, _ := c.CombinedOutput()
		return string(out)
	}
	values := "karpenter: {namespace: from-standard-input}\n"
	require.NoError(t, os.WriteFile(filepath.Join(directory, "values.yaml"), []byte(values), 0o644))
	require.NoError(t, os.MkdirAll(filepath.Join(fleet, ".git", "refs", "heads"), 0o755))

	require.Contains(t, run("next"), "namespace: from-standard-input")
	branch := filepath.Join(fleet, ".git", "refs", "heads", "next")
	require.NoError(t, os.WriteFile(branch, []byte("0123\n"), 0o644))
	description := filepath.Join(fleet, "fleet.yaml")
	text, err := os.ReadFile(description)
	require.NoError(t, err)
	withoutIgnores, _, _ := bytes.Cut(text, []byte("  lint:\n"))
	require.NoError(t, os.WriteFile(description, withoutIgnores, 0o644))
	require.Contains(t, run("next"), "charts/application-sets: this needs cmp-stages, which belongs beside cmp")

	require.NoError(t, os.WriteFile(filepath.Join(directory, stagesProgram), []byte("#!/bin/sh\nexec cat\n"), 0o755))
	require.Equal(t, values, run("next"))
	require.Contains(t, run("stable"), "namespace: from-standard-input")
}

package cli

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHandOver: cmp runs cmp-stages in its place, from beside itself, or else from PATH, with its arguments and
// environment.
func TestHandOver(t *testing.T) {
	bin, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	other := t.TempDir()
	cmp := filepath.Join(bin, "cmp")
	self, err := os.Executable()
	require.NoError(t, err)
	copyProgram(t, self, cmp)
	linked := filepath.Join(other, "link-to-cmp", "cmp")
	require.NoError(t, os.Mkdir(filepath.Dir(linked), 0o755))
	require.NoError(t, os.Symlink(cmp, linked))
	beside, inPath := filepath.Join(bin, stagesProgram), filepath.Join(other, stagesProgram)

	run := func(program string, args ...string) (stdout, stderr string, status int) {
		if len(args) == 0 {
			args = []string{"render", "--stage", "manifests", "a b"}
		}
		cmd := exec.Command(program, args...)
		cmd.Env = []string{"PATH=" + other, "HOME=" + other, "SAID=said"}
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		err := cmd.Run()
		if err != nil {
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
		}
		return out.String(), errs.String(), cmd.ProcessState.ExitCode()
	}

	t.Run("there is none", func(t *testing.T) {
		require.NoError(t, os.Mkdir(beside, 0o755)) // which is no program
		built := filepath.Join(other, "built")
		require.NoError(t, os.WriteFile(filepath.Join(other, "go"), []byte("#!/bin/sh\n: > '"+built+"'\n"), 0o755))
		stdout, stderr, status := run(cmp)
		require.NoError(t, os.Remove(beside))
		require.NoFileExists(t, built, "cmp runs what is installed, and builds nothing")
		require.Empty(t, stdout)
		require.Equal(t,
			"Error: this needs cmp-stages, which belongs beside cmp: install both files "+
				"(make build makes them in bin/); in a checkout, go run ./cmd/cmp-stages does all that cmp does\n",
			stderr)
		require.Equal(t, exitFailure, status)
	})
	script(t, inPath, "path")
	t.Run("in PATH", func(t *testing.T) {
		stdout, stderr, status := run(cmp)
		require.Equal(t, "path said render/--stage/manifests/a b/\n", stdout)
		require.Equal(t, "to stderr\n", stderr)
		require.Equal(t, 7, status, "its status is that of cmp")
	})
	t.Run("for a catalog that is to be fetched", func(t *testing.T) {
		fleet := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(fleet, "apps"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(fleet, "fleet.yaml"), []byte(`{apiVersion: fleet.cmp/v1alpha1, kind: Fleet, spec: {
  catalog: "oci://127.0.0.1:1/catalog:1.0.0", groups: {core: {path: apps}}, clusters: [{name: hub}]}}`), 0o600))
		for _, command := range []string{"render", "values"} {
			args := []string{command, fleet, "--group", "core", "--cluster", "hub"}
			stdout, _, _ := run(cmp, args...)
			require.Equal(t, "path said "+strings.Join(args, "/")+"/\n", stdout)
			stdout, _, _ = run(cmp, append(args, "-f", "-")...)
			require.Equal(t, "path said "+strings.Join(args, "/")+"/-f/-/\n", stdout, "standard input is left to it")
		}
	})
	script(t, beside, "beside")
	t.Run("beside", func(t *testing.T) {
		stdout, _, _ := run(cmp)
		require.Equal(t, "beside said render/--stage/manifests/a b/\n", stdout)
	})
	t.Run("beside what a link leads to", func(t *testing.T) {
		stdout, _, _ := run(linked)
		require.Equal(t, "beside said render/--stage/manifests/a b/\n", stdout)
	})
	t.Run("that dies while it writes", func(t *testing.T) {
		out := t.TempDir()
		require.NoError(t, os.WriteFile(beside, []byte("#!/bin/sh\nmkdir '"+
			filepath.Join(out, ".cmp-AAAAAAAAAAAAAAAAAAAAAAAAAA")+"'\nkill -KILL $$\n"), 0o755))
		stdout, stderr, status := run(cmp, "render", "--stage", "manifests", "--output-dir", out)
		require.Empty(t, stdout)
		require.Equal(t, "Error: cmp-stages ended unexpectedly (signal: killed, as for lack of memory); "+
			"nothing was printed\n", stderr)
		require.Equal(t, exitFailure, status)
		entries, err := os.ReadDir(out)
		require.NoError(t, err)
		require.Empty(t, entries)
	})
	t.Run("that is another cmp", func(t *testing.T) {
		require.NoError(t, os.Remove(beside))
		require.NoError(t, os.Symlink(cmp, beside))
		stdout, stderr, status := run(cmp)
		require.NoError(t, os.Remove(beside))
		require.Empty(t, stdout)
		require.Equal(t, "Error: what was started as cmp-stages is cmp: put the file cmp-stages itself beside cmp "+
			"(make build makes both in bin/)\n", stderr)
		require.Equal(t, exitFailure, status)
	})
	t.Run("that cannot be started", func(t *testing.T) {
		require.NoError(t, os.WriteFile(beside, []byte("no program"), 0o755))
		stdout, stderr, status := run(cmp)
		require.Empty(t, stdout)
		require.Equal(t, "Error: "+beside+" cannot be started: exec format error\n", stderr)
		require.Equal(t, exitFailure, status)
	})
}

// script writes a program that prints its name, a variable of its environment, and its arguments.
func script(t *testing.T, file, name string) {
	t.Helper()
	require.NoError(t, os.WriteFile(file,
		[]byte("#!/bin/sh\nprintf '"+name+" %s ' \"$SAID\"\nprintf '%s/' \"$@\"\necho\necho to stderr >&2\nexit 7\n"),
		0o755))
}

func copyProgram(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	require.NoError(t, err)
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(out, in)
	require.NoError(t, err)
	require.NoError(t, out.Close())
}

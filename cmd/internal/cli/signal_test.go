//go:build unix

package cli

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTerminated ends a render that waits for its last values file: it goes at once and has printed nothing. So Argo
// CD, which ends a plugin at its deadline, is never handed a part of a result.
func TestTerminated(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		// Whoever runs the tests may have it ignored; what is handled here is not ignored there.
		handled := make(chan os.Signal, 1)
		signal.Notify(handled, s)
		t.Cleanup(func() { signal.Stop(handled) })
		cmd := exec.Command("cmp", "render", filepath.Join("..", "..", "..", "testdata", "fleet"), "--group", "addons",
			"--cluster", "hub-prod", "-f", "-")
		stdin, err := cmd.StdinPipe()
		require.NoError(t, err)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		require.NoError(t, cmd.Start())
		// A pipe has room for less, so that this returns once the process reads.
		_, err = stdin.Write(bytes.Repeat([]byte("karpenter:\n"), 1<<14))
		require.NoError(t, err)
		require.NoError(t, cmd.Process.Signal(s))
		err = cmd.Wait()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		status, ok := exit.Sys().(syscall.WaitStatus)
		require.True(t, ok)
		require.True(t, status.Signaled(), "it ended by itself: %v", exit)
		require.Equal(t, s, status.Signal())
		require.Empty(t, stdout.String())
		require.Regexp(t, `^Error: the run was ended by a signal \(`+s.String()+`\).*; nothing was printed\n$`,
			stderr.String())
	}
}

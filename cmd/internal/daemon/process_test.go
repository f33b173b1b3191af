package daemon

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A child is a server as a process of its own.
type child struct {
	*exec.Cmd
	log *lines
}

func startChild(t *testing.T, directory string, args ...string) *child {
	t.Helper()
	c := &child{exec.Command(filepath.Join(directory, "cmp-server"), append([]string{"--config-dir-path", directory},
		args...)...),
		&lines{}}
	c.Stderr = c.log
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() })
	require.Eventually(t, func() bool { return len(c.log.of(`"ready"`)) == 1 }, time.Minute, time.Millisecond)
	return c
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// TestStop: a server that is told to stop takes its socket away, ends what it does, and ends with status 0.
func TestStop(t *testing.T) {
	directory := place(t, pluginYAML)
	c := startChild(t, directory)
	client, mark := connect(t, directory), filepath.Join(directory, "mark")
	type answered struct {
		objects []string
		err     error
	}
	ended := make(chan answered, 1)
	go func() {
		objects, err := generate(t.Context(), t, client, "DO=1s", "MARK="+mark)
		ended <- answered{objects, err}
	}()
	require.Eventually(t, func() bool { return exists(mark) }, time.Minute, time.Millisecond)
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	answer := <-ended
	require.NoError(t, answer.err)
	require.Len(t, answer.objects, 2)
	require.NoError(t, c.Wait())
	require.NoFileExists(t, filepath.Join(directory, "test.sock"))
	require.Len(t, c.log.of(`"stopped"`), 1)
}

// TestStopInTime: what takes longer than it may is cut off, and its request fails.
func TestStopInTime(t *testing.T) {
	directory := place(t, pluginYAML)
	c := startChild(t, directory, "--stop-timeout", "100ms")
	client, mark := connect(t, directory), filepath.Join(directory, "mark")
	ended := make(chan error, 1)
	go func() {
		_, err := generate(t.Context(), t, client, "DO=1m", "MARK="+mark)
		ended <- err
	}()
	require.Eventually(t, func() bool { return exists(mark) }, time.Minute, time.Millisecond)
	require.NoError(t, c.Process.Signal(os.Interrupt))
	require.NotEqual(t, codes.OK, status.Code(<-ended))
	require.NoError(t, c.Wait())
	require.Len(t, c.log.of("requests were cut off"), 1)
}

// TestKilled: a server that starts again takes the place of one that was killed.
func TestKilled(t *testing.T) {
	directory := place(t, pluginYAML)
	c := startChild(t, directory)
	require.NoError(t, c.Process.Kill())
	require.Error(t, c.Wait())
	require.FileExists(t, filepath.Join(directory, "test.sock"))
	startChild(t, directory)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	objects, err := generate(ctx, t, connect(t, directory))
	require.NoError(t, err)
	require.Len(t, objects, 2)
}

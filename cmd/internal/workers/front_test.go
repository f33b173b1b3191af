package workers_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
)

// front is a server that has workers, and says when they run.
func front() {
	program, err := exec.LookPath("odd")
	if err != nil {
		panic(err)
	}
	p := workers.New(workers.Config{Program: program, Args: []string{"odd", "work"}, Workers: 2,
		Log: slog.New(slog.DiscardHandler)})
	for p.Running() < 2 {
		time.Sleep(tick)
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	p.Close()
}

// childrenOf returns the processes that a process has started.
func childrenOf(t testing.TB, process string) (all []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/" + process + "/task/*/children")
	require.NoError(t, err)
	for _, file := range files {
		children, err := os.ReadFile(file)
		if err == nil { // the thread is there still
			all = append(all, strings.Fields(string(children))...)
		}
	}
	return all
}

// TestEndOfTheServer: no worker outlives its server, however that ends.
func TestEndOfTheServer(t *testing.T) {
	for _, killed := range []bool{true, false} {
		command := exec.Command("front")
		in, err := command.StdinPipe()
		require.NoError(t, err)
		out, err := command.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, command.Start())
		_, err = io.ReadFull(out, make([]byte, len("ready\n")))
		require.NoError(t, err)
		left := childrenOf(t, fmt.Sprint(command.Process.Pid))
		if len(left) == 0 {
			t.Log("this system does not say which processes there are")
		}
		if killed {
			require.NoError(t, command.Process.Signal(syscall.SIGKILL))
		} else {
			require.NoError(t, in.Close())
		}
		require.Equal(t, killed, command.Wait() != nil)
		for _, worker := range left {
			require.Eventually(t, func() bool {
				state, err := os.ReadFile("/proc/" + worker + "/stat")
				return err != nil || strings.Contains(string(state), ") Z ")
			}, eventually, tick)
		}
	}
}

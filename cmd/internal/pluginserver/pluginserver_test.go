//go:build unix

package pluginserver

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// TestMain makes of the test cmp, and cmp-server, where it is called by these names.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "cmp":
		root := &cobra.Command{Use: "cmp", SilenceErrors: true, SilenceUsage: true}
		root.AddCommand(New())
		fmt.Println(os.Getpid())
		if err := root.Execute(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case program:
		fmt.Println(os.Getpid(), strings.Join(os.Args, " "), os.Getenv("VARIABLE"))
		if len(os.Args) > 1 && os.Args[1] == "wait" {
			time.Sleep(time.Minute)
		}
		os.Exit(7)
	}
	os.Exit(m.Run())
}

// TestServer: cmp-server takes the place of the process, with its flags and variables, its exit status and signals.
func TestServer(t *testing.T) {
	directory := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	cmp := filepath.Join(directory, "cmp")
	require.NoError(t, os.Symlink(self, cmp))
	run := func(args ...string) *exec.Cmd {
		cmd := exec.Command(cmp, append([]string{"server"}, args...)...)
		cmd.Env = []string{"PATH=" + directory, "VARIABLE=value"}
		return cmd
	}
	out, err := run("--workers", "2").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "this needs cmp-server, which belongs beside cmp: install both files")

	require.NoError(t, os.Symlink(self, filepath.Join(directory, program)))
	cmd := run("--workers", "2", "--help")
	out, err = cmd.Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 7, exit.ExitCode())
	require.Equal(t, fmt.Sprintf("%[1]d\n%[1]d cmp-server --workers 2 --help value\n", cmd.Process.Pid), string(out))

	cmd = run("wait")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var first, second int
	_, err = fmt.Fscanf(stdout, "%d\n%d", &first, &second)
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.ErrorAs(t, cmd.Wait(), &exit)
	require.Equal(t, syscall.SIGTERM, exit.Sys().(syscall.WaitStatus).Signal())
}

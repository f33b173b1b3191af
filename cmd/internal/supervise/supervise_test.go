package supervise

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
)

// In the tests, front runs worker with its own argument: what the worker does.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"front": front, "worker": worker})
}

func front() {
	program, err := exec.LookPath("worker")
	if err == nil {
		w := Worker{Program: program, Args: []string{"worker", os.Args[1]},
			Print: func(message string) { fmt.Fprintln(os.Stderr, "Error:", message) }}
		if strings.HasPrefix(os.Args[1], "stopped") {
			w.patience = 200 * time.Millisecond
		}
		if strings.HasSuffix(os.Args[1], "undone") {
			w.Undo = func() error { fmt.Println("undone"); return nil }
		}
		var status int
		if status, err = w.Run(); err == nil {
			os.Exit(status)
		}
	}
	fmt.Fprintln(os.Stderr, "Error:", err)
	os.Exit(1)
}

var sink []byte

// recurse has no end as far as stacks go.
func recurse(n int) int {
	if n < 0 {
		return n
	}
	return n + recurse(n+1)
}

func worker() {
	if os.Args[1] == "foreign" {
		fmt.Fprintln(os.Stderr, "said by another program")
		os.Exit(7)
	}
	stderr := Stderr(os.Stderr)
	w := Start(limits.Limits{Memory: 128 << 20, Timeout: time.Minute},
		func(message string) { fmt.Fprintln(stderr, "Error:", message) })
	raise := Raise{"raise --memory-limit", "raise --timeout"}
	w.Limit(limits.Limits{Memory: 128 << 20, Timeout: time.Minute}, raise)
	w.Working("Application web, cluster spoke")
	w.Working("what is done")()
	switch os.Args[1] {
	case "status":
		fmt.Println("printed")
		fmt.Fprintln(stderr, "said")
		fmt.Fprintln(os.Stderr, "said by a library")
		w.Finish()
		os.Exit(2)
	case "quoted":
		fmt.Fprintln(os.Stderr, "panic: says a library that goes on")
		w.Finish()
		os.Exit(2)
	case "late":
		w.OnEnd(func() { fmt.Fprintln(stderr, "cleaned up") })
		w.OnEnd(func() { fmt.Fprintln(stderr, "not any more") })()
		w.Limit(limits.Limits{Memory: 128 << 20, Timeout: 150 * time.Millisecond}, raise)
	case "one":
		sink = bytes.Repeat([]byte("a"), 1<<30)
	case "growing":
		for all := [][]byte{}; ; sink = all[len(all)-1] {
			all = append(all, bytes.Repeat([]byte("a"), 1<<16))
		}
	case "recursion":
		// The stack ends first, however slowly it grows.
		w.Limit(limits.Limits{Memory: 1 << 30, Timeout: time.Minute}, raise)
		fmt.Println(recurse(0))
	case "index":
		fmt.Println(sink[len(os.Args)])
	case "panic":
		panic("a secret")
	case "decided":
		decided := make(chan struct{})
		w.OnEnd(func() { close(decided); time.Sleep(200 * time.Millisecond) })
		w.Limit(limits.Limits{Memory: 128 << 20, Timeout: 150 * time.Millisecond}, raise)
		<-decided
		w.Stop()
		fmt.Println("printed all the same")
	case "time":
		w.Limit(limits.Limits{Memory: 128 << 20, Timeout: 150 * time.Millisecond}, raise)
	case "printing":
		w.Stop() // before the limit, which may be over by now
		w.Limit(limits.Limits{Memory: 128 << 20, Timeout: 150 * time.Millisecond}, raise)
		time.Sleep(300 * time.Millisecond)
		w.Finish()
		os.Exit(0)
	case "wait", "cleanup", "children":
		w.OnEnd(func() { fmt.Fprintln(stderr, "cleaned up") })
		fmt.Println("ready")
	case "stopped":
		w.Limit(limits.Limits{Memory: 128 << 20, Timeout: 300 * time.Millisecond}, raise)
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case "stopped for good":
		fmt.Println("ready")
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case "printing, killed", "printing, undone":
		w.Stop()
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "killed", "undone":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	time.Sleep(time.Hour)
}

// TestRun: whatever happens to a worker, the user gets one line.
func TestRun(t *testing.T) {
	const while = ", while rendering Application web, cluster spoke"
	memory := "Error: the run needs more memory than 128 MiB" + while +
		"; raise --memory-limit if that is meant\n"
	for does, want := range map[string]struct {
		stderr string
		status int
	}{
		"status":  {"said\nsaid by a library\n", 2},
		"foreign": {"said by another program\n", 7},
		"quoted":  {"panic: says a library that goes on\n", 2},
		"late": {"cleaned up\nError: the run took longer than 150ms" + while +
			"; raise --timeout if it needs that\n", 1},
		"one":       {memory, 1},
		"growing":   {memory, 1},
		"recursion": {"Error: worker ended unexpectedly (stack overflow)" + while + "; nothing was printed\n", 1},
		"index": {"Error: worker ended unexpectedly (index out of range [2] with length 0)" + while +
			"; nothing was printed\n", 1},
		"panic": {"Error: worker ended unexpectedly (a defect)" + while + "; nothing was printed\n", 1},
		"time": {"Error: the run took longer than 150ms" + while +
			"; raise --timeout if it needs that\n", 1},
		"decided": {"Error: the run took longer than 150ms" + while +
			"; raise --timeout if it needs that\n", 1},
		"printing": {"", 0},
		"killed": {"Error: worker ended unexpectedly (signal: killed, as for lack of memory)" + while +
			"; nothing was printed\n", 1},
		"undone": {"Error: worker ended unexpectedly (signal: killed, as for lack of memory)" + while +
			"; nothing was printed\n", 1},
		"printing, killed": {"Error: worker ended unexpectedly (signal: killed, as for lack of memory)" + while +
			"; its output may be incomplete\n", 1},
		"printing, undone": {"Error: worker ended unexpectedly (signal: killed, as for lack of memory)" + while +
			"; all of its files are written, or none\n", 1},
		"stopped": {"Error: the run took longer than 300ms" + while + "; raise --timeout if it needs that\n", 1},
	} {
		t.Run(does, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			cmd := exec.Command("front", does)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			_ = cmd.Run()
			require.Equal(t, want.stderr, stderr.String())
			require.Equal(t, want.status, cmd.ProcessState.ExitCode())
			said := map[string]string{"status": "printed\n", "undone": "undone\n", "printing, undone": "undone\n"}
			require.Equal(t, said[does], stdout.String())
		})
	}
}

// interrupted is the line that says which signal ended a run.
func interrupted(s os.Signal) string {
	return fmt.Sprintf("Error: the run was ended by a signal (%s), while rendering Application web, cluster spoke; "+
		"nothing was printed\n", s)
}

// TestSignals: a signal that ends the front ends the worker in the same way, which cleans up before. One line says so.
func TestSignals(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		// Whoever runs the tests may have it ignored, as nohup has; what is handled here is not ignored there.
		handled := make(chan os.Signal, 1)
		signal.Notify(handled, s)
		t.Cleanup(func() { signal.Stop(handled) })
		cmd := exec.Command("front", "wait")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = stdout.Read(make([]byte, 5))
		require.NoError(t, err)
		require.NoError(t, cmd.Process.Signal(s))
		_, err = stdout.Read(make([]byte, 5)) // it is closed once both have ended
		for err == nil {
			_, err = stdout.Read(make([]byte, 5))
		}
		require.Error(t, cmd.Wait())
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		require.True(t, ok)
		require.True(t, status.Signaled(), "%v: %s", cmd.ProcessState, stderr.String())
		require.Equal(t, s, status.Signal())
		require.Equal(t, "cleaned up\n"+interrupted(s), stderr.String())
	}
}

// TestUnheededSignal: a worker that is stopped does not keep a signal from ending both.
func TestUnheededSignal(t *testing.T) {
	cmd := exec.Command("front", "stopped for good")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = stdout.Read(make([]byte, 5))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.Error(t, cmd.Wait())
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.Equal(t, syscall.SIGTERM, status.Signal(), "%v", cmd.ProcessState)
	require.Equal(t, interrupted(syscall.SIGTERM), stderr.String())
}

// TestNoWorker: a process is no worker because its environment says so.
func TestNoWorker(t *testing.T) {
	named, err := os.Create(filepath.Join(t.TempDir(), "named"))
	require.NoError(t, err)
	defer named.Close()
	for rule, files := range map[string][]*os.File{"no files": nil, "a file with a name": {named, named}} {
		var stderr bytes.Buffer
		cmd := exec.Command("worker", "time")
		cmd.Env = append(os.Environ(), variable+"="+given)
		cmd.Stderr, cmd.ExtraFiles = &stderr, files
		require.Error(t, cmd.Run(), rule)
		require.Equal(t, "Error: the run took longer than 150ms, while rendering Application web, cluster spoke; "+
			"raise --timeout if it needs that\n", stderr.String(), rule)
		data, err := os.ReadFile(named.Name())
		require.NoError(t, err)
		require.Empty(t, data, rule)
	}
}

// TestIgnoredSignals: what nohup has a process ignore ends neither front nor worker, and others still do.
func TestIgnoredSignals(t *testing.T) {
	cmd := exec.Command("sh", "-c", "trap '' HUP INT; exec front wait")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = stdout.Read(make([]byte, 5))
	require.NoError(t, err)
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM} {
		require.NoError(t, cmd.Process.Signal(s))
	}
	require.Error(t, cmd.Wait())
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.True(t, status.Signaled(), "%v: %s", cmd.ProcessState, stderr.String())
	require.Equal(t, syscall.SIGTERM, status.Signal())
	require.Equal(t, "cleaned up\n"+interrupted(syscall.SIGTERM), stderr.String())
}

// TestRecord: what is cut off and what is odd is still one line.
func TestRecord(t *testing.T) {
	r, err := newRecord()
	require.NoError(t, err)
	defer r.file.Close()
	require.Len(t, r.read(), slotFirst)
	r.write(slotFirst+1, strings.Repeat("é", slotSize))
	r.write(slotMemory, "1 GiB")
	got := r.read()
	require.Equal(t, "1 GiB", got[slotMemory])
	require.Empty(t, got[slotFirst])
	require.Equal(t, strings.Repeat("é", slotSize/2), got[slotFirst+1])
	record{}.write(slotFirst, "nothing to write to")
	require.Len(t, record{}.read(), slotFirst)
}

// TestWorkingAtOnce: slots are used again, and none twice at once.
func TestWorkingAtOnce(t *testing.T) {
	w := &Watch{running: map[int]string{}}
	a, b := w.Working("a"), w.Working("b")
	require.Equal(t, []string{"a", "b"}, names(w.running))
	a()
	c, d := w.Working("c"), w.Working("d")
	require.Equal(t, []string{"c", "b", "d"}, names(w.running))
	b()
	c()
	d()
	require.Empty(t, w.running)
	require.Empty(t, while(nil, ""))
}

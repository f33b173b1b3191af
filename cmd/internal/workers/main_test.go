package workers_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/cli"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// In the tests, cmp is the program itself, odd a worker that does what the variable DO of its job says, and front a
// server that has two of them.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"cmp":   func() { os.Exit(cli.Program{}.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"odd":   odd,
		"front": front,
	})
}

var sink [][]byte

func odd() {
	stderr := supervise.Stderr(os.Stderr)
	watch := supervise.Start(limits.Default, func(message string) { fmt.Fprintln(stderr, "Error:", message) })
	watch.Limit(limits.Limits{Memory: 128 << 20, Timeout: timeout()}, supervise.Raise{Memory: "raise A",
		Timeout: "raise B"})
	watch.Stop()
	w := serving.Worker{
		Limits: serving.Limits{Repositories: 2, Memory: 1 << 30, Archive: archive.Limits{Bytes: 1 << 20, Files: 100}},
		Begin:  watch.Restart, End: watch.Stop, Works: watch.Works,
		Do: func(w *serving.Work, _ string, stdout, stderr io.Writer) int {
			what, _ := strings.CutPrefix(w.Environ[0], "DO=")
			return do(watch, what, stdout, stderr)
		},
	}
	if err := w.Serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(stderr, "Error:", err)
		os.Exit(1)
	}
	watch.Finish()
}

// timeout is that of a job, which a variable of the test says.
func timeout() time.Duration {
	said, err := time.ParseDuration(os.Getenv("ODD_TIMEOUT"))
	if err != nil {
		return time.Minute
	}
	return said
}

// do does what a job says, and prints the process that did it.
func do(watch *supervise.Watch, what string, stdout, stderr io.Writer) int {
	done := watch.Working("Application web")
	fmt.Fprintf(stdout, "pid: %d\n", os.Getpid())
	if file, is := strings.CutPrefix(what, "note "); is {
		note(file)
	}
	if size, is := strings.CutPrefix(what, "size "); is {
		size, what, _ = strings.Cut(size, " then ")
		n, _ := strconv.Atoi(size)
		fmt.Fprintf(stdout, "a: %s\n", strings.Repeat("a", n))
	}
	if directory, is := strings.CutPrefix(what, "hold "); is {
		hold(directory)
	}
	switch what {
	case "go on":
		return 0 // and done is not called
	case "fail":
		fmt.Fprintln(stderr, "Error: it is so")
		done()
		return 1
	case "grow":
		for {
			sink = append(sink, bytes.Repeat([]byte("a"), 16<<20))
		}
	case "wait":
		time.Sleep(time.Hour)
	case "panic":
		panic("a secret")
	case "exit":
		os.Exit(0)
	case "print":
		fmt.Print("printed past the frames")
	case "torn":
		fmt.Print("cmp1\x00\x00\x01\x00{")
		os.Exit(0)
	case "half": // of a good answer
		var all bytes.Buffer
		_ = serving.WriteResponse(&all, serving.Response{Parts: [][]byte{[]byte(`{"a":1}`), []byte(`{"b":2}`)}})
		_, _ = os.Stdout.Write(all.Bytes()[:all.Len()-3])
		os.Exit(0)
	case "much":
		fmt.Fprintf(stdout, "a: %s\n", strings.Repeat("a", 2<<20))
	}
	done()
	return 0
}

// note adds a line to a file: FILE LINE.
func note(what string) {
	name, line, _ := strings.Cut(what, " ")
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		fmt.Fprintln(file, line)
		_ = file.Close()
	}
}

// hold says in a directory that it has begun, and waits there until it may end.
func hold(directory string) {
	_ = os.WriteFile(filepath.Join(directory, "begun"), nil, 0o600)
	for {
		if _, err := os.Stat(filepath.Join(directory, "end")); err == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// How long tests wait for what happens in the end, and how often they look.
const (
	eventually = time.Minute
	tick       = time.Millisecond
)

// held returns what has a job hold, what waits until it has begun, and what ends it.
func held(t testing.TB) (what string, begun, end func()) {
	t.Helper()
	directory := t.TempDir()
	return "hold " + directory, func() {
			require.Eventually(t, func() bool {
				_, err := os.Stat(filepath.Join(directory, "begun"))
				return err == nil
			}, eventually, tick)
		}, func() {
			if err := os.WriteFile(filepath.Join(directory, "end"), nil, 0o600); err != nil {
				t.Error(err)
			}
		}
}

// deadlined returns a context with a deadline, and what has it pass.
func deadlined(t testing.TB) (ctx context.Context, pass func()) {
	t.Helper()
	far, cancel := context.WithTimeout(t.Context(), time.Hour)
	t.Cleanup(cancel)
	ctx, end := context.WithCancelCause(far)
	return ctx, func() { end(context.DeadlineExceeded) }
}

// newPool returns a pool of workers that are a program of the tests.
func newPool(t testing.TB, program string, change func(*workers.Config)) *workers.Pool {
	t.Helper()
	found, err := exec.LookPath(program)
	require.NoError(t, err)
	c := workers.Config{Program: found, Args: []string{program, "work"}, Workers: 1, Waiting: 2000,
		Timeout: 20 * time.Minute, // for a thousand jobs at once, also where the machine is slow
		Output:  1 << 20, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&c)
	}
	p := workers.New(c)
	t.Cleanup(p.Close)
	return p
}

// events keeps what a pool tells.
type events struct {
	mu  sync.Mutex
	all []workers.Event
}

func (e *events) notice(_ context.Context, one workers.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, one)
}

func (e *events) last() workers.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.all[len(e.all)-1]
}

// packed returns an archive of files.
func packed(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(text)),
			Mode: 0o644}))
		_, err := io.WriteString(w, text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	return out.Bytes()
}

// jobOf returns a job about an archive, to be released.
func jobOf(t testing.TB, store *server.Store, data []byte, environ ...string) server.Job {
	t.Helper()
	sum := sha256.Sum256(data)
	w := store.Writer(hex.EncodeToString(sum[:]), 1<<30)
	defer w.Discard()
	_, err := w.Write(data)
	require.NoError(t, err)
	a, err := w.Finish(t.Context())
	require.NoError(t, err)
	t.Cleanup(a.Release)
	return server.Job{Archive: a, App: "web", Path: ".", Environ: environ}
}

// doer does odd jobs of an Application.
func doer(t testing.TB, p *workers.Pool) func(ctx context.Context, what string) (string, error) {
	return doerOf(t, p, "web")
}

func doerOf(t testing.TB, p *workers.Pool, app string) func(ctx context.Context, what string) (string, error) {
	store := newStore(t.TempDir(), 8<<20)
	data := packed(t, map[string]string{"a": "text"})
	return func(ctx context.Context, what string) (string, error) {
		j := jobOf(t, store, data, "DO="+what)
		j.App = app
		objects, err := p.Generate(ctx, j)
		return strings.Join(objects, " "), err
	}
}

func newStore(directory string, memory int64) *server.Store {
	return server.NewStore(server.StoreConfig{Directory: directory, Memory: memory,
		Archive: archive.Limits{Bytes: 64 << 20, Files: 100_000}})
}

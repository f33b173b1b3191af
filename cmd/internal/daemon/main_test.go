package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/supervise"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
)

// pluginYAML is the smallest that the server takes.
const pluginYAML = `kind: ConfigManagementPlugin
metadata: {name: test}
spec:
  generate: {command: [cmp, generate]}
`

// TestMain makes of the test a server, and workers of one, where it is called by these names.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "cmp-server":
		os.Exit(Run("v1.2.3", os.Args[1:], os.Stdout, os.Stderr))
	case "cmp-stages":
		os.Exit(beWorker())
	}
	os.Exit(m.Run())
}

// beWorker is a worker that renders nothing.
func beWorker() int {
	switch os.Getenv("BAD_WORKER") {
	case "ends":
		return 1
	case "babbles":
		fmt.Println("this is no answer of a worker")
		time.Sleep(time.Minute)
	case "is silent":
		time.Sleep(time.Minute)
	}
	watch := supervise.Start(limits.Default, func(message string) { fmt.Fprintln(os.Stderr, "Error: "+message) })
	watch.Stop()
	out := os.Stdout
	os.Stdout = os.Stderr
	err := serving.Worker{
		Limits: serving.Limits{Repositories: 2, Memory: 1 << 30,
			Archive: archive.Limits{Bytes: 1 << 20, Memory: 1 << 20, Files: 100, Directory: os.TempDir()}},
		Begin: func() {}, End: func() {}, Works: func() bool { return false },
		Do: do,
	}.Serve(os.Stdin, out)
	if err != nil {
		return 1
	}
	return 0
}

// do does what the variable DO of a job says.
func do(w *serving.Work, command string, stdout, stderr io.Writer) int {
	if mark := valueOf(w.Environ, "MARK"); mark != "" {
		_ = os.WriteFile(mark, nil, 0o600)
	}
	unread, made := &problem.Problem{Rule: "unread-file"}, &problem.Problem{Rule: "made-up-by-a-chart"}
	switch what := valueOf(w.Environ, "DO"); what {
	case "fail":
		w.Found([]*problem.Problem{unread})
		fmt.Fprintln(stderr, "Error: this cannot be rendered")
		return 1
	case "find":
		w.Found([]*problem.Problem{unread, unread, made})
		fmt.Fprintln(stderr, "Warning: one\nWarning: two")
	case "die":
		os.Exit(3)
	case "panic":
		panic("a value of hunter2's")
	case "meet":
		w.Met("daemon.met met.go:7")
		fmt.Fprintln(stderr, "Error: web: a defect of cmp keeps it from being rendered (panic)")
		return 1
	default:
		if pause, err := time.ParseDuration(what); err == nil {
			time.Sleep(pause)
		}
	}
	if size, err := strconv.Atoi(valueOf(w.Environ, "SIZE")); err == nil {
		fmt.Fprintf(stdout, "large: %s\n", strings.Repeat("x", size))
		return 0
	}
	if command == "parameters" {
		fmt.Fprintln(stdout, `[{"name": "group"}]`)
		return 0
	}
	fmt.Fprintf(stdout, "command: %s\narguments: %q\n---\nsecond: object\n", command, strings.Join(os.Args, " "))
	return 0
}

func valueOf(environ []string, name string) string {
	for _, entry := range environ {
		if value, is := strings.CutPrefix(entry, name+"="); is {
			return value
		}
	}
	return ""
}

// place is where a server is: its name is short, since that of a socket is.
func place(t *testing.T, config string) (directory string) {
	t.Helper()
	directory, err := os.MkdirTemp("", "cmp")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(directory)) })
	require.NoError(t, os.WriteFile(filepath.Join(directory, "plugin.yaml"), []byte(config), 0o600))
	self, err := os.Executable()
	require.NoError(t, err)
	for _, name := range []string{"cmp-stages", "cmp-server"} {
		require.NoError(t, os.Symlink(self, filepath.Join(directory, name)))
	}
	t.Setenv("PATH", directory)
	t.Setenv("ARGOCD_PLUGINSOCKFILEPATH", directory)
	t.Setenv(variableOperations, "127.0.0.1:0")
	return directory
}

// A lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

// of returns the lines that contain a text.
func (l *lines) of(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(strings.Split(l.text.String(), "\n"),
		func(line string) bool { return !strings.Contains(line, text) })
}

// A running is a server of this process.
type running struct {
	*daemon
	metrics   *metrics
	log       *lines
	directory string
	stop      func() error // and wait until it has ended
}

// start starts a server, with options as they are by default but for what change does, and waits until it is ready.
func start(t *testing.T, config string, change func(o *options)) *running {
	t.Helper()
	r := launch(t, place(t, config), change)
	require.Eventually(t, r.ready.Load, time.Minute, time.Millisecond)
	return r
}

// launch starts a server in a directory.
func launch(t *testing.T, directory string, change func(o *options)) *running {
	t.Helper()
	o := options{workers: 2, atOnce: 10, waiting: 10, archiveMemory: "64Mi", maxArchive: "64Mi", diskLimit: "1Gi",
		maxRepository: "64Mi",
		maxFiles:      1000, requestTimeout: time.Minute, stopTimeout: time.Minute}
	if change != nil {
		change(&o)
	}
	bounds, err := o.read()
	require.NoError(t, err)
	c, err := readConfig(directory)
	require.NoError(t, err)
	r := &running{metrics: newMetrics("v1.2.3"), log: &lines{}, directory: directory}
	log, err := newLog("debug", "json", r.log)
	require.NoError(t, err)
	r.daemon, err = setUp(o, bounds, c, r.metrics, log)
	require.NoError(t, err)
	r.patience = 3 * time.Second // also on a machine that is busy
	stop, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.run(stop, cancel) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { require.NoError(t, r.stop()) })
	return r
}

// connect returns the client that argocd-repo-server has.
func connect(t *testing.T, directory string) apiclient.ConfigManagementPluginServiceClient {
	t.Helper()
	closer, client, err := apiclient.NewConfigManagementPluginClientSet(filepath.Join(directory, "test.sock")).
		NewConfigManagementPluginClient()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, closer.Close()) })
	return client
}

// generate asks as argocd-repo-server does.
func generate(ctx context.Context, t *testing.T, client apiclient.ConfigManagementPluginServiceClient,
	environ ...string) ([]string, error) {
	t.Helper()
	repository := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(repository, "addons"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(repository, "fleet.yaml"), []byte("{}"), 0o600))
	stream, err := client.GenerateManifest(ctx)
	if err != nil {
		return nil, err
	}
	if err := cmp.SendRepoStream(ctx, filepath.Join(repository, "addons"), repository, stream,
		append([]string{"ARGOCD_APP_NAME=web"}, environ...), nil); err != nil {
		return nil, err
	}
	answer, err := stream.CloseAndRecv()
	return answer.GetManifests(), err
}

// discard is a log that nobody reads.
var discard = slog.New(slog.DiscardHandler)

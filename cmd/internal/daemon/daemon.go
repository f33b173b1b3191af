// Package daemon is the plugin server as a process: its flags, configuration, socket, workers, metrics, health and logs.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// Options are what flags and variables say.
type Options struct {
	ConfigDirectory string
	LogLevel        string
	LogFormat       string
	Operations      string // address for metrics and health; "" for none
	Workers         int
	Waiting         int
	ArchiveMemory   string
	MaxArchive      string
	Timeout         time.Duration
}

// Run runs the server until a signal stops it, and returns the exit status.
func Run(version string, args []string, stderr io.Writer) int {
	cmd := newCommand(version, stderr)
	cmd.SetArgs(args)
	cmd.SetErr(stderr)
	if err := cmd.Execute(); err != nil {
		fmt.Fprintln(stderr, "Error:", err)
		return 1
	}
	return 0
}

func newCommand(version string, stderr io.Writer) *cobra.Command {
	var o Options
	cmd := &cobra.Command{
		Use:   "cmp-server",
		Short: "Serve Argo CD's plugin protocol in place of argocd-cmp-server",
		Long: `Serve Argo CD's plugin protocol in place of argocd-cmp-server, in the sidecar of argocd-repo-server. The socket is where
argocd-cmp-server has it: PLUGIN.sock in /home/argocd/cmp-server/plugins (ARGOCD_PLUGINSOCKFILEPATH). Repositories are kept in memory,
and rendered by workers that stay warm: cmp-stages, which belongs beside this program.`,
		Version: version, Args: cobra.NoArgs, SilenceErrors: true, SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error { return serve(version, o, stderr) },
	}
	f := cmd.Flags()
	f.StringVar(&o.ConfigDirectory, "config-dir-path", "/home/argocd/cmp-server/config", "directory of plugin.yaml")
	f.StringVar(&o.LogLevel, "loglevel", variable("ARGOCD_CMP_SERVER_LOGLEVEL", "info"), "debug, info, warn or error")
	f.StringVar(&o.LogFormat, "logformat", variable("ARGOCD_CMP_SERVER_LOGFORMAT", "json"), "json or text")
	f.StringVar(&o.Operations, "operations-address", "127.0.0.1:9094",
		"address of /metrics, /healthz and /readyz; empty for none")
	f.IntVar(&o.Workers, "workers", runtime.GOMAXPROCS(0), "how many processes render")
	f.IntVar(&o.Waiting, "max-waiting", 1000, "how many requests may wait for a worker")
	f.StringVar(&o.ArchiveMemory, "archive-memory", "128Mi",
		"memory for repositories as they arrive; what is more waits in files of the temporary directory")
	f.StringVar(&o.MaxArchive, "max-archive", "1Gi", "size of a compressed repository beyond which it is refused")
	f.DurationVar(&o.Timeout, "request-timeout", 10*time.Minute, "time for a request that has no deadline of its own")
	for _, name := range []string{"otlp-address", "otlp-headers", "otlp-attrs"} {
		f.String(name, "", "accepted for argocd-cmp-server's sake; there are no traces")
	}
	f.Bool("otlp-insecure", true, "accepted for argocd-cmp-server's sake; there are no traces")
	return cmd
}

func variable(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// serve listens until a signal comes. It fails if it cannot begin to.
func serve(version string, o Options, stderr io.Writer) error {
	log, err := logger(o, stderr)
	if err != nil {
		return err
	}
	config, err := readConfig(o.ConfigDirectory)
	if err != nil {
		return err
	}
	archiveMemory, err := size("--archive-memory", o.ArchiveMemory)
	if err != nil {
		return err
	}
	maxArchive, err := size("--max-archive", o.MaxArchive)
	if err != nil {
		return err
	}
	if o.Workers < 1 || o.Waiting < 0 {
		return errors.New("--workers is at least 1, and --max-waiting at least 0")
	}
	program, err := findWorker()
	if err != nil {
		return err
	}
	boundMemory(archiveMemory)
	metrics := newMetrics(version)
	pool := workers.New(workers.Config{Program: program, Args: []string{"cmp-stages", "work"}, Workers: o.Workers,
		Waiting: o.Waiting, Timeout: o.Timeout, Log: log, Notice: metrics.notice})
	store := server.NewStore(os.TempDir(), archiveMemory)
	metrics.observe(pool, store)

	listener, err := listen(config.socket())
	if err != nil {
		return err
	}
	g := newServer(log, metrics)
	server.Register(g, server.Config{Discovers: config.discovers(), GitCredentials: config.Spec.ProvideGitCreds,
		MaxArchive: maxArchive}, pool, store)
	healthy := health.NewServer()
	grpc_health_v1.RegisterHealthServer(g, healthy)
	stopOperations, err := operations(o.Operations, metrics, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer stopOperations()

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener) }()
	log.Info("serving", "socket", config.socket(), "version", version, "workers", o.Workers)
	metrics.ready.Store(true)
	select {
	case err := <-served:
		return err
	case <-stop.Done():
	}
	metrics.ready.Store(false)
	log.Info("stopping", "waiting", pool.Waiting())
	graceful(g)
	pool.Close()
	return nil
}

// patience is how long requests that are served may take when the server is told to stop. Kubernetes gives a container 30
// seconds by default.
const patience = 25 * time.Second

func graceful(g *grpc.Server) {
	timer := time.AfterFunc(patience, g.Stop)
	defer timer.Stop()
	g.GracefulStop()
}

// newServer returns a server of gRPC with the sizes and the keepalive of argocd-cmp-server.
func newServer(log *slog.Logger, m *metrics) *grpc.Server {
	size := 100
	if n, err := strconv.Atoi(os.Getenv("ARGOCD_GRPC_MAX_SIZE_MB")); err == nil && n >= 0 {
		size = n
	}
	const leastKeepalive = 10 * time.Second
	return grpc.NewServer(grpc.MaxRecvMsgSize(size<<20), grpc.MaxSendMsgSize(size<<20),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: leastKeepalive}),
		grpc.StreamInterceptor(func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo,
			handler grpc.StreamHandler) (err error) {
			start := time.Now()
			defer func() {
				if r := recover(); r != nil {
					log.Error("a defect", "method", info.FullMethod, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
					err = errors.New("the plugin server has a defect; its log says more")
				}
				m.request(info.FullMethod, time.Since(start), err)
			}()
			return handler(srv, stream)
		}))
}

// listen listens on a socket in the place of one that an earlier process has left.
func listen(socket string) (net.Listener, error) {
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the socket of an earlier server is in the way: %w", err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("%w; the directory of the socket is shared with repo-server (ARGOCD_PLUGINSOCKFILEPATH)", err)
	}
	return listener, nil
}

// operations serves metrics and health.
func operations(address string, m *metrics, log *slog.Logger) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--operations-address: %w", err)
	}
	h := &http.Server{Handler: m.handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := h.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics are not served any more", "error", err.Error())
		}
	}()
	return func() { _ = h.Close() }, nil // at the end of the process
}

// boundMemory has the garbage collector work harder where there is little memory: most of it is the workers'.
func boundMemory(archives int64) {
	const own = 64 << 20
	debug.SetMemoryLimit(archives + own)
	const eager = 50
	debug.SetGCPercent(eager)
}

// findWorker returns cmp-stages, beside this program or in PATH.
func findWorker() (string, error) {
	const name = "cmp-stages"
	if self, err := os.Executable(); err == nil {
		if self, err = filepath.EvalSymlinks(self); err == nil {
			beside := filepath.Join(filepath.Dir(self), name)
			if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
				return beside, nil
			}
		}
	}
	program, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("this needs %[1]s, which belongs beside cmp-server: install both files (make build makes them in bin/)",
			name)
	}
	return program, nil
}

func size(flag, text string) (int64, error) {
	n, err := limits.ParseMemory(text)
	if err != nil {
		return 0, fmt.Errorf("%s %w", flag, err)
	}
	return n, nil
}

// logger returns what writes lines of the format and the level that are asked for.
func logger(o Options, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.LogLevel)); err != nil && o.LogLevel != "trace" {
		return nil, fmt.Errorf("--loglevel is one of debug, info, warn, error, not %q", o.LogLevel)
	}
	if o.LogLevel == "trace" {
		level = slog.LevelDebug
	}
	options := &slog.HandlerOptions{Level: level}
	switch o.LogFormat {
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	}
	return nil, fmt.Errorf("--logformat is json or text, not %q", o.LogFormat)
}

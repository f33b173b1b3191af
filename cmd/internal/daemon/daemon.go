// Package daemon is the plugin server as a process: its flags, configuration, socket, workers, metrics, health and
// logs.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/programs"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// Exit statuses.
const (
	exitFailure = 1
	exitUsage   = 2
)

// Run runs the server until a signal stops it, and returns the exit status: 0 if it was stopped, 1 if it failed, 2 for
// wrong usage. stdout gets help and the version, stderr the log.
func Run(version string, args []string, stdout, stderr io.Writer) int {
	if info, ok := debug.ReadBuildInfo(); ok && version == "" {
		version = info.Main.Version
	}
	cmd := Command(version, stderr)
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.Execute()
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "Error:", problem.OneLine(err.Error()))
	if usage.Is(err) {
		return exitUsage
	}
	return exitFailure
}

// Command returns the server as a command; stderr gets its log.
func Command(version string, stderr io.Writer) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "cmp-server",
		Short: "Serve Argo CD's plugin protocol in place of argocd-cmp-server",
		Long: `Serve Argo CD's plugin protocol in place of argocd-cmp-server, in the sidecar of argocd-repo-server. The
socket is where argocd-cmp-server has it: PLUGIN.sock in /home/argocd/cmp-server/plugins (ARGOCD_PLUGINSOCKFILEPATH).
Repositories are kept in memory, and rendered by workers that stay warm: cmp-stages, which belongs beside this program.

Exit status 0: a signal stopped it; 1: it failed; 2: wrong usage. A second signal ends it at once.`,
		Version: version, SilenceErrors: true, SilenceUsage: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage.Error(fmt.Errorf("cmp-server takes no argument %q; see cmp-server --help", args[0]))
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return serve(version, o, stderr) },
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return usage.Error(fmt.Errorf("%w; see cmp-server --help", err))
	})
	cmd.CompletionOptions.DisableDefaultCmd = true
	o.addFlags(cmd.Flags())
	cmd.AddCommand(newCheckCommand())
	return cmd
}

// A daemon is a server that was set up.
type daemon struct {
	options  options
	log      *slog.Logger
	pool     *workers.Pool
	socket   *socket
	grpc     *grpc.Server
	health   *health.Server
	ready    atomic.Bool
	patience time.Duration // with a worker that is to become the first one
}

// serve listens until a signal comes. It fails if it cannot begin to, or has to end without a signal.
func serve(version string, o options, stderr io.Writer) error {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	log, err := newLog(o.logLevel, o.logFormat, stderr)
	if err != nil {
		return err
	}
	bounds, err := o.read()
	if err != nil {
		return err
	}
	config, err := readConfig(o.configDirectory)
	if err != nil {
		return err
	}
	if o.traces != "" {
		log.Warn("this server sends no traces: --otlp-address has no effect")
	}
	metrics := newMetrics(version)
	d, err := setUp(o, bounds, config, metrics, log)
	if err != nil {
		return err
	}
	defer d.socket.leave()
	stopOperations, err := serveOperations(o.operations, operations(metrics.registry, d.healthy, d.isReady), log)
	if err != nil {
		d.pool.Close()
		return errors.Join(err, d.socket.Close())
	}
	defer stopOperations()
	log.Info("serving", "socket", d.socket.name, "version", version, "workers", o.workers)
	if !config.discovers() {
		log.Info("there is no discovery: Applications name the plugin (spec.source.plugin.name)", "name", config.name())
	}
	return d.run(stop, cancel)
}

// setUp listens on the socket of a plugin. It fails if it cannot, or if there is no program for workers.
func setUp(o options, b bounds, c *config, m *metrics, log *slog.Logger) (*daemon, error) {
	program, found := programs.Find("cmp-stages")
	if !found {
		return nil, errors.New("this needs cmp-stages, which belongs beside cmp-server: install both files " +
			"(make build makes them in bin/)")
	}
	// Memory is for the workers: the garbage collector of this process works harder.
	const eager = 50
	debug.SetGCPercent(eager)
	size := messageSize(log)
	debug.SetMemoryLimit(b.archives + ownMemory + 2*size) // a result is there twice while it is sent

	store := server.NewStore(server.StoreConfig{Memory: b.archives, Directory: os.TempDir(), Disk: b.archivesOnDisk(),
		Archive: archive.Limits{Bytes: b.repository, Files: o.maxFiles}})
	socket, err := listen(c.socket())
	if err != nil {
		return nil, err
	}
	pool := workers.New(workers.Config{Program: program, Args: o.arguments(b), Workers: o.workers, Waiting: o.waiting,
		Timeout: o.requestTimeout, Output: size, Log: log, Notice: m.notice, Hold: hold})
	d := &daemon{options: o, log: log, pool: pool, socket: socket, grpc: newServer(recorder{log, m}, size),
		health: health.NewServer(), patience: probeTimeout}
	m.watch(
		gauge{"cmp_server_ready", "1 from the first answer of a worker until the server is told to stop.", d.readiness},
		gauge{"cmp_server_workers", "Workers that there are as processes.", number(pool.Running)},
		gauge{"cmp_server_workers_busy", "Workers that work.", number(pool.Busy)},
		gauge{"cmp_server_workers_limit", "How many workers there may be.", number(func() int { return o.workers })},
		gauge{"cmp_server_waiting", "Requests that wait for a worker.", number(pool.Waiting)},
		gauge{"cmp_server_waiting_limit", "How many requests may wait.", number(func() int { return o.waiting })},
		gauge{"cmp_server_archive_bytes", "Memory of repositories as they arrived.", number(store.Held)},
		gauge{"cmp_server_archive_limit_bytes", "How much memory these may take.",
			number(func() int64 { return b.archives })},
	)
	var does server.Workers = pool
	if len(c.Spec.Parameters.Dynamic.Command) == 0 {
		does = silent{pool}
	}
	server.Register(d.grpc, server.Config{Discovers: c.discovers(), GitCredentials: c.Spec.ProvideGitCreds,
		MaxArchive: b.archive, AtOnce: o.atOnce}, does, store)
	grpc_health_v1.RegisterHealthServer(d.grpc,
		probes{d.health, map[string]answerer{"healthz": d.healthy, "readyz": d.isReady}})
	return d, nil
}

// silent are workers of a plugin.yaml that announces no parameters.
type silent struct{ server.Workers }

// Parameters implements [server.Workers].
func (silent) Parameters(context.Context, server.Job) ([]byte, error) { return []byte("[]"), nil }

// run serves until it is told to stop; enough has the next signal end the process.
func (d *daemon) run(stop context.Context, enough func()) error {
	served := make(chan error, 1)
	go func() { served <- d.grpc.Serve(counted{d.socket}) }()
	go d.warmUp(stop)
	var failed error
	select {
	case failed = <-served:
	case <-stop.Done():
	}
	enough()
	d.ready.Store(false)
	d.log.Info("stopping", "waiting", d.pool.Waiting())
	d.socket.leave()
	d.health.Shutdown()
	timer := time.AfterFunc(d.options.stopTimeout, d.grpc.Stop)
	d.grpc.GracefulStop()
	if !timer.Stop() {
		d.log.Warn("requests were cut off: --stop-timeout is over")
	}
	d.pool.Close()
	d.log.Info("stopped")
	return failed
}

// warmUp says that the server is ready when the first of its workers answers.
func (d *daemon) warmUp(stop context.Context) {
	for {
		limited, cancel := context.WithTimeout(stop, d.patience)
		answered, err := d.pool.Check(limited)
		cancel()
		if stop.Err() != nil {
			return
		}
		if answered {
			d.ready.Store(true)
			d.log.Info("ready")
			return
		}
		pause := 10 * time.Millisecond // while they start
		if err != nil {
			pause = time.Second
			d.log.Error("no worker answers", "error", err.Error())
		}
		select {
		case <-stop.Done():
			return
		case <-time.After(pause):
		}
	}
}

// healthy tells whether the server can do what it is for.
func (d *daemon) healthy(ctx context.Context) error {
	if err := d.socket.check(); err != nil {
		return err
	}
	_, err := d.pool.Check(ctx)
	return err
}

// isReady tells whether requests are welcome. It does not depend on how many there are.
func (d *daemon) isReady(context.Context) error {
	if !d.ready.Load() {
		return errors.New("the server starts, or stops")
	}
	return d.socket.check()
}

func (d *daemon) readiness() float64 {
	if d.ready.Load() {
		return 1
	}
	return 0
}

// messageSize returns how many bytes a message of gRPC may have, as for argocd-cmp-server (MaxGRPCMessageSize in
// cmpserver/apiclient of Argo CD).
func messageSize(log *slog.Logger) int64 {
	const usual = 100
	size := int64(usual)
	if text := os.Getenv("ARGOCD_GRPC_MAX_SIZE_MB"); text != "" {
		if n, err := strconv.ParseInt(text, 10, 32); err == nil && n >= 0 {
			size = n
		} else {
			log.Warn("ARGOCD_GRPC_MAX_SIZE_MB is not a number of megabytes", "value", text, "instead", usual)
		}
	}
	return size << 20
}

// newServer returns a server of gRPC with the keepalive of argocd-cmp-server (GetGRPCKeepAliveEnforcementMinimum in
// common of Argo CD).
func newServer(r recorder, size int64) *grpc.Server {
	least := 10 * time.Second
	if text := os.Getenv("ARGOCD_GRPC_KEEP_ALIVE_MIN"); text != "" {
		if d, err := time.ParseDuration(text); err == nil {
			least = d
		} else {
			r.log.Warn("ARGOCD_GRPC_KEEP_ALIVE_MIN is not a duration", "value", text, "instead", least.String())
		}
	}
	return grpc.NewServer(grpc.MaxRecvMsgSize(int(size)), grpc.MaxSendMsgSize(int(size)),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: least}),
		grpc.StreamInterceptor(r.streams), grpc.UnaryInterceptor(r.calls))
}

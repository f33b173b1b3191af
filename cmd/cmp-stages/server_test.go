package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/limiting"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
	"github.com/eks-fleet-management/fleet-cmp/plugin/archive"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// bombsVariable has all bombs thrown, where a few are not enough.
const bombsVariable = "CMP_SERVER_BOMBS"

// bombs are those of the hostile inputs that a plugin can be sent: what an Application says, and what is in a
// repository and read for the manifests of a component.
func bombs(all bool) []hostile {
	var out []hostile
	for _, input := range hostileInputs() {
		ofChart := input.command == renderFiles && input.serve == nil && input.prepare == nil
		for name := range input.files {
			ofChart = ofChart && strings.HasPrefix(name, "charts/app/")
		}
		switch {
		case input.command == generate:
		case ofChart, input.command == renderManifests:
			input.env, input.in = manifestsOfSpoke(""), "core"
		default:
			continue
		}
		out = append(out, input)
	}
	if all {
		return out
	}
	const few = 20
	chosen := make([]hostile, 0, few)
	for i, input := range out {
		if i%(len(out)/few) == 0 || input.name == "chart template/method calls" { // which ends its worker
			chosen = append(chosen, input)
		}
	}
	return chosen
}

// manifestsOfSpoke is what an Application says that wants the manifests of a cluster.
func manifestsOfSpoke(project string) []string {
	return []string{"ARGOCD_ENV_GROUP=core", "ARGOCD_ENV_CLUSTER=spoke", "ARGOCD_ENV_STAGE=manifests",
		"ARGOCD_ENV_COMPONENT=app", `ARGOCD_ENV_SETTINGS={"argoProjectName": "` + project + `"}`, "ARGOCD_APP_SOURCE_PATH=core"}
}

// startServer starts a plugin server whose workers are this program, and returns its socket.
func startServer(t *testing.T, c workers.Config) string {
	program, err := exec.LookPath("cmp")
	require.NoError(t, err)
	c.Program, c.Args, c.Workers, c.Waiting, c.Timeout = program, []string{"cmp", "work"}, 2, 1000, 2*time.Minute
	c.Log = slog.New(slog.DiscardHandler)
	pool := workers.New(c)
	sockets, err := os.MkdirTemp("", "cmp") // the name of a socket is short
	require.NoError(t, err)
	listener, err := net.Listen("unix", filepath.Join(sockets, "a.sock"))
	require.NoError(t, err)
	// Clients of requests that wait ask meanwhile whether the server is there.
	g := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second}))
	server.Register(g, server.Config{MaxArchive: 1 << 30}, pool, server.NewStore(server.StoreConfig{Directory: sockets,
		Memory:  64 << 20,
		Archive: archive.Limits{Bytes: 1 << 30, Files: 200_000}}))
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener) }()
	t.Cleanup(func() {
		g.Stop()
		require.NoError(t, <-served)
		pool.Close()
		require.NoError(t, os.RemoveAll(sockets))
	})
	return listener.Addr().String()
}

// ask asks a plugin server as argocd-repo-server does, which sends all files but those that are excluded.
func ask(ctx context.Context, socket, root, app string, environ []string, excluded ...string) ([]string, error) {
	closer, client, err := apiclient.NewConfigManagementPluginClientSet(socket).NewConfigManagementPluginClient()
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	stream, err := client.GenerateManifest(ctx)
	if err != nil {
		return nil, err
	}
	if err := cmp.SendRepoStream(ctx, filepath.Join(root, app), root, stream, environ, excluded); err != nil {
		return nil, err
	}
	response, err := stream.CloseAndRecv()
	if err != nil {
		return nil, err
	}
	return response.Manifests, nil
}

// TestBombAmongGoodRequests: whatever one of 32 requests does to its worker, it gets one line, and the others get what
// they get without it.
func TestBombAmongGoodRequests(t *testing.T) {
	t.Setenv(limiting.VariableMemory, "400Mi")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	killed := 0
	var mu sync.Mutex
	socket := startServer(t, workers.Config{Notice: func(_ context.Context, e workers.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Killed {
			killed++
		}
	}})
	root := t.TempDir()
	require.NoError(t, hostile{}.write(root))
	want, err := ask(t.Context(), socket, root, "core", manifestsOfSpoke("a"))
	require.NoError(t, err)
	require.NotEmpty(t, want)
	for _, bomb := range bombs(os.Getenv(bombsVariable) != "") {
		t.Run(bomb.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), hostileEnd)
			defer cancel()
			var all sync.WaitGroup
			results := make(chan error, 31)
			good := func(i int) {
				got, err := ask(ctx, socket, root, "core", manifestsOfSpoke(fmt.Sprint("p", i)))
				if err == nil && !slices.Equal(want, got) {
					err = fmt.Errorf("another result: %.300q", got)
				}
				results <- err
			}
			for i := range 15 {
				all.Go(func() { good(i) })
			}
			all.Go(func() { bomb.throw(ctx, t, socket) })
			for i := range 16 {
				all.Go(func() { good(15 + i) })
			}
			all.Wait()
			for range 31 {
				require.NoError(t, <-results)
			}
		})
	}
	t.Logf("%d workers ended", killed)
}

// throw sends a hostile input to a plugin server.
func (h hostile) throw(ctx context.Context, t *testing.T, socket string) {
	dir := t.TempDir()
	if err := h.write(dir); err != nil {
		t.Error(err)
		return
	}
	environ := make([]string, len(h.env))
	for i, variable := range h.env {
		environ[i] = strings.ToValidUTF8(expanded(variable), "?") // which gRPC refuses by itself
	}
	start := time.Now()
	got, err := ask(ctx, socket, dir, h.in, environ)
	t.Logf("%v: %d objects, %.300v", time.Since(start).Round(time.Millisecond), len(got), err)
	switch {
	case err == nil && !h.may:
		t.Error("it should fail")
	case err == nil:
	case ctx.Err() != nil:
		t.Error("it does not end")
	case len(got) > 0 || traces.MatchString(err.Error()) || len(err.Error()) > 128<<10:
		t.Errorf("%.2000s", err)
	}
}

package workers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// tenants is how many tenants there are, each with Applications of their own.
const tenants = 50

// requestsVariable says how many requests are made, where a thousand are not enough.
const requestsVariable = "CMP_SERVER_REQUESTS"

func requests(t testing.TB) int {
	text := os.Getenv(requestsVariable)
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// fleetOf writes a fleet with a level for each tenant, and returns its directory. Fleets of other names differ.
func fleetOf(t testing.TB, name string) string {
	t.Helper()
	root := t.TempDir()
	files := map[string]string{
		"fleet.yaml":                          carried("app"),
		"charts/application-sets/values.yaml": "repoURLGit: https://git.example.com/" + name + "\n",
		"charts/application-sets/values/app.yaml": "app: {enabled: true, namespace: app, path: charts/app, " +
			"defaultVersion: 1.0.0}\n",
		"charts/application-sets/values/own.yaml": "own: {enabled: true, namespace: own, path: charts/own, " +
			"defaultVersion: 1.0.0}\n",
	}
	for i := range tenants {
		files[fmt.Sprintf("core/tenants/t%d/defaults/application-sets/core.yaml", i)] =
			fmt.Sprintf("app: {annotationsApp: {level: %s}}\n", canary("level", i))
	}
	for file, text := range files {
		file = filepath.Join(root, filepath.FromSlash(file))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	return root
}

// carried is a fleet.yaml whose group has these components.
func carried(components string) string {
	return "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  groups:\n    core: {path: core, components: [" +
		components + "]}\n"
}

// canary is what only a tenant has.
func canary(what string, tenant int) string { return fmt.Sprintf("%s-of-%d-end", what, tenant) }

// environOf returns what Argo CD says of an Application of a tenant. Every tenant has parameters of its own, some of
// them a version of Argo CD and a fleet.yaml.
func environOf(t testing.TB, tenant int) []string {
	t.Helper()
	parameters := []map[string]any{
		{"name": "cluster", "string": canary("cluster", tenant)},
		{"name": "labels", "map": map[string]string{"tenant": fmt.Sprint("t", tenant), "environment": "prod"}},
		{"name": "values", "string": "app: {annotationsApp: {value: " + canary("value", tenant) + "}}"},
		{"name": "settings", "map": map[string]string{"argoProjectName": canary("project", tenant)}},
	}
	if tenant%5 == 1 {
		parameters = append(parameters, map[string]any{"name": "argocd-version", "string": []string{"2.14",
			"3.1"}[tenant%2]})
	}
	if tenant%7 == 1 {
		parameters = append(parameters, map[string]any{"name": "fleet",
			"string": carried("app, own") + "# " + canary("fleet", tenant) + "\n"})
	}
	data, err := json.Marshal(parameters)
	require.NoError(t, err)
	return []string{"ARGOCD_APP_NAME=" + canary("app", tenant), "ARGOCD_APP_SOURCE_PATH=core", "ARGOCD_ENV_GROUP=core",
		"ARGOCD_APP_PARAMETERS=" + string(data), "CMP_GIT_FETCH=maybe"} // which an Application cannot set
}

// wanted returns what a process that is started for the Application prints.
func wanted(t testing.TB, root string, environ []string) []string {
	t.Helper()
	command := exec.Command("cmp", "generate")
	command.Dir = filepath.Join(root, "core")
	command.Env = append(os.Environ(), slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		return strings.HasPrefix(entry, "CMP_")
	})...)
	out, err := command.Output()
	require.NoError(t, err)
	parts, err := serving.Split(out)
	require.NoError(t, err)
	require.NotEmpty(t, parts)
	objects := make([]string, len(parts))
	for i, part := range parts {
		objects[i] = string(part)
	}
	return objects
}

// serve serves a pool on a socket, which it returns.
func serve(t testing.TB, p *workers.Pool, directory string) string {
	t.Helper()
	sockets, err := os.MkdirTemp("", "cmp") // the name of a socket is short
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(sockets)) })
	socket := filepath.Join(sockets, "a.sock")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	// Requests may wait for long where the machine is slow, and their clients ask meanwhile whether the server is
	// there.
	g := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second}))
	server.Register(g, server.Config{MaxArchive: 16 << 20, Discovers: true}, p, newStore(directory, 8<<20))
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener) }()
	t.Cleanup(func() {
		g.Stop()
		require.NoError(t, <-served)
	})
	return socket
}

// generate asks as argocd-repo-server does, with a connection of its own.
func generate(ctx context.Context, socket, root string, environ []string) ([]string, error) {
	closer, client, err := apiclient.NewConfigManagementPluginClientSet(socket).NewConfigManagementPluginClient()
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	stream, err := client.GenerateManifest(ctx)
	if err != nil {
		return nil, err
	}
	if err := cmp.SendRepoStream(ctx, filepath.Join(root, "core"), root, stream, environ, nil); err != nil {
		return nil, err
	}
	response, err := stream.CloseAndRecv()
	if err != nil {
		return nil, err
	}
	return response.Manifests, nil
}

// TestTenants: of a thousand requests at once, of 50 tenants and three repositories, none sees anything of another,
// each gets what a process of its own would print, and nothing is left of them.
func TestTenants(t *testing.T) {
	files := t.TempDir()
	var sessions, jobs int
	p := newPool(t, "cmp", func(c *workers.Config) {
		var mu sync.Mutex
		c.Workers = 2
		c.Notice = func(_ context.Context, e workers.Event) {
			mu.Lock()
			defer mu.Unlock()
			jobs++
			if e.Session {
				sessions++
			}
		}
	})
	socket := serve(t, p, files)
	roots := []string{fleetOf(t, "one"), fleetOf(t, "two"), fleetOf(t, "three")}
	want := map[string][]string{}
	for i := range tenants {
		for _, root := range roots[:1+i%3] {
			want[root+fmt.Sprint(i)] = wanted(t, root, environOf(t, i))
		}
	}
	ask := func(i int) error {
		tenant := i % tenants
		root := roots[(i/tenants)%(1+tenant%3)]
		got, err := generate(t.Context(), socket, root, environOf(t, tenant))
		if err != nil {
			return fmt.Errorf("tenant %d: %w", tenant, err)
		}
		if !slices.Equal(want[root+fmt.Sprint(tenant)], got) {
			return fmt.Errorf("tenant %d got something else: %s", tenant, got)
		}
		return others(strings.Join(got, " "), tenant)
	}
	for i := range tenants { // so that all is open that stays open
		require.NoError(t, ask(i))
	}
	goroutines, open, heap := runtime.NumGoroutine(), openFiles(t), used()
	const atOnce = 1000
	for done := 0; done < requests(t); done += atOnce {
		var all sync.WaitGroup
		errs := make(chan error, atOnce)
		for i := range atOnce {
			all.Go(func() { errs <- ask(done + i) })
		}
		all.Wait()
		close(errs)
		for err := range errs {
			require.NoError(t, err)
		}
	}
	require.GreaterOrEqual(t, jobs, requests(t))
	t.Logf("%d of %d jobs had a session", sessions, jobs)
	require.Greater(t, sessions, jobs/2)
	for end := time.Now().Add(eventually); runtime.NumGoroutine() > goroutines; time.Sleep(tick) {
		if time.Now().After(end) {
			var left strings.Builder
			require.NoError(t, pprof.Lookup("goroutine").WriteTo(&left, 1))
			require.Fail(t, "goroutines are left", left.String())
		}
	}
	require.Eventually(t, func() bool { return openFiles(t) <= open }, eventually, tick, "files are left")
	entries, err := os.ReadDir(files)
	require.NoError(t, err)
	require.Empty(t, entries)
	require.Zero(t, p.Waiting())
	const much = 16 << 20
	require.Eventually(t, func() bool { return used() < heap+much }, eventually, tick, "memory is left")
}

// used returns how many bytes objects take that are no garbage.
func used() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// others fails if a text has something of another tenant.
func others(text string, tenant int) error {
	own := map[string]bool{}
	for _, what := range []string{"level", "cluster", "value", "project", "fleet", "app"} {
		own[canary(what, tenant)] = true
	}
	for part := range strings.SplitSeq(text, "\"") {
		if strings.Contains(part, "-of-") && !own[part] {
			return fmt.Errorf("tenant %d got %q; its own is %v", tenant, part, slices.Sorted(maps.Keys(own)))
		}
	}
	return nil
}

// openFiles returns how many files this process and its workers have open; 0 where the system does not say.
func openFiles(t testing.TB) int {
	all := append(childrenOf(t, "self"), "self")
	open := 0
	for _, process := range all {
		entries, _ := os.ReadDir("/proc/" + process + "/fd") // none of a process that has ended
		open += len(entries)
	}
	return open
}

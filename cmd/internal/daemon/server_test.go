package daemon

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// TestSocket: what an earlier server has left is replaced, and nothing else is.
func TestSocket(t *testing.T) {
	for name, test := range map[string]struct {
		before func(t *testing.T, name string)
		wrong  string
	}{
		"nothing": {before: func(*testing.T, string) {}},
		"one that was left": {before: func(t *testing.T, name string) {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
			require.NoError(t, err)
			l.SetUnlinkOnClose(false)
			require.NoError(t, l.Close())
		}},
		"half of one": {before: func(t *testing.T, name string) {
			require.NoError(t, os.WriteFile(strings.TrimSuffix(name, "sock")+"next", nil, 0o600))
		}},
		"a server that listens": {before: func(t *testing.T, name string) {
			l, err := net.Listen("unix", name)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, l.Close()) })
		}, wrong: "another server listens on"},
		"a file": {before: func(t *testing.T, name string) {
			require.NoError(t, os.WriteFile(name, nil, 0o600))
		}, wrong: "is no socket: remove it"},
		"what cannot be removed": {before: func(t *testing.T, name string) {
			require.NoError(t, os.MkdirAll(strings.TrimSuffix(name, "sock")+"next/file", 0o700))
		}, wrong: "remove it, or run this container as the user whose it is"},
		"no directory": {before: func(t *testing.T, name string) {
			require.NoError(t, os.RemoveAll(filepath.Dir(name)))
		}, wrong: "ARGOCD_PLUGINSOCKFILEPATH"},
	} {
		t.Run(name, func(t *testing.T) {
			directory, err := os.MkdirTemp("", "cmp")
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, os.RemoveAll(directory)) })
			name := filepath.Join(directory, "test.sock")
			test.before(t, name)
			s, err := listen(name)
			if test.wrong != "" {
				require.ErrorContains(t, err, test.wrong)
				return
			}
			require.NoError(t, err)
			info, err := os.Lstat(name)
			require.NoError(t, err)
			require.Equal(t, os.ModeSocket|0o600, info.Mode())
			entries, err := os.ReadDir(directory)
			require.NoError(t, err)
			require.Len(t, entries, 1, "nothing else is there")
			require.NoError(t, s.check())

			require.NoError(t, os.Remove(name))
			require.ErrorContains(t, s.check(), "the socket is gone")
			require.NoError(t, os.WriteFile(name, nil, 0o600))
			require.ErrorContains(t, s.check(), "that of another server")
			s.leave()
			require.FileExists(t, name, "it is not that of this server")
			require.NoError(t, s.Close())
		})
	}
}

// TestRequestLine: the log has a line for each request that says whose it is, how long it took and what was found.
// Other variables and parameters are in none.
func TestRequestLine(t *testing.T) {
	r := start(t, pluginYAML, nil)
	client := connect(t, r.directory)
	for name, test := range map[string]struct {
		environ []string
		want    map[string]any
		says    int // lines with what was found
	}{
		"done": {[]string{"ARGOCD_APP_REVISION=0123abc", "PARAM_GROUP=addons", "PARAM_CLUSTER=hub",
			"ARGOCD_ENV_GROUP=other"},
			map[string]any{"level": "info", "group": "addons", "cluster": "hub", "revision": "0123abc", "code": "OK",
				"findings": 0., "rules": "", "objects": 2., "path": "addons"}, 0},
		"of plugin.env": {[]string{"ARGOCD_ENV_GROUP=monitoring", "ARGOCD_ENV_CLUSTER=spoke"},
			map[string]any{"level": "info", "group": "monitoring", "cluster": "spoke"}, 0},
		"findings": {[]string{"DO=find"}, map[string]any{"level": "info", "findings": 3.,
			"rules": "made-up-by-a-chart=1 unread-file=2"}, 2},
		"failed": {[]string{"DO=fail"}, map[string]any{"level": "warn", "code": "Unknown", "findings": 1.,
			"objects": 0.,
			"error": "error generating manifests: `cmp generate` failed exit status 1: Error: this cannot be " +
				"rendered"}, 0},
		"a long name": {[]string{"PARAM_GROUP=" + strings.Repeat("x", 5000)},
			map[string]any{"group": strings.Repeat("x", longestName) + "…"}, 0},
		"more lines": {[]string{"PARAM_GROUP=a\n{\"level\":\"error\"}"},
			map[string]any{"group": "a\n{\"level\":\"error\"}"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			before, found := len(r.log.of("GenerateManifest")), len(r.log.of("Warning: "))
			_, _ = generate(t.Context(), t, client, append(test.environ, "PARAM_VALUES=password: hunter2",
				"ARGOCD_APP_PARAMETERS=[hunter2]", "TOKEN=hunter2")...)
			require.Eventually(t, func() bool { return len(r.log.of("GenerateManifest")) == before+1 }, time.Minute,
				time.Millisecond)
			require.Len(t, r.log.of("Warning: "), found+test.says)
			require.Empty(t, r.log.of("hunter2"))
			var line map[string]any
			require.NoError(t, json.Unmarshal([]byte(r.log.of("GenerateManifest")[before]), &line))
			require.Equal(t, "web", line["application"])
			require.Positive(t, line["seconds"])
			require.Positive(t, line["bytes"])
			for key, value := range test.want {
				require.Equal(t, value, line[key], key)
			}
		})
	}
}

// TestMetrics: what happened is counted, and nothing that a repository says is a label.
func TestMetrics(t *testing.T) {
	r := start(t, pluginYAML, func(o *options) { o.workers = 1 })
	client := connect(t, r.directory)
	for _, do := range []string{"", "", "find", "fail", "die", ""} {
		_, _ = generate(t.Context(), t, client, "DO="+do, "PARAM_GROUP=nobody-counts-this")
	}
	_, err := client.CheckPluginConfiguration(t.Context(), &emptypb.Empty{})
	require.NoError(t, err)
	text := get(t, r, "/metrics", http.StatusOK)
	for _, line := range []string{
		`cmp_server_requests_total{code="OK",method="GenerateManifest"} 4`,
		`cmp_server_requests_total{code="Unknown",method="GenerateManifest"} 2`,
		`cmp_server_requests_total{code="OK",method="CheckPluginConfiguration"} 1`,
		`cmp_server_requests_total{code="Internal",method="GenerateManifest"} 0`, // what begins at 1 is no increase
		`cmp_server_requests_total{code="ResourceExhausted",method="MatchRepository"} 0`,
		`cmp_server_request_seconds_count{method="GenerateManifest"} 6`,
		`cmp_server_wait_seconds_count 6`,
		`cmp_server_worker_kills_total 1`,
		`cmp_server_findings_total{rule="unread-file"} 3`,
		`cmp_server_findings_total{rule="other"} 1`,
		`cmp_server_workers 1`, `cmp_server_workers_limit 1`, `cmp_server_waiting 0`, `cmp_server_waiting_limit 10`,
		`cmp_server_archive_limit_bytes 6.7108864e+07`, `cmp_server_ready 1`,
	} {
		require.Contains(t, text, "\n"+line+"\n")
	}
	// Each request of this test has a repository of its own.
	require.Regexp(t, `cmp_server_job_seconds_count{cache="(repository|none)",command="generate"} `, text)
	require.Regexp(t, `cmp_server_info{go_version="go[^"]+",version="v1.2.3"} 1`, text)
	require.Regexp(t, `cmp_server_received_bytes_total [1-9]`, text)
	require.Regexp(t, `cmp_server_sent_bytes_total [1-9]`, text)
	require.NotContains(t, text, "nobody-counts-this")
	require.NotContains(t, text, "made-up")
}

// get asks for metrics or health.
func get(t *testing.T, r *running, path string, wants int) string {
	t.Helper()
	recorder, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
	request.RemoteAddr = "127.0.0.1:5"
	operations(r.metrics.registry, r.healthy, r.isReady).ServeHTTP(recorder, request)
	require.Equal(t, wants, recorder.Code, recorder.Body.String())
	return recorder.Body.String()
}

// TestHealth: a server is healthy if its socket is there and a worker answers, or all of them work.
func TestHealth(t *testing.T) {
	r := start(t, pluginYAML, func(o *options) { o.workers = 1 })
	require.Equal(t, "ok\n", get(t, r, "/healthz", http.StatusOK))
	require.Equal(t, "ok\n", get(t, r, "/readyz", http.StatusOK))

	client := connect(t, r.directory)
	_, err := generate(t.Context(), t, client, "DO=die")
	require.Error(t, err)
	require.Equal(t, "ok\n", get(t, r, "/healthz", http.StatusOK), "a worker starts again")
	require.Eventually(t, func() bool { return r.pool.Busy() == 0 }, time.Minute, time.Millisecond)

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := generate(ctx, t, client, "DO=1m")
		ended <- err
	}()
	require.Eventually(t, func() bool { return r.pool.Busy() == 1 }, time.Minute, time.Millisecond)
	require.Equal(t, "ok\n", get(t, r, "/healthz", http.StatusOK), "who works is not asked")
	cancel()
	require.Equal(t, codes.Canceled, status.Code(<-ended))
	require.Eventually(t, func() bool { return r.pool.Busy() == 0 }, time.Minute, time.Millisecond)

	require.NoError(t, os.Remove(filepath.Join(r.directory, "cmp-stages")))
	require.Equal(t, "ok\n", get(t, r, "/healthz", http.StatusOK), "there is a worker")
	_, err = generate(t.Context(), t, client, "DO=die")
	require.Error(t, err)
	require.Eventually(t, func() bool { return r.pool.Busy() == 0 }, time.Minute, time.Millisecond)
	require.Regexp(t, `\Aa worker does not answer: [^\n]+\n\z`, get(t, r, "/healthz", http.StatusServiceUnavailable))
	require.Equal(t, "ok\n", get(t, r, "/readyz", http.StatusOK), "the rest of the pod is not to suffer")

	require.NoError(t, os.Remove(filepath.Join(r.directory, "test.sock")))
	require.Contains(t, get(t, r, "/healthz", http.StatusServiceUnavailable), "the socket is gone")
	require.Contains(t, get(t, r, "/readyz", http.StatusServiceUnavailable), "the socket is gone")
	require.NoError(t, r.stop())
	require.Equal(t, "the server starts, or stops\n", get(t, r, "/readyz", http.StatusServiceUnavailable))
}

// TestNoWorker: a server whose workers cannot be started, end at once or say nothing is there, but neither ready nor
// healthy, and goes on when there is a good one.
func TestNoWorker(t *testing.T) {
	for bad, says := range map[string]string{
		"ends":       "a worker does not answer",
		"is silent":  "a worker does not answer: it says nothing",
		"babbles":    "the worker's answer cannot be used",
		"is missing": "a worker does not answer",
	} {
		t.Run(bad, func(t *testing.T) {
			directory := place(t, pluginYAML)
			program := filepath.Join(directory, "cmp-stages")
			t.Setenv("BAD_WORKER", bad)
			if bad == "is missing" {
				require.NoError(t, os.Rename(program, program+"-elsewhere"))
				require.NoError(t, os.WriteFile(program, nil, 0o700))
			}
			r := launch(t, directory, func(o *options) { o.workers = 1 })
			patience := 20 * time.Second // with the race detector, programs take long to start
			if bad == "is silent" {
				patience = 100 * time.Millisecond
			}
			require.Eventually(t, func() bool {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				err := r.healthy(ctx)
				return err != nil && strings.Contains(err.Error(), says)
			}, time.Minute, 10*time.Millisecond)
			require.Contains(t, get(t, r, "/readyz", http.StatusServiceUnavailable), "the server starts, or stops")

			t.Setenv("BAD_WORKER", "")
			if bad == "is missing" {
				require.NoError(t, os.Rename(program+"-elsewhere", program))
			}
			require.Eventually(t, func() bool {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				return r.healthy(ctx) == nil && r.ready.Load()
			}, time.Minute, 10*time.Millisecond)
		})
	}
}

// TestProbes: health can be asked for on the socket, also where metrics are served nowhere, and is in no log.
func TestProbes(t *testing.T) {
	r := start(t, pluginYAML, func(o *options) { o.operations = "" })
	socket := filepath.Join(r.directory, "test.sock")
	require.NoError(t, ask(t.Context(), socket, "healthz"))
	require.NoError(t, ask(t.Context(), socket, "readyz"))
	require.NoError(t, ask(t.Context(), socket, ""), "what gRPC itself asks")
	require.EqualError(t, ask(t.Context(), socket, "nope"), "nope: unknown service")
	r.ready.Store(false)
	require.EqualError(t, ask(t.Context(), socket, "readyz"), "readyz: the server starts, or stops")
	require.NoError(t, ask(t.Context(), socket, "healthz"))
	require.Empty(t, r.log.of("Check"))
	require.NotContains(t, get(t, r, "/metrics", http.StatusOK), `method="Check"`)

	var said strings.Builder
	require.Zero(t, Run("v1", []string{"check", "--config-dir-path", r.directory}, &said, &said), said.String())
	require.Equal(t, 1, Run("v1", []string{"check", "readyz", "--config-dir-path", r.directory}, &said, &said))
	require.Equal(t, "Error: readyz: the server starts, or stops\n", said.String())
	require.NoError(t, r.stop())
	require.ErrorContains(t, ask(t.Context(), socket, "healthz"), "no such file or directory")
}

// TestOperations: metrics are for everybody who can reach the address, and health is for the pod itself.
func TestOperations(t *testing.T) {
	r := start(t, pluginYAML, nil)
	log := &lines{}
	l, err := newLog("info", "json", log)
	require.NoError(t, err)
	handler := operations(r.metrics.registry, r.healthy, r.isReady)
	stop, err := serveOperations("0.0.0.0:0", handler, l)
	require.NoError(t, err)
	port := regexp.MustCompile(`"address":"[^"]*:(\d+)"`).FindStringSubmatch(log.of("address")[0])[1]
	for _, what := range []string{"metrics", "healthz", "readyz"} {
		answer, err := http.Get("http://127.0.0.1:" + port + "/" + what)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
		for from, wants := range map[string]int{"127.0.0.1:5": http.StatusOK, "[::1]:5": http.StatusOK,
			"10.0.0.7:5": http.StatusForbidden, "[fd00::7]:5": http.StatusForbidden, "": http.StatusForbidden} {
			recorder, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/"+what, nil)
			request.RemoteAddr = from
			handler.ServeHTTP(recorder, request)
			if what == "metrics" {
				wants = http.StatusOK
			}
			require.Equal(t, wants, recorder.Code, "%s from %s", what, from)
			if wants == http.StatusForbidden {
				require.Contains(t, recorder.Body.String(), "have the probes run cmp-server check in the container")
			}
		}
	}
	stop()
	stop, err = serveOperations("", nil, discard)
	require.NoError(t, err)
	stop()
}

// TestMessageSize: messages may be as large as Argo CD's variable says.
func TestMessageSize(t *testing.T) {
	for name, test := range map[string]struct {
		variable string
		bytes    int
		fits     bool
	}{
		"by default":      {"", 2 << 20, true},
		"as it says":      {"1", 2 << 20, false},
		"within":          {"3", 2 << 20, true},
		"what is none":    {"many", 2 << 20, true},
		"less than none":  {"-1", 2 << 20, true},
		"beyond a number": {"99999999999", 2 << 20, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("ARGOCD_GRPC_MAX_SIZE_MB", test.variable)
			r := start(t, pluginYAML, nil)
			_, err := generate(t.Context(), t, connect(t, r.directory), "LARGE="+strings.Repeat("x", test.bytes))
			require.Equal(t, test.fits, err == nil, "%v", err)
		})
	}
}

// TestAnnouncements: the server announces parameters if plugin.yaml says so.
func TestAnnouncements(t *testing.T) {
	for config, want := range map[string]int{pluginYAML: 0,
		pluginYAML + "  parameters: {dynamic: {command: [cmp, parameters]}}\n": 1} {
		r := start(t, config, nil)
		repository := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(repository, "fleet.yaml"), []byte("{}"), 0o600))
		stream, err := connect(t, r.directory).GetParametersAnnouncement(t.Context())
		require.NoError(t, err)
		require.NoError(t, cmp.SendRepoStream(t.Context(), repository, repository, stream, nil, nil))
		answer, err := stream.CloseAndRecv()
		require.NoError(t, err)
		require.Len(t, answer.ParameterAnnouncements, want)
	}
}

// TestDefectOfAWorker: the log says where a worker was that crashed, or met a defect and went on, and no values.
func TestDefectOfAWorker(t *testing.T) {
	r := start(t, pluginYAML, func(o *options) { o.workers = 1 })
	client := connect(t, r.directory)
	for i, test := range []struct{ do, want string }{{"panic", "daemon.do main_test.go:"},
		{"meet", "daemon.met met.go:7"}} {
		_, err := generate(t.Context(), t, client, "DO="+test.do)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter2")
		require.Eventually(t, func() bool { return len(r.log.of("GenerateManifest")) > i }, time.Minute,
			time.Millisecond)
		defects := r.log.of(`"msg":"a defect"`)
		require.NotEmpty(t, defects)
		require.Contains(t, defects[len(defects)-1], test.want)
		require.Contains(t, defects[len(defects)-1], `"application":"web"`)
		require.Empty(t, r.log.of("hunter2"))
	}
	require.Regexp(t, `\ncmp_server_defects_total [2-3]\n`, get(t, r, "/metrics", http.StatusOK))
}

// TestDefect: a request that meets a defect fails, and the server goes on.
func TestDefect(t *testing.T) {
	log := &lines{}
	l, err := newLog("info", "json", log)
	require.NoError(t, err)
	err = func() (err error) {
		r := recorder{l, newMetrics("")}
		own := &request{method: "GenerateManifest"}
		defer func() { err = r.end(own, recover(), err) }()
		panic("a value of hunter2's")
	}()
	require.Equal(t, codes.Internal, status.Code(err))
	require.NotContains(t, err.Error(), "hunter2")
	lines := log.of(`"msg":"a defect"`)
	require.Len(t, lines, 1)
	require.NotContains(t, lines[0], "hunter2", "a panic may say anything")
	require.Contains(t, lines[0], "daemon.TestDefect.func1 server_test.go:")
}

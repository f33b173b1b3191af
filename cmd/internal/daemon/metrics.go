package daemon

import (
	"fmt"
	"net/http"
	"path"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc/status"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// metrics are what operators see of a server.
type metrics struct {
	registry *prometheus.Registry
	ready    atomic.Bool

	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	jobs     *prometheus.HistogramVec
	kills    prometheus.Counter
}

func newMetrics(version string) *metrics {
	buckets := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cmp_server_requests_total",
			Help: "Requests of repo-server, by method and by the code of the answer."}, []string{"method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cmp_server_request_seconds", Buckets: buckets,
			Help: "Time of requests, with sending the repository and waiting for a worker."}, []string{"method"}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cmp_server_job_seconds", Buckets: buckets,
			Help: "Time of workers for a job, by command, and whether the worker had the repository."}, []string{"command", "warm"}),
		kills: prometheus.NewCounter(prometheus.CounterOpts{Name: "cmp_server_worker_kills_total",
			Help: "Workers that ended in a job: they exceeded a limit, crashed, or took longer than the request could wait."}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "cmp_server_info", Help: "The version of the server.",
		ConstLabels: prometheus.Labels{"version": version}})
	info.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, m.jobs, m.kills, info, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe adds what the workers and the store say of themselves.
func (m *metrics) observe(pool *workers.Pool, store *server.Store) {
	gauge := func(name, help string, f func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f))
	}
	gauge("cmp_server_workers", "Workers that there are as processes.", func() float64 { return float64(pool.Running()) })
	gauge("cmp_server_waiting", "Requests that wait for a worker.", func() float64 { return float64(pool.Waiting()) })
	gauge("cmp_server_archive_bytes", "Memory of repositories as they arrived.", func() float64 { return float64(store.Held()) })
}

// notice counts a job.
func (m *metrics) notice(e workers.Event) {
	m.jobs.WithLabelValues(e.Command, fmt.Sprint(e.Warm)).Observe(e.Seconds)
	if e.Killed {
		m.kills.Inc()
	}
}

// request counts a request.
func (m *metrics) request(method string, took time.Duration, err error) {
	method = path.Base(method)
	m.requests.WithLabelValues(method, status.Code(err).String()).Inc()
	m.seconds.WithLabelValues(method).Observe(took.Seconds())
}

// handler returns what serves metrics and health.
func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !m.ready.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintln(w, map[bool]string{true: "ok", false: "not ready"}[m.ready.Load()])
	})
	return mux
}

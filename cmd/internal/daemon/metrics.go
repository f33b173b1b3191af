package daemon

import (
	"context"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server/api"
)

// metrics are what operators see of a server.
type metrics struct {
	registry *prometheus.Registry

	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	received prometheus.Counter
	sent     prometheus.Counter
	waits    prometheus.Histogram
	jobs     *prometheus.HistogramVec
	kills    prometheus.Counter
	retries  prometheus.Counter
	defects  prometheus.Counter
	findings *prometheus.CounterVec
}

var buckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cmp_server_requests_total",
			Help: "Requests of argocd-repo-server, by method and code of the answer."}, []string{"method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cmp_server_request_seconds",
			Buckets: buckets, Help: "Time of requests, with sending the repository and waiting for a worker."},
			[]string{"method"}),
		received: prometheus.NewCounter(prometheus.CounterOpts{Name: "cmp_server_received_bytes_total",
			Help: "Bytes of repositories as they were sent."}),
		sent: prometheus.NewCounter(prometheus.CounterOpts{Name: "cmp_server_sent_bytes_total",
			Help: "Bytes of objects in answers."}),
		waits: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "cmp_server_wait_seconds", Buckets: buckets,
			Help: "Time that requests waited for a worker."}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cmp_server_job_seconds", Buckets: buckets,
			Help: "Time of workers, by command and what they had: the session of another job, the repository, none."},
			[]string{"command", "cache"}),
		kills: prometheus.NewCounter(prometheus.CounterOpts{Name: "cmp_server_worker_kills_total",
			Help: "Requests in which a worker ended: it exceeded a limit, crashed, or took too long."}),
		retries: prometheus.NewCounter(prometheus.CounterOpts{Name: "cmp_server_retries_total",
			Help: "Requests that a second worker did, since the first one ended."}),
		defects: prometheus.NewCounter(prometheus.CounterOpts{Name: "cmp_server_defects_total",
			Help: "Defects of the server and of its workers, of which the log has the stack."}),
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cmp_server_findings_total",
			Help: "Findings about what was rendered, by rule. Each render counts."}, []string{"rule"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "cmp_server_info", Help: "The version of the server.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()}})
	info.Set(1)
	m.begin()
	m.registry.MustRegister(m.requests, m.seconds, m.received, m.sent, m.waits, m.jobs, m.kills, m.retries,
		m.defects, m.findings, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// begin has what alerts look at begin with 0: to Prometheus, a counter that is first seen with 1 has not grown.
func (m *metrics) begin() {
	service := api.ConfigManagementPluginService_ServiceDesc
	var methods []string
	for _, one := range service.Methods {
		methods = append(methods, one.MethodName)
	}
	for _, one := range service.Streams {
		methods = append(methods, one.StreamName)
	}
	for _, method := range methods {
		for _, code := range []codes.Code{codes.OK, codes.Canceled, codes.Unknown, codes.InvalidArgument,
			codes.DeadlineExceeded, codes.ResourceExhausted, codes.Internal} {
			m.requests.WithLabelValues(method, code.String())
		}
	}
}

// A gauge is something that has a value at each moment.
type gauge struct {
	name, help string
	value      func() float64
}

func number[N int | int64](of func() N) func() float64 {
	return func() float64 { return float64(of()) }
}

// watch adds gauges.
func (m *metrics) watch(gauges ...gauge) {
	for _, g := range gauges {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help}, g.value))
	}
}

// notice counts a job.
func (m *metrics) notice(ctx context.Context, e workers.Event) {
	cache := "none"
	switch {
	case e.Session:
		cache = "session"
	case e.Warm:
		cache = "repository"
	}
	m.jobs.WithLabelValues(e.Command, cache).Observe(e.Seconds)
	m.waits.Observe(e.Waited)
	if e.Killed {
		m.kills.Inc()
	}
	if e.Again {
		m.retries.Inc()
	}
	for rule, n := range e.Findings {
		if _, known := problem.RuleOf(rule); !known { // so that nothing that is rendered makes time series
			rule = "other"
		}
		m.findings.WithLabelValues(rule).Add(float64(n))
	}
	worked(ctx, e)
}

// request counts a request.
func (m *metrics) request(r *request, err error) {
	m.requests.WithLabelValues(r.method, status.Code(err).String()).Inc()
	m.seconds.WithLabelValues(r.method).Observe(time.Since(r.start).Seconds())
	m.received.Add(float64(r.received))
	m.sent.Add(float64(r.sent))
}

package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// probeTimeout is how long a question for health may take: a worker that is started for it does so in less.
const probeTimeout = 10 * time.Second

// An answerer answers whether something is as it should be: with an error that says what is not.
type answerer func(ctx context.Context) error

// ServeHTTP implements [http.Handler].
func (a answerer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := a(ctx); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, problem.OneLine(err.Error()))
		return
	}
	fmt.Fprintln(w, "ok")
}

// ofPod answers only who asks from the pod itself: the answer takes time of a worker, and metrics may be for others.
func ofPod(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil || !net.ParseIP(host).IsLoopback() {
			http.Error(w, "health is for this pod only: have the probes run cmp-server check in the container",
				http.StatusForbidden)
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// operations returns what serves metrics, and health to the pod itself.
func operations(metrics prometheus.Gatherer, healthy, ready answerer) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	mux.Handle("GET /healthz", ofPod(healthy))
	mux.Handle("GET /readyz", ofPod(ready))
	return mux
}

// serveOperations serves at an address until it is stopped. It fails if it cannot listen there.
func serveOperations(address string, handler http.Handler, log *slog.Logger) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--operations-address: %w", err)
	}
	const soon, largestHeader = 5 * time.Second, 16 << 10
	h := &http.Server{Handler: handler, ReadHeaderTimeout: soon, ReadTimeout: soon, WriteTimeout: 2 * probeTimeout,
		IdleTimeout: time.Minute, MaxHeaderBytes: largestHeader}
	go func() {
		if err := h.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics and health are not served any more", "error", err.Error())
		}
	}()
	log.Info("metrics and health", "address", listener.Addr().String())
	return func() { _ = h.Close() }, nil // at the end of the process
}

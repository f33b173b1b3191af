package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
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

// operations returns what serves metrics and health.
func operations(metrics prometheus.Gatherer, healthy, ready answerer) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	mux.Handle("GET /healthz", healthy)
	mux.Handle("GET /readyz", ready)
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

// ask asks a server for its health, and fails with what it says is wrong.
func ask(ctx context.Context, address, what string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return usage.Error(fmt.Errorf("--operations-address: %w", err))
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() { // all addresses of the container
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	url := "http://" + net.JoinHostPort(host, port) + "/" + what
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	// The server is in this container: no proxy knows it.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	const enough = 4096
	said, err := io.ReadAll(io.LimitReader(answer.Body, enough))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", what, strings.TrimSpace(string(said)))
	}
	return err
}

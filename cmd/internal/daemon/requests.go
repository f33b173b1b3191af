package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workers"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server/api"
)

// A request is what is known of one, for the log and the metrics. Of its variables, it has names only that say whose
// request it is.
type request struct {
	method string
	start  time.Time
	probe  bool // it asks for health, which neither log nor metrics have

	application, path, revision, group, cluster string

	received int64         // bytes of the repository
	arrived  time.Duration // until all of it was there; 0: it is not
	sent     int64         // bytes of objects
	objects  int

	connection *connection // nil if it is not known
	begun      int64       // bytes that were written to it before the answer

	mu      sync.Mutex
	job     *workers.Event // nil if no worker had it
	release func()         // gives the memory of the result back; nil if it takes none that counts
}

// names are the variables that say whose request it is, as Argo CD makes them of an Application and its parameters.
func (r *request) names() map[string]*string {
	return map[string]*string{"ARGOCD_APP_NAME": &r.application, "ARGOCD_APP_REVISION": &r.revision,
		"PARAM_GROUP": &r.group, "PARAM_CLUSTER": &r.cluster,
		"ARGOCD_ENV_GROUP": &r.group, "ARGOCD_ENV_CLUSTER": &r.cluster}
}

// take notes a part of the request.
func (r *request) take(part *api.AppStreamRequest) {
	r.received += int64(len(part.GetFile().GetChunk()))
	metadata := part.GetMetadata()
	if metadata == nil {
		return
	}
	r.path = beginning(string(metadata.GetAppRelPath()), longestName)
	names := r.names()
	for _, e := range metadata.GetEnv() {
		name := names[string(e.GetName())]
		if name != nil && (*name == "" || bytes.HasPrefix(e.GetName(), []byte("PARAM_"))) { // parameters win
			*name = beginning(string(e.GetValue()), longestName)
		}
	}
}

// give notes the answer.
func (r *request) give(answer *api.ManifestResponse) {
	r.objects += len(answer.GetManifests())
	for _, object := range answer.GetManifests() {
		r.sent += int64(len(object))
	}
}

// attributes are what the line of the log has of the request.
func (r *request) attributes() []slog.Attr {
	all := []slog.Attr{slog.String("application", r.application), slog.String("group", r.group),
		slog.String("cluster", r.cluster), slog.String("path", r.path), slog.String("revision", r.revision),
		slog.Float64("seconds", time.Since(r.start).Seconds()), slog.Float64("received", r.arrived.Seconds()),
		slog.Int64("bytes", r.received), slog.Int("objects", r.objects)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.job == nil {
		return all
	}
	findings, rules := 0, make([]string, 0, len(r.job.Findings))
	for rule, n := range r.job.Findings {
		findings += n
		if rule != "" {
			rules = append(rules, fmt.Sprintf("%s=%d", rule, n))
		}
	}
	slices.Sort(rules)
	return append(all, slog.Float64("waited", r.job.Waited), slog.Float64("worked", r.job.Seconds),
		slog.Bool("warm", r.job.Warm), slog.Bool("session", r.job.Session), slog.Bool("killed", r.job.Killed),
		slog.Int("findings", findings), slog.String("rules", strings.Join(rules, " ")))
}

type requestKey struct{}

// worked notes what a worker did for the request of a context.
func worked(ctx context.Context, e workers.Event) {
	if r, is := ctx.Value(requestKey{}).(*request); is {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.job = &e
	}
}

// A stream is that of a request, of which it takes notes.
type stream struct {
	grpc.ServerStream
	ctx     context.Context
	request *request
}

// Context implements [grpc.ServerStream].
func (s *stream) Context() context.Context { return s.ctx }

// RecvMsg implements [grpc.ServerStream].
func (s *stream) RecvMsg(message any) error {
	err := s.ServerStream.RecvMsg(message)
	if part, is := message.(*api.AppStreamRequest); is && err == nil {
		s.request.take(part)
	}
	if errors.Is(err, io.EOF) {
		s.request.arrived = time.Since(s.request.start)
	}
	return err
}

// SendMsg implements [grpc.ServerStream].
func (s *stream) SendMsg(message any) error {
	if answer, is := message.(*api.ManifestResponse); is {
		s.request.give(answer)
	}
	if s.request.connection != nil {
		s.request.begun = s.request.connection.sent()
	}
	return s.ServerStream.SendMsg(message)
}

// A recorder writes lines of requests, and counts them.
type recorder struct {
	log     *slog.Logger
	metrics *metrics
}

// streams is called for each request that is a stream.
func (r recorder) streams(srv any, of grpc.ServerStream, info *grpc.StreamServerInfo,
	handler grpc.StreamHandler) (err error) {
	own := &request{method: path.Base(info.FullMethod), start: time.Now(), connection: connectionOf(of.Context())}
	defer func() { err = r.end(own, recover(), err) }()
	return handler(srv, &stream{of, context.WithValue(of.Context(), requestKey{}, own), own})
}

// calls is called for each request of one message.
func (r recorder) calls(ctx context.Context, message any, info *grpc.UnaryServerInfo,
	handler grpc.UnaryHandler) (answer any, err error) {
	own := &request{method: path.Base(info.FullMethod), start: time.Now(),
		probe: path.Base(path.Dir(info.FullMethod)) == grpc_health_v1.Health_ServiceDesc.ServiceName}
	defer func() { err = r.end(own, recover(), err) }()
	return handler(ctx, message)
}

// end writes the line of a request, counts it, and returns what it failed with.
func (r recorder) end(own *request, panicked any, err error) error {
	if panicked != nil {
		r.log.Error("a defect", "method", own.method, "application", own.application,
			"stack", problem.Frames(string(debug.Stack()))) // what the panic says may have values
		r.metrics.defects.Inc()
		err = status.Error(codes.Internal, "the plugin server has a defect, of which its log has more")
	}
	own.free(err)
	if own.probe {
		return err
	}
	if own.job != nil {
		for _, frames := range own.job.Defects {
			r.log.Error("a defect", "method", own.method, "application", own.application, "stack", frames)
			r.metrics.defects.Inc()
		}
	}
	r.metrics.request(own, err)
	level := slog.LevelInfo
	switch {
	case err != nil:
		level = slog.LevelWarn
	case own.received == 0: // is the plugin there, and what can it
		level = slog.LevelDebug
	}
	attributes := append(own.attributes(), slog.String("code", status.Code(err).String()))
	if err != nil {
		attributes = append(attributes, slog.String("error", beginning(status.Convert(err).Message(), longestMessage)))
	}
	r.log.LogAttrs(context.Background(), level, own.method, attributes...)
	if own.job != nil && err == nil {
		for line := range strings.Lines(own.job.Messages) {
			r.log.Warn(beginning(strings.TrimSpace(line), longestMessage), "application", own.application)
		}
	}
	return err
}

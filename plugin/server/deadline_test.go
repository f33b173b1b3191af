package server_test

import (
	"context"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// A late is a context whose deadline is over when a test says so.
type late struct {
	context.Context
	deadline time.Time
	over     chan struct{}
}

func (l late) Deadline() (deadline time.Time, has bool) { return l.deadline, true }

func (l late) Done() <-chan struct{} { return l.over }

func (l late) Err() error {
	select {
	case <-l.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// A lateStream is a stream with such a context.
type lateStream struct {
	grpc.ServerStream
	late late
}

func (s lateStream) Context() context.Context { return s.late }

// TestDeadline: work ends before the deadline, so that its answer arrives.
func TestDeadline(t *testing.T) {
	deadline, over := time.Now().Add(time.Hour), make(chan struct{})
	begun := make(chan context.Context, 1)
	client, _ := start(t, &fake{wait: begun}, server.Config{}, grpc.StreamInterceptor(
		func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			return handler(srv, lateStream{stream, late{stream.Context(), deadline, over}})
		}))
	stream, err := client.GenerateManifest(t.Context())
	require.NoError(t, err)
	directory := repository(t)
	require.NoError(t, cmp.SendRepoStream(t.Context(), directory, directory, stream, nil, nil))
	require.NoError(t, stream.CloseSend())
	until, has := (<-begun).Deadline()
	require.True(t, has)
	require.Equal(t, deadline.Add(-100*time.Millisecond), until)
	close(over)
	_, err = stream.CloseAndRecv()
	require.Equal(t, codes.DeadlineExceeded, status.Code(err))
	require.ErrorContains(t, err, "raise the timeout")
}

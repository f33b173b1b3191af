package server_test

import (
	"context"
	"net"
	"path/filepath"
	"testing"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// TestSenderThatIsGone: a request whose sender goes away in the middle of the repository counts as one that nobody
// waits for, and not as one that is wrong.
func TestSenderThatIsGone(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	ended, received := make(chan error, 1), make(chan struct{})
	g := grpc.NewServer(grpc.StreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo,
		handler grpc.StreamHandler) error {
		close(received)
		err := handler(srv, stream)
		ended <- err
		return err
	}))
	server.Register(g, server.Config{MaxArchive: 1 << 20}, &fake{}, newStore(t.TempDir(), 1<<20))
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener) }()
	closer, client, err := apiclient.NewConfigManagementPluginClientSet(socket).NewConfigManagementPluginClient()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := client.GenerateManifest(ctx)
	require.NoError(t, err)
	require.NoError(t, stream.Send(&apiclient.AppStreamRequest{Request: &apiclient.AppStreamRequest_Metadata{
		Metadata: &apiclient.ManifestRequestMetadata{AppName: "web"}}}))
	<-received
	cancel()
	require.Equal(t, codes.Canceled, status.Code(<-ended))
	require.NoError(t, closer.Close())
	g.GracefulStop()
	require.NoError(t, <-served)
}

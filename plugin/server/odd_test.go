package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

func beginning(checksum string) *apiclient.AppStreamRequest {
	return &apiclient.AppStreamRequest{Request: &apiclient.AppStreamRequest_Metadata{
		Metadata: &apiclient.ManifestRequestMetadata{AppName: "web", Checksum: checksum}}}
}

// TestGigabyte: a stream without end takes neither memory nor disk, and its sender gets one line once it has sent all.
func TestGigabyte(t *testing.T) {
	client, store := start(t, &fake{}, server.Config{MaxArchive: 1 << 20})
	stream, err := client.GenerateManifest(t.Context())
	require.NoError(t, err)
	require.NoError(t, stream.Send(beginning("ab")))
	const chunk = 1 << 20
	part := cmp.AppFileRequest(make([]byte, chunk))
	for range 1 << 30 / chunk {
		require.NoError(t, stream.Send(part))
		require.LessOrEqual(t, store.Held(), int64(2<<20))
	}
	_, err = stream.CloseAndRecv()
	require.ErrorContains(t, err,
		"the repository is too large for this server: its archive has more than 1048576 bytes")
}

// TestCutOff: of a request whose sender goes away, or does not get on, nothing is left.
func TestCutOff(t *testing.T) {
	client, store := start(t, &fake{}, server.Config{MaxArchive: 1 << 20})
	for _, goesAway := range []bool{true, false} {
		timeout := 200 * time.Millisecond
		for begun := false; !begun; timeout *= 2 { // where the machine is slow, the time is over before it has begun
			ctx, cancel := context.WithCancel(t.Context())
			if !goesAway {
				ctx, cancel = context.WithTimeout(ctx, timeout)
			}
			stream, err := client.GenerateManifest(ctx)
			if err == nil {
				err = errors.Join(stream.Send(beginning("ab")), stream.Send(cmp.AppFileRequest(make([]byte, 1000))))
			}
			begun = err == nil
			if goesAway {
				require.NoError(t, err)
				require.Eventually(t, func() bool { return store.Held() > 0 }, time.Minute, time.Millisecond)
				cancel()
			}
			if begun {
				_, err = stream.CloseAndRecv()
				require.Error(t, err)
			}
			require.Eventually(t, func() bool { return store.Held() == 0 }, time.Minute, time.Millisecond)
			cancel()
		}
	}
}

// TestTurns: more requests than are received at once wait at their senders, and nothing is taken of them.
func TestTurns(t *testing.T) {
	client, store := start(t, &fake{}, server.Config{MaxArchive: 1 << 20, AtOnce: 1})
	first, err := client.GenerateManifest(t.Context())
	require.NoError(t, err)
	sum := sha256.Sum256([]byte("x"))
	require.NoError(t, first.Send(beginning(hex.EncodeToString(sum[:]))))
	require.NoError(t, first.Send(cmp.AppFileRequest([]byte("x"))))
	require.Eventually(t, func() bool { return store.Held() > 0 }, time.Minute, time.Millisecond)
	held := store.Held()

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	second, err := client.GenerateManifest(ctx)
	require.NoError(t, err)
	require.NoError(t, second.Send(beginning(hex.EncodeToString(sum[:]))))
	time.AfterFunc(300*time.Millisecond, cancel) // long after its sender waits
	sent := 0
	for ; err == nil; sent++ {
		err = second.Send(cmp.AppFileRequest(make([]byte, 1<<10)))
	}
	require.ErrorIs(t, err, io.EOF) // that is where to ask for the answer
	require.Less(t, sent, 1<<12, "the sender waits")
	_, err = second.CloseAndRecv()
	require.Equal(t, codes.Canceled, status.Code(err))
	require.Equal(t, held, store.Held())

	_, err = first.CloseAndRecv()
	require.ErrorContains(t, err, "not compressed with gzip")
	third, err := client.GenerateManifest(t.Context())
	require.NoError(t, err)
	require.NoError(t, third.Send(beginning(hex.EncodeToString(sum[:]))))
	_, err = third.CloseAndRecv()
	require.ErrorContains(t, err, "the request has no archive", "it has its turn")
	require.False(t, errors.Is(err, io.EOF))
}

package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// idle are workers that have nothing to do.
type idle struct{ fake }

func (*idle) Generate(context.Context, server.Job) ([]string, error) { return []string{"{}"}, nil }

// BenchmarkReceive is what it takes to send and receive an archive, in parts of a KiB as Argo CD sends it.
func BenchmarkReceive(b *testing.B) {
	for _, kibibytes := range []int{10, 1000, 10_000} {
		b.Run(fmt.Sprint(kibibytes, " KiB"), func(b *testing.B) {
			client, _ := start(b, &idle{}, server.Config{MaxArchive: 64 << 20})
			chunk := make([]byte, 1<<10)
			sum := sha256.New()
			for range kibibytes {
				_, _ = sum.Write(chunk)
			}
			b.SetBytes(int64(kibibytes) << 10)
			for b.Loop() {
				stream, err := client.GenerateManifest(b.Context())
				require.NoError(b, err)
				require.NoError(b, stream.Send(beginning(hex.EncodeToString(sum.Sum(nil)))))
				for range kibibytes {
					require.NoError(b, stream.Send(cmp.AppFileRequest(chunk)))
				}
				_, err = stream.CloseAndRecv()
				require.NoError(b, err)
			}
		})
	}
}

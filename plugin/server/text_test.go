package server_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/argoproj/argo-cd/v3/util/cmp"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// discarding are workers that keep what they were asked, and have no objects.
type discarding struct{ *fake }

func (d discarding) Generate(ctx context.Context, j server.Job) ([]string, error) {
	_, err := d.do(ctx, j)
	return nil, err
}

// TestTextThatIsNotUTF8: Argo CD sends what parameters say, whatever that is. It reaches the workers, which say what is
// wrong with it.
func TestTextThatIsNotUTF8(t *testing.T) {
	workers := discarding{&fake{}}
	client, _ := start(t, workers, server.Config{})
	directory := repository(t)
	stream, err := client.GenerateManifest(t.Context())
	require.NoError(t, err)
	require.NoError(t, cmp.SendRepoStream(t.Context(), filepath.Join(directory, "addons"), directory, stream,
		[]string{"ARGOCD_APP_NAME=a\xff", "ARGOCD_ENV_RELEASE=b\xfe"}, nil))
	_, err = stream.CloseAndRecv()
	require.NoError(t, err)
	require.Len(t, workers.jobs, 1)
	require.Equal(t, []string{"ARGOCD_APP_NAME=a\xff", "ARGOCD_ENV_RELEASE=b\xfe"}, workers.jobs[0].Environ)
}

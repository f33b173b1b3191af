package stages_test

import (
	"context"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A question is a request with what its session is opened on.
type question struct {
	Tree fs.FS
	render.Options
	Charts stages.Charts
	render.Request
}

func open(t testing.TB, q question) *stages.Session {
	t.Helper()
	s, err := stages.Config{}.Open(t.Context(), q.Tree, q.Options, q.Charts)
	require.NoError(t, err)
	return s
}

func renderTo(ctx context.Context, t testing.TB, q question, out render.Output) ([]*problem.Problem, error) {
	t.Helper()
	return open(t, q).RenderTo(ctx, q.Request, out)
}

func valuesOf(t testing.TB, q question) (*render.Merged, error) {
	t.Helper()
	return open(t, q).Values(t.Context(), q.Request, render.ValuesOptions{}, limits.Limits{}, nil)
}

// Package linked is what cmp-stages has and cmp has not: the stages after applicationsets, set up for this machine.
package linked

import (
	"context"
	"io"

	helm "helm.sh/helm/v3/pkg/cli"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/progress"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// Stages are the stages for the command line.
type Stages struct{ config stages.Config }

// New returns the stages. Credentials come from Helm's files, where Helm's own variables say that they are.
func New() Stages {
	files := helm.New()
	return Stages{stages.Config{RepositoryConfig: files.RepositoryConfig, RegistryConfig: files.RegistryConfig}}
}

// Render is [stages.Config.Render].
func (s Stages) Render(ctx context.Context, r render.Request, p render.Progress, encode func(render.Object) ([]byte, error),
	emit func(render.Rendered) error,
) ([]*hierarchy.Problem, error) {
	return s.config.Render(ctx, r, stages.Output{Encode: encode, Emit: emit, Progress: p})
}

// Values is [stages.Config.Values].
func (s Stages) Values(ctx context.Context, r render.Request) (*render.Merged, error) {
	return s.config.Values(ctx, r)
}

// Progress is [progress.On].
func (Stages) Progress(stderr io.Writer) render.Progress { return progress.On(stderr) }

package linked

import (
	"context"
	"errors"
	"os"

	"golang.org/x/term"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix/report"
)

// Matrix is [matrix.Of], with the matrix printed.
func (Stages) Matrix(ctx context.Context, session workshop.Later, m workshop.Matrix) error {
	if m.Format == "html" {
		return onePage(ctx, session, m)
	}
	own, err := sessionOf(session)
	if err != nil {
		return err
	}
	found, err := matrix.Of(ctx, own, matrix.Options{Request: m.Request, Hub: m.Hub, Release: m.Release,
		Output: m.Output})
	m.Done()
	if err != nil {
		return asked(err)
	}
	if err := m.Found(own.Fleet(), found.Findings); err != nil {
		return err
	}
	width := m.Width
	if columns, _, err := term.GetSize(int(os.Stdout.Fd())); width == 0 && err == nil {
		width = columns
	}
	o := report.Options{Format: m.Format, Width: width, Color: m.Color}
	if err := report.Print(m.Stdout, found, o); err != nil {
		return err
	}
	if len(found.Failures) > 0 {
		return found.Failures
	}
	return nil
}

// asked makes a usage error of one that says that the fleet does not have what was asked for.
func asked(err error) error {
	for _, cause := range []error{matrix.ErrNone, render.ErrNoMatch, render.ErrNoCluster, render.ErrNoComponent,
		render.ErrIncomplete} {
		if errors.Is(err, cause) {
			return usage.Error(err)
		}
	}
	return err
}

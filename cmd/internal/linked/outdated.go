package linked

import (
	"context"
	"errors"
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/outdated"
	"github.com/eks-fleet-management/fleet-cmp/render/outdated/report"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// Outdated is [outdated.Of], with the report printed.
func (Stages) Outdated(ctx context.Context, session workshop.Later, o workshop.Outdated) (bool, error) {
	own, is := session.(*stages.Session)
	if !is {
		return false, fmt.Errorf("a session of another kind cannot be asked: %T", session)
	}
	found, err := outdated.Of(ctx, own, outdated.Options{Diff: o.Diff,
		Matrix: matrix.Options{Request: o.Request, Output: o.Output}})
	o.Done()
	for _, cause := range []error{render.ErrNoComponent, render.ErrIncomplete} {
		if errors.Is(err, cause) {
			return false, usage.Error(err)
		}
	}
	if err != nil {
		return false, err
	}
	if err := o.Found(own.Fleet(), found.Findings); err != nil {
		return false, err
	}
	if err := report.Print(o.Stdout, found, o.Format); err != nil {
		return false, err
	}
	if len(found.Failures) > 0 {
		return found.Outdated(), found.Failures
	}
	return found.Outdated(), nil
}

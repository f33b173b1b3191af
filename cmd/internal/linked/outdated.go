package linked

import (
	"context"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/outdated"
	"github.com/eks-fleet-management/fleet-cmp/render/outdated/report"
)

// Outdated is [outdated.Of], with the report printed.
func (Stages) Outdated(ctx context.Context, session workshop.Later, o workshop.Outdated) (bool, error) {
	own, err := sessionOf(session)
	if err != nil {
		return false, err
	}
	found, err := outdated.Of(ctx, own, outdated.Options{Diff: o.Diff,
		Matrix: matrix.Options{Request: o.Request, Hub: o.Hub, Release: o.Release, Output: o.Output}})
	o.Done()
	if err != nil {
		return false, asked(err)
	}
	if err := o.Found(own.Fleet(), found.Findings); err != nil {
		return false, err
	}
	if oldest := found.Oldest(); !oldest.IsZero() {
		o.Note("no repository is asked while offline; the oldest answer that counts is of " +
			oldest.Format("2006-01-02 15:04 MST"))
	}
	if err := report.Print(o.Stdout, found, o.Format); err != nil {
		return false, err
	}
	if len(found.Failures) > 0 {
		return found.Outdated(), found.Failures
	}
	return found.Outdated(), nil
}

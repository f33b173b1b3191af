package linked

import (
	"context"
	"errors"
	"io/fs"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/usage"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
	"github.com/eks-fleet-management/fleet-cmp/render/why"
)

// Why is [why.Ask], with the answer printed.
func (s Stages) Why(ctx context.Context, session workshop.Later, w workshop.Why) error {
	own, err := sessionOf(session)
	if err != nil {
		return err
	}
	open := func(tree fs.FS) (*stages.Session, error) {
		return s.config.Open(ctx, tree, w.Options, stages.Charts(w.Charts))
	}
	answer, err := why.Ask(ctx, why.Fleet{Tree: w.Tree, Session: own, Open: open, Output: w.Output},
		why.Question{Component: w.Component, Cluster: w.Cluster, Group: w.Group, AppPath: w.AppPath})
	w.Done()
	switch {
	case errors.Is(err, why.ErrUnknown), errors.Is(err, why.ErrSeveral):
		return usage.Error(err)
	case err != nil:
		return err
	}
	return answer.Print(w.Stdout, w.Format)
}

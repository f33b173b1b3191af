package cli

import (
	"context"
	"io/fs"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/members"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// An input is what a session is opened on.
type input struct {
	tree    fs.FS // nil: there is no repository
	options render.Options
	charts  workshop.Charts
}

// open opens a session, and holds the run to the limits of its fleet. Without cmp-stages, there are no later stages.
func (p Program) open(ctx context.Context, in input) (*render.Session, workshop.Later, error) {
	if in.charts.CacheDir == "" {
		in.charts.CacheDir = cacheDir()
	}
	var session *render.Session
	var later workshop.Later
	var err error
	if p.Stages == nil {
		session, err = render.Open(in.tree, in.options)
	} else {
		session, later, err = p.Stages.Open(ctx, in.tree, in.options, in.charts)
	}
	if err != nil {
		return nil, nil, err
	}
	if fleet := session.Fleet(); fleet != nil {
		p.limit.Apply(fleet.Limits)
	}
	return session, later, nil
}

// sessions are for commands in packages of their own.
func (p Program) sessions() members.Sessions {
	return members.Sessions{Otherwise: p.handOverFor,
		Open: func(ctx context.Context, tree fs.FS) (*render.Session, error) {
			session, _, err := p.open(ctx, input{tree: tree})
			return session, err
		}}
}

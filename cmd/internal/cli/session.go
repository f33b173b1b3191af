package cli

import (
	"cmp"
	"context"
	"io/fs"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/members"
	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/workshop"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/checkout"
	"github.com/eks-fleet-management/fleet-cmp/internal/worktree"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/gitcatalog"
)

// An input is what a session is opened on.
type input struct {
	tree    fs.FS  // nil: there is no repository
	parts   string // of the tree that are not of the repository, see plugin.Invocation.Parts
	options render.Options
	charts  workshop.Charts
	noGit   string // why nothing is fetched from Git; "" if that may be
}

// open opens a session, and holds the run to the limits of its fleet. Without cmp-stages, there are no later stages.
func (p Program) open(ctx context.Context, in input) (*render.Session, workshop.Later, error) {
	in = p.complete(ctx, in)
	open := func() (*render.Session, workshop.Later, error) {
		if p.Stages == nil {
			session, err := render.Open(in.tree, in.options)
			return session, nil, err
		}
		return p.Stages.Open(ctx, in.tree, in.options, in.charts)
	}
	if p.work != nil {
		once := open
		open = func() (*render.Session, workshop.Later, error) {
			return p.work.Session(in.parts, in.options.ArgoCD, once)
		}
	}
	session, later, err := open()
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

// complete adds to an input what this machine has: the directory for caches, and Git.
func (p Program) complete(ctx context.Context, in input) input {
	in.charts.CacheDir = cmp.Or(in.charts.CacheDir, cacheDir())
	in.options.CmpVersion = cmp.Or(in.options.CmpVersion, p.limit.Version)
	root := worktree.DirectoryOf(in.tree)
	if in.options.ReadGit == nil {
		in.options.ReadGit = p.gitReader(ctx, root, in.charts, in.noGit)
		if p.work != nil {
			in.options.Branch = p.work.Branch()
		} else if found, is := checkout.Find(root); is && root != "" {
			in.options.Branch = found.Branch()
		}
	}
	return in
}

// gitReader returns a reader of catalogs in Git for the fleet in a directory of this machine, if it is in one.
func (p Program) gitReader(ctx context.Context, root string, charts workshop.Charts, noGit string) fleet.GitReader {
	o := gitcatalog.Options{Root: root, CacheDir: cmp.Or(charts.CacheDir, cacheDir()), Offline: charts.Offline,
		Forbidden: noGit, Missing: func() error {
			_, err := findStages()
			return err
		}}
	if p.Stages != nil {
		o.Machine = p.Stages.Git(p.limit.Sidecar)
	}
	if p.work != nil {
		o.Sent = p.work.Sent()
	}
	reader := gitcatalog.New(o)
	return func(c fleet.Chart, own bool, allowed []string) (fs.FS, error) {
		return reader.Read(ctx, c, own, allowed)
	}
}

package render_test

import (
	"io/fs"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A question is a request with what its session is opened on.
type question struct {
	Tree fs.FS
	render.Options
	render.Request
}

func open(q question) (*render.Session, error) { return render.Open(q.Tree, q.Options) }

func renderOf(q question) (*render.Result, error) {
	s, err := open(q)
	if err != nil {
		return nil, q.InScope(err)
	}
	return s.Render(q.Request)
}

func valuesOf(q question) (*render.Merged, error) {
	s, err := open(q)
	if err != nil {
		return nil, q.InScope(err)
	}
	return s.Values(q.Request)
}

func clustersOf(q question) ([]cluster.Cluster, []*problem.Problem, error) {
	s, err := open(q)
	if err != nil {
		return nil, nil, err
	}
	return s.Clusters(q.Request)
}

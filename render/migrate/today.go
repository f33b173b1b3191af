package migrate

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/argo"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/fork"
)

// chartDirectory is where the chart that a flag names is in the tree that Applications are rendered from.
const chartDirectory = "fleet-cmp-chart-of-the-flag"

// A wrapper is the chart that makes ApplicationSets today.
type wrapper struct {
	tree    fs.FS
	name    string // of the chart
	catalog string // the directory of the repository that has it; "" if there is none
	given   bool   // a flag gives the chart, in chartDirectory
}

// is tells whether a source of an Application is the wrapper chart.
func (w wrapper) is(source object) bool {
	values := argo.At(source, "helm", "valuesObject")
	if values["mergeValues"] != nil || values["applicationSetGroup"] != nil {
		return true
	}
	return argo.Last(argo.Text(source, "path")) == w.name || argo.Last(argo.Text(source, "chart")) == w.name
}

// start returns what an Application that starts something consists of. Where it has the wrapper chart and something
// else, each is rendered by itself: what the chart makes is for the Applications of clusters.
func (w wrapper) start(ctx context.Context, s *side, a *app) []piece {
	var references, charts, others []object
	for _, source := range argo.Sources(a.object) {
		switch {
		case argo.Text(source, "ref") != "":
			references = append(references, source)
		case w.is(source):
			charts = append(charts, source)
		default:
			others = append(others, source)
		}
	}
	var pieces []piece
	for _, chart := range charts {
		group := fork.Group(hierarchy.NameOf(a.object), chart)
		local, err := w.local(s, a, chart)
		if err != nil {
			s.fail(err)
			continue
		}
		part := argo.WithSources(a.object, append(references[:len(references):len(references)], local))
		pieces = append(pieces, piece{objects: s.objectsOf(ctx, a.argoCD, part), group: group, leaf: true})
	}
	switch {
	case len(charts) == 0:
		pieces = append(pieces, piece{objects: s.objectsOf(ctx, a.argoCD, a.object)})
	case len(others) > 0:
		part := argo.WithSources(a.object, append(references, others...))
		pieces = append(pieces, piece{objects: s.objectsOf(ctx, a.argoCD, part)})
	}
	return pieces
}

// local returns the source of the wrapper chart with the chart that can be had here in its place. It fails where there
// is none.
func (w wrapper) local(s *side, a *app, source object) (object, error) {
	from := argo.Text(source, "path")
	local := argo.Clone(source)
	switch {
	case w.given:
		local["path"] = chartDirectory
		delete(local, "chart")
		return local, nil
	case argo.Text(source, "chart") != "":
		return source, nil
	}
	if info, err := fs.Stat(w.tree, path.Clean(from)); fs.ValidPath(path.Clean(from)) && err == nil && info.IsDir() {
		return source, nil
	}
	where := fmt.Sprintf("the chart %s of %s, revision %s, is not in this repository", from,
		argo.Text(source, "repoURL"), cmp.Or(argo.Text(source, "targetRevision"), "HEAD"))
	if w.catalog == "" {
		return nil, problem.New("", 0, "Application %q: %s", hierarchy.NameOf(a.object), where).
			WithHint("give the chart as a directory (--chart DIR)")
	}
	s.notes = append(s.notes, fmt.Sprintf("%s: %s is rendered in its place; give that chart, if it is another one "+
		"(--chart DIR)", where, w.catalog))
	local["path"] = w.catalog
	return local, nil
}

// Package page collects what the pages of a fleet show. That is the matrix, where the labels and annotations of
// clusters come from, and which level set each value of each Application. What looks like a credential is hidden in it.
package page

import (
	"context"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A Page is what the pages of a fleet show of its clusters.
type Page struct {
	Matrix *matrix.Matrix

	// Of each cluster, in the order of the matrix: its levels, and its labels and annotations, whose paths begin with
	// labels or annotations.
	Levels   [][]fleet.ClusterLevel
	Metadata [][]hierarchy.Explanation

	Applications []Application             // by group and component
	Values       [][]hierarchy.Explanation // sets of values that Applications are given, each once
}

// An Application is one with its values.
type Application struct {
	matrix.Deployment
	Group     string
	Component string
	Cluster   string

	Values    int         // which of the sets it is given; -1 where that is not known
	Evaluated []Evaluated // what Go templates in the set are for its cluster
	Unknown   string      // why the values are not known
}

// An Evaluated is a value that is written with Go templates, as they are evaluated for a cluster.
type Evaluated struct {
	Path  []string
	Value any
}

// Of returns the page of a session. It fails as [matrix.Of] does.
func Of(ctx context.Context, s *stages.Session, o matrix.Options) (*Page, error) {
	b := newBuilder(ctx, s, o.Request)
	o.Settings, o.Application = b.seeSettings, b.see
	found, err := matrix.Of(ctx, s, o)
	if err != nil {
		return nil, err
	}
	page := &b.page
	page.Matrix = found
	for _, c := range found.Clusters {
		levels, err := b.levelsOf(c.Name)
		if err != nil {
			return nil, err
		}
		page.Levels = append(page.Levels, levels)
		page.Metadata = append(page.Metadata, hidden(c.Identity.Metadata()))
	}
	b.leaveOut()
	return page, nil
}

// leaveOut leaves out Applications that the matrix does not show.
func (b *builder) leaveOut() {
	shown := map[[3]string]bool{}
	for _, row := range b.page.Matrix.Rows {
		for i, cell := range row.Cells {
			shown[[3]string{row.Group, row.Component, b.page.Matrix.Clusters[i].Name}] = len(cell.Deployments) > 0
		}
	}
	b.page.Applications = slices.DeleteFunc(b.page.Applications, func(a Application) bool {
		return !shown[[3]string{a.Group, a.Component, a.Cluster}]
	})
	slices.SortStableFunc(b.page.Applications, func(x, y Application) int {
		if by := strings.Compare(x.Group, y.Group); by != 0 {
			return by
		}
		return strings.Compare(x.Component, y.Component)
	})
}

// levelsOf returns the levels of a cluster, with the directories of all groups.
func (b *builder) levelsOf(cluster string) ([]fleet.ClusterLevel, error) {
	if levels, known := b.levels[cluster]; known {
		return levels, nil
	}
	levels, err := b.session.Fleet().LevelsOf(b.session.Repository(), b.clusters[cluster], b.appPaths...)
	if err == nil {
		b.levels[cluster] = levels
	}
	return levels, err
}

// appPathsOf returns the app paths of a fleet that a request is made in.
func appPathsOf(f *fleet.Fleet, r render.Request) []string {
	paths := f.AppPaths()
	if r.AppPath != "" && r.AppPath != "." && !slices.Contains(paths, r.AppPath) {
		paths = append(paths, r.AppPath)
	}
	return paths
}

package manifest

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// A SourceChart is the chart of one of an Application's sources, with what the source gives it.
type SourceChart struct {
	ChartValues
	Source     int            // of the Application, counted from 0
	Own        map[string]any // valuesObject of the source
	OwnWins    bool           // it counts more than the value files
	ValueFiles []string       // in the repository, in order; they need not exist
}

// With returns a renderer of the same charts for a repository that differs in files of values only.
func (r *Renderer) With(repository fs.FS) *Renderer {
	other := *r
	other.options.Repository = repository
	return &other
}

// ChartsOf returns the charts of an Application, one for each source that Helm renders. It leaves out charts
// that are not in the cache and not to be fetched, and fails as [Renderer.Render] does for sources that cannot be had.
func (r *Renderer) ChartsOf(ctx context.Context, of application.Application) ([]SourceChart, error) {
	app, err := r.rendering(of)
	if err != nil {
		return nil, err
	}
	if _, err := app.checkReferences(); err != nil {
		return nil, inScope(err, app.scope())
	}
	var charts []SourceChart
	for i := range app.sources {
		s := &app.sources[i]
		if s.Chart == "" && (s.Path == "" || s.IsOCI() || !r.isChart(s)) {
			continue
		}
		var reads Reads
		if err := r.addReads(&reads, app, s); err != nil {
			return nil, inScope(err, s.scope())
		}
		if s.Chart == "" {
			s.fsys = r.options.Repository
		}
		prepared, err := r.prepared(ctx, s)
		if errors.Is(err, chart.ErrOffline) {
			continue
		}
		if err != nil {
			return nil, inScope(err, s.scope())
		}
		described := SourceChart{ChartValues: prepared.describe(), Source: i, OwnWins: !r.options.ValuesLowest}
		if len(reads.ValueFiles) > 0 {
			described.ValueFiles = reads.ValueFiles[0]
		}
		described.Own, _ = valueAt(s.object(), "helm", "valuesObject").(map[string]any)
		charts = append(charts, described)
	}
	return charts, nil
}

// isChart tells whether a source is a chart in a directory of the repository.
func (r *Renderer) isChart(s *source) bool {
	if r.checkRepository(s) != nil {
		return false
	}
	_, err := fs.Stat(r.options.Repository, path.Join(s.dir(), "Chart.yaml"))
	return err == nil
}

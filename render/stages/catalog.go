package stages

import (
	"context"
	"io/fs"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// catalogs returns a reader of catalogs that are charts, which has them from where the stage manifests has its charts
// from, and keeps them with these.
func (s *Session) catalogs(ctx context.Context) fleet.ChartReader {
	return func(of fleet.Chart, _ []string) (fs.FS, error) {
		files, err := s.charts.Memory().Do(of, func() (any, int, error) {
			loaded, err := s.charts.Fetch(ctx,
				chart.Reference{RepoURL: of.Repository, Name: of.Name, Version: of.Version})
			if err != nil {
				return nil, 0, err
			}
			files, err := chart.Files(loaded.Raw)
			return files, chart.Size(loaded), err
		})
		if err != nil {
			return nil, err
		}
		fsys, _ := files.(fs.FS)
		return fsys, nil
	}
}

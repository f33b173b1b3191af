package stages

import (
	"context"
	"io/fs"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// catalogs returns a reader of catalogs that are charts, which has them from where the stage manifests has its charts from.
// Each is read once.
func (s *Session) catalogs(ctx context.Context) fleet.ChartReader {
	var mu sync.Mutex
	read := map[fleet.Chart]fs.FS{}
	return func(of fleet.Chart, _ []string) (fs.FS, error) {
		mu.Lock()
		defer mu.Unlock()
		if fsys := read[of]; fsys != nil {
			return fsys, nil
		}
		loaded, err := s.charts.Fetch(ctx, chart.Reference{RepoURL: of.Repository, Name: of.Name, Version: of.Version})
		if err != nil {
			return nil, err
		}
		read[of], err = chart.Files(loaded.Raw)
		return read[of], err
	}
}

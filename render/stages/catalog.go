package stages

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"sync"

	helmchart "helm.sh/helm/v3/pkg/chart"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// ReadChart returns a reader of catalogs that are charts, which has them from where the stage manifests has its charts
// from. Each is read once.
func (c Config) ReadChart(ctx context.Context, charts render.Charts) hierarchy.ChartReader {
	var mu sync.Mutex
	read := map[hierarchy.Chart]fs.FS{}
	return func(of hierarchy.Chart, allowed []string) (fs.FS, error) {
		mu.Lock()
		defer mu.Unlock()
		if fsys := read[of]; fsys != nil {
			return fsys, nil
		}
		cache := c.chartCache(charts, allowed)
		loaded, err := cache.Fetch(ctx, chart.Reference{RepoURL: of.Repository, Name: of.Name, Version: of.Version})
		if err != nil {
			return nil, err
		}
		read[of], err = filesOf(loaded)
		return read[of], err
	}
}

// filesOf returns the files of a chart as a file system.
func filesOf(c *helmchart.Chart) (fs.FS, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, file := range c.Raw {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: file.Name, Method: zip.Store})
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(file.Data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
}

package manifest

import (
	"context"
	"path"
	"sync"

	helmchart "helm.sh/helm/v3/pkg/chart"

	"github.com/eks-fleet-management/fleet-cmp/render/chart"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest/helm"
)

// maxCharts is how many prepared charts are kept: more than the addons of a fleet, and a bound for fleets that have a
// chart per cluster.
const maxCharts = 128

// A chartCache keeps prepared charts.
type chartCache struct {
	mu     sync.Mutex
	charts map[chartKey]*preparedChart
}

// A chartKey is the reference of a chart, or its folder in the repository, or in the artifact that is referred to.
type chartKey struct {
	reference chart.Reference
	folder    string
}

// A preparedChart is loaded once, by the first who asks.
type preparedChart struct {
	mu    sync.Mutex
	files []*helmchart.File // as in the archive, with Chart.yaml and values files
	name  string
	helm  *helm.Chart
}

// values returns the chart's own file of values.
func (p *preparedChart) values() []helm.File {
	for _, file := range p.files {
		if file.Name == "values.yaml" {
			return []helm.File{{Name: path.Join(p.name, file.Name), Data: file.Data}}
		}
	}
	return nil
}

func (c *chartCache) entry(key chartKey) *preparedChart {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p, ok := c.charts[key]; ok {
		return p
	}
	if len(c.charts) >= maxCharts || c.charts == nil {
		c.charts = map[chartKey]*preparedChart{}
	}
	p := &preparedChart{}
	c.charts[key] = p
	return p
}

// prepared returns the chart of a source. Failures are not kept: who loads charts knows which of them last.
func (r *Renderer) prepared(ctx context.Context, s *source) (*preparedChart, error) {
	key := chartKey{folder: s.folder()}
	switch {
	case s.Chart != "":
		key = chartKey{reference: chart.ReferenceOf(&s.ApplicationSource)}
	case s.IsOCI():
		key.reference = chart.ReferenceOf(&s.ApplicationSource)
	}
	p := r.charts.entry(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.helm != nil {
		return p, nil
	}
	var loaded *helmchart.Chart
	var err error
	if s.Chart != "" {
		loaded, err = r.options.Charts.Fetch(ctx, key.reference)
	} else {
		loaded, err = r.options.Charts.Folder(ctx, s.fsys, s.folder())
	}
	if err != nil {
		return nil, err
	}
	prepared, err := helm.New(loaded, r.options.Version.Helm)
	if err != nil {
		return nil, err
	}
	p.helm, p.files, p.name = prepared, loaded.Raw, loaded.Name()
	return p, nil
}

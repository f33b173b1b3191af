package manifest

import (
	"context"
	"path"
	"sync"

	helmchart "helm.sh/helm/v3/pkg/chart"

	"github.com/eks-fleet-management/fleet-cmp/render/chart"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest/helm"
)

// A chartKey is the reference of a chart, or its directory in the repository, or in the artifact that is referred to;
// for a version of Helm.
type chartKey struct {
	reference chart.Reference
	dir       string
	version   string
}

// A preparedChart can be rendered any number of times.
type preparedChart struct {
	files []*helmchart.File // as in the archive, with Chart.yaml and values files
	name  string
	helm  *helm.Chart

	describe func() ChartValues // what it says of its values, found out once
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

// prepared returns the chart of a source. Failures are not kept: who loads charts knows which of them last.
func (r *Renderer) prepared(ctx context.Context, s *source) (*preparedChart, error) {
	key := chartKey{dir: s.dir(), version: r.options.Version.Helm}
	switch {
	case s.Chart != "":
		key.dir, key.reference = "", chart.ReferenceOf(&s.ApplicationSource)
	case s.IsOCI():
		key.reference = chart.ReferenceOf(&s.ApplicationSource)
	}
	kept, err := r.options.Memory.Do(key, func() (any, int, error) {
		loaded, err := r.load(ctx, s, key.reference)
		if err != nil {
			return nil, 0, err
		}
		prepared, err := helm.New(loaded, key.version)
		p := &preparedChart{files: loaded.Raw, name: loaded.Name(), helm: prepared}
		p.describe = sync.OnceValue(func() ChartValues { return *describeValues(loaded, nil) })
		return p, chart.Size(loaded), err
	})
	if err != nil {
		return nil, err
	}
	prepared, _ := kept.(*preparedChart)
	return prepared, nil
}

// load returns the chart of a source as it is.
func (r *Renderer) load(ctx context.Context, s *source, reference chart.Reference) (*helmchart.Chart, error) {
	if s.Chart != "" {
		return r.options.Charts.Fetch(ctx, reference)
	}
	return r.options.Charts.Directory(ctx, s.fsys, s.dir())
}

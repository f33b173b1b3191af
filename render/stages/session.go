package stages

import (
	"context"
	"io/fs"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// A Config is what rendering needs of the machine.
type Config struct {
	RepositoryConfig string // Helm's repositories.yaml, for credentials
	RegistryConfig   string // Helm's registry/config.json, for credentials
}

// Charts says where Helm charts come from.
type Charts struct {
	CacheDir string // directory of fetched charts
	Offline  bool   // only charts that are there already
}

// A Session is a [render.Session] with the later stages as its methods, and with the charts that these need.
type Session struct {
	*render.Session
	tree   fs.FS
	charts *chart.Cache // and artifacts
}

// Open opens a session on a repository, as [render.Open] does. Catalogs that are charts come from where all other
// charts come from, for which the context is that of the fetching.
func (c Config) Open(ctx context.Context, tree fs.FS, o render.Options, charts Charts) (*Session, error) {
	s := &Session{tree: tree}
	o.ReadChart = s.catalogs(ctx)
	var err error
	if s.Session, err = render.Open(tree, o); err != nil {
		return nil, err
	}
	if tree != nil {
		s.tree = o.Note.FS(tree, ".")
	}
	options := chart.Options{
		Dir: charts.CacheDir, Offline: charts.Offline,
		RepositoryConfig: c.RepositoryConfig, RegistryConfig: c.RegistryConfig,
	}
	if tree != nil {
		options.Allowed = s.Fleet().ChartRepositories
	}
	s.charts = chart.New(options)
	return s, nil
}

// ListCharts returns which versions there are of charts and artifacts, as [chart.Cache.List] does.
func (s *Session) ListCharts(ctx context.Context, all []chart.Reference, w chart.Wanted) []chart.Listing {
	return s.charts.List(ctx, all, w)
}

package manifest

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// A SourceChart is the chart of one of an Application's sources, with what the source gives it.
type SourceChart struct {
	Source     int            // of the Application, counted from 0
	Own        map[string]any // valuesObject of the source
	Name       string
	ValueFiles []string       // in the repository, in order; they need not exist
	Values     map[string]any // of the chart's own values.yaml
	Schema     map[string]any // values.schema.json; nil if there is none
	Subcharts  []string       // names and aliases, whose keys are values of their own
	text       string         // of all templates
}

// Names tells whether a template of the chart names a key: as .Values.KEY, or .KEY below another, or in quotes.
func (c *SourceChart) Names(path ...string) bool {
	key := regexp.QuoteMeta(path[len(path)-1])
	before := `\.`
	if len(path) == 1 {
		before = `Values\.`
	}
	is, err := regexp.MatchString(before+key+`($|[^A-Za-z0-9_-])|["`+"`"+`]`+key+`["`+"`"+`.]`, c.text)
	return is || err != nil
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
	app, err := newRendering(of)
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
		described := prepared.describe()
		described.Source = i
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

// description returns what a chart says of its values.
func (p *preparedChart) description() SourceChart {
	described := SourceChart{Name: p.name}
	var text strings.Builder
	for _, file := range p.files {
		switch {
		case file.Name == "values.yaml":
			if d, err := hierarchy.ParseDocument(file.Name, file.Data); err == nil {
				described.Values = d.Values
			}
		case file.Name == "values.schema.json":
			if safeyaml.CheckJSON(file.Data, file.Name) == nil {
				_ = json.Unmarshal(file.Data, &described.Schema)
			}
		case file.Name == "Chart.yaml":
			described.Subcharts = subcharts(file.Data)
		case strings.HasPrefix(file.Name, "charts/"):
			name, _, _ := strings.Cut(strings.TrimPrefix(file.Name, "charts/"), "/")
			described.Subcharts = append(described.Subcharts, name)
		case strings.HasPrefix(file.Name, "templates/"):
			text.Write(file.Data)
			text.WriteByte('\n')
		}
	}
	described.text = text.String()
	return described
}

// subcharts returns the names and aliases of the dependencies in a Chart.yaml.
func subcharts(data []byte) []string {
	d, err := hierarchy.ParseDocument("Chart.yaml", data)
	if err != nil {
		return nil
	}
	var names []string
	list, _ := d.Values["dependencies"].([]any)
	for _, item := range list {
		dependency, _ := item.(map[string]any)
		for _, key := range []string{"name", "alias"} {
			if name, _ := dependency[key].(string); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

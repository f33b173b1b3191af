package helm

import (
	"reflect"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// ChartValues are the values.yaml of a chart, or of one of its subcharts.
type ChartValues struct {
	Keys []string // where they stand among the values of the chart: the names or aliases of the subcharts around them
	File File     // by its path in the chart
}

// Parameters returns what parameters and file parameters set of the values that are laid over a chart's: those that are
// not the same without them. It fails as [Chart.Render] does for values, with a version of Helm.
func Parameters(o Options, version string) (map[string]any, error) {
	if len(o.Parameters) == 0 && len(o.FileParameters) == 0 {
		return nil, nil
	}
	e, err := newEngine(&chart.Chart{}, version)
	if err != nil {
		return nil, err
	}
	before, err := o.withoutParameters(&Chart{version: version, engine: e})
	if err != nil {
		return nil, err
	}
	after := deepCopyMap(before)
	if err := o.setParameters(after); err != nil {
		return nil, err
	}
	return changed(before, after), nil
}

// ReadValues returns the values in a file, as a version of Helm reads them. It fails for a version that is not linked,
// and for what that version does not read.
func ReadValues(data []byte, version string) (map[string]any, error) {
	e, err := newEngine(&chart.Chart{}, version)
	if err != nil {
		return nil, err
	}
	return e.read(data)
}

// changed returns the values that others do not have, or have otherwise.
func changed(before, after map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range after {
		was, there := before[key]
		child, isMap := value.(map[string]any)
		wasMap, wasIsMap := was.(map[string]any)
		switch {
		case there && reflect.DeepEqual(was, value):
		case isMap && wasIsMap:
			out[key] = changed(wasMap, child)
		default:
			out[key] = value
		}
	}
	return out
}

// Defaults returns the values.yaml of the subcharts that take part in a render, and of the chart itself, lowest first.
// It returns also the values as templates see them, and fails as [Chart.Render] does for values.
func (c *Chart) Defaults(o Options) ([]ChartValues, map[string]any, error) {
	values, err := o.values(c)
	if err != nil {
		return nil, nil, err
	}
	p, err := c.engine.prepare(values, o)
	if err != nil {
		return nil, nil, err
	}
	return defaultsOf(p.tree, nil, ""), p.values, nil
}

func defaultsOf(t *tree, keys []string, directory string) []ChartValues {
	var all []ChartValues
	for _, child := range t.subcharts {
		all = append(all, defaultsOf(child, append(slices.Clip(keys), child.name),
			directory+"charts/"+nameOf(child)+"/")...)
	}
	for _, file := range t.loaded.Raw {
		if file.Name == "values.yaml" {
			all = append(all, ChartValues{Keys: keys, File: File{Name: directory + file.Name, Data: file.Data}})
		}
	}
	return all
}

// nameOf returns the name that a chart has in its own Chart.yaml, whatever alias it goes by.
func nameOf(t *tree) string {
	for _, file := range t.loaded.Raw {
		if file.Name == "Chart.yaml" {
			if d, err := hierarchy.ParseDocument(file.Name, file.Data); err == nil {
				if name, _ := d.Values["name"].(string); name != "" && !strings.Contains(name, "/") {
					return name
				}
			}
		}
	}
	return t.name
}

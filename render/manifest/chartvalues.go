package manifest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	helmchart "helm.sh/helm/v3/pkg/chart"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// ChartValues are what a chart says of its values.
type ChartValues struct {
	Name, Version string
	Values        map[string]any          // of its own values.yaml
	Schema        map[string]any          // values.schema.json; nil if there is none
	Subcharts     map[string]*ChartValues // by the keys of their values; nil for one that is not there
	Tagged        bool                    // tags switch dependencies on and off

	named *namedKeys
}

// Names tells whether a template of the chart, of its subcharts or of the chart that it is in names a key: as
// .Values.KEY, or .KEY below another, or in quotes.
func (c *ChartValues) Names(path ...string) bool {
	key := path[len(path)-1]
	return c.named.quoted[key] || (len(path) > 1 || c.named.whole) && c.named.fields[key] ||
		len(path) == 1 && c.named.values[key]
}

// Fields returns all names that the templates have behind a dot, sorted.
func (c *ChartValues) Fields() []string { return slices.Sorted(maps.Keys(c.named.fields)) }

// describeValues returns what a chart says of its values. A template of the chart that it is in may read them, too.
func describeValues(c *helmchart.Chart, within *namedKeys) *ChartValues {
	d := &ChartValues{Name: c.Name(), Version: c.Metadata.Version, Subcharts: map[string]*ChartValues{},
		named: newNamedKeys()}
	for _, file := range c.Raw {
		switch file.Name {
		case "values.yaml":
			if document, err := hierarchy.ParseDocument(file.Name, file.Data); err == nil {
				d.Values = document.Values
			}
		case "values.schema.json":
			if safeyaml.CheckJSON(file.Data, file.Name) == nil {
				_ = json.Unmarshal(file.Data, &d.Schema)
			}
		}
	}
	d.named.addChart(c)
	if within != nil {
		d.named.join(within)
	}
	for _, dependency := range c.Metadata.Dependencies {
		if dependency == nil {
			continue
		}
		for condition := range strings.SplitSeq(dependency.Condition, ",") {
			d.named.add(".Values." + strings.TrimSpace(condition))
		}
		d.Tagged = d.Tagged || len(dependency.Tags) > 0
	}
	for _, dependency := range c.Metadata.Dependencies {
		if dependency != nil {
			d.addSubchart(c, dependency.Name, dependency.Name)
			if dependency.Alias != "" {
				d.addSubchart(c, dependency.Alias, dependency.Name)
			}
		}
	}
	for _, child := range c.Dependencies() {
		if _, known := d.Subcharts[child.Name()]; !known {
			d.addSubchart(c, child.Name(), child.Name())
		}
	}
	return d
}

// addSubchart describes a subchart. What a library knows, the chart that uses it knows as well.
func (c *ChartValues) addSubchart(of *helmchart.Chart, key, name string) {
	c.Subcharts[key] = nil
	for _, child := range of.Dependencies() {
		if child.Name() != name {
			continue
		}
		described := describeValues(child, c.named)
		c.Subcharts[key] = described
		if child.Metadata.Type == "library" {
			values := maps.Clone(described.Values)
			maps.Copy(values, c.Values)
			c.Values = values
		}
	}
}

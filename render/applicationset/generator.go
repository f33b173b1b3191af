package applicationset

import (
	"maps"

	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// An Object is a Kubernetes object as data.
type Object = map[string]any

// generators returns the generators of the ApplicationSet (docs/rules/generators.md).
func (c *component) generators(s *settings) []any {
	clusters := Object{"selector": c.clusterSelector(s)}
	if values := c.generatorValues(); len(values) > 0 {
		clusters["values"] = toAny(values)
	}
	plain := Object{"clusters": clusters}
	switch {
	case c.gitMatrix:
		git := withoutEmpty(Object{"repoURL": s.repoURL, "revision": s.revision,
			"files": []any{Object{"path": c.matrixPath}}})
		return []any{Object{"matrix": Object{"generators": []any{plain, Object{"git": git}}}}}
	case len(c.environments) > 0:
		all := []any{plain}
		for _, e := range c.environments {
			clusters := Object{"selector": Object{"matchLabels": toAny(e.selector)}}
			if e.version != "" {
				clusters["values"] = Object{"addonChartVersion": e.version}
			}
			all = append(all, Object{"clusters": clusters})
		}
		return []any{Object{"merge": Object{"mergeKeys": []any{"server"}, "generators": all}}}
	}
	return []any{plain}
}

// clusterSelector returns the label selector of the clusters. Of one label in several places the most specific counts:
// releases, globalSelectors, selectorMatchLabels, the selector's own matchLabels, from the least to the most.
func (c *component) clusterSelector(s *settings) Object {
	matchLabels := Object{}
	if s.useVersionSelectors && !c.gitMatrix {
		maps.Copy(matchLabels, toAny(s.releases))
	}
	matchLabels[wellknown.LabelSecretType] = "cluster"
	maps.Copy(matchLabels, toAny(s.globalSelectors))
	maps.Copy(matchLabels, toAny(c.selectorMatchLabels))
	selector := Object{}
	if s.useSelectors {
		maps.Copy(selector, c.selector)
		maps.Copy(matchLabels, toAny(c.selectorLabels))
	}
	selector["matchLabels"] = matchLabels
	return selector
}

// generatorValues returns what the template finds under .values.
func (c *component) generatorValues() map[string]string {
	switch {
	case c.gitMatrix:
		return map[string]string{"chart": c.chartName}
	case c.resourceGroup:
		return nil
	}
	values := map[string]string{
		"addonChart":                    c.chartName,
		"addonChartVersion":             c.version,
		"addonChartRepository":          c.chartRepository,
		"addonChartRepositoryNamespace": c.chartNamespace,
		"chart":                         c.chartName,
	}
	if c.chartNamespace != "" {
		values["chart"] = c.chartNamespace + "/" + c.chartName
	}
	maps.DeleteFunc(values, func(_, value string) bool { return value == "" })
	return values
}

func toAny(m map[string]string) Object {
	out := make(Object, len(m))
	for key, value := range m {
		out[key] = value
	}
	return out
}

// withoutEmpty removes the keys whose value is an empty text, list or map, and returns the object.
func withoutEmpty(o Object) Object {
	maps.DeleteFunc(o, func(_ string, value any) bool {
		switch value := value.(type) {
		case string:
			return value == ""
		case []any:
			return len(value) == 0
		case map[string]any:
			return len(value) == 0
		}
		return value == nil
	})
	return o
}

package applicationset

import (
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// misnamed returns a finding about a component of a component file of which the levels speak by another name, if that
// is the one which the component has elsewhere: in its label, its chart or its path.
func (f *findings) misnamed(inLevels string) *problem.Problem {
	described := slices.DeleteFunc(Components(f.values), func(key string) bool { return !f.inCatalog(key) })
	key := problem.Likely(inLevels, described)
	m := fields.AsMap(f.values.Map()[key])
	names := fields.SortedKeys(fields.AsMap(m["selectorMatchLabels"]))
	selector := fields.AsMap(m["selector"])
	names = append(names, fields.SortedKeys(fields.AsMap(selector["matchLabels"]))...)
	expressions, _ := selector["matchExpressions"].([]any)
	for _, expression := range expressions {
		name, _ := fields.Text(fields.AsMap(expression)["key"])
		names = append(names, name)
	}
	for _, field := range []string{"path", "chartName", "releaseName"} {
		name, _ := fields.Text(m[field])
		names = append(names, path.Base(name))
	}
	if key == "" || normalize(key) == normalize(inLevels) || !slices.ContainsFunc(names, func(name string) bool {
		return normalize(strings.TrimPrefix(name, "enable_")) == normalize(inLevels)
	}) {
		return nil
	}
	file, line := f.values.Locate(inLevels)
	for _, o := range f.values.Origins(key) {
		if o.Source == hierarchy.SourceCatalog {
			return problem.New(o.File, o.Line, "component %q has another name in %s: %s", key,
				problem.Place(file, line), inLevels).WithHint("did you mean %s?", inLevels).
				WithRule(problem.RuleUnknownComponent, file)
		}
	}
	return nil
}

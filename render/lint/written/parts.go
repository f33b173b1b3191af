package written

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// ChartPlaces are where the values of a chart can be, below its directory in a level.
type ChartPlaces struct {
	files, parts []string
}

// ChartsOf returns the places of the charts of all components of a group, also of those that are off, by the name of
// their directory.
func ChartsOf(values *hierarchy.Values) map[string]*ChartPlaces {
	charts := map[string]*ChartPlaces{}
	setting, _ := values.Settings()[wellknown.SettingValuesFileName].(string)
	for key, value := range values.Map() {
		component, _ := value.(map[string]any)
		name, _ := component["chartName"].(string)
		name = cmp.Or(name, nameOfKey(key))
		if charts[name] == nil {
			charts[name] = &ChartPlaces{[]string{cmp.Or(setting, "values.yaml")},
				[]string{"pod-identity", "crds", "manifests"}}
		}
		p := charts[name]
		if file, _ := component["valuesFileName"].(string); file != "" {
			p.files = append(p.files, file)
		}
		if part, _ := ValueAt(component, []string{"additionalResources", "type"}).(string); part != "" {
			p.parts = append(p.parts, part)
		}
	}
	return charts
}

// Near returns what a path below the directory of a chart was probably meant to be; "" if it is right, or nothing like
// it is read.
func (p *ChartPlaces) Near(name string) string {
	directory, file := path.Split(name)
	part, rest, _ := strings.Cut(strings.TrimSuffix(directory, "/"), "/")
	if rest != "" {
		return ""
	}
	if part != "" && !slices.Contains(p.parts, part) {
		if near := problem.LikelySlip(part, p.parts); near != "" {
			return path.Join(near, file)
		}
		return ""
	}
	if slices.Contains(p.files, file) {
		return ""
	}
	near := problem.Likely(file, p.files)
	stem := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(file), ".yml"), ".yaml")
	isCopy := strings.HasPrefix(stem, "values-") || strings.HasPrefix(stem, "values_") || stem == "values"
	if near == "" && isCopy && !strings.EqualFold(stem, file) {
		near = p.files[0]
	}
	if near == "" {
		return ""
	}
	return path.Join(part, near)
}

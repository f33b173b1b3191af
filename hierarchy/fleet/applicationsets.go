package fleet

import (
	"maps"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// readApplicationSets reads the key applicationSets of a group: what it says of components, which the chart
// fleet-management put over all value files. A null switches a component off. It fails for what is no component.
func readApplicationSets(d *hierarchy.Document, of *fields.Reader, group string) (map[string]any, error) {
	m := of.Map("applicationSets")
	r := d.Reader(m, "applicationSets of group "+group, "spec", "groups", group, "applicationSets")
	for _, name := range slices.Sorted(maps.Keys(m)) {
		value := m[name]
		switch _, isMap := value.(map[string]any); {
		case wellknown.IsSetting(name):
			return nil, r.Problem(name, "%s is a setting of the group, and no component", name).
				WithHint("write it beside applicationSets")
		case !isMap && value != nil:
			return nil, r.Problem(name, "component %q must be a map, not %s", name, fields.TypeName(value)).
				WithHint("write %s: {enabled: false} to switch it off", name)
		}
	}
	return m, of.Err()
}

package applicationset

import (
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/address"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// checkSettings fails if a setting holds the credential of an address: everybody who may read ApplicationSets would see
// it. Helm's values are what the user says, and stay.
func checkSettings(values *hierarchy.Values) error {
	path := address.Find(values.Map(), func(path []string) bool {
		return len(path) == 1 && (!wellknown.IsSetting(path[0]) || path[0] == wellknown.SettingGlobal ||
			path[0] == wellknown.SettingGlobalValuesObject)
	})
	if path == nil {
		return nil
	}
	file, line := values.Locate(path...)
	return problem.New(file, line, "the setting %s %w", hierarchy.Key(path), address.ErrCredential)
}

// checkCredentials fails if a key of the component holds the credential of an address, as checkSettings does.
func (c *component) checkCredentials(values *hierarchy.Values) error {
	path := address.Find(values.Map()[c.key], isHelm)
	if path == nil {
		return nil
	}
	file, line := values.Locate(append([]string{c.key}, path...)...)
	return problem.New(file, line, "%s: %s %w", c.title(), hierarchy.Key(path), address.ErrCredential)
}

// isHelm tells whether a path in a component is that of Helm's values.
func isHelm(path []string) bool {
	return slices.Equal(path, []string{"valuesObject"}) ||
		slices.Equal(path, []string{"additionalResources", "helm", "valuesObject"})
}

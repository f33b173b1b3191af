package bootstrap

import (
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

// OptionsOf returns the options that fleet.yaml says: spec.bootstrap, and the key bootstrap of each group.
func OptionsOf(f *fleet.Fleet) Options {
	options := Options{
		Namespace: f.Bootstrap.Namespace, SpokeNamespace: f.Bootstrap.SpokeNamespace,
		All: groupOptions(f.Bootstrap), Groups: map[string]GroupOptions{},
	}
	for name, group := range f.Groups {
		options.Groups[name] = groupOptions(group.Bootstrap)
	}
	return options
}

func groupOptions(b fleet.Bootstrap) GroupOptions {
	return GroupOptions{Enabled: b.Enabled, Project: b.Project, SyncPolicy: b.SyncPolicy, SyncLine: b.SyncLine,
		Selectors:  b.Selectors,
		AllowEmpty: b.AllowEmpty != ""}
}

package fleet

import (
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/levelpath"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// levelTenants is the level that does not apply to a tenant whose directory lies beside `tenants/`.
const levelTenants = "tenants"

// defaultFleet is what applies without a fleet.yaml, and to what one leaves out.
func defaultFleet() *Fleet {
	return &Fleet{
		templates: &levelpath.Templates{},
		FileSize:  hierarchy.MaxFileSize,
		Catalog:   Chart{Path: "charts/application-sets"},
		Members:   "fleet/fleet-bootstrap/fleet-members",
		Releases:  "fleet/bootstrap/versions/applicationSets.yaml",
		Levels: []Level{
			{Name: "system", Paths: []string{"bootstrap/defaults", "bootstrap/default", "defaults"}},
			{Name: levelTenants, Paths: []string{"tenants/defaults"}},
			{Name: "tenant", Paths: []string{"tenants/{{.tenant}}/defaults"}},
			{Name: "environment", Paths: []string{
				"tenants/{{.tenant}}/environments/{{.environment}}/defaults",
				"tenants/{{.tenant}}/environments/{{.environment}}",
			}},
			{Name: "cluster", Paths: []string{
				"tenants/{{.tenant}}/environments/{{.environment}}/clusters/{{.name}}",
				"tenants/{{.tenant}}/clusters/{{.name}}",
			}},
		},
		Groups: map[string]*Group{
			wellknown.GroupAddons:     onHub(wellknown.GroupAddons, "addons", "addons", "ack"),
			wellknown.GroupMonitoring: everywhere(wellknown.GroupMonitoring, "addons", "monitoring"),
			wellknown.GroupResources:  onHub(wellknown.GroupResources, "resources", "resources"),
			wellknown.GroupFleet:      onSpokes(wellknown.GroupFleet, "addons", "fleetBootstrap"),
		},
	}
}

// onHub, onSpokes and everywhere return a group of the default fleet, for the hub, for the spokes with an Argo CD of
// their own, and for the clusters that each component selects.

func onHub(name, appPath string, components ...string) *Group {
	return &Group{Name: name, Path: appPath, Components: components, Settings: map[string]any{
		wellknown.SettingUseSelectors:    false,
		wellknown.SettingGlobalSelectors: map[string]any{wellknown.LabelFleetMember: wellknown.FleetMemberHub},
	}}
}

func onSpokes(name, appPath string, components ...string) *Group {
	return &Group{Name: name, Path: appPath, Components: components, Settings: map[string]any{
		wellknown.SettingUseSelectors: false,
		wellknown.SettingGlobalSelectors: map[string]any{
			wellknown.LabelFleetMember: wellknown.FleetMemberSpoke,
			wellknown.LabelRemoteArgo:  "true",
		},
	}}
}

func everywhere(name, appPath string, components ...string) *Group {
	settings := map[string]any{wellknown.SettingUseSelectors: true}
	return &Group{Name: name, Path: appPath, Components: components, Settings: settings}
}

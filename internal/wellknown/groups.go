package wellknown

// Groups that a fleet has unless fleet.yaml says otherwise.
const (
	GroupAddons     = "addons"
	GroupMonitoring = "monitoring"
	GroupResources  = "resources"
	// GroupFleet installs Argo CD and External Secrets on spokes. It is always the hub's.
	GroupFleet = "fleet"
)

// Repositories returns the names of the repositories of a fleet, for [RepositoryAnnotation].
func Repositories() []string { return []string{GroupAddons, GroupResources, GroupFleet} }

package wellknown

// Labels that have a meaning of their own.
const (
	LabelTenant      = "tenant"
	LabelEnvironment = "environment"
	// LabelFleetMember says what a cluster is in the fleet: FleetMemberSpoke, which each member is, or FleetMemberHub.
	LabelFleetMember = "fleet_member"
	FleetMemberSpoke = "spoke"
	FleetMemberHub   = "hub-cluster"
	// LabelSecretType with the value "cluster" marks the Secrets that are Argo CD clusters; each cluster has it.
	LabelSecretType = "argocd.argoproj.io/secret-type"
	// LabelManagedBy says of an object what made it.
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// LabelKubernetesVersion says which Kubernetes a cluster runs. Argo CD sets it on cluster Secrets with the label
	// argocd.argoproj.io/auto-label-cluster-info.
	LabelKubernetesVersion = "argocd.argoproj.io/kubernetes-version"
)

// Labels of a spoke with the value "true" where it has an Argo CD of its own, where that deploys the addons or the
// resources, and where it has External Secrets.
const (
	LabelRemoteArgo      = "use_remote_argo"
	LabelRemoteAddons    = "enable_remote_addons"
	LabelRemoteResources = "enable_remote_resources"
	LabelExternalSecrets = "use_external_secrets"
)

// LabelGithubSecret with the value "true" asks for credentials for the repositories of a spoke with an Argo CD of its
// own. The key githubSecret of a member becomes it.
const LabelGithubSecret = "use_github_secret"

// RemoteLabel returns the name of the label that says of a spoke whether its own Argo CD deploys a group: one for
// resources, another for every other group.
func RemoteLabel(group string) string {
	if group == GroupResources {
		return LabelRemoteResources
	}
	return LabelRemoteAddons
}

// ReleaseLabel returns the name of the label with which a cluster chooses its release of a group: addonsRelease.
func ReleaseLabel(group string) string { return group + "Release" }

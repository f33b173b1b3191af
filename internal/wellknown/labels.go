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
)

// AnnotationLastApplied is where `kubectl apply` keeps the whole object: of a cluster Secret, with the credentials in
// it.
const AnnotationLastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// AnnotationSecretName is the annotation that the key secretManagerSecretName of a member becomes.
const AnnotationSecretName = "secret_manager_secret_name"

// ReleaseLabel returns the name of the label with which a cluster chooses its release of a group: addonsRelease.
func ReleaseLabel(group string) string { return group + "Release" }

// LabelKubernetesVersion says which Kubernetes a cluster runs. Argo CD sets it on cluster Secrets with the label
// argocd.argoproj.io/auto-label-cluster-info.
const LabelKubernetesVersion = "argocd.argoproj.io/kubernetes-version"

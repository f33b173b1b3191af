package wellknown

// Annotations that have a meaning of their own.
const (
	// AnnotationLastApplied is where `kubectl apply` keeps the whole object: of a cluster Secret, with the credentials
	// in it.
	AnnotationLastApplied = "kubectl.kubernetes.io/last-applied-configuration"
	// AnnotationSecretName is what the key secretManagerSecretName of a member becomes.
	AnnotationSecretName = "secret_manager_secret_name"
	// AnnotationRegion is the AWS region of a cluster.
	AnnotationRegion = "aws_region"
	// AnnotationCentralRegion is the AWS region of the central account, which keeps the credentials for Git.
	AnnotationCentralRegion = "aws_central_region"
	// AnnotationCentralRole is the ARN of the role with which a cluster of another account reads those.
	AnnotationCentralRole = "external_secrets_cross_account_role"
	// AnnotationGeneratePaths lists the directories of a repository that an Application depends on.
	AnnotationGeneratePaths = "argocd.argoproj.io/manifest-generate-paths"
)

// ResourcesFinalizer is the finalizer with which an Application deletes its objects; the names of others begin with it.
const ResourcesFinalizer = "resources-finalizer.argocd.argoproj.io"

// RepositoryAnnotation returns the name of the annotation that says where a repository of the fleet is: its part, as
// url, revision, basepath or path, of the repository that is called addons, resources or fleet.
func RepositoryAnnotation(repository, part string) string { return repository + "_repo_" + part }

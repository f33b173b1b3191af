// Package manifest renders the sources of an Argo CD Application to Kubernetes objects, as argocd-repo-server does
// (reposerver/repository.GenerateManifest). Where Argo CD 2.14 and 3.5 differ it follows 3.5. Value files may be globs,
// a value file that is named twice counts where it stands first, and a single entry of spec.sources may be referred to.
//
//	Application -> its sources -> kind of each (Helm, Kustomize, directory, plugin) -> objects -> checked together
//
// Every Git source is taken from the one checkout that is given, whatever its revision. What a commit's hash would be
// in (ARGOCD_APP_REVISION) is the target revision. Tracking labels and annotations are not added: repo-server adds them
// on behalf of the controller, whose settings they depend on. A source with an address of oci:// is a directory of an
// artifact, as if that were another repository.
package manifest

// Package directory reads the plain manifests of a directory, as Argo CD does for sources that are neither Helm nor
// Kustomize.
package directory

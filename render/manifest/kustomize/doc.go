// Package kustomize builds Kustomize directories of a repository to objects, as Argo CD does with `kustomize edit` and
// `kustomize build`, and lays the overlays of the fleet's levels over the objects of a chart.
//
// Kustomize can clone repositories, download files, run Helm, plugins and containers, and read anything that a link
// leads to. Nothing of this happens here: all that a kustomization can reach is looked at before Kustomize starts
// (check.go, plugin.go). Kustomize sees the repository only through a read-only file system over an fs.FS (tree.go),
// and changes exist only in memory.
package kustomize

// Package wellknown has the names that fleets, Argo CD and Kubernetes agree on: labels, annotations, and the keys of a
// group's settings.
package wellknown

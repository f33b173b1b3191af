// Package stages renders the stages after applicationsets: ApplicationSets to Applications (package application), and
// these to objects (package manifest). It links Argo CD, Helm and Kustomize, so that only cmp-stages imports it.
//
//	for each Argo CD of the fleet: ApplicationSets -> for each of these: Applications -> for each of these: objects
//
// The results come one by one, in this order, so that memory does not grow with the fleet.
package stages

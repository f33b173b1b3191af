// Package hierarchy knows the fleet: its clusters, and which values files apply to a cluster, in which order, and what
// they merge to.
//
// It reads fleet.yaml (or takes the defaults without one), the members and clusters, the five levels of the hierarchy
// (system, tenants, tenant, environment, cluster), the catalog and the releases, all through an fs.FS whose root is the
// repository, so that nothing outside of it can be read. What merging means is said at the top of merge.go.
package hierarchy

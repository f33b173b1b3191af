// Package outdated says of each component and release of a fleet which version is in use, which newer ones its
// repository has, and what these say of themselves. The model is data alone.
package outdated

import (
	"time"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A Report has the versions of a fleet.
type Report struct {
	Rows     []Row           `json:"rows"` // by group, component, chart, release and version
	Failures render.Failures `json:"-"`    // why something is not known, each once

	// Findings are what rendering found, as [matrix.Matrix] has them.
	Findings []*problem.Problem `json:"-"`
}

// A Status is what is known of a version.
type Status string

// The statuses.
const (
	Current      Status = "current"       // there is no newer version
	Outdated     Status = "outdated"      // there is a newer one
	NotVersioned Status = "not-versioned" // it is a directory, or a revision that is no version
	NotDeployed  Status = "not-deployed"  // no cluster has the component
	Unknown      Status = "unknown"       // something failed
)

// A Row is a version of a chart that clusters have of a component, on a release.
type Row struct {
	Group      string `json:"group"`
	Component  string `json:"component"`
	Release    string `json:"release,omitempty"` // of the group; "" if that has none
	Chart      string `json:"chart,omitempty"`
	Additional bool   `json:"additional,omitempty"` // the chart is not the component's own, but one besides
	Repository string `json:"repository,omitempty"`
	Version    string `json:"version,omitempty"` // as Applications have it: a version, a range, or a revision
	Status     Status `json:"status"`
	Reason     string `json:"reason,omitempty"` // of the status, or what is remarkable, as one line

	InUse   *Version `json:"inUse,omitempty"`         // what the version stands for
	InMajor *Version `json:"newestInMajor,omitempty"` // the newest one of the same major version
	Newest  *Version `json:"newest,omitempty"`        // the newest one of all
	// Usable is the newest one that all the clusters can have, of the same major version or else of all. It is there
	// if InMajor or Newest is not for all of them; nil if there is none.
	Usable *Version `json:"newestUsable,omitempty"`

	Clusters []string  `json:"clusters,omitempty"` // that have it, sorted
	Kept     time.Time `json:"kept,omitzero"`      // when its repository said that, if it was not asked now
	Changes  *Changes  `json:"changes,omitempty"`  // what the update does, if that is asked for

	deployments map[deployment]bool
	at          int                 // of its listing
	kubernetes  map[string][]string // the clusters by their version of Kubernetes, where that is known
}

// A Version is one of a repository.
type Version struct {
	Version    string `json:"version"`
	Kubernetes string `json:"kubernetes,omitempty"` // the range of its kubeVersion; "" if it has none
	Deprecated bool   `json:"deprecated,omitempty"`
	// NotFor are clusters whose Kubernetes is not of that range, sorted: Helm renders the chart for none of them.
	NotFor []string `json:"notFor,omitempty"`
}

// Changes are what an update does to the objects of all Applications that have the version.
type Changes struct {
	To           string `json:"to"` // the newest of the same major version, or if that is in use, the newest of all
	Applications int    `json:"applications"`
	Added        int    `json:"added"`
	Removed      int    `json:"removed"`
	Changed      int    `json:"changed"`
	Failed       int    `json:"failed,omitempty"` // Applications that cannot be rendered on one of the sides
}

// Outdated tells whether there is a newer version of something.
func (r *Report) Outdated() bool {
	for _, row := range r.Rows {
		if row.Status == Outdated {
			return true
		}
	}
	return false
}

// Oldest returns the earliest time at which a repository said what is in the report; zero if all were asked now.
func (r *Report) Oldest() time.Time {
	var oldest time.Time
	for _, row := range r.Rows {
		if !row.Kept.IsZero() && (oldest.IsZero() || row.Kept.Before(oldest)) {
			oldest = row.Kept
		}
	}
	return oldest
}

// Target returns the version that an update is to, of those that are for all clusters; "" if there is no newer one. It
// is the newest one of the same major version, or if that is in use, the newest of all.
func (r Row) Target() string {
	if r.Status != Outdated {
		return ""
	}
	for _, v := range []*Version{r.InMajor, r.Usable, r.Newest} {
		if v != nil && len(v.NotFor) == 0 && newer(v.Version, r.InUse.Version) {
			return v.Version
		}
	}
	return ""
}

// deployment is an Application, with the place of the source in it.
type deployment struct {
	argoCD, applicationSet, application string
	source                              int
}

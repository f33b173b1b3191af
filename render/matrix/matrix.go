// Package matrix says of each component and each cluster of a fleet which version of it the cluster has, on which
// release, or why it has none. The model is data alone: who prints it decides what of it is shown, and how.
package matrix

import (
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/chart"
)

// A Matrix has a row for each component of each group, and in it a cell for each cluster.
type Matrix struct {
	Clusters []Cluster       `json:"clusters"` // sorted by name
	Rows     []Row           `json:"rows"`     // sorted by group and component
	Failures render.Failures `json:"-"`        // why cells fail, each once

	// Findings are what rendering found, whatever fleet.yaml says of them: what a cell shows may not be what was meant.
	Findings []*problem.Problem `json:"-"`
}

// A Cluster is a column.
type Cluster struct {
	Name        string            `json:"name"`
	Hub         string            `json:"hub,omitempty"`
	Tenant      string            `json:"tenant,omitempty"`
	Environment string            `json:"environment,omitempty"`
	Releases    map[string]string `json:"releases,omitempty"` // by group; without groups that have none

	// Identity has the labels and annotations of the cluster, with their origins.
	Identity member.Identity `json:"-"`
}

// A Row is a component of a group.
type Row struct {
	Group     string       `json:"group"`
	Component string       `json:"component"`
	Differs   []Difference `json:"differs,omitempty"` // between what its versions differ
	Cells     []Cell       `json:"cells"`             // in the order of the clusters
}

// A Difference says between what clusters the versions of a component differ.
type Difference string

// The differences, in their order.
const (
	BetweenReleases     Difference = "release"     // clusters on one release, and on another
	BetweenEnvironments Difference = "environment" // of one release: clusters of one environment, and of another
	BetweenClusters     Difference = "cluster"     // of one release and environment
)

// A State is what a cluster has of a component.
type State string

// The states.
const (
	Deployed      State = "deployed"
	Failing       State = "failing"       // it is meant to be there, and cannot be rendered
	Off           State = "off"           // enabled is false
	NoLabel       State = "no-label"      // the cluster lacks a label that a selector wants
	Selector      State = "selector"      // a selector wants another value of a label
	OtherArgoCD   State = "other-argocd"  // it is left to the Argo CD of the cluster, or of its hub
	Handover      State = "hand-over"     // the same, by the setting handover
	NoRelease     State = "no-release"    // the release of the cluster does not exist, or is not rendered for it
	NotDescribed  State = "not-described" // the release, or the Argo CD, does not have the component
	NothingMade   State = "nothing"       // its generators select the cluster, but make no Application
	NotOfInterest State = "other-release" // the cluster is on another release than the one that is asked for
)

// A Cell is what a cluster has of a component.
type Cell struct {
	State       State        `json:"state"`
	Version     string       `json:"version,omitempty"` // several are separated by a comma
	Release     string       `json:"release,omitempty"` // that the Applications are of, or else the cluster's
	ArgoCD      string       `json:"argoCD,omitempty"`  // the cluster whose Argo CD decides that
	Reason      string       `json:"reason,omitempty"`  // why there is none, or what is wrong with it, as one line
	Origin      *Origin      `json:"origin,omitempty"`  // where the reason is written
	Deployments []Deployment `json:"deployments,omitempty"`
}

// A Deployment is an Application.
type Deployment struct {
	ArgoCD         string `json:"argoCD"`
	ApplicationSet string `json:"applicationSet"`
	Application    string `json:"application"`
	Version        string `json:"version,omitempty"`
	Release        string `json:"release,omitempty"`
	// Sources are the one that is the component itself, of which the version is, and behind it further charts.
	Sources []Source `json:"-"`
}

// A Source is what an Application is made of: a chart, an artifact, or a directory of a Git repository.
type Source struct {
	At      int // of the Application
	RepoURL string
	Chart   string // "" of an artifact and of a directory
	Version string // or else the revision
}

// IsVersioned tells whether the source is a chart of a repository, or an artifact of a registry.
func (s Source) IsVersioned() bool {
	return s.Chart != "" || strings.HasPrefix(s.RepoURL, chart.SchemeArtifact)
}

// An Origin is a place in a file, with the level or other source that has it.
type Origin struct {
	Source string `json:"source,omitempty"`
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
}

// shown is what counts of a cell where clusters are compared. That is what a release or a level says of the component,
// and not what the labels of a cluster say.
func (c Cell) shown() string {
	switch c.State {
	case Deployed:
		return c.Version
	case Off, NotDescribed:
		return string(c.State)
	}
	return ""
}

// compare finds out between what clusters the versions of a row differ.
func (r *Row) compare(clusters []Cluster) {
	all := map[string]map[string]map[string]bool{} // by release and environment
	for i, cell := range r.Cells {
		shown, on := cell.shown(), clusters[i].Releases[r.Group]
		if shown == "" {
			continue
		}
		if all[on] == nil {
			all[on] = map[string]map[string]bool{}
		}
		of := clusters[i].Environment
		if all[on][of] == nil {
			all[on][of] = map[string]bool{}
		}
		all[on][of][shown] = true
	}
	r.Differs = differences(all)
}

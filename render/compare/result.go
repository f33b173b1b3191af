package compare

import (
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// A Result is what differs between two renders of a fleet.
type Result struct {
	Before   string // what the side before is called: a revision, a directory, a version
	After    string
	Stage    string
	Clusters int // of both sides together
	// Labels are those of each cluster, by its name: of the side after, where that has the cluster.
	Labels map[string]map[string]string

	// Applications are the ones that the change can concern, by group, component and name.
	Applications []Application
	Changes      []Change  // the dangerous first, then by group, component and object
	Dangers      []Danger  // about whole clusters
	Failures     []Failure // what could not be compared

	Files []string // that differ, sorted; none if the trees are the same
}

// Sides are those of which something is there.
type Sides string

// What a change did.
const (
	Added   Sides = "added"
	Removed Sides = "removed"
	Changed Sides = "changed"
)

// An Application is one that the change can concern.
type Application struct {
	Name      string `json:"name"`
	Was       string `json:"was,omitempty"` // its name before, if it takes the place of another Application
	Cluster   string `json:"cluster"`
	Group     string `json:"group"`
	Component string `json:"component"`
	ArgoCD    string `json:"argocd"`              // the cluster whose Argo CD has it
	WasArgoCD string `json:"wasArgocd,omitempty"` // the one that had it, if that is another
	Sides     Sides  `json:"action"`              // of the Application itself
}

// A Change is what happens to an object in one or more clusters. Where there are several, what differs by cluster is
// written as the template that gives it, such as {{.name}}.
type Change struct {
	Sides     Sides
	Group     string // of fleet.yaml
	Component string

	APIVersion string
	Kind       string
	Namespace  string
	Name       string

	Diff     string // unified, of the YAML; "" at an object that only one side has
	Object   string // as YAML, where only one side has it
	Added    int    // lines
	Deleted  int    // lines
	Clusters Clusters
	Objects  []Object // in each cluster
	Causes   []Cause
	Dangers  []Danger
}

// Clusters are those that have a change.
type Clusters struct {
	Names    []string // sorted
	Selector string   // that selects just them, where there is a short one: "environment=prod"
	Of       int      // clusters that the component's ApplicationSets select, on either side
	// Without are the few clusters that the files concern as well, and where nothing changes, since they have another
	// value there.
	Without []string
}

// An Object is one that changes.
type Object struct {
	Cluster     string `json:"cluster"`
	Application string `json:"application"`
	Namespace   string `json:"namespace,omitempty"`
	Name        string `json:"name"`
}

// A Cause is a place in a file that differs.
type Cause struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"` // the first that differs; 0 for a file that is added or removed
	End  int    `json:"endLine,omitempty"`
	Side Sides  `json:"action"` // of the file
}

// A Danger is what a change can do that nobody may want.
type Danger struct {
	Kind     string   `json:"kind"` // one of Kinds
	Message  string   `json:"message"`
	Clusters []string `json:"clusters,omitempty"`
	// Group and Component are those of Applications; "" for all of a cluster, and for a change, which has its own.
	Group     string `json:"group,omitempty"`
	Component string `json:"component,omitempty"`
}

// A Failure is what could not be rendered, on one side or on both.
type Failure struct {
	Side    string `json:"side"` // before, after
	Message string `json:"message"`
	Known   bool   `json:"onBothSides"` // the other side fails in the same way
	// Applications are those that fail in this way, the one of the message first; none if it is more that fails.
	Applications []string `json:"applications,omitempty"`
}

// Dangerous tells whether something is dangerous.
func (r *Result) Dangerous() bool {
	for _, change := range r.Changes {
		if len(change.Dangers) > 0 {
			return true
		}
	}
	return len(r.Dangers) > 0
}

// objects are those of one Application.
type objects = []render.Object

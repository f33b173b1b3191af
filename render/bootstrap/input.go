package bootstrap

import (
	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/argocd"
)

// An Object is a Kubernetes object as data.
type Object = map[string]any

// Defaults of the options.
const (
	defaultNamespace = "argocd"
	defaultProject   = "default"
)

// Options say how Argo CD is set up (rule bootstrap-options in docs/rules/bootstrap.md).
type Options struct {
	Namespace      string                  // of a hub's Argo CD; "" for argocd
	SpokeNamespace string                  // of a spoke's; "" for that of the hub's
	All            GroupOptions            // of all groups, and of what belongs to none
	Groups         map[string]GroupOptions // what a group has of its own
}

// GroupOptions say how the Applications of a group are. What a group says counts, also if it is false; what it does not
// say is as for all groups.
type GroupOptions struct {
	Enabled    *bool             // nil: not said; groups are enabled
	Project    string            // of Argo CD; "" for not said
	SyncPolicy map[string]any    // of the Applications, laid over [defaultSyncPolicy]; a null removes a key
	SyncLine   int               // where that is in fleet.yaml; 0: not said
	Selectors  map[string]string // labels of the clusters whose Argo CD has the group; nil for not said
	AllowEmpty bool              // the group may have nothing to deploy; only of a group
}

// of returns the options of a group, with those of all groups where it says nothing.
func (o Options) of(group string) GroupOptions {
	own, all := o.Groups[group], o.All
	if own.Enabled == nil {
		own.Enabled = all.Enabled
	}
	if own.Project == "" {
		own.Project = all.Project
	}
	if own.Selectors == nil {
		own.Selectors = all.Selectors
	}
	own.SyncPolicy = hierarchy.MergeMaps(all.SyncPolicy, own.SyncPolicy)
	return own
}

// namespace returns the namespace of Argo CD on the hub or on a spoke.
func (o Options) namespace(spoke bool) string {
	name := o.Namespace
	if spoke && o.SpokeNamespace != "" {
		name = o.SpokeNamespace
	}
	if name == "" {
		name = defaultNamespace
	}
	return name
}

// An Input says what to start on the Argo CD of a cluster.
type Input struct {
	Cluster cluster.Cluster
	Members []cluster.Cluster // of a hub
	// NamePlace returns where the name of a cluster is said, for messages; nil for the file of the cluster.
	NamePlace func(c cluster.Cluster) (file string, line int)
	Groups    []Group // in the order of their names
	FleetPath string  // directory of the repository that holds what belongs to no group
	Unknown   bool    // the repository alone does not say what Cluster does
	Options   Options
	Split     *Split         // nil: the fleet is in one repository
	ArgoCD    argocd.Version // whose fields the findings are about; none for the newest
}

// A Group is one that the cluster's Argo CD has, with the releases that it renders.
type Group struct {
	Name      string
	Path      string   // app path
	RepoNames []string // app paths that hold its files, if these are others
	Releases  []Release
	Selectors map[string]string // labels of the clusters that the group is for (globalSelectors)
	File      string            // where the group is described; "" if that is not known
	Line      int
}

// A Release is a release that is rendered.
type Release struct {
	release.Release          // zero if the group has no releases
	All             bool     // all clusters are on it, though there are other releases
	Labelled        bool     // only the clusters with its label are on it
	Off             []string // components that somebody else deploys to the cluster
	Empty           bool     // no component is enabled
	Elsewhere       string   // the name of a catalog in Git that is not in the working tree; "" for none
	Instead         string   // the name of the catalog that the release has since its own cannot be had; "" for none
	File            string   // where it is written; "" if that is not known
	Line            int
}

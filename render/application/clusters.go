package application

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

const (
	// localName is what Argo CD calls the cluster that it runs on, if no Secret describes that.
	localName = "in-cluster"
	// unknownServer ends the host of a server that stands for one that is not known. No real server has it (RFC 6761).
	unknownServer = ".server-unknown.invalid"
)

// A cluster is one that Argo CD knows, with what its Secret has.
type knownCluster struct {
	cluster.Cluster
	server  string // the real one, or one that stands for it
	unknown bool   // the server is not known
	target  bool   // Applications are wanted for it
	labels  labels.Set
	data    map[string][]byte // of the Secret
}

// A fleet is what an Argo CD knows: its clusters, sorted by name.
type knownClusters struct {
	clusters []*knownCluster
	byName   map[string]*knownCluster
	byServer map[string]*knownCluster
	local    bool // no cluster is Argo CD's own, so that it adds "in-cluster"
	complete bool // the server of each cluster is known
	whole    bool // all clusters are targets
}

// newFleet returns the fleet of an Argo CD that knows targets and others, and hides annotations from its generators.
func newFleet(targets []cluster.Cluster, o Options) (*knownClusters, error) {
	others, hidden := o.Others, o.Version.HiddenAnnotations
	f := &knownClusters{byName: map[string]*knownCluster{}, byServer: map[string]*knownCluster{}, local: true,
		complete: true, whole: len(others) == 0 || o.Whole}
	wanted := make(map[string]bool, len(targets))
	for _, c := range targets {
		wanted[c.Name] = true
	}
	list := slices.Concat(targets, others)
	slices.SortStableFunc(list, func(a, b cluster.Cluster) int { return strings.Compare(a.Name, b.Name) })
	own := slices.ContainsFunc(list, func(c cluster.Cluster) bool { return isOwnServer(c.Server) })
	for _, c := range list {
		if c.Name == "" {
			return nil, problem.New(c.File, 0, "a cluster has no name")
		}
		if other, taken := f.byName[c.Name]; taken {
			return nil, problem.New(c.File, 0, "there is a cluster %q in %s as well", c.Name, other.File)
		}
		if slices.ContainsFunc(hidden, func(name string) bool { _, has := c.Annotations[name]; return has }) {
			c.Annotations = maps.Clone(c.Annotations)
			for _, name := range hidden {
				delete(c.Annotations, name)
			}
		}
		known := &knownCluster{Cluster: c, server: c.Server, labels: c.AllLabels(), target: wanted[c.Name]}
		isHub := c.Hub == "" && (c.Labels[wellknown.LabelFleetMember] == wellknown.FleetMemberHub || len(list) == 1)
		switch {
		case c.Server != "":
		case isHub && !own:
			known.server, own = appv1.KubernetesInternalAPIServerAddr, true
		default:
			known.server, known.unknown, f.complete = "https://"+c.Name+unknownServer, true, false
		}
		known.data = map[string][]byte{"name": []byte(c.Name), "server": []byte(known.server),
			"project": []byte(c.Project)}
		f.clusters = append(f.clusters, known)
		f.byName[c.Name] = known
		if server := strings.TrimRight(known.server, "/"); f.byServer[server] == nil {
			f.byServer[server] = known // Argo CD compares without the slash
		}
	}
	f.local = !own
	return f, nil
}

func isOwnServer(server string) bool {
	return strings.TrimRight(server, "/") == appv1.KubernetesInternalAPIServerAddr
}

// clusterOf returns the name of the cluster that a set of parameters is about; "" if it is about none that is known.
func (f *knownClusters) clusterOf(params map[string]any) string {
	if name, ok := params["name"].(string); ok {
		if f.byName[name] != nil || name == localName && f.local {
			return name
		}
	}
	if server, ok := params["server"].(string); ok {
		if c := f.byServer[strings.TrimRight(server, "/")]; c != nil {
			return c.Name
		}
	}
	return ""
}

// fileOf returns the file that describes a cluster; "" for the local one.
func (f *knownClusters) fileOf(name string) string {
	if c := f.byName[name]; c != nil {
		return c.File
	}
	return ""
}

// names returns the names of all targets, "in-cluster" included if Argo CD adds it.
func (f *knownClusters) names() []string {
	var names []string
	all := f.all()
	for _, c := range all.clusters {
		names = append(names, c.Name)
	}
	if all.local {
		names = append(names, localName)
	}
	return names
}

// all returns the view of all targets.
func (f *knownClusters) all() view { return f.without(nil) }

// only returns the view of one cluster.
func (f *knownClusters) only(name string) view {
	if c := f.byName[name]; c != nil {
		return view{clusters: []*knownCluster{c}}
	}
	return view{local: true}
}

// without returns the view of all targets but some.
func (f *knownClusters) without(names map[string]bool) view {
	v := view{local: f.local && f.whole && !names[localName]}
	for _, c := range f.clusters {
		if c.target && !names[c.Name] {
			v.clusters = append(v.clusters, c)
		}
	}
	return v
}

// A view is the part of a fleet that the generators see, as the Kubernetes API of Argo CD's own cluster.
type view struct {
	clusters []*knownCluster
	local    bool // Argo CD's own cluster is among them, without a Secret
}

func (v view) client() client.Client { return reader{view: v} }

// A reader has of client.Client what the generators call. The embedded interface is nil: a call of anything else ends
// in the recover of Expand, and in the tests.
type reader struct {
	client.Client
	view view
}

// List lists the cluster Secrets that match. Their labels and annotations are copies: they become parameters, into
// which the merge generator writes.
func (r reader) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	secrets, ok := list.(*corev1.SecretList)
	if !ok {
		return fmt.Errorf("there is no list of %T", list)
	}
	var o client.ListOptions
	for _, option := range options {
		option.ApplyToList(&o)
	}
	for _, c := range r.view.clusters {
		if o.LabelSelector == nil || o.LabelSelector.Matches(c.labels) {
			secrets.Items = append(secrets.Items, corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Name: c.Name, Labels: maps.Clone(c.labels),
					Annotations: maps.Clone(c.Annotations)},
				Data: c.data,
			})
		}
	}
	return nil
}

// Get finds every AppProject, without signature keys: which projects there are, the repository does not tell.
func (r reader) Get(_ context.Context, _ client.ObjectKey, object client.Object, _ ...client.GetOption) error {
	if _, ok := object.(*appv1.AppProject); !ok {
		return fmt.Errorf("there is no %T", object)
	}
	return nil
}

package start

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// inCluster is the server of the cluster that an Argo CD runs on.
const inCluster = "https://kubernetes.default.svc"

// Take adds clusters of Argo CD to the fleet: the hub where none is named, and all others as members, unless they are
// members already. The hub is the cluster with the name that the fleet has for it, or that is labelled or connected as
// one. What the fleet says already stays. It returns what the files do not take over, a line each. It fails for a
// cluster without tenant or environment, for two of one name, and where it cannot tell which one is the hub.
func (f *Fleet) Take(clusters []cluster.Cluster) ([]error, error) {
	var left []error
	hub := slices.IndexFunc(clusters, func(c cluster.Cluster) bool { return f.Hub != "" && c.Name == f.Hub })
	if hub < 0 && f.Hub == "" {
		hub = slices.IndexFunc(clusters, isHub)
		for i, c := range clusters {
			if i > hub && hub >= 0 && isHub(c) {
				return nil, problem.New(c.File, 0, "clusters %q and %q both are hubs", clusters[hub].Name, c.Name).
					WithHint("say which one's fleet this is (--hub)")
			}
		}
	}
	wrong := twoOfOneName(clusters)
	for i, c := range clusters {
		if i != hub && isHub(c) {
			left = append(left, fmt.Errorf("%s: cluster %q: not taken over: it is a hub, and a fleet of its own; call "+
				"cmp init for it with --hub %s", c.File, c.Name, c.Name))
			continue
		}
		said, lost := member.KeysOf(c.Labels, c.Annotations)
		if i == hub {
			lost = append(lost, slices.Sorted(maps.Keys(said))...)
			lost = slices.DeleteFunc(lost, func(name string) bool { return slices.Contains(ofHub, name) })
			f.takeHub(c)
			lost = slices.DeleteFunc(lost, func(name string) bool { return f.says(name, c.Annotations[name]) })
		} else {
			for key, value := range said {
				if isOfRepository(key) && (hub < 0 || clusters[hub].Annotations[key] != value) {
					lost = append(lost, key)
				}
			}
			wrong = cmp.Or(wrong, f.takeMember(c, said))
		}
		slices.Sort(lost)
		if lost = slices.DeleteFunc(lost, isOfTools); len(lost) > 0 {
			left = append(left, fmt.Errorf("%s: cluster %q: not taken over: %s; add what is needed to "+
				"externalSecret.labels and .annotations of fleet/fleet-secret/values.yaml in a level; of the hub, "+
				"to fleet.yaml", c.File, c.Name, strings.Join(lost, ", ")))
		}
	}
	return left, wrong
}

// twoOfOneName fails for two clusters of one name.
func twoOfOneName(clusters []cluster.Cluster) error {
	for i, c := range clusters {
		if slices.ContainsFunc(clusters[:i], func(other cluster.Cluster) bool { return other.Name == c.Name }) {
			return problem.New(c.File, 0, "there are two clusters %q", c.Name).WithHint("leave one of them out")
		}
	}
	return nil
}

// says tells whether the files give the hub an annotation.
func (f *Fleet) says(name, value string) bool {
	return slices.ContainsFunc([]string{addons, fleetDir}, func(repository string) bool {
		return name == wellknown.RepositoryAnnotation(repository, "url") && value == f.RepoURL ||
			name == wellknown.RepositoryAnnotation(repository, "revision") && value == cmp.Or(f.Revision, "main") ||
			name == wellknown.RepositoryAnnotation(repository, "basepath") && value == repository
	})
}

// ofHub are the labels and annotations of the hub that the fleet says.
var ofHub = []string{wellknown.LabelTenant, wellknown.LabelEnvironment, wellknown.AnnotationRegion, "aws_cluster_name",
	addonsURL, addonsRevision}

var (
	addonsURL      = wellknown.RepositoryAnnotation(addons, "url")
	addonsRevision = wellknown.RepositoryAnnotation(addons, "revision")
)

func isHub(c cluster.Cluster) bool {
	return c.Labels[wellknown.LabelFleetMember] == wellknown.FleetMemberHub || c.Server == inCluster
}

// isOfRepository tells whether a key or annotation says where values are: those of a new fleet are in the hub's
// repository.
func isOfRepository(name string) bool {
	return slices.ContainsFunc([]string{addons, "resources", fleetDir},
		func(of string) bool { return strings.HasPrefix(name, wellknown.RepositoryAnnotation(of, "")) })
}

// isOfTools tells whether a label or annotation is none of people, or one that the fleet gives anyway.
func isOfTools(name string) bool {
	domain, _, _ := strings.Cut(name, "/")
	return name == wellknown.LabelFleetMember || strings.Contains(name, "/") && slices.ContainsFunc(
		[]string{"argoproj.io", "kubernetes.io", "k8s.io", "external-secrets.io"},
		func(of string) bool { return domain == of || strings.HasSuffix(domain, "."+of) })
}

// takeHub takes over what a cluster says of the hub.
func (f *Fleet) takeHub(c cluster.Cluster) {
	if f.RepoURL == "" {
		f.Revision = c.Annotations[addonsRevision]
	}
	for to, value := range map[*string]string{&f.Hub: c.Name, &f.Tenant: c.Labels[wellknown.LabelTenant],
		&f.Environment: c.Labels[wellknown.LabelEnvironment], &f.Region: c.Annotations[wellknown.AnnotationRegion],
		&f.RepoURL: c.Annotations[addonsURL]} {
		if *to == "" {
			*to = value
		}
	}
}

// takeMember adds a cluster as a member, or to the member what the cluster says besides.
func (f *Fleet) takeMember(c cluster.Cluster, said map[string]string) error {
	keys := maps.Clone(said)
	maps.DeleteFunc(keys, func(key, value string) bool {
		return value == "" || key == wellknown.LabelTenant || key == wellknown.LabelEnvironment ||
			isOfRepository(key)
	})
	at := slices.IndexFunc(f.Members, func(m Member) bool { return m.Name == c.Name })
	if at >= 0 {
		f.Members[at].Keys = keys
		return nil
	}
	m := Member{Name: c.Name, Tenant: said[wellknown.LabelTenant], Environment: said[wellknown.LabelEnvironment],
		Keys: keys}
	if m.Tenant == "" || m.Environment == "" {
		return problem.New(c.File, 0, "cluster %q has not both the labels tenant and environment", c.Name).
			WithHint("say where it belongs with --member %s:TENANT:ENVIRONMENT", c.Name)
	}
	f.Members = append(f.Members, m)
	return nil
}

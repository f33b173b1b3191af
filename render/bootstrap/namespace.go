package bootstrap

import (
	"errors"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// Charts of the components that a spoke needs to deploy to itself.
const (
	chartArgoCD          = "argo-cd"
	chartExternalSecrets = "external-secrets"
)

// Namespace returns the namespace of the Argo CD on a cluster (rule spoke-namespace in docs/rules/bootstrap.md). On a
// spoke it is that in which the hub's group fleet installs it, or else spec.bootstrap.spokeNamespace. clusters are
// those of the fleet. It fails where the two differ, where releases or a scoped External Secrets have another one, and
// as [release.Inputs.Load] does.
func Namespace(repo *hierarchy.Repository, f *fleet.Fleet, clusters []cluster.Cluster, on cluster.Cluster) (string,
	error) {
	options := OptionsOf(f)
	if !on.IsSpoke() {
		return options.namespace(false), nil
	}
	var err error
	options.SpokeNamespace, err = spokesOf(repo, f, clusters, on, options)
	return options.namespace(true), err
}

// spokesOf returns the namespace of the Argo CD on the spokes of a hub, or on a spoke; "" if nothing says one.
func spokesOf(repo *hierarchy.Repository, f *fleet.Fleet, clusters []cluster.Cluster, on cluster.Cluster,
	options Options) (string, error) {
	hub := on
	if on.IsSpoke() && on.Hub == "" { // nobody knows the levels; of a fleet in several repositories, that is carried
		return options.SpokeNamespace, nil
	}
	if on.IsSpoke() {
		var err error
		if hub, err = hubOf(repo, f, clusters, on); err != nil {
			return "", err
		}
	}
	file, line := f.PlaceOf("spec", "bootstrap", "spokeNamespace")
	said := namespaced{name: options.SpokeNamespace, file: file, line: line}
	argoCDs, scopes, err := installedNamespaces(repo, f, hub)
	if err != nil {
		return "", err
	}
	return agreed(said, argoCDs, scopes)
}

// hubOf returns the hub of a spoke.
func hubOf(repo *hierarchy.Repository, f *fleet.Fleet, clusters []cluster.Cluster, spoke cluster.Cluster) (
	cluster.Cluster, error) {
	isHub := func(c cluster.Cluster) bool { return c.Name == spoke.Hub }
	if i := slices.IndexFunc(clusters, isHub); i >= 0 {
		return clusters[i], nil
	}
	plain := *f
	plain.Secrets = nil
	known, _, err := member.ClustersFor(&plain, repo, spoke.Hub, nil)
	if err != nil {
		return cluster.Cluster{}, err
	}
	if i := slices.IndexFunc(known, isHub); i >= 0 {
		return known[i], nil
	}
	return cluster.Cluster{Name: spoke.Hub}, nil
}

// A namespaced is a namespace with the place that says so.
type namespaced struct {
	name, component, file string
	line                  int
}

// agreed returns the one namespace that all say; "" if none says one. It fails if two differ. What a template will say
// is for who wrote it to know.
func agreed(want namespaced, argoCDs, scopes []namespaced) (string, error) {
	for _, found := range argoCDs {
		switch {
		case want.name == "" && strings.Contains(found.name, "{{"):
			return "", problem.New(found.file, found.line, "the namespace of component %q, which installs the Argo CD "+
				"of spokes, is a template: nobody can tell where their registration belongs", found.component).
				WithHint("set spec.bootstrap.spokeNamespace in %s", hierarchy.FleetFile)
		case want.name == "":
			want = found
		case found.name != want.name && !strings.Contains(found.name, "{{"):
			return "", mismatch(found, want, "installs the Argo CD of spokes in")
		}
	}
	for _, scope := range scopes {
		if want.name != "" && scope.name != want.name && !strings.Contains(scope.name, "{{") {
			return "", mismatch(scope, want, "installs an External Secrets that only reads")
		}
	}
	return want.name, nil
}

func mismatch(found, want namespaced, what string) error {
	return problem.New(found.file, found.line, "component %q %s the namespace %s, but %s says %s: what registers a "+
		"spoke would not be seen", found.component, what, found.name, problem.Place(want.file, want.line), want.name).
		WithHint("make them the same")
}

// installedNamespaces returns the namespaces in which a hub's group fleet installs Argo CD on spokes, and those to
// which it confines their External Secrets.
func installedNamespaces(repo *hierarchy.Repository, f *fleet.Fleet, hub cluster.Cluster) (argoCDs,
	scopes []namespaced, err error) {
	group := f.Groups[wellknown.GroupFleet]
	if group == nil {
		return nil, nil, nil
	}
	inputs := release.Inputs{Repository: repo, Fleet: f, Group: group, Cluster: hub, AppPaths: []string{group.Path}}
	if len(group.RepoNames) > 0 {
		inputs.AppPaths = group.RepoNames
	}
	if exists, err := release.HasCatalog(f, repo); err != nil || !exists {
		releases, failed := release.Read(f, repo, group.Name)
		if err != nil || failed != nil || len(releases.All) == 0 {
			return nil, nil, err // the fleet installs nothing
		}
	}
	source, err := inputs.Load()
	if errors.Is(err, fleet.ErrNoChartReader) {
		return nil, nil, nil // a hub is rendered without charts as well
	}
	if err != nil {
		return nil, nil, err
	}
	err = source.Each("", false, func(_ string, values *hierarchy.Values, _ []*problem.Problem) error {
		for _, key := range applicationset.Components(values) {
			r := hierarchy.Reader(values, "component "+key, key)
			if !r.True("enabled") {
				continue
			}
			place := func(name string, path ...string) namespaced {
				file, line := values.Locate(append([]string{key}, path...)...)
				return namespaced{name, key, file, line}
			}
			switch namespace := r.Text("namespace"); r.TextOr("chartName", key) {
			case chartArgoCD:
				if namespace != "" {
					argoCDs = append(argoCDs, place(namespace, "namespace"))
				}
			case chartExternalSecrets:
				own := hierarchy.Reader(values, "component "+key, key, "valuesObject")
				if scope := own.Text("scopedNamespace"); scope != "" {
					scopes = append(scopes, place(scope, "valuesObject", "scopedNamespace"))
				}
			}
		}
		return nil
	})
	return argoCDs, scopes, err
}

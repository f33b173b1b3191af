package member

import (
	"maps"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// An Identity is a cluster that knows where its metadata come from.
type Identity struct {
	cluster.Cluster
	Levels []fleet.ClusterLevel // that were searched for metadata

	layers []hierarchy.Layer
}

// Metadata returns what the cluster's Secret has as metadata, under the keys labels and annotations, with all origins.
// Of a key that a null removed, only the explanation tells.
func (i Identity) Metadata() *hierarchy.Values {
	argocd := hierarchy.Layer{Source: hierarchy.SourceArgoCD, File: "cluster Secret",
		Values: cluster.MetadataValues(map[string]string{wellknown.LabelSecretType: "cluster"}, nil)}
	return hierarchy.Merge(nil, nil, append(slices.Clip(i.layers), argocd)).WithoutNulls()
}

// Clusters returns the clusters of the fleet, sorted by name: those of fleet.yaml, the members, and those in Argo CD
// cluster Secrets. The warnings are those of the files that were read, but for placeholders, about which
// [Check] and package registration warn. It fails as [Identities] does.
func Clusters(f *fleet.Fleet, repo *hierarchy.Repository, secrets []cluster.Cluster) ([]cluster.Cluster,
	[]*problem.Problem, error) {
	identities, warnings, err := Identities(f, repo, secrets)
	if err != nil {
		return nil, nil, err
	}
	return clustersOf(identities), warnings, nil
}

// Identities returns the clusters as [Clusters] does, with the origins of their metadata. It fails as
// [Read] does, and for a label or an annotation of a level that Kubernetes would not accept.
func Identities(f *fleet.Fleet, repo *hierarchy.Repository, secrets []cluster.Cluster) ([]Identity, []*problem.Problem,
	error) {
	members, warnings, err := Read(f, repo)
	if err != nil {
		return nil, nil, err
	}
	identities, warnings, err := identities(f, repo, secrets, members, warnings)
	return identities, withoutPlaceholders(warnings), err
}

// ClustersFor returns what [Clusters] returns, without the members but for one, so that the cost of a
// render for a single cluster does not depend on how many others there are. A member that is not named as its file
// takes all.
func ClustersFor(f *fleet.Fleet, repo *hierarchy.Repository, name string, secrets []cluster.Cluster) ([]cluster.Cluster,
	[]*problem.Problem, error) {
	identities, warnings, err := IdentitiesFor(f, repo, name, secrets)
	if err != nil {
		return nil, nil, err
	}
	return clustersOf(identities), warnings, nil
}

// IdentitiesFor returns the clusters that [ClustersFor] returns, with the origins of their metadata.
func IdentitiesFor(f *fleet.Fleet, repo *hierarchy.Repository, name string, secrets []cluster.Cluster) ([]Identity,
	[]*problem.Problem, error) {
	if cluster.CheckSegment(name) != nil {
		return Identities(f, repo, secrets)
	}
	members, warnings, errs := readAll(f, repo, false, name)
	if len(errs) > 0 {
		return nil, nil, errs[0]
	}
	if len(members) != 1 || members[0].Name != name {
		return Identities(f, repo, secrets)
	}
	identities, warnings, err := identities(f, repo, secrets, members, warnings)
	return identities, withoutPlaceholders(warnings), err
}

func clustersOf(identities []Identity) []cluster.Cluster {
	clusters := make([]cluster.Cluster, len(identities))
	for i, identity := range identities {
		clusters[i] = identity.Cluster
	}
	return clusters
}

func identities(f *fleet.Fleet, repo *hierarchy.Repository, secrets []cluster.Cluster, members []Member,
	warnings []*problem.Problem) ([]Identity, []*problem.Problem, error) {
	s := newMetadataSources(f, repo)
	for i, c := range f.Clusters {
		s.of(c.Name).fleet = &f.Clusters[i]
		s.of(c.Name).index = i
	}
	for i, m := range members {
		s.of(m.Name).member = &members[i]
	}
	if err := s.readSecrets(members); err != nil {
		return nil, nil, err
	}
	for i, c := range secrets {
		s.of(c.Name).secrets = append(s.of(c.Name).secrets, &secrets[i])
	}
	for _, name := range slices.Sorted(maps.Keys(s.byName)) {
		if err := s.resolve(name); err != nil {
			return nil, nil, err
		}
	}
	identities := make([]Identity, 0, len(s.byName))
	for _, name := range slices.Sorted(maps.Keys(s.byName)) {
		identities = append(identities, *s.byName[name].identity)
	}
	s.findElsewhere(identities)
	unknown, err := unknownPrefixes(f, repo)
	return identities, slices.Concat(f.Warnings, unknown, warnings, s.warnings), err
}

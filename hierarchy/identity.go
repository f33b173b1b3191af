package hierarchy

import (
	"maps"
	"slices"
)

// An Identity is a cluster that knows where its metadata come from.
type Identity struct {
	Cluster
	Levels []ClusterLevel // that were searched for metadata

	layers []Layer
}

// Metadata returns what the cluster's Secret has as metadata, under the keys labels and annotations, with all origins.
// Of a key that a null removed, only the explanation tells.
func (i Identity) Metadata() *Values {
	argocd := Layer{Level: LevelArgoCD, File: "cluster Secret", Values: metadataValues(map[string]string{LabelSecretType: "cluster"}, nil)}
	return Merge(nil, nil, append(slices.Clip(i.layers), argocd)).WithoutNulls()
}

// AllClusters returns the clusters of the fleet, sorted by name: those of fleet.yaml, the members, and those in Argo CD
// cluster Secrets. The warnings are those of the files that were read, but for placeholders, about which
// [Fleet.CheckMembers] and package registration warn. It fails as [Fleet.Identities] does.
func (f *Fleet) AllClusters(repo *Repository, secrets []Cluster) ([]Cluster, []*Problem, error) {
	identities, warnings, err := f.Identities(repo, secrets)
	if err != nil {
		return nil, nil, err
	}
	return clustersOf(identities), warnings, nil
}

// Identities returns the clusters as [Fleet.AllClusters] does, with the origins of their metadata. It fails as
// [Fleet.ReadMembers] does, and for a label or an annotation of a level that Kubernetes would not accept.
func (f *Fleet) Identities(repo *Repository, secrets []Cluster) ([]Identity, []*Problem, error) {
	members, warnings, err := f.ReadMembers(repo)
	if err != nil {
		return nil, nil, err
	}
	identities, warnings, err := f.identities(repo, secrets, members, warnings)
	return identities, withoutPlaceholders(warnings), err
}

// AllClustersFor returns what [Fleet.AllClusters] returns, without the members but for one, so that the cost of a
// render for a single cluster does not depend on how many others there are. A member that is not named as its file
// takes all.
func (f *Fleet) AllClustersFor(repo *Repository, name string, secrets []Cluster) ([]Cluster, []*Problem, error) {
	identities, warnings, err := f.IdentitiesFor(repo, name, secrets)
	if err != nil {
		return nil, nil, err
	}
	return clustersOf(identities), warnings, nil
}

// IdentitiesFor returns the clusters that [Fleet.AllClustersFor] returns, with the origins of their metadata.
func (f *Fleet) IdentitiesFor(repo *Repository, name string, secrets []Cluster) ([]Identity, []*Problem, error) {
	if checkSegment(name) != nil {
		return f.Identities(repo, secrets)
	}
	members, warnings, errs := f.readMembers(repo, false, name)
	if len(errs) > 0 {
		return nil, nil, errs[0]
	}
	if len(members) != 1 || members[0].Name != name {
		return f.Identities(repo, secrets)
	}
	identities, warnings, err := f.identities(repo, secrets, members, warnings)
	return identities, withoutPlaceholders(warnings), err
}

func clustersOf(identities []Identity) []Cluster {
	clusters := make([]Cluster, len(identities))
	for i, identity := range identities {
		clusters[i] = identity.Cluster
	}
	return clusters
}

func (f *Fleet) identities(repo *Repository, secrets []Cluster, members []Member, warnings []*Problem) ([]Identity, []*Problem, error) {
	s := metadataSources{fleet: f, repo: repo, appPaths: f.AppPaths(), byName: map[string]*identitySources{}, files: map[string]Layer{},
		hubs: map[string][]Layer{}}
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
	unknown, err := f.unknownPrefixes(repo)
	return identities, slices.Concat(f.warnings, unknown, warnings, s.warnings), err
}

package member

import (
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/secretname"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// clusterValueFiles returns the files fleet/fleet-secret/values.yaml in the levels' directories, lowest first. It fails
// for one with a second document, since no Helm reads it.
func clusterValueFiles(repo *hierarchy.Repository, levels []fleet.ClusterLevel) ([]hierarchy.Layer, error) {
	layers, err := fleet.ComponentFiles(repo, levels, wellknown.GroupFleet, "fleet-secret", "", "values.yaml")
	for _, layer := range layers {
		if err == nil {
			err = layer.Document().Single()
		}
	}
	return layers, err
}

// A ValuesReader merges the values of fleet/fleet-secret/values.yaml in the levels of clusters, once for all that have
// the same files.
type ValuesReader struct {
	fleet  *fleet.Fleet
	repo   *hierarchy.Repository
	merged map[string]*hierarchy.Values // by the files
}

// NewValuesReader returns a reader for one look at many clusters.
func NewValuesReader(f *fleet.Fleet, repo *hierarchy.Repository) *ValuesReader {
	return &ValuesReader{fleet: f, repo: repo, merged: map[string]*hierarchy.Values{}}
}

// Of returns the merged values of a cluster, whose levels are looked for if they are not known.
func (r *ValuesReader) Of(i Identity) (*hierarchy.Values, error) {
	levels := i.Levels
	if levels == nil {
		var err error
		if levels, err = r.fleet.LevelsOf(r.repo, i.Cluster, r.fleet.IdentityPaths()...); err != nil {
			return nil, err
		}
	}
	layers, err := clusterValueFiles(r.repo, levels)
	if err != nil {
		return nil, err
	}
	var files strings.Builder
	for _, layer := range layers {
		files.WriteString(layer.Source + "\x00" + layer.File + "\x00")
	}
	values, known := r.merged[files.String()]
	if !known {
		values = hierarchy.Merge(nil, nil, layers)
		r.merged[files.String()] = values
	}
	return values, nil
}

// CheckLevelSecrets returns an error for each of these members to which a level gives a secret that it may not have.
// Where two have the same, those that of is not true for had it first.
func CheckLevelSecrets(f *fleet.Fleet, repo *hierarchy.Repository, identities []Identity,
	of func(cluster.Cluster) bool) []error {
	hubs, err := directories.HubNames(f, repo)
	if err != nil {
		return []error{err}
	}
	type member struct {
		Identity
		secret secretname.Named
		values *hierarchy.Values
	}
	var first, others, last []member // those whose files name the secret; those of which a level does
	stores := map[string]secretname.Store{}
	reader := NewValuesReader(f, repo)
	for _, i := range identities {
		values, err := reader.Of(i)
		if err != nil {
			return []error{err}
		}
		stores[i.Name] = secretname.StoreOf(hierarchy.Reader(values, "", "secretStore"))
		m := member{i, secretname.NamedBy(i.Cluster, i.Metadata(), values, secretPrefix(f)), values}
		switch {
		case i.Hub == "" || m.secret.Name == "" || cluster.IsPlaceholder(m.secret.Name):
		case m.secret.InFile:
			first = append(first, m)
		case of(i.Cluster):
			last = append(last, m)
		default:
			others = append(others, m)
		}
	}
	owners := secretname.Owners{}
	claim := func(m member) *secretname.Owner {
		store, known := stores[m.Hub]
		if !known {
			store = secretname.StoreOf(fields.New(nil, "", nil))
		}
		store = store.Named(hierarchy.Reader(m.values, "", "externalSecret"))
		scope := strings.Join([]string{m.Hub, store.Kind, store.Name}, "\x00")
		return owners.Add(scope, m.secret.Name, m.secret.Prefix, secretname.Owner{Cluster: m.Name})
	}
	for _, m := range slices.Concat(first, others) {
		claim(m) // what is wrong with these is not asked for
	}
	var errs []error
	for _, m := range last {
		err := checkSecretOf(f, repo, hubs, m.Cluster, m.secret)
		if other := claim(m); err == nil && other != nil {
			err = problem.New("", 0, "the secret %q is also that of cluster %q: both would be the same server",
				m.secret.Key(), other.Cluster).WithHint("each cluster has a secret of its own")
		}
		if err != nil {
			errs = append(errs, problem.New(m.secret.File, m.secret.Line, "cluster %q: %w", m.Name, err))
		}
	}
	return errs
}

func checkSecretOf(f *fleet.Fleet, repo *hierarchy.Repository, hubs []directories.HubName, member cluster.Cluster,
	secret secretname.Named) error {
	d, err := repo.Document(member.File)
	if err != nil || d == nil {
		return err
	}
	m, _, _ := parse(d, member.Hub)
	return checkSecret(f, hubs, m, secret.Name, secret.Prefix)
}

package member

import (
	"cmp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
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

// A NamedSecret is the secret that a cluster has in AWS Secrets Manager, and where that is said.
type NamedSecret struct {
	Name   string // or ARN; "" if nothing names one
	Prefix string // that goes before the name
	File   string
	Line   int
	InFile bool // the member's own file names it
}

// SecretOf returns the secret of a cluster: that of its annotation, which a member's key becomes, or else of its
// levels' values. prefix goes before names in annotations of members.
func SecretOf(c cluster.Cluster, metadata, values *hierarchy.Values, prefix string) NamedSecret {
	s := NamedSecret{Name: c.Annotations[wellknown.AnnotationSecretName], File: c.File}
	if s.Name == "" {
		s.Name = hierarchy.Reader(values, "", "externalSecret").TextOr("secretManagerSecretName", "")
		s.File, s.Line = values.Locate("externalSecret", "secretManagerSecretName")
		return s
	}
	if metadata != nil {
		if origins := metadata.Origins("annotations", wellknown.AnnotationSecretName); len(origins) > 0 {
			s.File, s.Line = origins[0].File, origins[0].Line
			s.InFile = origins[0].Source == hierarchy.SourceMember && origins[0].Value == s.Name
		}
	}
	if c.Hub != "" && !strings.HasPrefix(s.Name, "arn:") && !cluster.IsPlaceholder(s.Name) {
		s.Prefix = prefix
	}
	return s
}

// Key returns the name as AWS has it, or the ARN.
func (s NamedSecret) Key() string { return s.Prefix + s.Name }

// A SecretStore is the store of External Secrets that reads a cluster's secret. Each may read another account.
type SecretStore struct{ Kind, Name string }

// SecretStoreOf returns the store of an Argo CD, of the map secretStore of its cluster (rule secret-store in
// docs/rules/registration.md).
func SecretStoreOf(r *fields.Reader) SecretStore {
	return SecretStore{Kind: r.TextOr("kind", "SecretStore"), Name: r.TextOr("name", "fleet-eks-secret-store")}
}

// Named returns the store that the map externalSecret of a cluster names, of which this one is the default.
func (s SecretStore) Named(r *fields.Reader) SecretStore {
	if name := r.Text("secretStoreRefName"); name != "" && name != s.Name {
		s = SecretStore{Kind: "SecretStore", Name: name}
	}
	return SecretStore{Kind: cmp.Or(r.Text("secretStoreRefKind"), s.Kind), Name: s.Name}
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
	hubs, err := hubNames(f, repo)
	if err != nil {
		return []error{err}
	}
	type member struct {
		Identity
		secret NamedSecret
		values *hierarchy.Values
	}
	var first, others, last []member // those whose files name the secret; those of which a level does
	stores := map[string]SecretStore{}
	reader := NewValuesReader(f, repo)
	for _, i := range identities {
		values, err := reader.Of(i)
		if err != nil {
			return []error{err}
		}
		stores[i.Name] = SecretStoreOf(hierarchy.Reader(values, "", "secretStore"))
		m := member{i, SecretOf(i.Cluster, i.Metadata(), values, secretPrefix(f)), values}
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
	owners := secretOwners{}
	claim := func(m member) *secretOwner {
		store, known := stores[m.Hub]
		if !known {
			store = SecretStoreOf(fields.New(nil, "", nil))
		}
		store = store.Named(hierarchy.Reader(m.values, "", "externalSecret"))
		scope := strings.Join([]string{m.Hub, store.Kind, store.Name}, "\x00")
		return owners.addTo(scope, m.secret.Name, m.secret.Prefix, &secretOwner{cluster: m.Name})
	}
	for _, m := range slices.Concat(first, others) {
		claim(m) // what is wrong with these is not asked for
	}
	var errs []error
	for _, m := range last {
		err := checkSecretOf(f, repo, hubs, m.Cluster, m.secret)
		if other := claim(m); err == nil && other != nil {
			err = problem.New("", 0, "the secret %q is also that of cluster %q: both would be the same server",
				m.secret.Key(), other.cluster).WithHint("each cluster has a secret of its own")
		}
		if err != nil {
			errs = append(errs, problem.New(m.secret.File, m.secret.Line, "cluster %q: %w", m.Name, err))
		}
	}
	return errs
}

func checkSecretOf(f *fleet.Fleet, repo *hierarchy.Repository, hubs []hubName, member cluster.Cluster,
	secret NamedSecret) error {
	d, err := repo.Document(member.File)
	if err != nil || d == nil {
		return err
	}
	m, _, _ := parse(d, member.Hub)
	return checkSecret(f, hubs, m, secret.Name, secret.Prefix)
}

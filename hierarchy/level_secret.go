package hierarchy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

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
func SecretOf(c Cluster, metadata, values *Values, prefix string) NamedSecret {
	s := NamedSecret{Name: c.Annotations[AnnotationSecretName], File: c.File}
	if s.Name == "" {
		s.Name = Reader(values, "", "externalSecret").TextOr("secretManagerSecretName", "")
		s.File, s.Line = values.Locate("externalSecret", "secretManagerSecretName")
		return s
	}
	if metadata != nil {
		if origins := metadata.Origins("annotations", AnnotationSecretName); len(origins) > 0 {
			s.File, s.Line = origins[0].File, origins[0].Line
			s.InFile = origins[0].Level == LevelMember && origins[0].Value == s.Name
		}
	}
	if c.Hub != "" && !strings.HasPrefix(s.Name, "arn:") && !IsPlaceholder(s.Name) {
		s.Prefix = prefix
	}
	return s
}

// Key returns the name as AWS has it, or the ARN.
func (s NamedSecret) Key() string { return s.Prefix + s.Name }

// CheckSecretName fails for what can be neither the name nor the ARN of a secret.
func CheckSecretName(text string) error { return checkSecretName(text) }

// A SecretStore is the store of External Secrets that reads a cluster's secret. Each may read another account.
type SecretStore struct{ Kind, Name string }

// SecretStoreOf returns the store of an Argo CD, of the mapping secretStore of its cluster (SPEC section 9).
func SecretStoreOf(r *fields.Reader) SecretStore {
	return SecretStore{Kind: r.TextOr("kind", "SecretStore"), Name: r.TextOr("name", "fleet-eks-secret-store")}
}

// Named returns the store that the mapping externalSecret of a cluster names, of which this one is the default.
func (s SecretStore) Named(r *fields.Reader) SecretStore {
	if name := r.Text("secretStoreRefName"); name != "" && name != s.Name {
		s = SecretStore{Kind: "SecretStore", Name: name}
	}
	return SecretStore{Kind: cmp.Or(r.Text("secretStoreRefKind"), s.Kind), Name: s.Name}
}

// ClusterValues returns the merged values of fleet/fleet-secret/values.yaml in a cluster's levels, which are looked for
// if they are not known.
func (f *Fleet) ClusterValues(repo *Repository, i Identity) (*Values, error) {
	levels := i.Levels
	if levels == nil {
		var err error
		if levels, err = f.LevelsOf(repo, i.Cluster, f.AppPaths()...); err != nil {
			return nil, err
		}
	}
	layers, err := clusterValueFiles(repo, levels)
	if err != nil {
		return nil, err
	}
	return Merge(nil, nil, layers), nil
}

// CheckLevelSecrets returns an error for each of these members to which a level gives a secret that it may not have.
// Where two have the same, those that of is not true for had it first.
func (f *Fleet) CheckLevelSecrets(repo *Repository, identities []Identity, of func(Cluster) bool) []error {
	hubs, err := f.hubNames(repo)
	if err != nil {
		return []error{err}
	}
	type member struct {
		Identity
		secret NamedSecret
		values *Values
	}
	var first, others, last []member // those whose files name the secret; those of which a level does
	stores := map[string]SecretStore{}
	for _, i := range identities {
		values, err := f.ClusterValues(repo, i)
		if err != nil {
			return []error{err}
		}
		stores[i.Name] = SecretStoreOf(Reader(values, "", "secretStore"))
		m := member{i, SecretOf(i.Cluster, i.Metadata(), values, f.secretPrefix()), values}
		switch {
		case i.Hub == "" || m.secret.Name == "" || IsPlaceholder(m.secret.Name):
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
		store = store.Named(Reader(m.values, "", "externalSecret"))
		scope := strings.Join([]string{m.Hub, store.Kind, store.Name}, "\x00")
		return owners.addTo(scope, m.secret.Name, m.secret.Prefix, &secretOwner{cluster: m.Name})
	}
	for _, m := range slices.Concat(first, others) {
		claim(m) // what is wrong with these is not asked for
	}
	var errs []error
	for _, m := range last {
		err := f.checkSecretOf(repo, hubs, m.Cluster, m.secret)
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

func (f *Fleet) checkSecretOf(repo *Repository, hubs []hubName, member Cluster, secret NamedSecret) error {
	d, err := repo.Document(member.File)
	if err != nil || d == nil {
		return err
	}
	m, _, _ := ParseMember(d, member.Hub)
	return f.checkSecret(hubs, m, secret.Name, secret.Prefix)
}

// Package secretname knows the ways to name a secret of AWS Secrets Manager, which cluster has named which, and the
// store that reads it.
package secretname

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
)

// arnSuffix is what AWS adds to a name in the ARN of a secret (AWS documentation, What's in a secret). An ARN may do
// without.
var arnSuffix = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)

// Names are the ways to name one secret.
type Names struct {
	arn, shortARN string   // without the suffix; "" unless it is known by an ARN
	names         []string // without the ARN: as AWS has it first, and as it may be meant
}

// Of returns the names of a secret that is known by an ARN, or a name that the prefix goes before.
func Of(secret, prefix string) Names {
	_, resource, isARN := strings.Cut(secret, ":secret:")
	if !isARN {
		return Names{names: []string{prefix + secret, secret}}
	}
	return Names{arn: secret, shortARN: arnSuffix.ReplaceAllString(secret, ""),
		names: []string{resource, arnSuffix.ReplaceAllString(resource, "")}}
}

// First returns the name as AWS has it.
func (s Names) First() string { return s.names[0] }

// MayBe tells whether two secrets may be one. Of two ARNs that is certain; a name may be that of any account.
func (s Names) MayBe(other Names) bool {
	if s.arn != "" && other.arn != "" {
		return s.arn == other.arn || s.shortARN == other.arn || s.arn == other.shortARN
	}
	return slices.ContainsFunc(s.names, func(name string) bool { return slices.Contains(other.names, name) })
}

// Owners tells which clusters have named which secrets. The keys are the ways to name one, since a cluster is looked
// for among thousands.
type Owners map[string]*Owner

// An Owner is a cluster that has named a secret.
type Owner struct {
	Cluster  string
	Document *hierarchy.Document // the file that names it; nil if that is not a member's own
}

// Add adds the secret of an owner, unless another one has it: that is returned, or else nil. What a name stands for
// depends on the scope: each hub and store may read another account.
func (o Owners) Add(scope, secret, prefix string, owner Owner) *Owner {
	names := Of(secret, prefix)
	on := func(kind, name string) string { return scope + "\x00" + kind + "\x00" + name }
	var own, others []string
	if names.arn == "" {
		own = []string{on("name", names.names[0])}
		others = []string{on("name", names.names[0]), on("resource", names.names[0])}
	} else {
		own = []string{names.arn, on("resource", names.names[0]), on("resource", names.names[1])}
		others = []string{names.arn, names.shortARN, "short " + names.arn,
			on("name", names.names[0]), on("name", names.names[1])}
		if names.shortARN != names.arn {
			own = append(own, "short "+names.shortARN)
		}
	}
	for _, key := range others {
		if other := o[key]; other != nil {
			return other
		}
	}
	for _, key := range own {
		o[key] = &owner
	}
	return nil
}

// A Store is the store of External Secrets that reads a cluster's secret. Each may read another account.
type Store struct{ Kind, Name string }

// StoreOf returns the store of an Argo CD, of the map secretStore of its cluster (rule secret-store in
// docs/rules/registration.md).
func StoreOf(r *fields.Reader) Store {
	return Store{Kind: r.TextOr("kind", "SecretStore"), Name: r.TextOr("name", "fleet-eks-secret-store")}
}

// Named returns the store that the map externalSecret of a cluster names, of which this one is the default.
func (s Store) Named(r *fields.Reader) Store {
	if name := r.Text("secretStoreRefName"); name != "" && name != s.Name {
		s = Store{Kind: "SecretStore", Name: name}
	}
	return Store{Kind: cmp.Or(r.Text("secretStoreRefKind"), s.Kind), Name: s.Name}
}

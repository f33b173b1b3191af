package member

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Whose secret a member may name. The hub registers a cluster with the credentials in it: one that is another cluster's
// would give the tenant of the member that cluster.

// arnSuffix is what AWS adds to a name in the ARN of a secret (AWS documentation, What's in a secret). An ARN may do
// without.
var arnSuffix = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)

// secretNames are the ways to name one secret.
type secretNames struct {
	arn, shortARN string   // without the suffix; "" unless it is known by an ARN
	names         []string // without the ARN: as AWS has it first, and as it may be meant
}

// namesOf returns the names of a secret that is known by an ARN, or a name that the prefix goes before.
func namesOf(secret, prefix string) secretNames {
	_, resource, isARN := strings.Cut(secret, ":secret:")
	if !isARN {
		return secretNames{names: []string{prefix + secret, secret}}
	}
	return secretNames{arn: secret, shortARN: arnSuffix.ReplaceAllString(secret, ""),
		names: []string{resource, arnSuffix.ReplaceAllString(resource, "")}}
}

// mayBe tells whether two secrets may be one. Of two ARNs that is certain; a name may be that of any account.
func (s secretNames) mayBe(other secretNames) bool {
	if s.arn != "" && other.arn != "" {
		return s.arn == other.arn || s.shortARN == other.arn || s.arn == other.shortARN
	}
	return slices.ContainsFunc(s.names, func(name string) bool { return slices.Contains(other.names, name) })
}

// secretPrefix is what goes before the names of the members' secrets.
func secretPrefix(f *fleet.Fleet) string {
	if f.SecretsManager == nil {
		return ""
	}
	return f.SecretsManager.Prefix
}

// A hubName is the name of a hub, and where that is said.
type hubName struct{ name, place string }

// hubNames returns the names that belong to hubs: the clusters of fleet.yaml that their label does not call a spoke,
// and the directories for members.
func hubNames(f *fleet.Fleet, repo *hierarchy.Repository) ([]hubName, error) {
	var hubs []hubName
	for i, c := range f.Clusters {
		line := f.Line("spec", "clusters", strconv.Itoa(i), "name")
		if role := c.Labels[wellknown.LabelFleetMember]; role != "" && role != wellknown.FleetMemberSpoke {
			hubs = append(hubs, hubName{c.Name, hierarchy.FleetFile + ":" + strconv.Itoa(line)})
		}
	}
	entries, err := repo.Entries(f.Members)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if slices.ContainsFunc(hubs, func(h hubName) bool { return h.name == entry.Name() }) {
			continue
		}
		directory := f.MemberDirectory(entry.Name())
		if is, err := repo.HasDirectory(directory); err != nil {
			return nil, err
		} else if is {
			hubs = append(hubs, hubName{entry.Name(), directory + ", where its members are"})
		}
	}
	return hubs, nil
}

// checkSecret fails if a member may not have a secret: that of a hub, or one without the prefix of its tenant. The
// error has no place, since a level can name the secret too.
func checkSecret(f *fleet.Fleet, hubs []hubName, m Member, secret, prefix string) error {
	if secret == "" || cluster.IsPlaceholder(secret) {
		return nil
	}
	names := namesOf(secret, prefix)
	for _, hub := range hubs {
		place, own := hub.place, names.mayBe(namesOf("hub/"+hub.name, ""))
		if i := slices.IndexFunc(f.Clusters, func(c cluster.Cluster) bool { return c.Name == hub.name }); i >= 0 {
			annotation := f.Clusters[i].Annotations[wellknown.AnnotationSecretName]
			if !own && annotation != "" && names.mayBe(namesOf(annotation, "")) {
				own = true
				line := f.Line("spec", "clusters", strconv.Itoa(i), "annotations", wellknown.AnnotationSecretName)
				place = hierarchy.FleetFile + ":" + strconv.Itoa(line)
			}
		}
		if own {
			return problem.New("", 0, "the secret %q is that of the hub %q (%s)", secret, hub.name, place).
				WithHint("name the secret of the cluster itself")
		}
	}
	return checkSecretPrefix(f, m, secret, names.names[0])
}

// checkSecretPrefix applies spec.secretsManager.prefixes to the name of a secret as AWS has it.
func checkSecretPrefix(f *fleet.Fleet, m Member, secret, name string) error {
	if m.Tenant == "" && len(f.SecretPrefixes) > 0 {
		return problem.New("", 0,
			"the secret %q is not allowed: the member has no tenant, whose prefix it would need (%s)",
			secret, problem.Place(hierarchy.FleetFile, f.Line("spec", "secretsManager", "prefixes"))).
			WithHint("add tenant to its file")
	}
	text, restricted := f.SecretPrefixes[m.Tenant]
	if !restricted {
		return nil
	}
	place := hierarchy.FleetFile + ":" + strconv.Itoa(f.Line("spec", "secretsManager", "prefixes", m.Tenant))
	want, reason := m.expandPrefix(f, text)
	switch {
	case reason != "":
		return problem.New("", 0, "the secret %q is not allowed: %s, which %s needs for the secrets of tenant %s",
			secret, reason, place, m.Tenant).WithHint("add it, or correct the template")
	case !strings.HasPrefix(name, want):
		return problem.New("", 0, "the secret %q is not allowed: those of tenant %s start with %q (%s)",
			name, m.Tenant, want, place).WithHint("name the secret of the cluster itself")
	}
	return nil
}

// unknownPrefixes are findings about the keys of spec.secretsManager.prefixes that are no tenants: these restrict
// nobody.
func unknownPrefixes(f *fleet.Fleet, repo *hierarchy.Repository) ([]*problem.Problem, error) {
	var warnings []*problem.Problem
	search := fleet.NewTenantSearch(f, repo)
	for _, tenant := range slices.Sorted(maps.Keys(f.SecretPrefixes)) {
		found, err := search.DirectoriesOf(cluster.Cluster{Labels: map[string]string{wellknown.LabelTenant: tenant}})
		refused := func(format string, args ...any) *problem.Problem {
			return problem.New(hierarchy.FleetFile, f.Line("spec", "secretsManager", "prefixes", tenant),
				"secretsManager.prefixes: "+format, args...)
		}
		switch {
		case errors.Is(err, cluster.ErrSegment):
			warnings = append(warnings, refused("%q is no tenant: it %w", tenant, cluster.ErrSegment).
				WithHint("correct the name").WithRule(problem.RuleUnknownTenant))
		case err != nil:
			return nil, err
		case found.Unknown():
			warnings = append(warnings, refused(
				"there is no tenant %q, so that the prefix restricts nobody: there is no %s",
				tenant, strings.Join(found.Searched, ", nor ")).
				WithHint("%s, or add one of these directories", found.Correction(tenant)).
				WithRule(problem.RuleUnknownTenant, found.Searched...))
		}
	}
	return warnings, nil
}

// expandPrefix evaluates a template of spec.secretsManager.prefixes over the member: its keys as in the file, .name,
// .cluster and .hub. reason says why it gives nothing.
func (m Member) expandPrefix(f *fleet.Fleet, text string) (prefix, reason string) {
	data := map[string]any{}
	for _, key := range keys {
		if value := *key.value(&m); value != "" {
			data[key.name] = value
		}
	}
	data["name"], data["cluster"], data["hub"] = m.Name, m.Name, m.Hub
	return f.ExpandPrefix(text, data)
}

// secretOwners tells which members have named which secrets. The keys are the ways to name one, since a member is
// looked for among thousands.
type secretOwners map[string]*secretOwner

type secretOwner struct {
	cluster  string
	document *hierarchy.Document // the member's file
}

// add adds the secret that a member's file names, unless another one has named it: that is returned.
func (o secretOwners) add(m Member, d *hierarchy.Document, prefix string) *secretOwner {
	return o.addTo(m.Hub, m.SecretName, prefix, &secretOwner{m.Name, d})
}

// addTo adds a secret as add does. What a name stands for depends on the scope: each hub and store may read another
// account.
func (o secretOwners) addTo(scope, secret, prefix string, owner *secretOwner) *secretOwner {
	names := namesOf(secret, prefix)
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
		o[key] = owner
	}
	return nil
}

// checkSecret refuses the secret of another member, of a hub, and one that the member's tenant may not have.
func (c *checker) checkSecret(m Member, d *hierarchy.Document) error {
	if m.SecretName == "" || cluster.IsPlaceholder(m.SecretName) {
		return nil
	}
	const key = "secretManagerSecretName"
	if other := c.secrets.add(m, d, secretPrefix(c.fleet)); other != nil && other.cluster != m.Name {
		wrong, right := d, other.document
		if segments := strings.Split(m.SecretName, "/"); slices.Contains(segments, m.Name) &&
			!slices.Contains(segments, other.cluster) {
			wrong, right = right, wrong // the other one was copied
		}
		return problem.New(wrong.Name, wrong.Line(key),
			"member: the secret %q is also that of %s: both clusters would be the same server",
			m.SecretName, right.Place(key)).WithHint("each cluster has a secret of its own")
	}
	if err := checkSecret(c.fleet, c.hubs, m, m.SecretName, secretPrefix(c.fleet)); err != nil {
		return problem.New(d.Name, d.Line(key), "member: %w", err)
	}
	return nil
}

// inCluster is the name under which each Argo CD knows the cluster that it runs on.
const inCluster = "in-cluster"

// checkHub refuses a member with the name of a hub, or of the cluster of each Argo CD. Names of Applications know
// neither upper case nor most other characters. A cluster of fleet.yaml that is no hub only completes the member.
func (c *checker) checkHub(m Member, d *hierarchy.Document) error {
	refused := func(format string, args ...any) error {
		return problem.New(d.Name, d.Line("clusterName"), format, args...).
			WithHint("give the member another clusterName; the hub itself belongs in %s only", hierarchy.FleetFile)
	}
	normalized := func(name string) string { return cluster.Cluster{Name: name}.NameNormalized() }
	if normalized(m.Name) == inCluster {
		return refused("member: the name %q is that of the cluster that each Argo CD runs on", m.Name)
	}
	for _, hub := range c.hubs {
		switch {
		case hub.name == m.Name:
			return refused("member: the name %q is that of a hub (%s)", m.Name, hub.place)
		case normalized(hub.name) == normalized(m.Name):
			return refused("member: the name %q is like that of the hub %q (%s)", m.Name, hub.name, hub.place)
		}
	}
	return nil
}

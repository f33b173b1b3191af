package hierarchy

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// Whose secret a member may name. The hub registers a cluster with the credentials in it: one that is another cluster's
// would give the tenant of the member that cluster.

// AnnotationSecretName is the annotation that the key secretManagerSecretName of a member becomes.
const AnnotationSecretName = "secret_manager_secret_name"

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
func (f *Fleet) secretPrefix() string {
	if f.SecretsManager == nil {
		return ""
	}
	return f.SecretsManager.Prefix
}

// A hubName is the name of a hub, and where that is said.
type hubName struct{ name, place string }

// hubNames returns the names that belong to hubs: the clusters of fleet.yaml that their label does not call a spoke,
// and the folders for members.
func (f *Fleet) hubNames(repo *Repository) ([]hubName, error) {
	var hubs []hubName
	for i, c := range f.Clusters {
		line := f.line("spec", "clusters", strconv.Itoa(i), "name")
		if role := c.Labels[LabelFleetMember]; role != "" && role != FleetMemberSpoke {
			hubs = append(hubs, hubName{c.Name, FleetFile + ":" + strconv.Itoa(line)})
		}
	}
	entries, err := repo.entries(f.Members)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if slices.ContainsFunc(hubs, func(h hubName) bool { return h.name == entry.Name() }) {
			continue
		}
		folder := f.MemberFolder(entry.Name())
		if is, err := repo.HasFolder(folder); err != nil {
			return nil, err
		} else if is {
			hubs = append(hubs, hubName{entry.Name(), folder + ", where its members are"})
		}
	}
	return hubs, nil
}

// checkSecret fails if a member may not have a secret: that of a hub, or one without the prefix of its tenant. The
// error has no place, since a level can name the secret too.
func (f *Fleet) checkSecret(hubs []hubName, m Member, secret, prefix string) error {
	if secret == "" || IsPlaceholder(secret) {
		return nil
	}
	names := namesOf(secret, prefix)
	for _, hub := range hubs {
		place, own := hub.place, names.mayBe(namesOf("hub/"+hub.name, ""))
		if i := slices.IndexFunc(f.Clusters, func(c Cluster) bool { return c.Name == hub.name }); i >= 0 {
			annotation := f.Clusters[i].Annotations[AnnotationSecretName]
			if !own && annotation != "" && names.mayBe(namesOf(annotation, "")) {
				own = true
				line := f.line("spec", "clusters", strconv.Itoa(i), "annotations", AnnotationSecretName)
				place = FleetFile + ":" + strconv.Itoa(line)
			}
		}
		if own {
			return problem.New("", 0, "the secret %q is that of the hub %q (%s)", secret, hub.name, place).
				WithHint("name the secret of the cluster itself")
		}
	}
	return f.checkSecretPrefix(m, secret, names.names[0])
}

// checkSecretPrefix applies spec.secretsManager.prefixes to the name of a secret as AWS has it.
func (f *Fleet) checkSecretPrefix(m Member, secret, name string) error {
	if m.Tenant == "" && len(f.secretPrefixes) > 0 {
		return problem.New("", 0, "the secret %q is not allowed: the member has no tenant, whose prefix it would need (%s)",
			secret, problem.Place(FleetFile, f.line("spec", "secretsManager", "prefixes"))).WithHint("add tenant to its file")
	}
	text, restricted := f.secretPrefixes[m.Tenant]
	if !restricted {
		return nil
	}
	place := FleetFile + ":" + strconv.Itoa(f.line("spec", "secretsManager", "prefixes", m.Tenant))
	want, reason := m.expandPrefix(text)
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
func (f *Fleet) unknownPrefixes(repo *Repository) ([]*Problem, error) {
	var warnings []*Problem
	search := newTenantSearch(f, repo)
	for _, tenant := range slices.Sorted(maps.Keys(f.secretPrefixes)) {
		found, err := search.foldersOf(Cluster{Labels: map[string]string{LabelTenant: tenant}})
		refused := func(format string, args ...any) *Problem {
			return problem.New(FleetFile, f.line("spec", "secretsManager", "prefixes", tenant),
				"secretsManager.prefixes: "+format, args...)
		}
		switch {
		case errors.Is(err, errSegment):
			warnings = append(warnings, refused("%q is no tenant: it %w", tenant, errSegment).WithHint("correct the name"))
		case err != nil:
			return nil, err
		case found.unknown():
			warnings = append(warnings, refused("there is no tenant %q, so that the prefix restricts nobody: there is no %s",
				tenant, strings.Join(found.searched, ", nor ")).
				WithHint("%s, or add one of these folders", found.correction(tenant)).
				WithRule(RuleUnknownTenant, found.searched...))
		}
	}
	return warnings, nil
}

// expandPrefix evaluates a template of spec.secretsManager.prefixes over the member: its keys as in the file, .name,
// .cluster and .hub. reason says why it gives nothing.
func (m Member) expandPrefix(text string) (prefix, reason string) {
	data := map[string]any{}
	for _, key := range memberKeys {
		if value := *key.value(&m); value != "" {
			data[key.name] = value
		}
	}
	data["name"], data["cluster"], data["hub"] = m.Name, m.Name, m.Hub
	return ExpandPrefix(text, data)
}

// secretOwners tells which members have named which secrets. The keys are the ways to name one, since a member is
// looked for among thousands.
type secretOwners map[string]*secretOwner

type secretOwner struct {
	cluster  string
	document *Document // the member's file
}

// add adds the secret that a member's file names, unless another one has named it: that is returned.
func (o secretOwners) add(m Member, d *Document, prefix string) *secretOwner {
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
func (c *memberChecker) checkSecret(m Member, d *Document) error {
	if m.SecretName == "" || IsPlaceholder(m.SecretName) {
		return nil
	}
	const key = "secretManagerSecretName"
	if other := c.secrets.add(m, d, c.fleet.secretPrefix()); other != nil && other.cluster != m.Name {
		return problem.New(d.Name, d.Line(key),
			"member: the secret %q is also that of %s: both clusters would be the same server",
			m.SecretName, other.document.place(key)).WithHint("each cluster has a secret of its own")
	}
	if err := c.fleet.checkSecret(c.hubs, m, m.SecretName, c.fleet.secretPrefix()); err != nil {
		return problem.New(d.Name, d.Line(key), "member: %w", err)
	}
	return nil
}

// inCluster is the name under which each Argo CD knows the cluster that it runs on.
const inCluster = "in-cluster"

// checkHub refuses a member with the name of a hub, or of the cluster of each Argo CD. Names of Applications know
// neither upper case nor most other characters. A cluster of fleet.yaml that is no hub only completes the member.
func (c *memberChecker) checkHub(m Member, d *Document) error {
	refused := func(format string, args ...any) error {
		return problem.New(d.Name, d.Line("clusterName"), format, args...).
			WithHint("give the member another clusterName; the hub itself belongs in %s only", FleetFile)
	}
	normalized := func(name string) string { return Cluster{Name: name}.NameNormalized() }
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

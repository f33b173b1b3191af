package member

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/tenants"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/secretname"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// Whose secret a member may name. The hub registers a cluster with the credentials in it: one that is another cluster's
// would give the tenant of the member that cluster.

// secretPrefix is what goes before the names of the members' secrets.
func secretPrefix(f *fleet.Fleet) string {
	if f.SecretsManager == nil {
		return ""
	}
	return f.SecretsManager.Prefix
}

// checkSecret fails if a member may not have a secret: that of a hub, or one without the prefix of its tenant. The
// error has no place, since a level can name the secret too.
func checkSecret(f *fleet.Fleet, hubs []directories.HubName, m Member, secret, prefix string) error {
	if secret == "" || cluster.IsPlaceholder(secret) {
		return nil
	}
	names := secretname.Of(secret, prefix)
	for _, hub := range hubs {
		place, own := hub.Place, names.MayBe(secretname.Of("hub/"+hub.Name, ""))
		if i := slices.IndexFunc(f.Clusters, func(c cluster.Cluster) bool { return c.Name == hub.Name }); i >= 0 {
			annotation := f.Clusters[i].Annotations[wellknown.AnnotationSecretName]
			if !own && annotation != "" && names.MayBe(secretname.Of(annotation, "")) {
				own = true
				line := f.Line("spec", "clusters", strconv.Itoa(i), "annotations", wellknown.AnnotationSecretName)
				place = hierarchy.FleetFile + ":" + strconv.Itoa(line)
			}
		}
		if own {
			return problem.New("", 0, "the secret %q is that of the hub %q (%s)", secret, hub.Name, place).
				WithHint("name the secret of the cluster itself")
		}
	}
	return checkSecretPrefix(f, m, secret, names.First())
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
	search := tenants.NewSearch(f, repo)
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

// claim adds the secret that a member's file names, unless another one has named it: that is returned.
func (c *checker) claim(m Member, d *hierarchy.Document) *secretname.Owner {
	return c.secrets.Add(m.Hub, m.SecretName, secretPrefix(c.fleet), secretname.Owner{Cluster: m.Name, Document: d})
}

// checkSecret refuses the secret of another member, of a hub, and one that the member's tenant may not have.
func (c *checker) checkSecret(m Member, d *hierarchy.Document) error {
	if m.SecretName == "" || cluster.IsPlaceholder(m.SecretName) {
		return nil
	}
	const key = "secretManagerSecretName"
	if other := c.claim(m, d); other != nil && other.Cluster != m.Name {
		wrong, right := d, other.Document
		if segments := strings.Split(m.SecretName, "/"); slices.Contains(segments, m.Name) &&
			!slices.Contains(segments, other.Cluster) {
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
		case hub.Name == m.Name:
			return refused("member: the name %q is that of a hub (%s)", m.Name, hub.Place)
		case normalized(hub.Name) == normalized(m.Name):
			return refused("member: the name %q is like that of the hub %q (%s)", m.Name, hub.Name, hub.Place)
		}
	}
	return nil
}

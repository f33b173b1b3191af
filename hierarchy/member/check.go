package member

import (
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/tenants"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/directories"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member/secretname"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A checker checks members against each other and against the directories of the hierarchy.
type checker struct {
	fleet  *fleet.Fleet
	byName map[string]*hierarchy.Document
	hubs   []directories.HubName

	tenants    *tenants.Search
	secrets    secretname.Owners
	hasSecrets map[string]bool // the hubs of which some member has one
}

func newChecker(f *fleet.Fleet, repo *hierarchy.Repository) (*checker, error) {
	hubs, err := directories.HubNames(f, repo)
	return &checker{fleet: f, byName: map[string]*hierarchy.Document{}, hubs: hubs,
		tenants: tenants.NewSearch(f, repo),
		secrets: secretname.Owners{}, hasSecrets: map[string]bool{}}, err
}

func (c *checker) check(m Member, d *hierarchy.Document) []error {
	if first, taken := c.byName[m.Name]; taken {
		if stem(d.Name) == m.Name && stem(first.Name) != m.Name {
			first, d = d, first // the other one was copied
		}
		return []error{problem.New(d.Name, d.Line("clusterName"), "cluster %q is already registered in %s", m.Name,
			first.Place("clusterName")).
			WithHint("remove one of the files, or give it another clusterName")}
	}
	c.byName[m.Name] = d
	return c.checkOwn(m, d)
}

// stem returns the name of a file without its extension.
func stem(file string) string { return strings.TrimSuffix(path.Base(file), path.Ext(file)) }

// checkOwn checks the name and the secret of a member whose name no other cluster has.
func (c *checker) checkOwn(m Member, d *hierarchy.Document) []error {
	if err := c.checkHub(m, d); err != nil {
		return []error{err}
	}
	if err := c.checkSecret(m, d); err != nil {
		return []error{err}
	}
	return nil
}

// checkRegistration warns about what package registration would refuse or get wrong, and other fleets need not care
// about.
func (c *checker) checkRegistration(m Member, d *hierarchy.Document) []*problem.Problem {
	var warnings []*problem.Problem
	if !isObjectName(m.Name) {
		warnings = append(warnings, invalidName(d, m.Name))
	}
	if on(m.PushArgoSecrets) {
		warnings = append(warnings, problem.New(d.Name, d.Line("push_argo_secrets"),
			"member: push_argo_secrets only becomes a label: nothing "+
				"pushes secrets to the cluster").
			WithHint("have External Secrets on it (use_external_secrets), or remove the key").
			WithRule(problem.RuleNoEffect))
	}
	_, isEmpty := d.Values["secretManagerSecretName"]
	switch {
	case m.SecretName != "":
	case isEmpty:
		warnings = append(warnings, problem.New(d.Name, d.Line("secretManagerSecretName"),
			"member: secretManagerSecretName is empty: the registration fails if no level gives it").
			WithHint("fill it in").WithRule(problem.RuleIncompleteMember))
	case c.hasSecrets[m.Hub]:
		warnings = append(warnings, problem.New(d.Name, 0,
			"member: there is no secretManagerSecretName, which other members of hub %s have: "+
				"the registration fails if no level gives it", m.Hub).WithHint("add it").
			WithRule(problem.RuleIncompleteMember))
	}
	return warnings
}

// CheckFlags warns about members that are said to deploy to themselves without an Argo CD of their own.
func CheckFlags(f *fleet.Fleet, repo *hierarchy.Repository, clusters []cluster.Cluster) []*problem.Problem {
	return checkFlags(clusters, func(c cluster.Cluster, flag string) (string, int) {
		return LabelPlace(f, repo, c, flag)
	})
}

func checkFlags(clusters []cluster.Cluster, place func(c cluster.Cluster, flag string) (string, int)) (
	found []*problem.Problem) {
	for _, c := range clusters {
		for _, flag := range []string{wellknown.LabelRemoteAddons, wellknown.LabelRemoteResources} {
			if c.Hub == "" || c.Labels[flag] != "true" || c.Labels[wellknown.LabelRemoteArgo] == "true" {
				continue
			}
			file, line := place(c, flag)
			found = append(found, problem.New(file, line,
				"cluster %q: %s is \"true\", but it has no Argo CD of its own, so that only its hub can deploy", c.Name,
				flag).WithHint("set %s to \"true\", or %s to \"false\"", wellknown.LabelRemoteArgo, flag).
				WithRule(problem.RuleNoEffect))
		}
	}
	return found
}

func isObjectName(name string) bool { return len(validation.IsDNS1123Subdomain(name)) == 0 }

// invalidName is about a member after whose name no object can be called.
func invalidName(d *hierarchy.Document, name string) *problem.Problem {
	return problem.New(d.Name, d.Line("clusterName"),
		"member: %q cannot be the name of a Kubernetes object, such as the cluster's Secret", name).
		WithHint("use lower case letters, digits, - and . only").WithRule(problem.RuleInvalidName)
}

// inHierarchy returns the cluster of a member, as far as it chooses directories.
func (m Member) inHierarchy() cluster.Cluster {
	on := cluster.Cluster{Name: m.Name, File: m.File, Labels: map[string]string{}}
	for label, value := range map[string]string{wellknown.LabelTenant: m.Tenant,
		wellknown.LabelEnvironment: m.Environment} {
		if value != "" {
			on.Labels[label] = value
		}
	}
	return on
}

// checkDirectories looks for the directories of the member's tenant and environment below the app paths.
func (c *checker) checkDirectories(m Member, d *hierarchy.Document) ([]*problem.Problem, []error) {
	var warnings []*problem.Problem
	on := m.inHierarchy()
	for _, label := range []string{wellknown.LabelTenant, wellknown.LabelEnvironment} {
		if on.Labels[label] == "" && c.fleet.LevelsName(label) {
			p := problem.New(d.Name, 0, "member: there is no %s, so that some levels are skipped", label).
				WithHint("add it").WithRule(problem.RuleSkippedLevel)
			if label == wellknown.LabelTenant {
				p.Err = errNoTenant
			}
			warnings = append(warnings, p)
		}
	}
	if m.Tenant == "" {
		return warnings, nil
	}
	found, err := c.tenants.DirectoriesOf(on)
	if err != nil {
		return warnings, []error{err}
	}
	switch {
	case found.Unknown():
		warnings = append(warnings, found.Finding(on, d.Name, d.Line(wellknown.LabelTenant)))
	case m.Environment != "" && len(found.Parents) > 0 && !found.Environments[m.Environment]:
		return warnings, []error{problem.New(d.Name, d.Line(wellknown.LabelEnvironment),
			"member: tenant %s has no environment %q: %s",
			m.Tenant, m.Environment, found.Existing()).WithHint("correct the name, or add the directory")}
	}
	return warnings, nil
}

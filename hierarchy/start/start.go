// Package start makes a new fleet: the files with which a hub, its spokes and a few components begin.
package start

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Fleet is what is said of a new fleet.
type Fleet struct {
	Hub         string // the cluster that Argo CD runs on
	Tenant      string // of the hub
	Environment string // of the hub
	Region      string // of AWS, in which the hub is
	RepoURL     string // of the Git repository that the files are for
	Revision    string // in the repository; "" for main
	Components  []Component
	Members     []Member
}

// A Component is an addon that all clusters get: a Helm chart.
type Component struct{ Name, Repository, Chart, Version string }

// A Member is a spoke. Keys are those of its file besides its name, tenant, environment and secret.
type Member struct {
	Name, Tenant, Environment string
	Keys                      map[string]string
}

// A Question is what a word of a fleet is: how it is called, where it is, and what fails for a wrong one.
type Question struct {
	Flag  string // as the command line calls it
	Text  string // how it is asked for
	Value func(*Fleet) *string
	Check func(string) error
}

// Questions are the words that a new fleet needs, in the order in which they are asked for.
var Questions = []Question{
	{"hub", "name of the hub, the cluster that Argo CD runs on", func(f *Fleet) *string { return &f.Hub },
		checkCluster},
	{"tenant", "tenant of the hub, such as platform", func(f *Fleet) *string { return &f.Tenant }, checkTenant},
	{"environment", "environment of the hub, such as prod", func(f *Fleet) *string { return &f.Environment },
		checkDirectory},
	{"region", "AWS region of the hub, such as eu-west-1", func(f *Fleet) *string { return &f.Region }, checkRegion},
	{"repo-url", "URL of this fleet's Git repository", func(f *Fleet) *string { return &f.RepoURL }, checkGitURL},
}

// ParseMember reads NAME:TENANT:ENVIRONMENT. It fails for another form, and for names that cannot be those.
func ParseMember(text string) (Member, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return Member{}, problem.New("", 0, "%q is no member", text).WithHint("write NAME:TENANT:ENVIRONMENT")
	}
	m := Member{Name: parts[0], Tenant: parts[1], Environment: parts[2]}
	return m, m.check()
}

func (m Member) check() error {
	if err := checkCluster(m.Name); err != nil {
		return fmt.Errorf("member: %w", err)
	}
	if err := checkTenant(m.Tenant); err != nil {
		return fmt.Errorf("member %s: tenant: %w", m.Name, err)
	}
	if err := checkDirectory(m.Environment); err != nil {
		return fmt.Errorf("member %s: environment: %w", m.Name, err)
	}
	return nil
}

// Check fails for what is missing, wrong or there twice.
func (f *Fleet) Check() error {
	for _, q := range Questions {
		if err := q.Check(*q.Value(f)); err != nil {
			return fmt.Errorf("%s: %w", q.Flag, err)
		}
	}
	if f.Revision != "" && !isAddress.MatchString(f.Revision) {
		return problem.New("", 0, "%q cannot be a revision here", f.Revision).WithHint("name a branch")
	}
	names := map[string]bool{}
	for _, c := range f.Components {
		if err := c.check(); err != nil {
			return err
		}
		if names[c.Name] {
			return problem.New("", 0, "there are two components %q", c.Name).WithHint("give each a name of its own")
		}
		names[c.Name] = true
	}
	clusters := map[string]bool{f.Hub: true}
	for _, m := range f.Members {
		if err := m.check(); err != nil {
			return err
		}
		if clusters[m.Name] {
			return problem.New("", 0, "there are two clusters %q", m.Name).
				WithHint("give each a name of its own; the hub is no member")
		}
		clusters[m.Name] = true
	}
	if len(f.Components) == 0 {
		return problem.New("", 0, "the fleet has no component").WithHint("give one")
	}
	return nil
}

// checkCluster fails for what cannot be the name of a cluster: of directories, labels and objects.
func checkCluster(s string) error {
	if err := checkDirectory(s); err != nil {
		return err
	}
	if name := strings.TrimSuffix(strings.TrimSuffix(s, ".yaml"), ".yml"); name != s {
		return problem.New("", 0, "%q is the name of a file", s).WithHint("give that of the cluster, %s", name)
	}
	if len(validation.IsDNS1123Subdomain(s)) > 0 {
		return problem.New("", 0, "%q cannot be the name of a cluster", s).
			WithHint("use lower case letters, digits, - and . only")
	}
	return nil
}

// checkTenant fails for what cannot be a tenant: where the defaults of all tenants are is the place of none.
func checkTenant(s string) error {
	if s == "defaults" {
		return problem.New("", 0, "%q cannot be a tenant: it is the directory of the defaults of all tenants", s).
			WithHint("choose another name")
	}
	return checkDirectory(s)
}

func checkDirectory(s string) error {
	if err := cluster.CheckSegment(s); err != nil {
		return err
	}
	return cluster.CheckLabelValue(s)
}

func checkRegion(s string) error {
	if !cluster.IsUsualRegion(s) {
		return problem.New("", 0, "%q is no region of AWS", s).WithHint("write it as eu-west-1")
	}
	return nil
}

// checkGitURL fails for what is no address of a Git repository that Argo CD can have.
func checkGitURL(s string) error {
	schemes := []string{"https://", "http://", "ssh://"}
	_, path, _ := strings.Cut(strings.TrimPrefix(s, "ssh:"), ":") // git@host:path
	scp := !strings.Contains(s, "://") && strings.Contains(s, "@") && path != ""
	known := slices.ContainsFunc(schemes, func(p string) bool { return strings.HasPrefix(s, p) && len(s) > len(p) })
	if !scp && !known || !isAddress.MatchString(s) {
		return problem.New("", 0, "%q is no URL of a Git repository", s).
			WithHint("write it as https://HOST/PATH or git@HOST:PATH")
	}
	return fields.CheckURL(s)
}

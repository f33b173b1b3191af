package hierarchy

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A memberChecker checks members against each other and against the folders of the hierarchy.
type memberChecker struct {
	fleet   *Fleet
	repo    *Repository
	byName  map[string]*Document
	hubs    []hubName
	folders map[string][]string // the names of the folders in a folder; nil: no such folder

	secrets    secretOwners
	hasSecrets map[string]bool // the hubs of which some member has one
}

func (f *Fleet) newChecker(repo *Repository) (*memberChecker, error) {
	hubs, err := f.hubNames(repo)
	return &memberChecker{fleet: f, repo: repo, byName: map[string]*Document{}, folders: map[string][]string{}, hubs: hubs,
		secrets: secretOwners{}, hasSecrets: map[string]bool{}}, err
}

func (c *memberChecker) check(m Member, d *Document) []error {
	if first, taken := c.byName[m.Name]; taken {
		return []error{problem.New(d.Name, d.Line("clusterName"), "cluster %q is already registered in %s", m.Name, first.place("clusterName")).
			WithHint("remove one of the files, or give it another clusterName")}
	}
	c.byName[m.Name] = d
	if err := c.checkHub(m, d); err != nil {
		return []error{err}
	}
	if err := c.checkSecret(m, d); err != nil {
		return []error{err}
	}
	return nil
}

// place returns FILE:LINE of a key, or only the file if the key is not there.
func (d *Document) place(key string) string {
	if _, ok := d.Values[key]; !ok {
		return d.Name
	}
	return problem.Place(d.Name, d.Line(key))
}

// checkRegistration warns about what package registration would refuse or get wrong, and other fleets need not care about.
func (c *memberChecker) checkRegistration(m Member, d *Document) []*Problem {
	var warnings []*Problem
	if found := validation.IsDNS1123Subdomain(m.Name); len(found) > 0 {
		warnings = append(warnings, problem.New(d.Name, d.Line("clusterName"), "member: %q cannot be the name of a Kubernetes object, such as "+
			"the cluster's Secret", m.Name).WithHint("use lower case letters, digits, - and . only"))
	}
	if On(m.PushArgoSecrets) {
		warnings = append(warnings, problem.New(d.Name, d.Line("push_argo_secrets"), "member: push_argo_secrets only becomes a label: nothing "+
			"pushes secrets to the cluster").WithHint("have External Secrets on it (use_external_secrets), or remove the key"))
	}
	if m.SecretName == "" && c.hasSecrets[m.Hub] {
		warnings = append(warnings, problem.New(d.Name, 0, "member: there is no secretManagerSecretName, which other members of hub %s have: "+
			"the registration fails if no level gives it", m.Hub).WithHint("add it"))
	}
	return warnings
}

// checkFolders looks for the folders of the member's tenant and environment below the app paths.
func (c *memberChecker) checkFolders(m Member, d *Document) ([]*Problem, []error) {
	var warnings []*Problem
	cluster := Cluster{Name: m.Name, File: m.File, Labels: map[string]string{}}
	for label, value := range map[string]string{LabelTenant: m.Tenant, LabelEnvironment: m.Environment} {
		if value != "" {
			cluster.Labels[label] = value
		}
	}
	for _, label := range []string{LabelTenant, LabelEnvironment} {
		if cluster.Labels[label] == "" {
			warnings = append(warnings, problem.New(d.Name, 0, "member: there is no %s, so that some levels are skipped", label).WithHint("add it"))
		}
	}
	if m.Tenant == "" {
		return warnings, nil
	}
	found, err := c.foldersOf(cluster)
	if err != nil {
		return warnings, []error{err}
	}
	switch {
	case found.unknown():
		warnings = append(warnings, found.unknownTenant(cluster, d.Name, d.Line(LabelTenant)))
	case m.Environment != "" && len(found.parents) > 0 && !found.environments[m.Environment]:
		return warnings, []error{problem.New(d.Name, d.Line(LabelEnvironment), "member: tenant %s has no environment %q: %s",
			m.Tenant, m.Environment, found.existing()).WithHint("correct the name, or add the folder")}
	}
	return warnings, nil
}

// UnknownTenant returns a finding if the tenant of a cluster has no folder below any app path; else nil. It fails if the folders
// cannot be read.
func (f *Fleet) UnknownTenant(repo *Repository, c Cluster) (*Problem, error) {
	found, err := f.newChecker(repo, nil).foldersOf(c)
	if err != nil || !found.unknown() {
		return nil, err
	}
	file, line := "", 0
	i := slices.IndexFunc(f.Clusters, func(known Cluster) bool { return known.Name == c.Name })
	tenant := c.Labels[LabelTenant]
	switch {
	case c.Hub != "":
		if d, err := repo.Document(c.File); err == nil && d != nil {
			if text, _ := fields.Text(d.Values[LabelTenant]); text == tenant {
				file, line = d.Name, d.Line(LabelTenant)
			}
		}
	case i >= 0 && f.Clusters[i].Labels[LabelTenant] == tenant:
		file, line = FleetFile, f.line("spec", "clusters", strconv.Itoa(i), "labels", LabelTenant)
	}
	return found.unknownTenant(c, file, line), nil
}

// checkOwn warns about hubs whose tenant has no folder, and about the clusters of fleet.yaml in an environment that their tenant
// does not have. They are no members, and may do without folders.
func (c *memberChecker) checkOwn() ([]*Problem, error) {
	var warnings []*Problem
	for i, cluster := range c.fleet.Clusters {
		tenant, environment := cluster.Labels[LabelTenant], cluster.Labels[LabelEnvironment]
		if tenant == "" {
			continue
		}
		if cluster.Labels[LabelFleetMember] == FleetMemberHub {
			unknown, err := c.fleet.UnknownTenant(c.repo, cluster)
			if err != nil {
				return nil, err
			}
			if unknown != nil {
				warnings = append(warnings, unknown)
			}
		}
		found, err := c.foldersOf(cluster)
		if err != nil {
			return nil, err
		}
		if environment != "" && len(found.environments) > 0 && !found.environments[environment] {
			line := c.fleet.line("spec", "clusters", strconv.Itoa(i), "labels", LabelEnvironment)
			warnings = append(warnings, problem.New(FleetFile, line, "cluster %q: tenant %s has no environment %q: %s",
				cluster.Name, tenant, environment, found.existing()).WithHint("correct the name, or add the folder"))
		}
	}
	return warnings, nil
}

// foldersOf returns the folders that the cluster's tenant has.
func (c *memberChecker) foldersOf(cluster Cluster) (tenantFolders, error) {
	found := tenantFolders{environments: map[string]bool{}}
	appPaths, err := c.appPaths()
	if err != nil {
		return found, err
	}
	for _, appPath := range appPaths {
		if err := c.find(&found, appPath, cluster); err != nil {
			return found, err
		}
	}
	if found.unknown() {
		found.others, err = c.tenants(appPaths, found.searched)
	}
	return found, err
}

// tenants returns the names of folders that can be those of tenants: beside where one was searched, and beside `tenants/`.
func (c *memberChecker) tenants(appPaths, searched []string) ([]string, error) {
	var names []string
	for _, folder := range searched {
		entries, err := c.repo.entries(path.Dir(folder))
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
	}
	for _, appPath := range appPaths {
		beside, err := c.fleet.tenantsBeside(c.repo, appPath)
		if err != nil {
			return nil, err
		}
		names = append(names, beside...)
	}
	return names, nil
}

// appPaths returns the app paths to look below. Of a group whose path fleet.yaml leaves out, each render says it: that can be any
// folder at the root.
func (c *memberChecker) appPaths() ([]string, error) {
	appPaths := c.fleet.AppPaths()
	open := func(g *Group) bool { return !g.PathNamed && g.Path == "." && len(g.RepoNames) == 0 }
	if !slices.ContainsFunc(slices.Collect(maps.Values(c.fleet.Groups)), open) {
		return appPaths, nil
	}
	entries, err := c.repo.entries(".")
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") && !slices.Contains(appPaths, entry.Name()) {
			appPaths = append(appPaths, entry.Name())
		}
	}
	return appPaths, err
}

// existing says which environments there are.
func (f tenantFolders) existing() string {
	names := "none"
	if len(f.environments) > 0 {
		names = strings.Join(slices.Sorted(maps.Keys(f.environments)), ", ")
	}
	return strings.Join(f.parents, " and ") + " has " + names
}

// tenantFolders are the folders of a tenant in the hierarchy.
type tenantFolders struct {
	searched     []string // where the levels that name the tenant look for it
	exists       bool
	others       []string // the tenants that there are, if it is unknown
	parents      []string // of the environments
	environments map[string]bool
}

// unknown tells whether some level looks for the tenant, and none finds it.
func (f tenantFolders) unknown() bool { return len(f.searched) > 0 && !f.exists }

// unknownTenant is the finding about a cluster with a tenant that has no folders, which file and line name.
func (f tenantFolders) unknownTenant(c Cluster, file string, line int) *Problem {
	tenant := c.Labels[LabelTenant]
	hint := "correct the name"
	if meant := likely(tenant, f.others); meant != "" {
		hint = "did you mean " + meant + "? Correct the name"
	}
	return problem.New(file, line, "cluster %q: tenant %q has no folder in the hierarchy, so that its levels are lost: there is no %s",
		c.Name, tenant, strings.Join(f.searched, ", nor ")).
		WithHint("%s, or add one of these folders", hint).WithRule(RuleUnknownTenant, f.searched...).Stopping()
}

// find adds the folders that the cluster's tenant has below an app path.
func (c *memberChecker) find(found *tenantFolders, appPath string, cluster Cluster) error {
	beside, err := c.fleet.besideTenants(c.repo, appPath, cluster.Labels[LabelTenant])
	if err != nil {
		return err
	}
	found.exists = found.exists || beside
	for _, level := range c.fleet.Levels {
		for _, text := range level.Paths {
			if beside {
				text = fromTenant(text)
			}
			if _, to := segmentOf(text, LabelTenant); to >= 0 {
				names, folder, err := c.list(appPath, text[:to], cluster)
				if err != nil {
					return err
				}
				found.exists = found.exists || names != nil
				if folder != "" && !slices.Contains(found.searched, folder) {
					found.searched = append(found.searched, folder)
				}
			}
			from, _ := segmentOf(text, LabelEnvironment)
			if from <= 0 {
				continue
			}
			names, folder, err := c.list(appPath, text[:from-1], cluster)
			if err != nil {
				return err
			}
			if names != nil && !slices.Contains(found.parents, folder) {
				found.parents = append(found.parents, folder)
			}
			for _, name := range names {
				found.environments[name] = true
			}
		}
	}
	return nil
}

// list returns the folders in the folder of a level path, and which one that is; nil if it does not exist.
func (c *memberChecker) list(appPath, text string, cluster Cluster) (names []string, folder string, err error) {
	relative, missing, err := cluster.expand(text, cluster.Fields())
	if err != nil || missing != "" {
		return nil, "", err
	}
	folder = path.Join(appPath, relative)
	if names, ok := c.folders[folder]; ok {
		return names, folder, nil
	}
	if exists, err := c.repo.HasFolder(folder); err != nil || !exists {
		c.folders[folder] = nil
		return nil, folder, err
	}
	entries, err := c.repo.entries(folder)
	if err != nil {
		return nil, folder, err
	}
	names = []string{}
	for _, entry := range entries {
		// Links count as well: LevelsOf follows them.
		if is, err := c.repo.HasFolder(path.Join(folder, entry.Name())); err == nil && is {
			names = append(names, entry.Name())
		}
	}
	c.folders[folder] = names
	return names, folder, nil
}

package hierarchy

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A tenantSearch looks for the folders of tenants and environments below the app paths. It looks into each folder once.
type tenantSearch struct {
	fleet   *Fleet
	repo    *Repository
	folders map[string][]string // the names of the folders in a folder; nil: no such folder
}

// levelsName tells whether a path of a level has the label tenant or environment in it.
func (f *Fleet) levelsName(label string) bool {
	return slices.ContainsFunc(f.Levels, func(l Level) bool {
		return slices.ContainsFunc(l.Paths, func(text string) bool { at, _ := segmentOf(text, label); return at >= 0 })
	})
}

func newTenantSearch(f *Fleet, repo *Repository) *tenantSearch {
	return &tenantSearch{fleet: f, repo: repo, folders: map[string][]string{}}
}

// UnknownTenant returns a finding if the tenant of a cluster has no folder below any app path; else nil. It fails if
// the folders cannot be read.
func (f *Fleet) UnknownTenant(repo *Repository, c Cluster) (*Problem, error) {
	found, err := newTenantSearch(f, repo).foldersOf(c)
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

// checkOwn warns about hubs whose tenant has no folder, and about the clusters of fleet.yaml in an environment that
// their tenant does not have. They are no members, and may do without folders.
func (s *tenantSearch) checkOwn() ([]*Problem, error) {
	var warnings []*Problem
	for i, cluster := range s.fleet.Clusters {
		tenant, environment := cluster.Labels[LabelTenant], cluster.Labels[LabelEnvironment]
		if tenant == "" {
			continue
		}
		if cluster.Labels[LabelFleetMember] == FleetMemberHub {
			unknown, err := s.fleet.UnknownTenant(s.repo, cluster)
			if err != nil {
				return nil, err
			}
			if unknown != nil {
				warnings = append(warnings, unknown)
			}
		}
		found, err := s.foldersOf(cluster)
		if err != nil {
			return nil, err
		}
		if environment != "" && len(found.environments) > 0 && !found.environments[environment] {
			line := s.fleet.line("spec", "clusters", strconv.Itoa(i), "labels", LabelEnvironment)
			warnings = append(warnings, problem.New(FleetFile, line, "cluster %q: tenant %s has no environment %q: %s",
				cluster.Name, tenant, environment, found.existing()).WithHint("correct the name, or add the folder"))
		}
	}
	return warnings, nil
}

// foldersOf returns the folders that the cluster's tenant has.
func (s *tenantSearch) foldersOf(cluster Cluster) (tenantFolders, error) {
	found := tenantFolders{environments: map[string]bool{}}
	appPaths, err := s.appPaths()
	if err != nil {
		return found, err
	}
	for _, appPath := range appPaths {
		if err := s.find(&found, appPath, cluster); err != nil {
			return found, err
		}
	}
	if found.unknown() {
		found.others, err = s.tenants(appPaths, found.searched)
	}
	return found, err
}

// tenants returns the names of folders that can be those of tenants: beside where one was searched, and beside
// `tenants/`.
func (s *tenantSearch) tenants(appPaths, searched []string) ([]string, error) {
	var names []string
	for _, folder := range searched {
		entries, err := s.repo.entries(path.Dir(folder))
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
	}
	for _, appPath := range appPaths {
		beside, err := s.fleet.tenantsBeside(s.repo, appPath)
		if err != nil {
			return nil, err
		}
		names = append(names, beside...)
	}
	return names, nil
}

// appPaths returns the app paths to look below. Of a group whose path fleet.yaml leaves out, each render says it: that
// can be any folder at the root.
func (s *tenantSearch) appPaths() ([]string, error) {
	appPaths := s.fleet.AppPaths()
	open := func(g *Group) bool { return !g.PathNamed && g.Path == "." && len(g.RepoNames) == 0 }
	if !slices.ContainsFunc(slices.Collect(maps.Values(s.fleet.Groups)), open) {
		return appPaths, nil
	}
	entries, err := s.repo.entries(".")
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
	return problem.New(file, line, "cluster %q: tenant %q has no folder in the hierarchy, so that its levels are lost: there is no %s",
		c.Name, tenant, strings.Join(f.searched, ", nor ")).
		WithHint("%s, or add one of these folders", f.correction(tenant)).
		WithRule(RuleUnknownTenant, f.searched...).Stopping()
}

// correction is the hint about the name of a tenant that has no folders.
func (f tenantFolders) correction(tenant string) string {
	if meant := likely(tenant, f.others); meant != "" {
		return "did you mean " + meant + "? Correct the name"
	}
	return "correct the name"
}

// find adds the folders that the cluster's tenant has below an app path.
func (s *tenantSearch) find(found *tenantFolders, appPath string, cluster Cluster) error {
	beside, err := s.fleet.besideTenants(s.repo, appPath, cluster.Labels[LabelTenant])
	if err != nil {
		return err
	}
	found.exists = found.exists || beside
	for _, level := range s.fleet.Levels {
		for _, text := range level.Paths {
			if beside {
				text = fromTenant(text)
			}
			if _, to := segmentOf(text, LabelTenant); to >= 0 {
				names, folder, err := s.list(appPath, text[:to], cluster)
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
			names, folder, err := s.list(appPath, text[:from-1], cluster)
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
func (s *tenantSearch) list(appPath, text string, cluster Cluster) (names []string, folder string, err error) {
	relative, missing, err := cluster.expand(text, cluster.Fields())
	if err != nil || missing != "" {
		return nil, "", err
	}
	folder = path.Join(appPath, relative)
	if names, ok := s.folders[folder]; ok {
		return names, folder, nil
	}
	if exists, err := s.repo.HasFolder(folder); err != nil || !exists {
		s.folders[folder] = nil
		return nil, folder, err
	}
	entries, err := s.repo.entries(folder)
	if err != nil {
		return nil, folder, err
	}
	names = []string{}
	for _, entry := range entries {
		// Links count as well: LevelsOf follows them.
		if is, err := s.repo.HasFolder(path.Join(folder, entry.Name())); err == nil && is {
			names = append(names, entry.Name())
		}
	}
	s.folders[folder] = names
	return names, folder, nil
}

package fleet

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A TenantSearch looks for the folders of tenants and environments below the app paths. It looks into each folder once.
type TenantSearch struct {
	fleet   *Fleet
	repo    *hierarchy.Repository
	folders map[string][]string // the names of the folders in a folder; nil: no such folder
}

// LevelsName tells whether a path of a level has the label tenant or environment in it.
func (f *Fleet) LevelsName(label string) bool {
	return slices.ContainsFunc(f.Levels, func(l Level) bool {
		return slices.ContainsFunc(l.Paths, func(text string) bool { at, _ := segmentOf(text, label); return at >= 0 })
	})
}

// NewTenantSearch returns a search below the app paths of the fleet, for one check of many clusters.
func NewTenantSearch(f *Fleet, repo *hierarchy.Repository) *TenantSearch {
	return &TenantSearch{fleet: f, repo: repo, folders: map[string][]string{}}
}

// UnknownTenant returns a finding if the tenant of a cluster has no folder below any app path; else nil. It fails if
// the folders cannot be read.
func (f *Fleet) UnknownTenant(repo *hierarchy.Repository, c cluster.Cluster) (*problem.Problem, error) {
	found, err := NewTenantSearch(f, repo).FoldersOf(c)
	if err != nil || !found.Unknown() {
		return nil, err
	}
	file, line := "", 0
	i := slices.IndexFunc(f.Clusters, func(known cluster.Cluster) bool { return known.Name == c.Name })
	tenant := c.Labels[wellknown.LabelTenant]
	switch {
	case c.Hub != "":
		if d, err := repo.Document(c.File); err == nil && d != nil {
			if text, _ := fields.Text(d.Values[wellknown.LabelTenant]); text == tenant {
				file, line = d.Name, d.Line(wellknown.LabelTenant)
			}
		}
	case i >= 0 && f.Clusters[i].Labels[wellknown.LabelTenant] == tenant:
		file, line = hierarchy.FleetFile, f.Line("spec", "clusters", strconv.Itoa(i), "labels", wellknown.LabelTenant)
	}
	return found.Problem(c, file, line), nil
}

// CheckOwn warns about hubs whose tenant has no folder, and about the clusters of fleet.yaml in an environment that
// their tenant does not have. They are no members, and may do without folders.
func (s *TenantSearch) CheckOwn() ([]*problem.Problem, error) {
	var warnings []*problem.Problem
	for i, c := range s.fleet.Clusters {
		tenant, environment := c.Labels[wellknown.LabelTenant], c.Labels[wellknown.LabelEnvironment]
		if tenant == "" {
			continue
		}
		if c.Labels[wellknown.LabelFleetMember] == wellknown.FleetMemberHub {
			unknown, err := s.fleet.UnknownTenant(s.repo, c)
			if err != nil {
				return nil, err
			}
			if unknown != nil {
				warnings = append(warnings, unknown)
			}
		}
		found, err := s.FoldersOf(c)
		if err != nil {
			return nil, err
		}
		if environment != "" && len(found.Environments) > 0 && !found.Environments[environment] {
			line := s.fleet.Line("spec", "clusters", strconv.Itoa(i), "labels", wellknown.LabelEnvironment)
			warnings = append(warnings, problem.New(hierarchy.FleetFile, line,
				"cluster %q: tenant %s has no environment %q: %s",
				c.Name, tenant, environment, found.Existing()).WithHint("correct the name, or add the folder"))
		}
	}
	return warnings, nil
}

// FoldersOf returns the folders that the cluster's tenant has.
func (s *TenantSearch) FoldersOf(c cluster.Cluster) (TenantFolders, error) {
	found := TenantFolders{Environments: map[string]bool{}}
	appPaths, err := s.appPaths()
	if err != nil {
		return found, err
	}
	for _, appPath := range appPaths {
		if err := s.find(&found, appPath, c); err != nil {
			return found, err
		}
	}
	if found.Unknown() {
		found.others, err = s.tenants(appPaths, found.Searched)
	}
	return found, err
}

// tenants returns the names of folders that can be those of tenants: beside where one was searched, and beside
// `tenants/`.
func (s *TenantSearch) tenants(appPaths, searched []string) ([]string, error) {
	var names []string
	for _, folder := range searched {
		entries, err := s.repo.Entries(path.Dir(folder))
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
func (s *TenantSearch) appPaths() ([]string, error) {
	appPaths := s.fleet.AppPaths()
	open := func(g *Group) bool { return !g.PathNamed && g.Path == "." && len(g.RepoNames) == 0 }
	if !slices.ContainsFunc(slices.Collect(maps.Values(s.fleet.Groups)), open) {
		return appPaths, nil
	}
	entries, err := s.repo.Entries(".")
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") && !slices.Contains(appPaths, entry.Name()) {
			appPaths = append(appPaths, entry.Name())
		}
	}
	return appPaths, err
}

// Existing says which environments there are.
func (f TenantFolders) Existing() string {
	names := "none"
	if len(f.Environments) > 0 {
		names = strings.Join(slices.Sorted(maps.Keys(f.Environments)), ", ")
	}
	return strings.Join(f.Parents, " and ") + " has " + names
}

// TenantFolders are the folders of a tenant in the hierarchy.
type TenantFolders struct {
	Searched     []string // where the levels that name the tenant look for it
	exists       bool
	others       []string // the tenants that there are, if it is unknown
	Parents      []string // of the environments
	Environments map[string]bool
}

// Unknown tells whether some level looks for the tenant, and none finds it.
func (f TenantFolders) Unknown() bool { return len(f.Searched) > 0 && !f.exists }

// Problem is the finding about a cluster with a tenant that has no folders, which file and line name.
func (f TenantFolders) Problem(c cluster.Cluster, file string, line int) *problem.Problem {
	tenant := c.Labels[wellknown.LabelTenant]
	return problem.New(file, line,
		"cluster %q: tenant %q has no folder in the hierarchy, so that its levels are lost: there is no %s",
		c.Name, tenant, strings.Join(f.Searched, ", nor ")).
		WithHint("%s, or add one of these folders", f.Correction(tenant)).
		WithRule(RuleUnknownTenant, f.Searched...).Stopping()
}

// Correction is the hint about the name of a tenant that has no folders.
func (f TenantFolders) Correction(tenant string) string {
	if meant := problem.Likely(tenant, f.others); meant != "" {
		return "did you mean " + meant + "? Correct the name"
	}
	return "correct the name"
}

// find adds the folders that the cluster's tenant has below an app path.
func (s *TenantSearch) find(found *TenantFolders, appPath string, c cluster.Cluster) error {
	beside, err := s.fleet.besideTenants(s.repo, appPath, c.Labels[wellknown.LabelTenant])
	if err != nil {
		return err
	}
	found.exists = found.exists || beside
	for _, level := range s.fleet.Levels {
		for _, text := range level.Paths {
			if beside {
				text = fromTenant(text)
			}
			if _, to := segmentOf(text, wellknown.LabelTenant); to >= 0 {
				names, folder, err := s.list(appPath, text[:to], c)
				if err != nil {
					return err
				}
				found.exists = found.exists || names != nil
				if folder != "" && !slices.Contains(found.Searched, folder) {
					found.Searched = append(found.Searched, folder)
				}
			}
			from, _ := segmentOf(text, wellknown.LabelEnvironment)
			if from <= 0 {
				continue
			}
			names, folder, err := s.list(appPath, text[:from-1], c)
			if err != nil {
				return err
			}
			if names != nil && !slices.Contains(found.Parents, folder) {
				found.Parents = append(found.Parents, folder)
			}
			for _, name := range names {
				found.Environments[name] = true
			}
		}
	}
	return nil
}

// list returns the folders in the folder of a level path, and which one that is; nil if it does not exist.
func (s *TenantSearch) list(appPath, text string, c cluster.Cluster) (names []string, folder string, err error) {
	relative, missing, err := expand(c, text, c.Fields())
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
	entries, err := s.repo.Entries(folder)
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

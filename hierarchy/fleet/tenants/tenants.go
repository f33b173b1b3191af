// Package tenants looks for the directories that tenants and their environments have in the hierarchy, and finds
// tenants that have none.
package tenants

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/levelpath"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Search looks for the directories of tenants and environments below the app paths. It looks into each directory
// once.
type Search struct {
	fleet       *fleet.Fleet
	repo        *hierarchy.Repository
	directories map[string][]string // the names of the directories in a directory; nil: no such directory

	paths  []string               // the app paths; nil: not known yet
	found  map[string]Directories // by tenant and environment
	names  map[string][]string    // that tenants can have, by where one was looked for
	simple bool                   // where to look depends on the tenant and the environment only
}

// NewSearch returns a search below the app paths of the fleet, for one check of many clusters.
func NewSearch(f *fleet.Fleet, repo *hierarchy.Repository) *Search {
	more := func(l fleet.Level) bool {
		return slices.ContainsFunc(l.Paths, func(text string) bool { return namesMore(f, text) })
	}
	return &Search{fleet: f, repo: repo, directories: map[string][]string{},
		found: map[string]Directories{}, names: map[string][]string{},
		simple: !slices.ContainsFunc(f.Levels, more)}
}

// Unknown returns a finding if the tenant of a cluster has no directory below any app path; else nil. It fails if
// the directories cannot be read.
func Unknown(f *fleet.Fleet, repo *hierarchy.Repository, c cluster.Cluster) (*problem.Problem, error) {
	return NewSearch(f, repo).unknown(c)
}

// unknown is [Unknown] for one of many clusters.
func (s *Search) unknown(c cluster.Cluster) (*problem.Problem, error) {
	found, err := s.DirectoriesOf(c)
	if err != nil || !found.Unknown() {
		return nil, err
	}
	f := s.fleet
	file, line := "", 0
	i := slices.IndexFunc(f.Clusters, func(known cluster.Cluster) bool { return known.Name == c.Name })
	tenant := c.Labels[wellknown.LabelTenant]
	switch {
	case c.Hub != "":
		if d, err := s.repo.Document(c.File); err == nil && d != nil {
			if text, _ := fields.Text(d.Values[wellknown.LabelTenant]); text == tenant {
				file, line = d.Name, d.Line(wellknown.LabelTenant)
			}
		}
	case i >= 0 && f.Clusters[i].Labels[wellknown.LabelTenant] == tenant:
		file, line = hierarchy.FleetFile, f.Line("spec", "clusters", strconv.Itoa(i), "labels", wellknown.LabelTenant)
	}
	return found.Finding(c, file, line), nil
}

// CheckOwn warns about hubs whose tenant has no directory, and about the clusters of fleet.yaml in an environment that
// their tenant does not have. They are no members, and may do without directories.
func (s *Search) CheckOwn() ([]*problem.Problem, error) {
	var warnings []*problem.Problem
	for i, c := range s.fleet.Clusters {
		tenant, environment := c.Labels[wellknown.LabelTenant], c.Labels[wellknown.LabelEnvironment]
		if tenant == "" {
			continue
		}
		if c.Labels[wellknown.LabelFleetMember] == wellknown.FleetMemberHub {
			unknown, err := s.unknown(c)
			if err != nil {
				return nil, err
			}
			if unknown != nil {
				warnings = append(warnings, unknown)
			}
		}
		found, err := s.DirectoriesOf(c)
		if err != nil {
			return nil, err
		}
		if environment != "" && len(found.Environments) > 0 && !found.Environments[environment] {
			line := s.fleet.Line("spec", "clusters", strconv.Itoa(i), "labels", wellknown.LabelEnvironment)
			warnings = append(warnings, problem.New(hierarchy.FleetFile, line,
				"cluster %q: tenant %s has no environment %q: %s",
				c.Name, tenant, environment, found.Existing()).WithHint("correct the name, or add the directory").
				WithRule(problem.RuleUnknownEnvironment, found.Parents...))
		}
	}
	return warnings, nil
}

// DirectoriesOf returns the directories that the cluster's tenant has. It fails if they cannot be read.
func (s *Search) DirectoriesOf(c cluster.Cluster) (Directories, error) {
	key := ""
	if s.simple {
		for _, label := range []string{wellknown.LabelTenant, wellknown.LabelEnvironment} {
			value, given := c.Labels[label]
			key += strconv.Quote(value) + strconv.FormatBool(given)
		}
		if found, known := s.found[key]; known {
			return found, nil
		}
	}
	found, err := s.look(c)
	if err == nil && key != "" {
		s.found[key] = found
	}
	return found, err
}

// namesMore tells whether a level path has fields of a cluster besides tenant and environment in front of these.
func namesMore(f *fleet.Fleet, text string) bool {
	_, to := levelpath.Segment(text, wellknown.LabelTenant)
	from, _ := levelpath.Segment(text, wellknown.LabelEnvironment)
	parsed, err := f.Templates().Parse(text[:max(from, to, 0)])
	return err != nil || slices.ContainsFunc(parsed.Fields, func(field []string) bool {
		name := field[len(field)-1]
		return len(field) != 1 && levelpath.FieldName(field) != "label "+name ||
			name != wellknown.LabelTenant && name != wellknown.LabelEnvironment
	})
}

// look looks for the directories of a cluster's tenant.
func (s *Search) look(c cluster.Cluster) (Directories, error) {
	found := Directories{Environments: map[string]bool{}}
	appPaths, err := s.appPaths()
	if err != nil {
		return found, err
	}
	for _, appPath := range appPaths {
		if err := s.find(&found, appPath, c); err != nil && !errors.Is(err, fleet.ErrNoCheckout) {
			return found, err
		}
	}
	if s.fleet.LacksCheckout(s.repo) { // which may have the directories
		found.exists, found.Environments, found.Parents = true, map[string]bool{}, nil
	}
	if found.Unknown() {
		found.others, err = s.tenants(appPaths, found.Searched)
	}
	return found, err
}

// tenants returns the names of directories that can be those of tenants: beside where one was searched, and beside
// `tenants/`.
func (s *Search) tenants(appPaths, searched []string) ([]string, error) {
	var parents []string
	for _, directory := range searched {
		parents = append(parents, path.Dir(directory))
	}
	key := strings.Join(parents, "\x00")
	if names, known := s.names[key]; known {
		return names, nil
	}
	var names []string
	for _, directory := range parents {
		entries, err := s.repo.Entries(directory)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
	}
	for _, appPath := range appPaths {
		beside, err := s.fleet.TenantsBeside(s.repo, appPath)
		if err != nil {
			return nil, err
		}
		names = append(names, beside...)
	}
	s.names[key] = names
	return names, nil
}

// appPaths returns the app paths to look below. Of a group whose path fleet.yaml leaves out, each render says it: that
// can be any directory at the root.
func (s *Search) appPaths() ([]string, error) {
	if s.paths != nil {
		return s.paths, nil
	}
	appPaths, open := s.fleet.AppPaths(), false
	for _, g := range s.fleet.Groups {
		open = open || !g.PathNamed && g.Path == "." && len(g.RepoNames) == 0
	}
	if open {
		entries, err := s.repo.Entries(".")
		if err != nil {
			return appPaths, err
		}
		named := appPaths // which is sorted
		for _, entry := range entries {
			_, known := slices.BinarySearch(named, entry.Name())
			if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") && !known {
				appPaths = append(appPaths, entry.Name())
			}
		}
	}
	s.paths = appPaths
	return appPaths, nil
}

// Existing says which environments there are.
func (f Directories) Existing() string {
	names := "none"
	if len(f.Environments) > 0 {
		names = strings.Join(slices.Sorted(maps.Keys(f.Environments)), ", ")
	}
	return strings.Join(f.Parents, " and ") + " has " + names
}

// Directories are the directories of a tenant in the hierarchy.
type Directories struct {
	Searched     []string // where the levels that name the tenant look for it
	exists       bool
	others       []string // the tenants that there are, if it is unknown
	Parents      []string // of the environments
	NoParents    []string // that would be such, and do not exist
	Environments map[string]bool
}

// Unknown tells whether some level looks for the tenant, and none finds it.
func (f Directories) Unknown() bool { return len(f.Searched) > 0 && !f.exists }

// Finding is about a cluster with a tenant that has no directories, which file and line name.
func (f Directories) Finding(c cluster.Cluster, file string, line int) *problem.Problem {
	tenant := c.Labels[wellknown.LabelTenant]
	return problem.New(file, line,
		"cluster %q: tenant %q has no directory in the hierarchy, so that its levels are lost: there is no %s",
		c.Name, tenant, strings.Join(f.Searched, ", nor ")).
		WithHint("%s, or add one of these directories", f.Correction(tenant)).
		WithRule(problem.RuleUnknownTenant, f.Searched...).Stopping()
}

// Correction is the hint about the name of a tenant that has no directories.
func (f Directories) Correction(tenant string) string {
	if meant := problem.Likely(tenant, f.others); meant != "" {
		return "did you mean " + meant + "? Correct the name"
	}
	return "correct the name"
}

// find adds the directories that the cluster's tenant has below an app path.
func (s *Search) find(found *Directories, appPath string, c cluster.Cluster) error {
	beside, err := s.fleet.BesideTenants(s.repo, appPath, c.Labels[wellknown.LabelTenant])
	if err != nil {
		return err
	}
	found.exists = found.exists || beside
	for _, level := range s.fleet.Levels {
		for _, text := range level.Paths {
			if beside {
				text = levelpath.FromTenant(text)
			}
			if _, to := levelpath.Segment(text, wellknown.LabelTenant); to >= 0 {
				names, directory, err := s.list(appPath, text[:to], c)
				if err != nil {
					return err
				}
				found.exists = found.exists || names != nil
				if directory != "" && !slices.Contains(found.Searched, directory) {
					found.Searched = append(found.Searched, directory)
				}
			}
			from, _ := levelpath.Segment(text, wellknown.LabelEnvironment)
			if from <= 0 {
				continue
			}
			names, directory, err := s.list(appPath, text[:from-1], c)
			if err != nil {
				return err
			}
			if parents := &found.Parents; directory != "" {
				if names == nil {
					parents = &found.NoParents
				}
				if !slices.Contains(*parents, directory) {
					*parents = append(*parents, directory)
				}
			}
			for _, name := range names {
				found.Environments[name] = true
			}
		}
	}
	return nil
}

// list returns the directories in the directory of a level path, and which one that is; nil if it does not exist.
func (s *Search) list(appPath, text string, c cluster.Cluster) (names []string, directory string, err error) {
	relative, missing, err := s.fleet.Templates().Expand(c, text, c.Fields())
	if err != nil || len(missing) > 0 {
		return nil, "", err
	}
	directory = path.Join(appPath, relative)
	if names, ok := s.directories[directory]; ok {
		return names, directory, nil
	}
	if exists, err := s.repo.HasDirectory(directory); err != nil || !exists {
		s.directories[directory] = nil
		return nil, directory, err
	}
	entries, err := s.repo.Entries(directory)
	if err != nil {
		return nil, directory, err
	}
	names = []string{}
	for _, entry := range entries {
		if !entry.IsDir() && entry.Type()&fs.ModeSymlink == 0 {
			continue // and is not looked for, so that nobody takes it for a file that is read
		}
		// Links count as well: [fleet.Fleet.LevelsOf] follows them.
		if is, err := s.repo.HasDirectory(path.Join(directory, entry.Name())); err == nil && is {
			names = append(names, entry.Name())
		}
	}
	s.directories[directory] = names
	return names, directory, nil
}

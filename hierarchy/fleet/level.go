package fleet

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/levelpath"
	"github.com/eks-fleet-management/fleet-cmp/internal/gotemplate"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A ClusterLevel is a level as it applies to one cluster.
type ClusterLevel struct {
	Name string `json:"name"`
	// that exist, relative to the root of the repository; a later one overrides
	Directories []string `json:"folders,omitempty"`
	Skipped     string   `json:"skipped,omitempty"` // why no directory was looked for

	Missing []string `json:"-"` // labels, or other fields, for want of which it is skipped
}

// LevelsOf returns the levels as they apply to a cluster, lowest first, with their directories below the app paths. A
// level that needs a label which the cluster lacks is marked as skipped. It fails if a label, or the name, cannot be
// part of a path.
//
// A tenant whose directory lies directly below the app path (the hub's own, control-plane) has its directories there
// and not below `tenants/`, and the level tenants does not apply to it.
func (f *Fleet) LevelsOf(repo *hierarchy.Repository, c cluster.Cluster, appPaths ...string) ([]ClusterLevel, error) {
	data := c.Fields()
	levels := make([]ClusterLevel, len(f.Levels))
	besides := make([]bool, len(appPaths))
	for j, appPath := range appPaths {
		var err error
		if besides[j], err = f.BesideTenants(repo, appPath, c.Labels[wellknown.LabelTenant]); err != nil {
			return nil, err
		}
	}
	for i, level := range f.Levels {
		levels[i].Name = level.Name
		for j, appPath := range appPaths {
			beside := besides[j]
			if beside && level.Name == levelTenants {
				levels[i].Skipped = "the directory of tenant " + c.Labels[wellknown.LabelTenant] +
					" lies beside that of the tenants"
				continue
			}
			for _, text := range level.Paths {
				if beside {
					text = levelpath.FromTenant(text)
				}
				directory, missing, err := f.templates.Expand(c, text, data)
				if err != nil {
					return nil, err
				}
				for _, what := range missing {
					if !slices.Contains(levels[i].Missing, what) {
						levels[i].Missing = append(levels[i].Missing, what)
					}
				}
				directory = path.Join(appPath, directory)
				if directory == path.Clean(appPath) || len(missing) > 0 ||
					slices.Contains(levels[i].Directories, directory) {
					continue
				}
				exists, err := repo.HasDirectory(directory)
				if err != nil {
					return nil, err
				}
				if exists {
					levels[i].Directories = append(levels[i].Directories, directory)
				}
			}
		}
		switch {
		case len(levels[i].Directories) > 0:
			levels[i].Skipped, levels[i].Missing = "", nil
		case len(levels[i].Missing) > 0:
			levels[i].Skipped = "the cluster has no " + strings.Join(levels[i].Missing, " and no ")
		}
	}
	return levels, nil
}

// Templates are those of the paths of levels that are parsed so far.
func (f *Fleet) Templates() *levelpath.Templates { return f.templates }

// LevelsName tells whether a path of a level has the label tenant or environment in it.
func (f *Fleet) LevelsName(label string) bool {
	return slices.ContainsFunc(f.Levels, func(l Level) bool {
		return slices.ContainsFunc(l.Paths, func(text string) bool {
			at, _ := levelpath.Segment(text, label)
			return at >= 0
		})
	})
}

// BesideTenants tells whether the tenant's directory lies directly below the app path. It fails if that cannot be read.
func (f *Fleet) BesideTenants(repo *hierarchy.Repository, appPath, tenant string) (bool, error) {
	if cluster.CheckSegment(tenant) != nil || f.ownDirectories()[tenant] {
		return false, nil
	}
	return repo.HasDirectory(path.Join(appPath, tenant))
}

// ownDirectories returns the first segments of the level paths, which are never a tenant: bootstrap, defaults, tenants.
func (f *Fleet) ownDirectories() map[string]bool {
	own := map[string]bool{}
	for _, level := range f.Levels {
		for _, p := range level.Paths {
			first, _, _ := strings.Cut(p, "/")
			own[first] = true
		}
	}
	return own
}

// TenantsBeside returns the directories directly below the app path that can be tenants. It fails if that cannot be
// read.
func (f *Fleet) TenantsBeside(repo *hierarchy.Repository, appPath string) ([]string, error) {
	entries, err := repo.Entries(appPath)
	if err != nil {
		return nil, err
	}
	var tenants []string
	own := f.ownDirectories()
	for _, entry := range entries {
		if own[entry.Name()] || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		is := entry.IsDir()
		if entry.Type()&fs.ModeSymlink != 0 {
			// LevelsOf follows links too. One that leaves the repository is no tenant, until a cluster names it.
			is, _ = repo.HasDirectory(path.Join(appPath, entry.Name()))
		}
		if is {
			tenants = append(tenants, entry.Name())
		}
	}
	return tenants, nil
}

// ValueFiles returns the levels' directories as the entries of an ApplicationSet's value files, lowest first: each is
// the path relative to the app path, as a template over the cluster in Argo CD's terms. An entry for the level of a
// tenant beside `tenants/` finds its directory there; the level tenants, which that tenant does not have, repeats the
// tenant's own.
func (f *Fleet) ValueFiles(repo *hierarchy.Repository, appPath string) ([]string, error) {
	tenants, err := f.TenantsBeside(repo, appPath)
	if err != nil {
		return nil, err
	}
	const tenant = "{{.metadata.labels.tenant}}"
	beside := "eq .metadata.labels.tenant"
	for _, name := range tenants {
		beside += " " + strconv.Quote(name)
	}
	var files []string
	for _, level := range f.Levels {
		for _, text := range level.Paths {
			entry, err := gotemplate.Rename(text, map[string][]string{
				wellknown.LabelTenant:      {"metadata", "labels", wellknown.LabelTenant},
				wellknown.LabelEnvironment: {"metadata", "labels", wellknown.LabelEnvironment},
				"cluster":                  {"name"},
			})
			if err != nil {
				return nil, problem.New(hierarchy.FleetFile, 0, "path of a level: %w", err)
			}
			switch at, _ := levelpath.Segment(entry, wellknown.LabelTenant); {
			case len(tenants) == 0:
			case at > 0:
				entry = "{{if not (" + beside + ")}}" + entry[:at] + "{{end}}" + entry[at:]
			case level.Name == levelTenants:
				first, rest, _ := strings.Cut(entry, "/")
				entry = "{{if " + beside + "}}" + tenant + "{{else}}" + first + "{{end}}/" + rest
			}
			files = append(files, strings.TrimSuffix(entry, "/"))
		}
	}
	return files, nil
}

// ComponentFiles returns a component's Helm value files in the levels' directories, lowest first: GROUP/CHART/FILE, or
// GROUP/CHART/PART/FILE for an extra source of the component such as pod-identity. It fails for a file that cannot be
// read.
func ComponentFiles(repo *hierarchy.Repository, levels []ClusterLevel, group, chart, part,
	file string) ([]hierarchy.Layer, error) {
	return collect(repo, levels, func(directory string) []string {
		return []string{path.Join(directory, group, chart, part, file)}
	})
}

func collect(repo *hierarchy.Repository, levels []ClusterLevel,
	files func(directory string) []string) ([]hierarchy.Layer,
	error) {
	var layers []hierarchy.Layer
	for _, level := range levels {
		for _, directory := range level.Directories {
			for _, file := range files(directory) {
				d, err := repo.Document(file)
				if err != nil {
					return nil, err
				}
				if d != nil {
					layers = append(layers, hierarchy.LayerOf(level.Name, d))
				}
			}
		}
	}
	return layers, nil
}

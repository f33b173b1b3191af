package release

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// A Catalog is a directory with values.yaml (the settings) and values/NAME.yaml (the component files). A chart may
// have neither.
type Catalog struct {
	FS        fs.FS  // its root is the directory; nil: there is none
	Name      string // the directory or the chart, for messages
	Directory string // of the repository; "" for a catalog that is not in it

	FileSize int64 // that its files may have; 0 for [hierarchy.MaxFileSize]

	repo *hierarchy.Repository // that it is a directory of, which keeps what was read; nil for a catalog of its own
}

// NeedsCharts tells whether the catalog of the fleet, or of one of its releases, is a chart in a chart repository.
// It fails as [Read] does.
func NeedsCharts(f *fleet.Fleet, repo *hierarchy.Repository) (bool, error) {
	groups, err := Groups(f, repo)
	if err != nil || f.Catalog.InRepository() {
		return f.Catalog.InRepository(), err
	}
	for _, group := range groups {
		releases, err := Read(f, repo, group)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(releases.All, func(l Release) bool { return l.Chart.InRepository() }) {
			return true, nil
		}
	}
	return false, nil
}

// HasCatalog tells whether the fleet has a catalog besides those of its releases. It fails if fleet.yaml names a
// directory that does not exist.
func HasCatalog(f *fleet.Fleet, repo *hierarchy.Repository) (bool, error) {
	if f.Catalog.InRepository() {
		return true, nil
	}
	exists, err := repo.HasDirectory(f.Catalog.Path)
	if err == nil && !exists && f.Names("catalog") {
		_, err = OpenCatalog(f, repo)
	}
	return exists, err
}

// OpenCatalog returns the fleet's catalog. It fails if the directory does not exist, or the chart cannot be had.
func OpenCatalog(f *fleet.Fleet, repo *hierarchy.Repository) (Catalog, error) {
	file, line := f.PlaceOf("spec", "catalog")
	if f.Catalog.InRepository() {
		return fetchCatalog(f, f.Catalog, file, line)
	}
	c, err := openDirectory(repo, f.Catalog.Path)
	if err == nil && c.FS == nil {
		err = problem.New(file, line, "the catalog %s does not exist", f.Catalog.Path).
			WithHint("set spec.catalog in %s, or give the directory with --catalog", hierarchy.FleetFile)
	}
	return c, err
}

// openDirectory returns the catalog in a directory of the repository; the zero value if there is no such directory.
func openDirectory(repo *hierarchy.Repository, directory string) (Catalog, error) {
	exists, err := repo.HasDirectory(directory)
	if err != nil || !exists {
		return Catalog{}, err
	}
	sub, err := repo.Sub(directory)
	if err != nil {
		return Catalog{}, err
	}
	return Catalog{FS: sub, Name: directory, Directory: directory, FileSize: repo.FileSize(), repo: repo}, nil
}

// fetchCatalog returns the catalog that is a chart in a chart repository, which file and line name.
func fetchCatalog(f *fleet.Fleet, c fleet.Chart, file string, line int) (Catalog, error) {
	if f.Charts == nil {
		return Catalog{}, problem.New(file, line, "the catalog %s: %w", c, fleet.ErrNoChartReader)
	}
	fsys, err := f.Charts(c, f.ChartRepositories)
	if err != nil {
		return Catalog{}, problem.New(file, line, "the catalog %s: %w", c, err)
	}
	return Catalog{FS: fsys, Name: c.String(), FileSize: f.FileSize}, nil
}

// file returns the name of one of the catalog's files, for messages.
func (c Catalog) file(name string) string {
	if c.Directory == "" && strings.Contains(c.Name, "://") {
		return c.Name + "/" + name
	}
	return path.Join(c.Name, name)
}

// document reads one of the catalog's files.
func (c Catalog) document(name string) (*hierarchy.Document, error) {
	if c.repo != nil {
		if d, err := c.repo.Document(c.file(name)); err != nil || d != nil {
			return d, err
		}
	}
	return hierarchy.ReadDocument(c.FS, name, c.file(name), cmp.Or(c.FileSize, hierarchy.MaxFileSize))
}

// defaults reads the catalog's values.yaml; nil if it has none.
func (c Catalog) defaults() (*hierarchy.Document, error) {
	d, err := c.document("values.yaml")
	if err != nil && hierarchy.Absent(err) {
		_, noComponents := fs.Stat(c.FS, "values")
		_, noChart := fs.Stat(c.FS, "Chart.yaml") // other forks of the wrapper chart have all values in the levels
		if noComponents != nil && noChart != nil {
			return nil, problem.New(c.Name, 0, "is no catalog: it has none of values.yaml, values/ and Chart.yaml").
				WithHint("name another directory or chart (spec.catalog in %s, --catalog, or the release in the "+
					"releases file)", hierarchy.FleetFile)
		}
		return nil, nil
	}
	return d, err
}

// A missingFile is a component file that is selected, and does not exist or is empty.
type missingFile struct {
	name  string // of the component file
	found *problem.Problem
}

// components reads the component files that mergeValues selects: those whose `use`, printed as text, is "true". They
// come in the order of their names, of which the first wins (merge rule 5). It fails on one that is not YAML or no
// mapping, where the wrapper chart left it out without a word (rule component-file-selection in
// docs/rules/merging.md). In a group, it also fails on one with a further document.
func (c Catalog) components(settings *hierarchy.Values, inGroup bool) ([]hierarchy.Layer, []missingFile, error) {
	top := hierarchy.Reader(settings, "")
	if fields.Empty(top.Any(wellknown.SettingMergeValues)) {
		return nil, nil, nil
	}
	selected := top.Map(wellknown.SettingMergeValues)
	if top.Err() != nil {
		return nil, nil, top.Err()
	}
	var layers []hierarchy.Layer
	var missing []missingFile
	for _, name := range slices.Sorted(maps.Keys(selected)) {
		if _, ok := selected[name].(map[string]any); !ok {
			r := hierarchy.Reader(settings, "", wellknown.SettingMergeValues)
			return nil, nil, r.Problem(name, "mergeValues.%s must be a map with use, not %s", name,
				fields.TypeName(selected[name]))
		}
		entry := hierarchy.Reader(settings, "mergeValues."+name, wellknown.SettingMergeValues, name)
		use := entry.True("use")
		if entry.Err() != nil {
			return nil, nil, entry.Err()
		}
		if !use {
			continue
		}
		if !fs.ValidPath("values/" + name + ".yaml") {
			return nil, nil, entry.Problem("use", "the name of a component file must be a path inside the catalog")
		}
		d, err := c.componentFile(name)
		if inGroup && err == nil {
			err = d.Single()
		}
		file := componentPath(name)
		lost := ""
		switch {
		case errors.Is(err, hierarchy.ErrDangling):
			lost = fmt.Sprintf("the component file %s is a link to nothing", c.file(file))
		case err != nil && hierarchy.Absent(err):
			lost = fmt.Sprintf("the catalog %s has no component file %s", c.Name, file)
			if _, err := fs.Stat(c.FS, "values"); err != nil {
				lost += ": it has no directory values at all"
			}
		case err != nil:
			return nil, nil, err
		case d.Blank():
			lost = fmt.Sprintf("the component file %s is empty", c.file(file))
		}
		if lost != "" {
			p := entry.Problem("use", "%s", lost).WithHint("correct the name, add its components, or remove it").
				WithRule(problem.RuleMissingComponentFile, c.file(file), file)
			missing = append(missing, missingFile{name, p})
			continue
		}
		layers = append(layers, hierarchy.LayerOf(hierarchy.SourceCatalog, d))
	}
	return layers, missing, nil
}

// componentPath returns the path of a component file in its catalog.
func componentPath(name string) string { return path.Join("values", name+".yaml") }

// componentFile reads a component file. It fails as [hierarchy.ReadDocument] does.
func (c Catalog) componentFile(name string) (*hierarchy.Document, error) {
	return c.document(componentPath(name))
}

// hasComponents tells whether a component file exists, and is not empty.
func (c Catalog) hasComponents(name string) bool {
	d, err := c.componentFile(name)
	return err == nil && !d.Blank()
}

// LacksComponentFile tells whether a component file that some group of fleet.yaml names is missing where an entry says.
func LacksComponentFile(f *fleet.Fleet, repo *hierarchy.Repository, entry fleet.Ignore) bool {
	for _, group := range f.Groups {
		directories := []string{f.Catalog.Path}
		if releases, err := Read(f, repo, group.Name); err == nil {
			for _, release := range releases.All {
				directories = append(directories, path.Clean(release.Chart.Path))
			}
		}
		for _, directory := range directories {
			for _, name := range group.Components {
				file := path.Join(directory, componentPath(name))
				if !entry.Holds(file) && !entry.Holds(componentPath(name)) && !entry.Holds(hierarchy.FleetFile) {
					continue
				}
				if d, err := repo.Document(file); err != nil || d == nil || d.Blank() {
					return true
				}
			}
		}
	}
	return false
}

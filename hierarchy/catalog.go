package hierarchy

import (
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Catalog is a folder with values.yaml (the settings) and values/NAME.yaml (the component files).
type Catalog struct {
	FS   fs.FS  // its root is the folder
	Name string // the folder, for messages
}

// OpenCatalog returns the fleet's catalog. It fails if the folder does not exist.
func (f *Fleet) OpenCatalog(repo *Repository) (Catalog, error) {
	exists, err := repo.HasFolder(f.Catalog)
	if err != nil {
		return Catalog{}, err
	}
	if !exists {
		return Catalog{}, problem.New(f.file(), f.line("spec", "catalog"), "the catalog %s does not exist", f.Catalog).
			WithHint("set spec.catalog in %s, or give the folder with --catalog", FleetFile)
	}
	sub, err := fs.Sub(repo.fsys, f.Catalog)
	if err != nil {
		return Catalog{}, unreadable(f.Catalog, err)
	}
	return Catalog{FS: sub, Name: f.Catalog}, nil
}

// Defaults reads the catalog's values.yaml; nil if it has none.
func (c Catalog) Defaults() (*Document, error) {
	d, err := ReadDocument(c.FS, "values.yaml", path.Join(c.Name, "values.yaml"))
	if err != nil && absent(err) {
		if _, err := fs.Stat(c.FS, "values"); err != nil {
			return nil, problem.New(c.Name, 0, "is no catalog: it has neither values.yaml nor values/")
		}
		return nil, nil
	}
	return d, err
}

// Components reads the component files that mergeValues selects: those whose `use`, printed as text, is "true". They come
// in the order of their names, of which the first wins (merge rule 5). One that does not exist is a warning. It fails on
// one that is not YAML or no mapping, where the wrapper chart left it out without a word (SPEC section 1.2).
func (c Catalog) Components(settings *Values) ([]Layer, []*Problem, error) {
	top := Reader(settings, "")
	if fields.Empty(top.Any("mergeValues")) {
		return nil, nil, nil
	}
	selected := top.Map("mergeValues")
	if top.Err() != nil {
		return nil, nil, top.Err()
	}
	var layers []Layer
	var warnings []*Problem
	for _, name := range slices.Sorted(maps.Keys(selected)) {
		if _, ok := selected[name].(map[string]any); !ok {
			r := Reader(settings, "", "mergeValues")
			return nil, nil, r.Problem(name, "mergeValues.%s must be a mapping with use, not %s", name, fields.TypeName(selected[name]))
		}
		entry := Reader(settings, "mergeValues."+name, "mergeValues", name)
		use := entry.True("use")
		if entry.Err() != nil {
			return nil, nil, entry.Err()
		}
		if !use {
			continue
		}
		file := path.Join("values", name+".yaml")
		if !fs.ValidPath("values/" + name + ".yaml") {
			return nil, nil, entry.Problem("use", "the name of a component file must be a path inside the catalog")
		}
		d, err := ReadDocument(c.FS, file, path.Join(c.Name, file))
		if err != nil && absent(err) {
			warnings = append(warnings, entry.Problem("use", "the catalog %s has no component file %s", c.Name, file).
				WithHint("correct the name, or remove it"))
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		layers = append(layers, LayerOf(LevelCatalog, d))
		warnings = append(warnings, d.Warnings...)
	}
	return layers, warnings, nil
}

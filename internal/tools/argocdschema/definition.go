package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"sigs.k8s.io/yaml"
)

// A definition is what a CustomResourceDefinition says of a value.
type definition struct {
	Type                 string                 `json:"type"`
	Properties           map[string]*definition `json:"properties"`
	Items                *definition            `json:"items"`
	AdditionalProperties *definition            `json:"additionalProperties"`
	Anything             bool                   `json:"x-kubernetes-preserve-unknown-fields"`
	IntOrString          bool                   `json:"x-kubernetes-int-or-string"`
}

// compare fails where a CustomResourceDefinition knows a field of a kind that the view does not, or the other way
// round, and where types differ.
func (v view) compare(source fs.FS, file, kind string) error {
	data, err := fs.ReadFile(source, file)
	if err != nil {
		return err
	}
	var crd struct {
		Spec struct {
			Names    struct{ Kind string }
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema *definition `json:"openAPIV3Schema"`
				}
			}
		}
	}
	if err := yaml.Unmarshal(data, &crd); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if len(crd.Spec.Versions) != 1 || crd.Spec.Names.Kind != kind {
		return fmt.Errorf("%s: is not the definition of one version of %s", file, kind)
	}
	if err := v.differ("", kind, crd.Spec.Versions[0].Schema.OpenAPIV3Schema); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// differ joins all differences between a type and a definition.
func (v view) differ(path, typ string, d *definition) error {
	is := func(ok bool) error {
		if !ok {
			return fmt.Errorf("%s is %s in Go, and %+v in the definition", path, typ, *d)
		}
		return nil
	}
	switch {
	case typ == "any":
		return is(d.Anything || d.IntOrString || d.Type == "string" || path == ".status")
	case typ == "string" || typ == "boolean":
		return is(d.Type == typ)
	case typ == "number":
		return is(d.Type == "integer" || d.Type == "number")
	case typ[:2] == "[]":
		if d.Items == nil {
			return is(false)
		}
		return v.differ(path+"[]", typ[2:], d.Items)
	case typ[:2] == "{}":
		if d.AdditionalProperties == nil {
			return is(false)
		}
		return v.differ(path+".*", typ[2:], d.AdditionalProperties)
	case typ == "NestedMatrixGenerator" || typ == "NestedMergeGenerator":
		return is(d.Anything) // and Argo CD's code reads the rest
	case path == ".metadata":
		return is(d.Type == "object") // which is Kubernetes' own
	}
	var all []error
	for _, field := range slices.Sorted(maps.Keys(v[typ])) {
		if d.Properties[field] == nil {
			all = append(all, fmt.Errorf("%s.%s is not in the definition", path, field))
			continue
		}
		all = append(all, v.differ(path+"."+field, v[typ][field], d.Properties[field]))
	}
	for _, field := range slices.Sorted(maps.Keys(d.Properties)) {
		if v[typ][field] == "" {
			all = append(all, fmt.Errorf("%s.%s is only in the definition", path, field))
		}
	}
	return errors.Join(all...)
}

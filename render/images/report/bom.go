package report

import (
	"cmp"
	"io"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/images"
)

// Properties of a bill of materials that are cmp's own.
const (
	propertyHub         = "fleet-cmp:hub"
	propertyTenant      = "fleet-cmp:tenant"
	propertyEnvironment = "fleet-cmp:environment"
	propertyComponent   = "fleet-cmp:component"
	propertyInvalid     = "fleet-cmp:invalid"

	fleetReference = "fleet"
)

// printBOM prints a bill of materials as CycloneDX has it: the fleet depends on its clusters, these on their images. It
// has neither a time nor a serial number, so that the same fleet gives the same bytes.
func printBOM(w io.Writer, i *images.Inventory) error {
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{Component: &cyclonedx.Component{BOMRef: fleetReference,
		Type: cyclonedx.ComponentTypeApplication, Name: "fleet"}}
	components, dependencies := []cyclonedx.Component{}, []cyclonedx.Dependency{{Ref: fleetReference}}
	var clusters []string
	all, used := map[string]images.Image{}, map[string]map[string]bool{}
	for _, c := range i.Clusters {
		reference := "cluster:" + cmp.Or(c.Name, "unknown")
		clusters = append(clusters, reference)
		components = append(components, cyclonedx.Component{BOMRef: reference, Name: cmp.Or(c.Name, "unknown"),
			Type: cyclonedx.ComponentTypePlatform, Properties: properties(map[string]string{propertyHub: c.Hub,
				propertyTenant: c.Tenant, propertyEnvironment: c.Environment})})
		var of []string
		for _, image := range c.Images {
			all[image.Reference] = image
			of = append(of, image.Reference)
			if used[image.Reference] == nil {
				used[image.Reference] = map[string]bool{}
			}
			for _, use := range image.Uses {
				used[image.Reference][use.Group+"/"+use.Component] = true
			}
		}
		dependencies = append(dependencies, cyclonedx.Dependency{Ref: reference, Dependencies: listOf(of)})
	}
	dependencies[0].Dependencies = listOf(clusters)
	for _, reference := range slices.Sorted(maps.Keys(all)) {
		components = append(components, componentOf(all[reference], used[reference]))
		dependencies = append(dependencies, cyclonedx.Dependency{Ref: reference})
	}
	bom.Components, bom.Dependencies = &components, &dependencies
	if len(i.Failures) > 0 { // something is missing
		bom.Compositions = &[]cyclonedx.Composition{{Aggregate: cyclonedx.CompositionAggregateIncomplete,
			Dependencies: &[]cyclonedx.BOMReference{fleetReference}}}
	}
	encoder := cyclonedx.NewBOMEncoder(w, cyclonedx.BOMFileFormatJSON)
	encoder.SetPretty(true)
	encoder.SetEscapeHTML(false)
	return encoder.EncodeVersion(bom, cyclonedx.SpecVersion1_6)
}

// listOf returns names as a list; nil if there are none.
func listOf(names []string) *[]string {
	if len(names) == 0 {
		return nil
	}
	return &names
}

// properties returns those that have a value.
func properties(values map[string]string) *[]cyclonedx.Property {
	var all []cyclonedx.Property
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] != "" {
			all = append(all, cyclonedx.Property{Name: name, Value: problem.OneLine(values[name])})
		}
	}
	if all == nil {
		return nil
	}
	return &all
}

// componentOf returns an image as a component.
func componentOf(image images.Image, used map[string]bool) cyclonedx.Component {
	component := cyclonedx.Component{BOMRef: image.Reference, Type: cyclonedx.ComponentTypeContainer,
		Name: image.Reference}
	var own []cyclonedx.Property
	for _, name := range slices.Sorted(maps.Keys(used)) {
		own = append(own, cyclonedx.Property{Name: propertyComponent, Value: name})
	}
	parts, is := images.PartsOf(image.Reference)
	if is {
		component.Name, component.Version = parts.Repository, cmp.Or(parts.Digest, parts.Tag)
		component.PackageURL = packageURL(parts)
	} else {
		own = append(own, cyclonedx.Property{Name: propertyInvalid, Value: image.Invalid})
	}
	component.Properties = &own
	return component
}

// packageURL returns the package URL of an image, of the type oci: its version is the digest, if that is known.
func packageURL(p images.Parts) string {
	text := "pkg:oci/" + strings.ToLower(path.Base(p.Repository))
	if p.Digest != "" {
		text += "@" + url.QueryEscape(p.Digest)
	}
	text += "?repository_url=" + url.QueryEscape(p.Repository)
	if p.Tag != "" {
		text += "&tag=" + url.QueryEscape(p.Tag)
	}
	return text
}

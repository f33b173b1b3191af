package hierarchy

import (
	"slices"
	"sync"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// A Layer is one file, or another source of values, that takes part in a merge.
type Layer struct {
	Source string // where the values come from: a level of the hierarchy, or one of the constants Source…
	File   string // as shown to users; for flags, their name
	Values map[string]any

	document *Document                // for the lines; nil if there is no file
	prefix   []string                 // where in the document the values stand
	locate   func(path ...string) int // tells the lines where the keys are not those of the document
}

// What Layer.Source says of the sources that are no level of the hierarchy.
const (
	SourceChart    = "chart"    // the values.yaml of a component's chart
	SourceCatalog  = "catalog"  // a component file of the catalog
	SourceDefaults = "defaults" // the catalog's values.yaml
	SourceGroup    = "group"    // the group's settings in fleet.yaml
	SourceValues   = "values"   // a file given with -f, or the parameters value-files and values
	SourceFlags    = "flags"    // --release, --set-setting, or the parameters of these names

	SourceFile        = "file"        // a value file that an Application names, in no level
	SourceApplication = "application" // what an Application itself says, and nothing that it is made of

	SourceHub    = "hub"    // the metadata of a member's hub
	SourceFleet  = "fleet"  // spec.clusters in fleet.yaml
	SourceMember = "member" // a member's file
	SourceAWS    = "aws"    // a member's secret in AWS Secrets Manager
	SourceSecret = "secret" // an Argo CD cluster Secret
	SourceArgoCD = "argocd" // what Argo CD itself demands
)

// LayerOf returns a document's values as a layer from a source.
func LayerOf(source string, d *Document) Layer {
	return Layer{Source: source, File: d.Name, Values: d.Values, document: d}
}

// At returns the layer with its values at a path of a document, which tells their lines.
func (l Layer) At(d *Document, path ...string) Layer {
	l.document, l.prefix = d, path
	return l
}

// WithLines returns the layer with a function that tells the lines of its keys, where these are not those of the
// document. It is asked for paths of the document.
func (l Layer) WithLines(locate func(path ...string) int) Layer {
	l.locate = locate
	return l
}

// Below returns the layer with its values, which are those of its document, below keys: those of a subchart's values
// among the values of its chart.
func (l Layer) Below(keys ...string) Layer {
	if len(keys) == 0 {
		return l
	}
	of := l.document
	for _, key := range slices.Backward(keys) {
		l.Values = map[string]any{key: l.Values}
	}
	l.locate = func(path ...string) int {
		if len(path) <= len(keys) {
			return 0
		}
		return of.Line(path[len(keys):]...)
	}
	return l
}

// Document returns the document that the values come from; nil if there is none.
func (l *Layer) Document() *Document { return l.document }

// Line returns the line of a key in the layer's file, as [Document.Line] does, or 0.
func (l *Layer) Line(path ...string) int {
	if l.locate != nil {
		return l.locate(slices.Concat(l.prefix, path)...)
	}
	if l.document == nil {
		return 0
	}
	return l.document.Line(slices.Concat(l.prefix, path)...)
}

// Place returns FILE:LINE of a key of the layer.
func (l *Layer) Place(key string) string {
	return problem.Place(l.File, l.Line(key))
}

// Warnings returns those about the layer's file.
func (l *Layer) Warnings() []*problem.Problem {
	if l.document == nil {
		return nil
	}
	return l.document.Warnings
}

// FurtherDocument returns the warning about a second document in the layer's file; nil if there is none.
func (l *Layer) FurtherDocument() *problem.Problem {
	if l.document == nil {
		return nil
	}
	return l.document.further
}

// Values is the result of a merge that still knows where each of them comes from.
type Values struct {
	merged   map[string]any
	settings map[string]any

	// The same with origins, made when first asked for.
	tracedSettings func() map[string]any
	traced         func() map[string]any
}

// Merge merges component files (of which the first wins), defaults (may be nil) and layers (lowest first) by the rules
// at the top of merge.go.
func Merge(components []Layer, defaults *Layer, layers []Layer) *Values {
	merge := func(values func(*Layer) map[string]any) (settings, merged map[string]any) {
		for i := range layers {
			settings = MergeMaps(settings, values(&layers[i]))
		}
		if defaults != nil {
			settings = coalesce(values(defaults), settings)
		}
		for i := range components {
			merged = fill(merged, values(&components[i]))
		}
		return settings, MergeMaps(merged, settings)
	}
	traced := sync.OnceValues(func() (settings, merged map[string]any) { return merge((*Layer).trace) })
	v := &Values{
		tracedSettings: func() map[string]any { settings, _ := traced(); return settings },
		traced:         func() map[string]any { _, merged := traced(); return merged },
	}
	v.settings, v.merged = merge(func(l *Layer) map[string]any { return l.Values })
	return v
}

// Over returns the values laid over others by rules 1 to 3, with the origins of both.
func (v *Values) Over(lower *Values) *Values {
	traced := sync.OnceValue(func() map[string]any { return MergeMaps(lower.traced(), v.traced()) })
	merged := MergeMaps(lower.merged, v.merged)
	return &Values{merged: merged, settings: merged, traced: traced, tracedSettings: traced}
}

// OverDefaults returns the values laid over a chart's own by rule 4, with the origins of both.
func (v *Values) OverDefaults(defaults *Values) *Values {
	traced := sync.OnceValue(func() map[string]any { return coalesce(defaults.traced(), v.traced()) })
	merged := coalesce(defaults.merged, v.merged)
	return &Values{merged: merged, settings: merged, traced: traced, tracedSettings: traced}
}

// WithoutNulls returns the values without the keys that are null. Only their explanation still tells of these, as
// removed by the null.
func (v *Values) WithoutNulls() *Values {
	traced := sync.OnceValue(func() map[string]any { return removeNulls(v.traced()) })
	merged := removeNulls(v.merged)
	return &Values{merged: merged, settings: merged, traced: traced, tracedSettings: traced}
}

// At returns the map at a path as values of their own; none if there is no map.
func (v *Values) At(path ...string) *Values { return part(v.merged, v.traced, path) }

// SettingAt is [Values.At] without the component files, which cannot change settings.
func (v *Values) SettingAt(path ...string) *Values { return part(v.settings, v.tracedSettings, path) }

func part(values map[string]any, traced func() map[string]any, path []string) *Values {
	descend := func(values map[string]any) map[string]any {
		for _, key := range path {
			values = fields.AsMap(values[key])
		}
		return values
	}
	rebased := sync.OnceValue(func() map[string]any { return rebase(descend(traced()), path, map[*Layer]*Layer{}) })
	found := descend(values)
	return &Values{merged: found, settings: found, traced: rebased, tracedSettings: rebased}
}

// Map returns the merged values. They must not be changed.
func (v *Values) Map() map[string]any { return v.merged }

// Settings returns the values without the component files, which cannot change settings (rule
// settings-not-from-component-files in docs/rules/settings.md). They must not be changed.
func (v *Values) Settings() map[string]any { return v.settings }

// Reader reads the keys of the map at a path of merged values, and knows where each of them was set; what names the
// mapping in messages. Where there is no map, all keys are missing.
func Reader(v *Values, what string, path ...string) *fields.Reader {
	value := any(v.merged)
	for _, key := range path {
		value = fields.AsMap(value)[key]
	}
	return fields.New(fields.AsMap(value), what, func(keys ...string) (string, int) {
		return v.Locate(slices.Concat(path, keys)...)
	})
}

// SettingsReader reads the settings: the top-level keys without the component files, which cannot change them.
func SettingsReader(v *Values) *fields.Reader {
	return fields.New(v.settings, "", func(keys ...string) (string, int) { return v.Locate(keys...) })
}

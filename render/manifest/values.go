package manifest

import (
	"cmp"
	"context"
	"maps"
	"path"
	"reflect"
	"slices"
	"strconv"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/application"
	"github.com/eks-fleet-management/fleet-cmp/render/manifest/helm"
)

// SourceValues are the Helm values of one of an Application's sources, by where they come from.
type SourceValues struct {
	Helm       bool              // without it, the source has no values
	Files      []hierarchy.Layer // the value files that it reads, lowest first, without a source
	Own        map[string]any    // its values or valuesObject
	Lowest     bool              // Own is below the files
	Parameters map[string]any    // what its parameters set, over all others

	Defaults []hierarchy.Layer // values.yaml of subcharts and of the chart, lowest first
	All      map[string]any    // as templates see them
	NoChart  error             // why there are neither Defaults nor All; nil if there are

	again func(values map[string]any) (map[string]any, error)
}

// Values returns the values of an Application's source, which is counted from 0. It fails for what is no such source,
// and as [Renderer.Render] does for values that cannot be read; not if the chart cannot be had.
func (r *Renderer) Values(ctx context.Context, of application.Application, at int, to Destination) (*SourceValues,
	error) {
	s, err := r.sourceAt(of, at, to)
	if err != nil {
		return nil, err
	}
	values, err := r.sourceValues(ctx, s)
	if err != nil {
		return nil, inScope(err, s.scope())
	}
	return values, nil
}

// Given returns the values that an Application's source, which is counted from 0, is given: all but those of its chart,
// which is not looked for. It fails as [Renderer.Values] does.
func (r *Renderer) Given(ctx context.Context, of application.Application, at int) (*SourceValues, error) {
	s, err := r.sourceAt(of, at, Destination{})
	if err != nil {
		return nil, err
	}
	var own files = chartFiles{}
	if s.Chart == "" && s.Path != "" && !s.IsOCI() && r.checkAddress(s) == nil {
		if own, err = r.files(ctx, s); err == nil {
			err = mergeOverrides(&s.ApplicationSource, own, s.app.name)
		}
	}
	values := &SourceValues{Helm: s.Helm != nil, Lowest: r.options.ValuesLowest}
	var o helm.Options
	if err == nil {
		o, err = r.helmOptions(s, own)
	}
	if err == nil {
		err = r.addGiven(values, o)
	}
	if err != nil {
		return nil, inScope(err, s.scope())
	}
	return values, nil
}

// sourceAt returns a source of an Application, which is counted from 0.
func (r *Renderer) sourceAt(of application.Application, at int, to Destination) (*source, error) {
	app, err := r.rendering(of)
	if err != nil {
		return nil, err
	}
	app.kubeVersion = cmp.Or(to.KubeVersion, r.options.KubeVersion)
	if _, err := app.checkReferences(); err != nil {
		return nil, inScope(err, app.scope())
	}
	if at < 0 || at >= len(app.sources) {
		return nil, inScope(problem.New("", 0, "there is no source %d", at+1).
			WithHint("its sources are 1 to %s", strconv.Itoa(len(app.sources))), app.scope())
	}
	return &app.sources[at], nil
}

// addGiven adds the value files, the values and the parameters of a source.
func (r *Renderer) addGiven(values *SourceValues, o helm.Options) error {
	for _, file := range o.ValueFiles {
		layer, err := r.layer("", file)
		if err != nil {
			return err
		}
		values.Files = append(values.Files, layer)
	}
	values.Own = o.Values
	var err error
	values.Parameters, err = helm.Parameters(o, r.options.Version.Helm)
	return err
}

func (r *Renderer) sourceValues(ctx context.Context, s *source) (*SourceValues, error) {
	own, chart, err := r.chartFiles(ctx, s)
	values := &SourceValues{Helm: s.Helm != nil, Lowest: r.options.ValuesLowest, NoChart: err}
	if err == nil && chart == nil {
		return &SourceValues{}, nil
	}
	if chart == nil {
		own = chartFiles{}
	}
	values.Helm = values.Helm || chart != nil
	o, err := r.helmOptions(s, own)
	if err != nil {
		return nil, err
	}
	if err := r.addGiven(values, o); err != nil || chart == nil {
		return values, err
	}
	return values, r.addDefaults(values, chart, s, o)
}

// chartFiles returns the files and the chart of a source; no chart if it is not one for Helm.
func (r *Renderer) chartFiles(ctx context.Context, s *source) (files, *preparedChart, error) {
	if s.Path == "" && s.Chart == "" {
		return nil, nil, nil
	}
	own, err := r.files(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	if err := mergeOverrides(&s.ApplicationSource, own, s.app.name); err != nil {
		return nil, nil, err
	}
	kind, err := sourceType(s.ApplicationSource, own)
	if err != nil || kind != v1alpha1.ApplicationSourceTypeHelm {
		return own, nil, err
	}
	chart, err := r.prepared(ctx, s)
	return own, chart, err
}

// addDefaults adds what the chart has of values.
func (r *Renderer) addDefaults(values *SourceValues, chart *preparedChart, s *source, o helm.Options) error {
	defaults, all, err := chart.helm.Defaults(o)
	if err != nil {
		return err
	}
	values.All = all
	values.again = func(given map[string]any) (map[string]any, error) {
		o.ValueFiles, o.Values, o.Parameters, o.FileParameters = nil, given, nil, nil
		_, all, err := chart.helm.Defaults(o)
		return all, err
	}
	directory := s.dir()
	if s.Chart != "" {
		directory = "chart " + s.Chart + " " + s.TargetRevision
	}
	for _, own := range defaults {
		own.File.Name = path.Join(directory, own.File.Name)
		layer, err := r.layer(hierarchy.SourceChart, own.File)
		if err != nil {
			return err
		}
		layer.Values = withoutShared(layer.Values, all, own.Keys)
		values.Defaults = append(values.Defaults, layer.Below(own.Keys...))
	}
	return nil
}

// withoutShared returns the values of a subchart, which stands below keys, without the global ones that its chart has
// too: those of the chart count.
func withoutShared(values, all map[string]any, keys []string) map[string]any {
	own, _ := values[globals].(map[string]any)
	if len(keys) == 0 || own == nil {
		return values
	}
	for _, key := range keys[:len(keys)-1] {
		all, _ = all[key].(map[string]any)
	}
	shared, _ := all[globals].(map[string]any)
	own = maps.Clone(own)
	maps.DeleteFunc(own, func(key string, value any) bool {
		_, isMap := value.(map[string]any)
		other, there := shared[key]
		_, otherIsMap := other.(map[string]any)
		return there && (!isMap || !otherIsMap)
	})
	values = maps.Clone(values)
	values[globals] = own
	return values
}

// globals is the key of values that subcharts share with their chart.
const globals = "global"

// Imported returns what Helm adds to values that are laid over the chart's own: what the chart imports from its
// subcharts. Globals that it copies to subcharts are not in it.
func (v *SourceValues) Imported(known map[string]any) map[string]any {
	return missing(v.All, known, true)
}

// Differ returns the paths of what templates would see otherwise than they do, if values were all that is laid over the
// chart's own. None if the chart cannot be had.
func (v *SourceValues) Differ(values map[string]any) ([][]string, error) {
	if v.again == nil {
		return nil, nil
	}
	all, err := v.again(values)
	if err != nil {
		return nil, err
	}
	return differences(nil, all, v.All), nil
}

func differences(path []string, a, b map[string]any) [][]string {
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	var paths [][]string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		at := append(slices.Clone(path), key)
		one, there := a[key]
		other, otherThere := b[key]
		child, isMap := one.(map[string]any)
		otherChild, otherIsMap := other.(map[string]any)
		switch {
		case isMap && otherIsMap:
			paths = append(paths, differences(at, child, otherChild)...)
		case there != otherThere || !reflect.DeepEqual(one, other):
			paths = append(paths, at)
		}
	}
	return paths
}

func missing(all, known map[string]any, root bool) map[string]any {
	out := map[string]any{}
	for key, value := range all {
		was, there := known[key]
		child, isMap := value.(map[string]any)
		wasMap, wasIsMap := was.(map[string]any)
		switch {
		case value == nil, key == globals && !root:
		case isMap && (wasIsMap || !there):
			if child = missing(child, wasMap, false); len(child) > 0 {
				out[key] = child
			}
		case !there:
			out[key] = value
		}
	}
	return out
}

// layer reads a file of values as the version of Helm does.
func (r *Renderer) layer(source string, file helm.File) (hierarchy.Layer, error) {
	d, err := hierarchy.ParseDocument(file.Name, file.Data)
	if err == nil && !r.options.Version.OneDocument {
		d, err = d.AllDocuments()
	}
	if err != nil {
		return hierarchy.Layer{}, err
	}
	return hierarchy.LayerOf(source, d), nil
}

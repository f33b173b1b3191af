package page

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/matrix"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// A builder is the work on one page.
type builder struct {
	ctx      context.Context // of the work, for what it is shown
	session  *stages.Session
	giver    *stages.Giver
	appPaths []string
	clusters map[string]cluster.Cluster
	levels   map[string][]fleet.ClusterLevel

	settings map[place]*hierarchy.Values
	inline   map[place]*inline
	texts    map[string]int    // of inline values: their numbers
	files    map[string]bool   // whether a file exists
	known    map[string]int    // sets of values, by what they are of
	marked   []map[string]bool // of each of these
	page     Page
}

// A place is where the settings of a component are: an Argo CD, a release.
type place struct{ group, argoCD, release, component string }

// inline are the values that the settings have of a component, with their Go templates.
type inline struct {
	values *hierarchy.Values
	number int // the same for the same values from the same places
}

func newBuilder(ctx context.Context, s *stages.Session, r render.Request) *builder {
	b := &builder{ctx: ctx, session: s, giver: s.Giver(r), appPaths: appPathsOf(s.Fleet(), r),
		clusters: map[string]cluster.Cluster{}, levels: map[string][]fleet.ClusterLevel{},
		settings: map[place]*hierarchy.Values{}, inline: map[place]*inline{}, texts: map[string]int{},
		files: map[string]bool{}, known: map[string]int{}}
	identities, _, _ := s.Identities() // that they cannot be read, the matrix says
	for _, i := range identities {
		b.clusters[i.Name] = i.Cluster
	}
	return b
}

func (b *builder) seeSettings(group, argoCD, release string, merged *render.Merged) {
	b.settings[place{group: group, argoCD: argoCD, release: release}] = merged.Values
}

// see adds an Application.
func (b *builder) see(v stages.Visited, d matrix.Deployment) {
	app := Application{Deployment: d, Group: v.Group, Component: v.Component.Key, Cluster: v.Application.Cluster,
		Values: -1}
	settings := b.inlineOf(place{v.Group, d.ArgoCD, d.Release, v.Component.Key})
	helm := helmOf(v)
	own, _ := helm["valuesObject"].(map[string]any)
	evaluated, raw := differences(nil, settings.values.Map(), own)
	key := b.keyOf(v, helm, settings, raw)
	at, known := b.known[key]
	if !known {
		levels, err := b.levelsOf(app.Cluster)
		var given *hierarchy.Values
		if err == nil {
			given, err = b.giver.Given(b.ctx, v, settings.values, levels, raw)
		}
		if err != nil {
			app.Unknown = problem.OneLine(err.Error())
			b.page.Applications = append(b.page.Applications, app)
			return
		}
		at = len(b.page.Values)
		b.known[key] = at
		b.page.Values = append(b.page.Values, hidden(given))
		b.marked = append(b.marked, marked(b.page.Values[at]))
	}
	app.Values = at
	if raw {
		app.Evaluated = hiddenAlso(evaluated, b.marked[at], own)
	}
	b.page.Applications = append(b.page.Applications, app)
}

// inlineOf returns what the settings of a place have as values of its component.
func (b *builder) inlineOf(at place) *inline {
	if found := b.inline[at]; found != nil {
		return found
	}
	values := hierarchy.Merge(nil, nil, nil)
	of := at
	of.component = ""
	if settings := b.settings[of]; settings != nil {
		values = settings.At(at.component, "valuesObject").Over(settings.SettingAt(wellknown.SettingGlobalValuesObject))
	}
	text, _ := json.Marshal(values.Explain()) // of YAML
	number, known := b.texts[string(text)]
	if !known {
		number = len(b.texts)
		b.texts[string(text)] = number
	}
	found := &inline{values, number}
	b.inline[at] = found
	return found
}

// keyOf returns a text that is the same for Applications that are given the same values, but for Go templates.
func (b *builder) keyOf(v stages.Visited, helm map[string]any, settings *inline, raw bool) string {
	rest := map[string]any{}
	for key, value := range helm {
		if key != "valueFiles" && (key != "valuesObject" || !raw) {
			rest[key] = value
		}
	}
	var files []string
	for _, file := range valueFilesOf(v) {
		if b.exists(file) {
			files = append(files, file)
		}
	}
	key, _ := json.Marshal([]any{v.Group, v.Component.Key, v.Component.ValueFiles.Win, settings.number, files, rest})
	return string(key)
}

// exists tells whether a file may be there: a pattern counts as one.
func (b *builder) exists(file string) bool {
	is, known := b.files[file]
	if !known {
		found, err := b.session.Repository().HasFile(file)
		is = found || err != nil || strings.ContainsAny(file, "*?[")
		b.files[file] = is
	}
	return is
}

// valueFilesOf returns the value files of the source that is the component itself. Sources without Helm are not among
// the others.
func valueFilesOf(v stages.Visited) []string {
	at := 0
	sources, _ := fields.AsMap(v.Application.Object["spec"])["sources"].([]any)
	for i, source := range sources {
		if i < v.Component.MainSource && fields.AsMap(source)["helm"] != nil {
			at++
		}
	}
	if at < len(v.Reads.ValueFiles) {
		return v.Reads.ValueFiles[at]
	}
	return nil
}

// helmOf returns what the source of an Application that is the component itself says to Helm.
func helmOf(v stages.Visited) map[string]any {
	spec := fields.AsMap(v.Application.Object["spec"])
	source := fields.AsMap(spec["source"])
	if sources, _ := spec["sources"].([]any); v.Component.MainSource < len(sources) {
		source = fields.AsMap(sources[v.Component.MainSource])
	}
	return fields.AsMap(source["helm"])
}

// differences returns what of values with Go templates is otherwise when these are evaluated. same tells whether that
// is all that differs: both have the same keys.
func differences(path []string, values, evaluated map[string]any) (all []Evaluated, same bool) {
	if len(values) != len(evaluated) {
		return nil, false
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value := values[key]
		own, there := evaluated[key]
		if !there {
			return nil, false
		}
		at := append(slices.Clone(path), key)
		inner, isMap := value.(map[string]any)
		ownInner, ownIsMap := own.(map[string]any)
		switch {
		case isMap != ownIsMap:
			return nil, false
		case isMap:
			below, same := differences(at, inner, ownInner)
			if !same {
				return nil, false
			}
			all = append(all, below...)
		case !equal(value, own):
			all = append(all, Evaluated{at, own})
		}
	}
	return all, true
}

// equal compares values of YAML, which have several types of numbers.
func equal(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	one, err := json.Marshal(a)
	other, otherErr := json.Marshal(b)
	return err == nil && otherErr == nil && bytes.Equal(one, other)
}

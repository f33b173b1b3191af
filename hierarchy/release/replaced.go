package release

import (
	"maps"
	"slices"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// replacedComponents returns a finding for each component whose map a higher layer replaces by something else, such
// as `karpenter: true`: by merge rule 2 nothing is left of it. A null switches a component off on purpose. The
// arguments are those of [hierarchy.Merge].
func replacedComponents(components []hierarchy.Layer, defaults *hierarchy.Layer,
	layers []hierarchy.Layer) []*problem.Problem {
	r := replacements{under: map[string]*hierarchy.Layer{}, found: map[string]*problem.Problem{},
		enabled: map[string]bool{}}
	for i := len(components) - 1; i >= 0; i-- { // the first wins, unless its value is empty
		r.add(&components[i], fields.Empty)
	}
	isNull := func(value any) bool { return value == nil }
	if defaults != nil {
		r.add(defaults, isNull)
	}
	for i := range layers {
		r.add(&layers[i], isNull)
	}
	var found []*problem.Problem
	for _, key := range slices.Sorted(maps.Keys(r.found)) {
		if r.enabled[key] {
			found = append(found, r.found[key])
		}
	}
	return found
}

// replacements are what is known of the top-level keys of the layers so far.
type replacements struct {
	under   map[string]*hierarchy.Layer // the highest layer with a map for the key
	found   map[string]*problem.Problem
	enabled map[string]bool // some layer says of the key that it is a component
}

// add adds a layer above the others; a value that gives way replaces nothing.
func (r *replacements) add(layer *hierarchy.Layer, givesWay func(value any) bool) {
	for key, value := range layer.Values {
		m, isMap := value.(map[string]any)
		switch {
		case wellknown.IsSetting(key):
		case isMap:
			r.under[key] = layer
			if _, is := m["enabled"]; is {
				r.enabled[key] = true
			}
		case value == nil && layer.Source != hierarchy.SourceCatalog:
			delete(r.under, key)
		case givesWay(value) || r.under[key] == nil:
		default:
			lower := r.under[key]
			r.found[key] = problem.New(layer.File, layer.Line(key),
				"component %q: %s replaces what %s describes, so that the component disappears", key,
				fields.TypeName(value), lower.Place(key)).
				WithHint("write %s: {enabled: false}, or %s: null, to switch it off", key, key).
				WithRule(problem.RuleComponentReplaced)
			delete(r.under, key)
		}
	}
}

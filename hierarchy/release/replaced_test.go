package release

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// TestReplacedComponents: whoever replaces the map of a component by something else loses it.
func TestReplacedComponents(t *testing.T) {
	const x = "x: {enabled: true}"
	for _, test := range []struct {
		name       string
		components []string // of which the first wins
		defaults   string
		layers     []string
		want       []string // what each finding begins with
	}{
		{"maps merge", []string{x}, "x: {a: 1}", []string{x, "x: {enabled: false}"}, nil},
		{"a layer over a component file", []string{x}, "", []string{"y: 1", "x: true"}, []string{
			`layer2.yaml:1: component "x": a boolean replaces what catalog1.yaml:1 describes, so that the component disappears; ` +
				"write x: {enabled: false}, or x: null, to switch it off"}},
		{"over the highest of several", []string{x}, x, []string{x, "\nx: []"},
			[]string{`layer2.yaml:2: component "x": a list replaces what layer1.yaml:1`}},
		{"the defaults over a component file", []string{x}, "x: ''", nil,
			[]string{`defaults1.yaml:1: component "x": a string replaces what catalog1.yaml:1`}},
		{"a layer over the defaults", nil, x, []string{"x: 0"},
			[]string{`layer1.yaml:1: component "x": a number replaces what defaults1.yaml:1`}},
		{"a null switches it off", []string{x}, "", []string{"x: null"}, nil},
		{"so that there is nothing to replace any more", []string{x}, "", []string{"x: null", "x: true"}, nil},
		{"a map above that is one again", []string{x}, "", []string{"x: null", x, "x: true"},
			[]string{`layer3.yaml:1: component "x": a boolean replaces what layer2.yaml:1`}},
		{"the first component file over a later one", []string{"x: true", x}, "", nil,
			[]string{`catalog1.yaml:1: component "x": a boolean replaces what catalog2.yaml:1`}},
		{"but not the later one over the first", []string{x, "x: true"}, "", nil, nil},
		{"an empty value of the first gives way", []string{"x: false", x}, "", nil, nil},
		{"so does a null", []string{"x: null", x}, "", []string{"x: true"},
			[]string{`layer1.yaml:1: component "x": a boolean replaces what catalog2.yaml:1`}},
		{"what nothing says is a component may be anything", []string{"x: {a: 1}"}, "", []string{"x: true"}, nil},
		{"a higher layer may say that it is one", []string{"x: {a: 1}"}, "", []string{x, "x: true"},
			[]string{`layer2.yaml:1: component "x"`}},
		{"a setting is none", []string{"globalSelectors: {enabled: true}"}, "", []string{"globalSelectors: true"}, nil},
		{"several, sorted", []string{"{b: {enabled: true}, a: {enabled: true}}"}, "", []string{"b: 1", "a: 1"},
			[]string{
				`layer2.yaml:1: component "a"`, `layer1.yaml:1: component "b"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var defaults *hierarchy.Layer
			if test.defaults != "" {
				defaults = &layersOf(t, "defaults", test.defaults)[0]
			}
			got := replacedComponents(layersOf(t, hierarchy.SourceCatalog, test.components...), defaults,
				layersOf(t, "layer", test.layers...))
			require.Len(t, got, len(test.want), "%v", messages(got))
			for i, want := range test.want {
				require.Contains(t, got[i].Error(), want)
			}
		})
	}
}

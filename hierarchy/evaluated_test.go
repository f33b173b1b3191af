package hierarchy

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEvaluated: values that templates were evaluated to have the places of these, and what they overrode; others have
// another place.
func TestEvaluated(t *testing.T) {
	low, err := ParseDocument("low.yaml", []byte("text: low\n"))
	require.NoError(t, err)
	d, err := ParseDocument("high.yaml",
		[]byte("text: 'a {{ .name }}'\nplain: 1\nlist: ['{{ .name }}', {of: '{{ .x }}'}]\n"+
			"changed: was\nmap: {in: '{{ .y }}'}\n'{{ .key }}': 1\n"))
	require.NoError(t, err)
	written := Merge(nil, nil, []Layer{LayerOf("system", low), LayerOf("cluster", d)})
	values := map[string]any{"text": "a b", "plain": 1.0, "list": []any{"n", map[string]any{"of": "x"}},
		"changed": "is",
		"map":     map[string]any{"in": "y", "new": true}, "key": 1.0}
	evaluated := written.Evaluated(values, Layer{Source: SourceApplication, File: "it"})
	require.Equal(t, values, evaluated.Map())
	for key, want := range map[string][]string{
		"text":    {"cluster high.yaml:1", "system low.yaml:1"},
		"plain":   {"cluster high.yaml:2"},
		"list":    {"cluster high.yaml:3"},
		"changed": {"application it:0", "cluster high.yaml:4"},
		"key":     {"application it:0"},
		"map.in":  {"cluster high.yaml:5"},
		"map.new": {"application it:0"},
	} {
		path := []string{key}
		if len(key) > 3 && key[:4] == "map." {
			path = []string{"map", key[4:]}
		}
		var got []string
		for _, o := range evaluated.Origins(path...) {
			got = append(got, o.Source+" "+fmt.Sprintf("%s:%d", o.File, o.Line))
		}
		require.Equal(t, want, got, key)
	}
	require.Len(t, evaluated.Explain(), 7, "no more than there is")
}

// TestLayerBelow: the lines are those of the document, whatever keys stand around its values.
func TestLayerBelow(t *testing.T) {
	d, err := ParseDocument("sub.yaml", []byte("\na: {b: 1}\n"))
	require.NoError(t, err)
	values := Merge(nil, nil, []Layer{LayerOf(SourceChart, d).Below("one", "two"), LayerOf(SourceChart, d).Below()})
	require.Equal(t, map[string]any{"a": map[string]any{"b": 1.0},
		"one": map[string]any{"two": map[string]any{"a": map[string]any{"b": 1.0}}}}, values.Map())
	require.Equal(t, 2, values.Origins("one", "two", "a", "b")[0].Line)
	require.Equal(t, 0, values.Origins("one")[0].Line)
	require.Equal(t, 2, values.Origins("a", "b")[0].Line)
}

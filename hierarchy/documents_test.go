package hierarchy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAllDocuments(t *testing.T) {
	d, err := ParseDocument("v.yaml",
		[]byte("a: {b: 1, c: 1}\nlast: one\n---\n# nothing\n---\na: {c: 2}\nnumber: 1.10\n"))
	require.NoError(t, err)
	require.Len(t, d.Warnings, 1)
	all, err := d.AllDocuments()
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": map[string]any{"b": 1.0, "c": 2.0}, "last": "one", "number": 1.1}, all.Values)
	require.Empty(t, all.Warnings)
	for line, path := range map[int][]string{1: {"a", "b"}, 2: {"last"}, 6: {"a", "c"}, 7: {"number"}} {
		require.Equal(t, line, all.Line(path...), path)
	}
	require.Equal(t, 1, d.Line("a", "c"))
	require.Equal(t, "1.10", all.Written(1.1, "number"))

	one, err := ParseDocument("v.yaml", []byte("a: 1\n---\n"))
	require.NoError(t, err)
	same, err := one.AllDocuments()
	require.NoError(t, err)
	require.Same(t, one, same)
}

func TestAllDocumentsFails(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\n---\nb: [\n":    "v.yaml: one of its YAML documents is no map: ",
		"a: 1\n---\n[b]\n":     "v.yaml: one of its YAML documents is no map: ",
		"a: 1\n---\nb: &x 1\n": "",
	} {
		d, err := ParseDocument("v.yaml", []byte(text))
		require.NoError(t, err)
		_, err = d.AllDocuments()
		if want == "" {
			require.NoError(t, err)
			continue
		}
		requireOneLine(t, err, "v.yaml")
		require.ErrorContains(t, err, want)
	}
}

func TestAllDocumentsOfLayers(t *testing.T) {
	several, err := ParseDocument("v.yaml", []byte("a: 1\n---\nb: 2\n"))
	require.NoError(t, err)
	layers, err := AllDocuments([]Layer{{Source: "flags", Values: map[string]any{"c": 3}}, LayerOf("tenant", several)})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"c": 3}, layers[0].Values)
	require.Equal(t, map[string]any{"a": 1.0, "b": 2.0}, layers[1].Values)
	require.Equal(t, "tenant", layers[1].Source)
	require.Equal(t, 3, layers[1].Line("b"))

	broken, err := ParseDocument("v.yaml", []byte("a: 1\n---\n- b\n"))
	require.NoError(t, err)
	_, err = AllDocuments([]Layer{LayerOf("tenant", broken)})
	require.ErrorContains(t, err, "is no map")
}

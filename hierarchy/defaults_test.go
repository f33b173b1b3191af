package hierarchy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOverDefaults: values over those of a chart, as Helm lays them.
func TestOverDefaults(t *testing.T) {
	for _, test := range []struct{ rule, values, chart, want string }{
		{"a value wins", "{a: 1}", "{a: 2, b: 3}", "{a: 1, b: 3}"},
		{"maps merge key by key", "{a: {b: {c: 1}}}", "{a: {b: {c: 2, d: 3}, e: 4}}",
			"{a: {b: {c: 1, d: 3}, e: 4}}"},
		{"lists are replaced", "{a: [1]}", "{a: [2, 3]}", "{a: [1]}"},
		{"null deletes a key of the chart", "{a: null}", "{a: 1, b: 2}", "{b: 2}"},
		{"and one deeper down", "{a: {b: null}}", "{a: {b: 1, c: 2}}", "{a: {c: 2}}"},
		{"and a map", "{a: null}", "{a: {b: 1}}", "{}"},
		{"null where the chart has nothing stays", "{a: null}", "{b: 1}", "{a: null, b: 1}"},
		{"null over null deletes at the top", "{a: null}", "{a: null}", "{}"},
		{"a map over a string", "{a: {b: 1}}", "{a: x}", "{a: {b: 1}}"},
		{"a string over a map", "{a: x}", "{a: {b: 1}}", "{a: x}"},
		{"empty values", "{}", "{a: 1}", "{a: 1}"},
		{"an empty chart", "{a: 1}", "{}", "{a: 1}"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			chart := layersOf(t, "chart", test.chart)[0]
			values := Merge(nil, nil, layersOf(t, "layer", test.values))
			got := values.OverDefaults(Merge(nil, nil, []Layer{chart}))
			require.Equal(t, yamlMap(t, test.want), got.Map())
			require.Equal(t, got.Map(), got.Settings())
			require.Equal(t, yamlMap(t, test.values), values.Map(), "the values stay as they are")
			require.Equal(t, yamlMap(t, test.chart), chart.Values, "as does the chart")
			requireExplained(t, got, append(layersOf(t, "layer", test.values), chart))
		})
	}
}

func TestHasFile(t *testing.T) {
	repo, _ := files{"a.yaml": "a: 1", "directory/b.yaml": "", "empty/": ""}.onDisk(t, map[string]string{
		"link.yaml": "a.yaml", "dangling.yaml": "gone.yaml", "directory-link": "directory",
		"out.yaml": "../secret.yaml",
	})
	for file, want := range map[string]bool{
		"a.yaml": true, "directory/b.yaml": true, "link.yaml": true, "directory-link/b.yaml": true,
		"directory": false, "empty": false, "none.yaml": false, "none/b.yaml": false, "a.yaml/b.yaml": false,
		"dangling.yaml": false, "directory-link": false,
	} {
		is, err := repo.HasFile(file)
		require.NoError(t, err, file)
		require.Equal(t, want, is, file)
	}
	for _, outside := range []string{"out.yaml", "../a.yaml"} {
		is, err := repo.HasFile(outside)
		requireOneLine(t, err, outside+": cannot be read: ")
		require.False(t, is)
	}
}

package report

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

var update = flag.Bool("update", false, "write the golden files")

func TestGolden(t *testing.T) {
	for _, o := range []Options{{Format: Text}, {Format: Text, Color: true}, {Format: Summary}, {Format: Markdown},
		{Format: Markdown, MaxBytes: 2000}, {Format: HTML}, {Format: JSON}, {Format: Name}} {
		name := "example." + o.Format
		if o.Color {
			name += ".color"
		}
		if o.MaxBytes > 0 {
			name += ".short"
		}
		t.Run(name, func(t *testing.T) {
			got := printed(t, example(), o)
			golden := filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

func TestNoDifferences(t *testing.T) {
	same := &compare.Result{Before: "main", After: "working tree", Stage: "manifests"}
	require.Equal(t, "No differences between main and working tree.\n", printed(t, same, Options{Format: Text}))
	require.Equal(t, "No differences between main and working tree.\n", printed(t, same, Options{Format: Summary}))
	require.Contains(t, printed(t, same, Options{Format: Markdown}), "no differences.")
	require.Contains(t, printed(t, same, Options{Format: JSON}), `"changes": []`)
	require.Empty(t, printed(t, same, Options{Format: Name}))
	require.Error(t, Print(&strings.Builder{}, same, Options{Format: "xml"}))
}

func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "..", "docs", "diff.schema.json"))
	require.NoError(t, err)
	for _, r := range []*compare.Result{example(), oneLineChanged(3, 0), {}} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(printed(t, r, Options{Format: JSON})))
		require.NoError(t, err)
		if len(r.Changes) == 0 {
			value.(map[string]any)["stage"] = "manifests" // which every real one has
		}
		require.NoError(t, schema.Validate(value))
	}
}

// TestTextOfTheInputIsHarmless: in no format can it control a terminal, or show what must be hidden.
func TestTextOfTheInputIsHarmless(t *testing.T) {
	for _, format := range formats {
		got := printed(t, example(), Options{Format: format})
		for _, never := range []string{"CANARY", "\x1b", "\r", "\u202e"} {
			require.NotContains(t, got, never, format)
		}
	}
	text := printed(t, example(), Options{Format: Text})
	colored := printed(t, example(), Options{Format: Text, Color: true})
	require.Equal(t, text, regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(colored, ""))
	require.NotEqual(t, text, colored)
}

func TestNamesHaveOneLineEach(t *testing.T) {
	r := &compare.Result{Applications: []compare.Application{{Name: "a\nb", Was: "c"}, {Name: "d"}}}
	require.Equal(t, "c\na b\nd\n", printed(t, r, Options{Format: Name}))
}

// TestResultStaysAsItIs: what is printed harmless is a copy.
func TestResultStaysAsItIs(t *testing.T) {
	r := example()
	for _, format := range formats {
		printed(t, r, Options{Format: format})
	}
	require.Equal(t, example(), r)
}

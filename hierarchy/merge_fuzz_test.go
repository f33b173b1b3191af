package hierarchy

import (
	"fmt"
	"io"
	"log"
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"dario.cat/mergo"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/cli/values"

	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// mergeSeeds are documents that meet in every way that the rules distinguish; each fuzz target takes three of them.
var mergeSeeds = []string{
	"",
	"# nothing",
	"{a: 1, b: {c: 2}}",
	"a: null\nb: {c: null, d: {}}\n",
	"a: {b: {c: {d: 1}}}\n",
	"a: {b: {c: {d: null, e: []}}}\n",
	"{s: A, f: false, t: true, e: '', z: 0, nul: null, el: [], em: {}, l: [a1, a2], m: {x: A, deep: {z: A}}, " +
		"map_str: {q: 1}, str_map: text}",
	"{s: B, f: true, t: false, e: B, z: 7, nul: B, el: [B], em: {b: 1}, l: [b1], m: {x: B, deep: {z: B, w: B}}, " +
		"map_str: text, str_map: {q: 1}}",
	"{t: {}, f: {x: null}, em: {b: null}, el: {b: null}, nul: {b: null}, z: [], e: 0}",
	"{n: 1, yes: {on: off}, 1: a, 010: b, 1.5: c}",
	"a: &a {x: 1}\nb: {<<: *a, x: null}\nc: [*a]\n",
	"a: 1\na: 2\n---\na: 3\n",
	"global: {a: 1}\nc: {enabled: true}\n",
	"global: null\nc: {enabled: null, valuesObject: {a: [null], b: [{}]}}\n",
}

func addThree(f *testing.F) {
	for i := range mergeSeeds {
		for j := range mergeSeeds {
			f.Add(mergeSeeds[i], mergeSeeds[j], mergeSeeds[(i+j)%len(mergeSeeds)])
		}
	}
}

// parseAll parses documents; nil if not all of them are in order.
func parseAll(t *testing.T, texts ...string) []*Document {
	t.Helper()
	var documents []*Document
	for i, text := range texts {
		d, err := ParseDocument(fmt.Sprintf("%d.yaml", i), []byte(text))
		if err != nil {
			return nil
		}
		documents = append(documents, d)
	}
	return documents
}

// copied reads the values once more, since the originals change what they merge.
func copied(t *testing.T, d *Document) map[string]any {
	t.Helper()
	again, err := ParseDocument(d.Name, d.data)
	require.NoError(t, err)
	require.Equal(t, again.Values, d.Values, "the values were changed")
	return again.Values
}

func requireTheSame(t *testing.T, want, got map[string]any) {
	t.Helper()
	if len(want) > 0 || len(got) > 0 {
		require.Equal(t, want, got)
	}
}

// layers makes layers of documents, and checks the explanation of their merge.
func explainedLayers(t *testing.T, v *Values, layers ...Layer) {
	t.Helper()
	for i := range layers {
		layers[i].document = nil // which lines are right is the business of other tests
	}
	requireExplained(t, v, layers)
}

// FuzzMergeFiles compares rules 1 to 3, and the reading of files, with Helm's own -f.
func FuzzMergeFiles(f *testing.F) {
	addThree(f)
	f.Add("- a", "{}", "{}")
	f.Add("a: [", "{}", "{}")
	f.Add("{}", "~: 1", "a: .nan")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		var options values.Options
		var layers []Layer
		var ourError error
		directory := t.TempDir()
		for i, text := range []string{a, b, c} {
			if safeyaml.Check([]byte(text), "f.yaml") != nil {
				return
			}
			name := filepath.Join(directory, fmt.Sprintf("%d.yaml", i))
			require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
			options.ValueFiles = append(options.ValueFiles, name)
			d, err := ParseDocument(name, []byte(text))
			if err != nil {
				ourError = err
				continue
			}
			layers = append(layers, LayerOf("x", d))
		}
		want, err := options.MergeValues(nil)
		if err != nil {
			require.Error(t, ourError, "Helm says: %v", err)
			requireOneLine(t, ourError, directory)
			return
		}
		require.NoError(t, ourError)
		v := Merge(nil, nil, layers)
		requireTheSame(t, want, v.Map())
		explainedLayers(t, v, layers...)
	})
}

// FuzzCoalesce compares rule 4 with how Helm lays values over those of a chart.
func FuzzCoalesce(f *testing.F) {
	addThree(f)
	f.Fuzz(func(t *testing.T, defaults, a, b string) {
		if documents := parseAll(t, defaults, a, b); documents != nil {
			compareCoalesce(t, documents)
		}
	})
}

func compareCoalesce(t *testing.T, d []*Document) {
	t.Helper()
	log.SetOutput(io.Discard) // Helm warns of every conflict
	under, layers := LayerOf("defaults", d[0]), []Layer{LayerOf("x", d[1]), LayerOf("x", d[2])}
	v := Merge(nil, &under, layers)
	given := MergeMaps(d[1].Values, d[2].Values)
	want, err := chartutil.CoalesceValues(&chart.Chart{Metadata: &chart.Metadata{Name: "c"}, Values: copied(t, d[0])},
		given)
	require.NoError(t, err)
	requireTheSame(t, want, v.Settings())
	requireTheSame(t, want, v.Map())
	explainedLayers(t, v, under, layers[0], layers[1])
}

// FuzzFill compares rule 5 with sprig's merge.
func FuzzFill(f *testing.F) {
	addThree(f)
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if documents := parseAll(t, a, b, c); documents != nil {
			compareFill(t, documents)
		}
	})
}

func compareFill(t *testing.T, d []*Document) {
	t.Helper()
	layers := []Layer{LayerOf("x", d[0]), LayerOf("x", d[1]), LayerOf("x", d[2])}
	v := Merge(layers, nil, nil)
	want := map[string]any{} // as the wrapper chart calls it: one file after another into an empty map
	for _, d := range d {
		require.NoError(t, mergo.Merge(&want, copied(t, d)))
	}
	requireTheSame(t, want, v.Map())
	explainedLayers(t, v, layers...)

	want = copied(t, d[0]) // and one file into another
	require.NoError(t, mergo.Merge(&want, copied(t, d[1])))
	requireTheSame(t, want, fill(d[0].Values, d[1].Values))
}

// FuzzOver compares rule 6 with sprig's mergeOverwrite.
func FuzzOver(f *testing.F) {
	addThree(f)
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if documents := parseAll(t, a, b, c); documents != nil {
			compareOver(t, documents)
		}
	})
}

func compareOver(t *testing.T, d []*Document) {
	t.Helper()
	component, layers := LayerOf("component", d[0]), []Layer{LayerOf("x", d[1]), LayerOf("x", d[2])}
	v := Merge([]Layer{component}, nil, layers)
	want := map[string]any{}
	require.NoError(t, mergo.Merge(&want, copied(t, d[0])))
	require.NoError(t, mergo.MergeWithOverwrite(&want, MergeMaps(copied(t, d[1]), copied(t, d[2]))))
	requireTheSame(t, want, v.Map())
	explainedLayers(t, v, component, layers[0], layers[1])

	lower, upper := Merge(nil, nil, layers[:1]), Merge(nil, nil, layers[1:])
	want = copied(t, d[1])
	require.NoError(t, mergo.MergeWithOverwrite(&want, copied(t, d[2])))
	requireTheSame(t, want, upper.Over(lower).Map())
}

// Bytes that a fuzzer changes seldom make two documents that meet deep down; random values of few keys do.
func TestRandomValuesMergeAsWithTheOriginals(t *testing.T) {
	for seed := range int64(2000) {
		r := rand.New(rand.NewSource(seed))
		var documents []*Document
		for _, l := range randomLayers(t, r, "", 3) {
			documents = append(documents, l.document)
		}
		compareCoalesce(t, documents)
		compareFill(t, documents)
		compareOver(t, documents)
	}
}

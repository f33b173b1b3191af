package helm

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	helmvalues "helm.sh/helm/v3/pkg/cli/values"
)

// layers are all sources of values, lowest first, each setting one key to its own name.
var layers = []struct {
	name string
	set  func(o *Options, key string)
}{
	{"first file", func(o *Options, key string) { o.ValueFiles[0].Data = []byte(key + ": first file\n") }},
	{"second file", func(o *Options, key string) { o.ValueFiles[1].Data = []byte(key + ": second file\n") }},
	{"values", func(o *Options, key string) { o.Values = map[string]any{key: "values"} }},
	{"parameter", func(o *Options, key string) {
		o.Parameters = append(o.Parameters, Parameter{Name: key, Value: "parameter"})
	}},
	{"text parameter", func(o *Options, key string) {
		o.Parameters = append(o.Parameters, Parameter{Name: key, Value: "text parameter", ForceString: true})
	}},
	{"file parameter", func(o *Options, key string) {
		o.FileParameters = append(o.FileParameters, FileParameter{Name: key,
			File: File{Data: []byte("file parameter")}})
	}},
}

func TestPrecedenceOfEachPairOfSources(t *testing.T) {
	for i, lower := range layers {
		for _, higher := range layers[i+1:] {
			o := Options{ValueFiles: make([]File, 2)}
			higher.set(&o, "key") // the order in which they are written does not matter
			lower.set(&o, "key")
			data, err := renderData(t, "key: chart", "key: {{ .Values.key }}", o)
			require.NoError(t, err)
			require.Equal(t, higher.name, data["key"], "%s over %s", higher.name, lower.name)

			data, err = renderData(t, "key: chart", "key: {{ .Values.key }}", lowest(o))
			require.NoError(t, err)
			want := higher.name
			if want == "values" {
				want = lower.name // only files are below it
			}
			require.Equal(t, want, data["key"], "%s over %s, values lowest", higher.name, lower.name)
		}
	}
	for _, layer := range layers {
		o := Options{ValueFiles: make([]File, 2)}
		layer.set(&o, "key")
		for _, o := range []Options{o, lowest(o)} {
			data, err := renderData(t, "key: chart", "key: {{ .Values.key }}", o)
			require.NoError(t, err)
			require.Equal(t, layer.name, data["key"], "over the chart's own")
		}
	}
}

func lowest(o Options) Options {
	o.ValuesLowest = true
	return o
}

func TestMergingOfValues(t *testing.T) {
	const defaults = "a: {b: 1, c: 2}\nl: [1, 2]\nz: ~\ntext: x\n"
	for _, test := range []struct {
		name string
		o    Options
		want string // of .Values as JSON, as Helm 3 has it: Helm 4 leaves z out where it is null
	}{
		{"chart alone", Options{}, `{"a":{"b":1,"c":2},"l":[1,2],"text":"x","z":null}`},
		{"maps are merged", Options{Values: map[string]any{"a": map[string]any{"d": 3.0}}},
			`{"a":{"b":1,"c":2,"d":3},"l":[1,2],"text":"x","z":null}`},
		{"null deletes a default", Options{ValueFiles: []File{{Data: []byte("a: {b: ~}\ntext: ~\nl: ~")}}}, `{"a":{"c":2},"z":null}`},
		{"null of a file is overridden", Options{ValueFiles: []File{{Data: []byte("text: ~")},
			{Data: []byte("text: w")}}},
			`{"a":{"b":1,"c":2},"l":[1,2],"text":"w","z":null}`},
		{"null over a file deletes the default", Options{ValueFiles: []File{{Data: []byte("text: w")}},
			Values: map[string]any{"text": nil}},
			`{"a":{"b":1,"c":2},"l":[1,2],"z":null}`},
		{"lists are replaced", Options{Values: map[string]any{"l": []any{3.0}}}, `{"a":{"b":1,"c":2},"l":[3],"text":"x","z":null}`},
		{"an element of a list", Options{Values: map[string]any{"l": []any{3.0, 4.0}},
			Parameters: []Parameter{{Name: "l[1]", Value: "five"}}},
			`{"a":{"b":1,"c":2},"l":[3,"five"],"text":"x","z":null}`},
		{"parameters are typed", Options{Parameters: []Parameter{{Name: "a.b", Value: "12345678901234567"},
			{Name: "a.c", Value: "true"}, {Name: "z", Value: "null"}, {Name: "text", Value: "1.5"}}},
			`{"a":{"b":12345678901234567,"c":true},"l":[1,2],"text":"1.5"}`},
		{"text parameters are not", Options{Parameters: []Parameter{{Name: "a.b", Value: "1", ForceString: true},
			{Name: "text", Value: "true", ForceString: true}}},
			`{"a":{"b":"1","c":2},"l":[1,2],"text":"true","z":null}`},
		{"null as a parameter", Options{Parameters: []Parameter{{Name: "text", Value: "null"}}}, `{"a":{"b":1,"c":2},"l":[1,2],"z":null}`},
		{"commas do not end a value", Options{Parameters: []Parameter{{Name: "text", Value: "a,b=c"}}}, `{"a":{"b":1,"c":2},"l":[1,2],"text":"a,b=c","z":null}`},
		{"escaped commas", Options{Parameters: []Parameter{{Name: "text", Value: `a\,b`}}}, `{"a":{"b":1,"c":2},"l":[1,2],"text":"a,b","z":null}`},
		{"lists in braces", Options{Parameters: []Parameter{{Name: "l", Value: "{a,b}"}}}, `{"a":{"b":1,"c":2},"l":["a","b"],"text":"x","z":null}`},
		{"names with dots", Options{Parameters: []Parameter{{Name: `a.x\.y/z`, Value: "v"}}}, `{"a":{"b":1,"c":2,"x.y/z":"v"},"l":[1,2],"text":"x","z":null}`},
		{"the last of two parameters", Options{Parameters: []Parameter{{Name: "text", Value: "1st"},
			{Name: "text", Value: "2nd"}}},
			`{"a":{"b":1,"c":2},"l":[1,2],"text":"2nd","z":null}`},
		{"a file with commas and lines",
			Options{FileParameters: []FileParameter{{Name: "text", File: File{Data: []byte("a,b\n{{ c }}\n")}}}},
			`{"a":{"b":1,"c":2},"l":[1,2],"text":"a,b\n{{ c }}\n","z":null}`},
		{"YAML 1.1", Options{
			ValueFiles: []File{{Data: []byte("text: yes\non: off\nl: [0o17, 017, 1_000]\nz: 2024-01-02")}}},
			`{"a":{"b":1,"c":2},"l":[15,15,1000],"text":true,"true":false,"z":"2024-01-02"}`},
		{"an empty file", Options{ValueFiles: []File{{Data: []byte("# nothing\n")}}}, `{"a":{"b":1,"c":2},"l":[1,2],"text":"x","z":null}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := makeChart(t, map[string]string{"values.yaml": defaults, "templates/c.yaml": configMap(
				"v: {{ .Values | toJson | quote }}")})
			for version, want := range map[string]string{"3.22.0": test.want, "4.2.1": strings.Replace(test.want, `,"z":null`, "", 1)} {
				require.Equal(t, want, dataOf(t, version, c, test.o)["v"], version)
			}
		})
	}
}

func TestValuesAreMergedAsByHelm(t *testing.T) {
	dir := t.TempDir()
	file := func(name, data string) string {
		name = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(name, []byte(data), 0o600))
		return name
	}
	o := Options{
		ValueFiles: []File{
			{Data: []byte("a: {b: {c: 1}, l: [1]}\nn: ~\nt: text\nm: {x: 1}")},
			{Data: []byte("a: {b: {d: 2}, l: [2, 3]}\nn: {k: v}\nm: {x: ~}\nbig: 12345678901234567890")},
		},
		Parameters: []Parameter{{Name: "a.b.c", Value: "9"}, {Name: "a.l[1]", Value: "x"},
			{Name: "new.list", Value: "{1,2}"},
			{Name: "t", Value: "5", ForceString: true}, {Name: "e", Value: ""}},
		FileParameters: []FileParameter{{Name: "m.file", File: File{Data: []byte("content\n")}}},
	}
	helm := helmvalues.Options{
		ValueFiles:   []string{file("a", string(o.ValueFiles[0].Data)), file("b", string(o.ValueFiles[1].Data))},
		Values:       []string{"a.b.c=9", "a.l[1]=x", "new.list={1,2}", "e="},
		StringValues: []string{"t=5"},
		FileValues:   []string{"m.file=" + file("c", "content\n")},
	}
	want, err := helm.MergeValues(nil)
	require.NoError(t, err)
	for _, version := range versions {
		c, err := New(makeChart(t, nil), version)
		require.NoError(t, err)
		got, err := o.values(c)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestRenderChangesNeitherChartNorOptions(t *testing.T) {
	c, untouched := loadChart(t, "full"), loadChart(t, "full")
	prepared, err := New(c, usual)
	require.NoError(t, err)
	o := goldenOptions(t, []string{"full-other.yaml"}, nil)
	o.Values = values(t, "nested: {a: {b: {c: changed}}}\nlist: [x]")
	o.Parameters = []Parameter{{Name: "nested.a.b.c", Value: "again"}, {Name: "list[0]", Value: "y"}}
	plain := goldenOptions(t, nil, nil)
	first, err := prepared.Render(t.Context(), plain)
	require.NoError(t, err)
	_, err = prepared.Render(t.Context(), complete(o))
	require.NoError(t, err)
	second, err := prepared.Render(t.Context(), plain)
	require.NoError(t, err)

	require.Equal(t, first, second)
	require.Equal(t, values(t, "nested: {a: {b: {c: changed}}}\nlist: [x]"), o.Values)
	requireSameChart(t, untouched, c)
}

func requireSameChart(t *testing.T, want, got *chart.Chart) {
	t.Helper()
	require.Equal(t, want.Metadata, got.Metadata)
	require.Equal(t, want.Values, got.Values)
	require.True(t, reflect.DeepEqual(want.Templates, got.Templates))
	require.Len(t, got.Dependencies(), len(want.Dependencies()))
	for _, child := range want.Dependencies() {
		i := slices.IndexFunc(got.Dependencies(), func(c *chart.Chart) bool { return c.Name() == child.Name() })
		requireSameChart(t, child, got.Dependencies()[i])
	}
}

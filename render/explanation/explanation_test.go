package explanation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/explanation"
)

// layer reads values from a source.
func layer(t testing.TB, source, text string) hierarchy.Layer {
	t.Helper()
	d, err := hierarchy.ParseDocument(source+".yaml", []byte(text))
	require.NoError(t, err)
	return hierarchy.LayerOf(source, d)
}

// merged returns the values of a component: those of two levels over those of a chart.
func merged(t testing.TB) *render.Merged {
	chart := hierarchy.Merge(nil, nil, []hierarchy.Layer{layer(t, hierarchy.SourceChart,
		"image: {name: web, tag: '1'}\nlimits: {cpu: 1, memory: 1Gi}\nnone: null\ngone: {a: 1}\nsame: 1\n")})
	given := hierarchy.Merge(nil, nil, []hierarchy.Layer{
		layer(t, "system", "image: {tag: '2'}\nsame: 1\n\"a.b\": {c: a text of some length}\n"),
		layer(t, "cluster", "image: {tag: '3'}\ngone: null\nlimits: {cpu: 2}\nextra: {deep: [1, 2]}\n")})
	return &render.Merged{Values: given.OverDefaults(chart), Inline: given, Application: "web-c1",
		Levels: []fleet.ClusterLevel{{Name: "system", Directories: []string{"defaults"}},
			{Name: "tenant", Skipped: "the cluster has no label tenant"}, {Name: "cluster"}},
		Unread: []string{"environments/np/core/web/values.yaml"}}
}

const head = `# level system: defaults
# level tenant: skipped: the cluster has no label tenant
# level cluster: no directory
# not read: environments/np/core/web/values.yaml
`

func TestPrint(t *testing.T) {
	for format, want := range map[string]string{
		explanation.Text: `"a.b".c: "a text of some length"  # system system.yaml:3
extra.deep: [1,2]  # cluster cluster.yaml:4
gone: (removed)  # cluster cluster.yaml:2; overrode {"a":1} (chart chart.yaml:4)
image.name: "web"  # chart chart.yaml:1
image.tag: "3"  # cluster cluster.yaml:1; overrode "2" (system system.yaml:1), "1" (chart chart.yaml:1)
limits.cpu: 2  # cluster cluster.yaml:3; overrode 1 (chart chart.yaml:2)
limits.memory: "1Gi"  # chart chart.yaml:2
none: null  # chart chart.yaml:3
same: 1  # system system.yaml:2; overrode 1 (chart chart.yaml:5)
`,
		explanation.Columns: `KEY             VALUE                     ORIGIN
"a.b".c         "a text of some length"   system system.yaml:3
extra.deep      [1,2]                     cluster cluster.yaml:4
gone            (removed)                 cluster cluster.yaml:2; overrode {"a":1} (chart chart.yaml:4)
image.name      "web"                     chart chart.yaml:1
image.tag       "3"                       cluster cluster.yaml:1; overrode "2" (system system.yaml:1), "1" (chart chart.yaml:1)
limits.cpu      2                         cluster cluster.yaml:3; overrode 1 (chart chart.yaml:2)
limits.memory   "1Gi"                     chart chart.yaml:2
none            null                      chart chart.yaml:3
same            1                         system system.yaml:2; overrode 1 (chart chart.yaml:5)
`,
		explanation.Tree: `"a.b"
└─ c: "a text of some length"   system system.yaml:3
extra
└─ deep: [1,2]                  cluster cluster.yaml:4
gone: (removed)                 cluster cluster.yaml:2
  over {"a":1}                  chart chart.yaml:4
image
├─ name: "web"                  chart chart.yaml:1
└─ tag: "3"                     cluster cluster.yaml:1
     over "2"                   system system.yaml:1
     over "1"                   chart chart.yaml:1
limits
├─ cpu: 2                       cluster cluster.yaml:3
│    over 1                     chart chart.yaml:2
└─ memory: "1Gi"                chart chart.yaml:2
none: null                      chart chart.yaml:3
same: 1                         system system.yaml:2
  over 1                        chart chart.yaml:5
`,
	} {
		t.Run(format, func(t *testing.T) {
			var out strings.Builder
			require.NoError(t, explanation.Of(merged(t)).Print(&out, format))
			require.Equal(t, head+want, out.String())
		})
	}
}

func TestValue(t *testing.T) {
	for what, test := range map[string]struct {
		key    string
		change bool
		want   string
	}{
		"all: a null removes what the chart has, whose own nulls are left to Helm": {want: `a.b: {c: a text of some length}
extra: {deep: [1, 2]}
gone: null
image: {name: web, tag: '3'}
limits: {cpu: 2, memory: 1Gi}
same: 1`},
		"a map":            {key: "limits", want: "{cpu: 2, memory: 1Gi}"},
		"a value":          {key: "image.tag", want: "'3'"},
		"a key with a dot": {key: `"a.b".c`, want: "a text of some length"},
		"what is removed":  {key: "gone", want: "null"},
		"what is not as in the chart": {change: true, want: "{a.b: {c: a text of some length}, extra: {deep: [1, " +
			"2]}, gone: null, image: {tag: '3'}, limits: {cpu: 2}}"},
		"of a part":                      {key: "image", change: true, want: "{tag: '3'}"},
		"a part that is as in the chart": {key: "same", change: true, want: "null"},
	} {
		t.Run(what, func(t *testing.T) {
			e := explanation.Of(merged(t))
			if test.key != "" {
				require.NoError(t, e.Select(test.key))
			}
			if test.change {
				e.Change()
			}
			got, err := render.EncodeValue(e.Value(), "json")
			require.NoError(t, err)
			want, err := hierarchy.ParseDocument("want", []byte("value:\n  "+strings.ReplaceAll(test.want, "\n",
				"\n  ")))
			require.NoError(t, err)
			data, err := render.EncodeValue(want.Values["value"], "json")
			require.NoError(t, err)
			require.Equal(t, string(data), string(got))
		})
	}
}

// TestValueOfAGroup: what is removed is not there, and nulls are.
func TestValueOfAGroup(t *testing.T) {
	m := merged(t)
	m.Inline = nil
	value, _ := explanation.Of(m).Value().(map[string]any)
	require.NotContains(t, value, "gone")
	require.Contains(t, value, "none")
	require.Equal(t, m.Values.Map(), value)
}

// TestNullsOfCharts: some remove a key, and are given to Helm; what Helm is not to be given, it has itself.
func TestNullsOfCharts(t *testing.T) {
	m := merged(t)
	m.Removed = [][]string{{"none"}}
	m.Inherited = [][]string{{"limits"}, {"image", "name"}}
	value, _ := explanation.Of(m).Value().(map[string]any)
	require.Contains(t, value, "none")
	require.Equal(t, map[string]any{"cpu": 2.0}, value["limits"])
	require.Equal(t, map[string]any{"tag": "3"}, value["image"])
}

func TestSelectFails(t *testing.T) {
	for key, want := range map[string]string{
		"limits.cpus": `there is no value "limits.cpus"; did you mean cpu? The keys of limits are cpu, memory`,
		"zzz":         `there is no value "zzz"; the keys are `,
		"same.a":      `there is no value "same.a"; same has no keys`,
		"a..b":        `"a..b" is no key; write it as a.b`,
		`"a`:          `"\"a" is no key; write it as a.b, with quotes around what holds a dot: a."b.c"`,
		`"a"b`:        `"\"a\"b" is no key; write it as`,
		"":            `"" is no key`,
	} {
		require.ErrorContains(t, explanation.Of(merged(t)).Select(key), want, key)
	}
}

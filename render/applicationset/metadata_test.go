package applicationset

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// names returns the names of the objects in the order in which they come.
func names(t *testing.T, in input) []string {
	t.Helper()
	objects, _, err := in.build(t)
	require.NoError(t, err)
	list := []string{}
	for _, object := range objects {
		list = append(list, at(object, "metadata/name").(string))
	}
	return list
}

func TestWhichComponentsAreRendered(t *testing.T) {
	tests := []struct {
		rule, values string
		want         []string
	}{
		{"enabled is a boolean, or a string that is exactly true",
			"{a: {enabled: true}, b: {enabled: 'true'}, c: {enabled: yes}, d: {enabled: on}}",
			[]string{"a", "b", "c", "d"}},
		{"any other value of enabled means off",
			"{a: {enabled: false}, b: {enabled: 'True'}, c: {enabled: 'yes'}, d: {enabled: 1}, e: {enabled: null}, " +
				"f: {enabled: ''}, g: {}}",
			[]string{}},
		{"enable is not enabled", "{a: {enable: true}}", []string{}},
		{"what is no map is no component", "{a: [enabled], b: enabled, c: null, d: true, e: 1}", []string{}},
		{"a setting is no component, even if it is a map with enabled: true",
			`{a: {enabled: true}, global: {enabled: true}, globalSelectors: {enabled: true}, releases: {enabled: true},
			syncPolicyAppSet: {enabled: true}, commonLabels: {enabled: true}, ackPodIdentity: {enabled: true}}`,
			[]string{"a"}},
		{"they come in the byte order of their keys, not of their names",
			"{'item_10': {enabled: true}, b: {enabled: true}, 'Item_2': {enabled: true}, 'item-2': {enabled: true}}",
			[]string{"Item-2", "b", "item-2", "item-10"}},
		{"nothing enabled gives nothing", "{a: {enabled: false}}", []string{}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			require.Equal(t, test.want, names(t, input{values: test.values}))
		})
	}
	t.Run("with a selection, only the selected ones", func(t *testing.T) {
		in := input{values: "{a: {enabled: true}, b_c: {enabled: true}, d: {enabled: false}, e: {enabled: true}}"}
		in.options.Components = []string{"e", "b_c", "d"}
		require.Equal(t, []string{"b-c", "e"}, names(t, in))
	})
	for _, selected := range []string{"nope", "namespace", "text", "globalSelectors", "b-c"} {
		t.Run("what is no component cannot be selected: "+selected, func(t *testing.T) {
			in := input{values: "{a: {enabled: true}, b_c: {enabled: off}, text: x, globalSelectors: {enabled: true}}"}
			in.options.Components = []string{"a", selected}
			_, _, err := in.build(t)
			require.ErrorContains(t, err, "there is no component")
			components := "the components are a, b_c"
			if selected == "b-c" {
				components = "did you mean b_c? The components are a, b_c"
			}
			require.EqualError(t, err, `there is no component "`+selected+`"; `+components)
		})
	}
	t.Run("a strange key cannot break the line of the message", func(t *testing.T) {
		in := input{values: `{"a\nb": {enabled: true}}`, options: Options{Components: []string{"x"}}}
		_, _, err := in.build(t)
		requireOneLine(t, err)
	})
}

func TestNames(t *testing.T) {
	x62, x63 := strings.Repeat("x", 62), strings.Repeat("x", 63)
	tests := []struct {
		rule, key, more  string
		name, inTemplate string
	}{
		{"_ becomes -", "cert_manager_2", "", "cert-manager-2",
			"{{ .name | trunc 30 }}-cert-manager-2-{{ .values.addonChartVersion }}"},
		{"63 bytes stay", x63, "", x63, "{{ .name | trunc 30 }}-" + x63[:20] + "-{{ .values.addonChartVersion }}"},
		{"the 64th byte is cut", x63 + "y", "", x63,
			"{{ .name | trunc 30 }}-" + x63[:20] + "-{{ .values.addonChartVersion }}"},
		{"one dash at the cut is removed", x62 + "_yz", "", x62,
			"{{ .name | trunc 30 }}-" + x62[:20] + "-{{ .values.addonChartVersion }}"},
		{"only one dash", "ab__", "", "ab-", "{{ .name | trunc 30 }}-ab--{{ .values.addonChartVersion }}"},
		{"one trailing dash without a cut too", "ab_", "", "ab",
			"{{ .name | trunc 30 }}-ab-{{ .values.addonChartVersion }}"},
		{"20 bytes are part of Application names", "aws-load-balancer-controller", "", "aws-load-balancer-controller",
			"{{ .name | trunc 30 }}-aws-load-balancer-co-{{ .values.addonChartVersion }}"},
		{"characters count as bytes", "ééééééééééé", "", "ééééééééééé",
			"{{ .name | trunc 30 }}-éééééééééé-{{ .values.addonChartVersion }}"},
		{"appSetName is in place of cluster and component", "a", "appSetName: 'shared-{{.name}}'", "a",
			"shared-{{.name}}-{{ .values.addonChartVersion }}"},
		{"an empty appSetName is none", "a", "appSetName: ''", "a",
			"{{ .name | trunc 30 }}-a-{{ .values.addonChartVersion }}"},
		{"a name that looks like a number is text", "'123'", "", "123",
			"{{ .name | trunc 30 }}-123-{{ .values.addonChartVersion }}"},
		{"a name that Kubernetes refuses stays, with a finding", "_x", "", "-x",
			"{{ .name | trunc 30 }}--x-{{ .values.addonChartVersion }}"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			objects := input{values: test.key + ": {enabled: true, " + test.more + "}"}.render(t)
			require.Contains(t, objects, test.name)
			require.Equal(t, test.inTemplate, at(objects[test.name], "spec/template/metadata/name"))
			require.Equal(t, test.name, at(objects[test.name], "spec/template/metadata/labels/component"))
		})
	}
	t.Run("the release is added after the cut", func(t *testing.T) {
		objects := input{values: x63 +
			"y: {enabled: true}\nreleaseType: blue\nb: {enabled: true, appSetName: q}"}.render(t)
		require.Contains(t, objects, x63+"-blue")
		require.Equal(t, "blue-q-{{ .values.addonChartVersion }}", at(objects["b-blue"], "spec/template/metadata/name"))
	})
}

func TestCollisions(t *testing.T) {
	const hint = "; rename or switch off one of them, or set its appSetName"
	tests := []struct {
		rule, values, message string
	}{
		{"two keys that give one name",
			"releaseType: blue\ncert-manager: {enabled: true}\ncert_manager: {enabled: true}",
			`values.yaml:3: components "cert_manager" and "cert-manager" (values.yaml:2) have the same ApplicationSet name "cert-manager"` + hint},
		{"two names that are one after the cut",
			strings.Repeat("x", 63) + "1: {enabled: true, appSetName: a}\n" + strings.Repeat("x", 63) +
				"2: {enabled: true, appSetName: b}",
			`values.yaml:2: components "` + strings.Repeat("x", 63) + `2" and "` + strings.Repeat("x", 63) +
				`1" (values.yaml:1) have the same ApplicationSet name "` + strings.Repeat("x", 63) + `"` + hint},
		{"two names whose first 20 bytes are equal",
			"aws-load-balancer-controller: {enabled: true}\naws-load-balancer-controller-crds: {enabled: true}",
			`values.yaml:2: components "aws-load-balancer-controller-crds" and "aws-load-balancer-controller" (values.yaml:1) ` +
				`have the same part of Application names "{{ .name | trunc 30 }}-aws-load-balancer-co"` + hint},
		{"one appSetName twice",
			"b: {enabled: true, appSetName: one}\na: {enabled: true, appSetName: one}",
			`values.yaml:1: components "b" and "a" (values.yaml:2) have the same part of Application names "one"` +
				hint},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			requireRefused(t, input{values: test.values}, test.message)
		})
	}
	t.Run("one is named where its last file has it, the other in a catalog", func(t *testing.T) {
		requireRefused(t, input{catalog: map[string]string{"one": "# first\na_b: {enabled: true}",
			"two": "a-b: {enabled: false}"}, values: "a-b: {enabled: true}"},
			`values/one.yaml:2: components "a_b" and "a-b" (values.yaml:1) have the same ApplicationSet name "a-b"`+
				hint)
	})
	t.Run("also if only one of them is to be rendered", func(t *testing.T) {
		_, _, err := input{values: "{a-b: {enabled: true}, a_b: {enabled: true}, c: {enabled: true}}",
			options: Options{Components: []string{"c"}}}.build(t)
		require.ErrorContains(t, err, "have the same ApplicationSet name")
	})
	near := map[string]string{
		"one of them is off": "{a-b: {enabled: true}, a_b: {enabled: false}}",
		"the 20th byte differs": "{aaaaaaaaaaaaaaaaaaa1x: {enabled: true}, aaaaaaaaaaaaaaaaaaa2x: " +
			"{enabled: true}}",
		"one has an appSetName": "{aaaaaaaaaaaaaaaaaaaa1: {enabled: true}, aaaaaaaaaaaaaaaaaaaa2: " +
			"{enabled: true, appSetName: q}}",
		"appSetNames differ": "{a: {enabled: true, appSetName: one}, b: {enabled: true, appSetName: " +
			"two}}",
		"an appSetName is another's name":  "{a: {enabled: true, appSetName: b}, b: {enabled: true}}",
		"the case of the letters differs":  "{a: {enabled: true}, A: {enabled: true}}",
		"a setting has the name of a part": "{global: {enabled: true}, 'globa_l': {enabled: true}}",
	}
	for rule, values := range near {
		t.Run("no collision: "+rule, func(t *testing.T) {
			_, _, err := input{values: values}.build(t)
			require.NoError(t, err)
		})
	}
}

// TestLabelsAndAnnotations: of a key in several places the most specific counts, once (rule
// applicationset-metadata in docs/rules/applicationsets.md).
func TestLabelsAndAnnotations(t *testing.T) {
	const (
		labels, annotations       = "app metadata/labels", "app metadata/annotations"
		appLabels, appAnnotations = "app spec/template/metadata/labels", "app spec/template/metadata/annotations"
	)
	tests := []struct {
		rule, values string
		want         map[string]string
	}{
		{"the built-in ones", "", map[string]string{
			labels: "{app.kubernetes.io/name: application-sets, app.kubernetes.io/instance: rel, " +
				"app.kubernetes.io/managed-by: fleet-cmp}",
			appLabels: `{app.kubernetes.io/name: application-sets, app.kubernetes.io/instance: rel, app.kubernetes.io/managed-by: fleet-cmp,
				component: app, environment: '{{.metadata.labels.environment}}', cluster: '{{.name}}'}`,
			annotations: absent, appAnnotations: absent,
		}},
		{"labelsAppSet over commonLabels over the built-in ones",
			"{commonLabels: {a: common, b: common, app.kubernetes.io/name: common}, app: {labelsAppSet: {b: own, " +
				"app.kubernetes.io/instance: own}}}",
			map[string]string{labels: "{a: common, b: own, app.kubernetes.io/name: common, " +
				"app.kubernetes.io/instance: own, app.kubernetes.io/managed-by: fleet-cmp}"}},
		{"on the Applications, component, environment and cluster cannot be replaced",
			"{commonLabels: {cluster: x, a: common}, app: {labelsApp: {component: x, environment: x, a: own}}}",
			map[string]string{appLabels: `{app.kubernetes.io/name: application-sets, app.kubernetes.io/instance: rel, app.kubernetes.io/managed-by: fleet-cmp,
				a: own, component: app, environment: '{{.metadata.labels.environment}}', cluster: '{{.name}}'}`}},
		{"labelsApp and labelsAppSet do not mix", "{app: {labelsApp: {a: b}, labelsAppSet: {c: d}}}",
			map[string]string{labels + "/a": absent, labels + "/c": "d", appLabels + "/a": "b",
				appLabels + "/c": absent}},
		{"annotationsAppSet and annotationsApp over annotations",
			"{annotations: {a: common, b: common}, app: {annotationsAppSet: {b: set}, annotationsApp: {b: app}}}",
			map[string]string{annotations: "{a: common, b: set}", appAnnotations: "{a: common, b: app}"}},
		{"values are text, whatever they look like",
			"{commonLabels: {i: 10000000, f: 1.5}, annotations: {b: on}, app: {labelsAppSet: {t: true}, labelsApp: " +
				"{z: 0}, annotationsApp: {e: ''}}}",
			map[string]string{labels + "/i": "'10000000'", labels + "/f": "'1.5'", labels + "/t": "'true'",
				appLabels + "/z": "'0'",
				annotations:      "{b: 'true'}", appAnnotations: "{b: 'true', e: ''}"}},
		{"a null removes what a lower place has not set by force",
			"{commonLabels: {a: null}, annotations: {a: null}, app: {labelsApp: {b: null}, annotationsAppSet: {c: " +
				"null}}}",
			map[string]string{labels + "/a": absent, appLabels + "/b": absent, annotations: absent,
				appAnnotations: absent}},
		{"null in place of a map is nothing",
			"{commonLabels: null, annotations: null, app: {labelsApp: null, labelsAppSet: null}}",
			map[string]string{annotations: absent, appAnnotations: absent}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			requireAt(t, input{values: app, over: test.values}.render(t), test.want)
		})
	}
	t.Run("the labels of one component do not reach another", func(t *testing.T) {
		objects := input{values: app +
			"b: {enabled: true, labelsApp: {x: z}, labelsAppSet: {x: z}, annotationsApp: {x: z}, annotationsAppSet: " +
			"{x: z}}\nc: {enabled: true}\nannotations: {q: r}"}.render(t)
		requireAt(t, objects, map[string]string{
			"app metadata/labels/x": absent, "c metadata/labels/x": absent, "c metadata/annotations": "{q: r}",
			"c spec/template/metadata/labels/x": absent, "c spec/template/metadata/annotations": "{q: r}",
			"b spec/template/metadata/annotations": "{q: r, x: z}",
		})
	})
}

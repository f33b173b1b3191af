package applicationset

import (
	"testing"
)

// TestComponentKeys goes through the keys of rule component-keys in docs/rules/components.md that do one thing each.
// Those with a test of their own are the generator's (generator_test.go), the sources' (source_test.go) and the names'
// (metadata_test.go).
func TestComponentKeys(t *testing.T) {
	const main = "app spec/template/spec/sources/1"
	tests := []struct {
		rule string
		key  string // of the component, as YAML
		want map[string]string
	}{
		{"namespace is the destination", "namespace: other",
			map[string]string{"app spec/template/spec/destination": "{name: '{{ .name }}', namespace: other}"}},
		{"a namespace with quotes and a template stays as it is",
			`namespace: "{{ index .metadata.labels 'ns' }}: \" #"`,
			map[string]string{"app spec/template/spec/destination/namespace": `"{{ index .metadata.labels 'ns' }}: \" #"`}},
		{"a namespace that looks like a number is text", "namespace: 42",
			map[string]string{"app spec/template/spec/destination/namespace": "'42'"}},
		{"a missing namespace stays empty, as the parity cases have it", "namespace: null",
			map[string]string{"app spec/template/spec/destination": "{name: '{{ .name }}', namespace: ''}"}},
		{"releaseName is that of the Helm release", "releaseName: it's",
			map[string]string{main + "/helm/releaseName": `"it's"`}},
		{"releaseName is the chart by default, also in place of an empty one", "releaseName: ''",
			map[string]string{main + "/helm/releaseName": "'{{ .values.addonChart }}'"}},
		{"syncPolicy takes the place of the setting, and does not merge with it", "syncPolicy: {retry: {limit: 1}}",
			map[string]string{"app spec/template/spec/syncPolicy": "{retry: {limit: 1}}"}},
		{"an empty syncPolicy counts as not set", "syncPolicy: {}",
			map[string]string{"app spec/template/spec/syncPolicy": "{automated: {prune: false}}"}},
		{"a null syncPolicy counts as not set", "syncPolicy: null",
			map[string]string{"app spec/template/spec/syncPolicy": "{automated: {prune: false}}"}},
		{"syncPolicyAppSet takes the place of the setting", "syncPolicyAppSet: {applicationsSync: sync}",
			map[string]string{"app spec/syncPolicy": "{applicationsSync: sync}"}},
		{"an empty syncPolicyAppSet counts as not set", "syncPolicyAppSet: {}",
			map[string]string{"app spec/syncPolicy": "{preserveResourcesOnDeletion: true}"}},
		{"ignoreDifferences belongs to the Applications",
			"ignoreDifferences: [{kind: Secret, jqPathExpressions: ['.data']}]",
			map[string]string{"app spec/template/spec/ignoreDifferences": "[{kind: Secret, jqPathExpressions: " +
				"['.data']}]"}},
		{"an empty ignoreDifferences is left out", "ignoreDifferences: []",
			map[string]string{"app spec/template/spec/ignoreDifferences": absent}},
		{"ignoreApplicationDifferences belongs to the ApplicationSet",
			"ignoreApplicationDifferences: [{jsonPointers: [/spec/x]}]",
			map[string]string{"app spec/ignoreApplicationDifferences": "[{jsonPointers: [/spec/x]}]"}},
		{"an empty ignoreApplicationDifferences is left out", "ignoreApplicationDifferences: []",
			map[string]string{"app spec/ignoreApplicationDifferences": absent}},
		{"preservedFields is copied", "preservedFields: {annotations: [keep]}",
			map[string]string{"app spec/preservedFields": "{annotations: [keep]}"}},
		{"an empty preservedFields is left out", "preservedFields: {}",
			map[string]string{"app spec/preservedFields": absent}},
		{"strategy is copied", "strategy: {type: RollingSync, rollingSync: {steps: [{maxUpdate: 1}]}}",
			map[string]string{"app spec/strategy": "{type: RollingSync, rollingSync: {steps: [{maxUpdate: 1}]}}"}},
		{"a null strategy is left out", "strategy: null", map[string]string{"app spec/strategy": absent}},
		{"free-form parts keep fields that nobody here knows", "strategy: {type: Future, later: {x: [1, null]}}",
			map[string]string{"app spec/strategy": "{type: Future, later: {x: [1, null]}}"}},
		{"templatePatch takes the place of the setting, with its first blanks", `templatePatch: "  own:\n    x: 1\n"`,
			map[string]string{"app spec/templatePatch": `"  own:\n    x: 1\n"`}},
		{"an empty templatePatch counts as not set", "templatePatch: ''",
			map[string]string{"app spec/templatePatch": "from the setting"}},
		{"goTemplateOptions take the place of the setting", "goTemplateOptions: [a, b]",
			map[string]string{"app spec/goTemplateOptions": "[a, b]"}},
		{"an empty list of goTemplateOptions counts as not set", "goTemplateOptions: []",
			map[string]string{"app spec/goTemplateOptions": "[missingkey=zero]"}},
		{"applyNestedSelectors is applied", "applyNestedSelectors: true",
			map[string]string{"app spec/applyNestedSelectors": "true"}},
		{"applyNestedSelectors as text is applied", "applyNestedSelectors: 'true'",
			map[string]string{"app spec/applyNestedSelectors": "true"}},
		{"empty values of any type count as not set",
			"{syncPolicy: '', strategy: [], ignoreDifferences: {}, valuesObject: false, selector: 0, environments: ''}",
			map[string]string{"app spec/template/spec/syncPolicy": "{automated: {prune: false}}",
				"app spec/strategy":                        absent,
				"app spec/template/spec/ignoreDifferences": absent, main + "/helm/valuesObject": absent}},
		{"labels and annotations have no effect", "{labels: {a: b}, annotations: {a: b}}",
			map[string]string{"app metadata/labels/a": absent, "app metadata/annotations": absent,
				"app spec/template/metadata/annotations": absent}},
		{"enable has no effect", "enable: false", map[string]string{"app metadata/name": "app"}},
	}
	settings := `
syncPolicy: {automated: {prune: false}}
syncPolicyAppSet: {preserveResourcesOnDeletion: true}
templatePatch: from the setting
goTemplateOptions: [missingkey=zero]
`
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			key := test.key
			if key[0] != '{' {
				key = "{" + key + "}"
			}
			requireAt(t, input{values: app + settings, over: "app: " + key}.render(t), test.want)
		})
	}
	t.Run("applyNestedSelectors of a component switches the setting off", func(t *testing.T) {
		in := input{values: app +
			"other: {enabled: true}\nkept: {enabled: true, applyNestedSelectors: null}\napplyNestedSelectors: true",
			over: "app: {applyNestedSelectors: false}"}
		requireAt(t, in.render(t), map[string]string{
			"app spec/applyNestedSelectors":   absent,
			"other spec/applyNestedSelectors": "true",
			"kept spec/applyNestedSelectors":  "true",
		})
	})
}

// TestComponentKeysOfTheWrongType: each is refused with file, line, component and key.
func TestComponentKeysOfTheWrongType(t *testing.T) {
	tests := []struct {
		key, message string
	}{
		{"enabled: [true]", "enabled must be a string, not a list"},
		{"enabled: {a: b}", "enabled must be a string, not a map"},
		{"chartName: [a]", "chartName must be a string, not a list"},
		{"chartNamespace: {a: b}", "chartNamespace must be a string, not a map"},
		{"chartRepository: [a]", "chartRepository must be a string, not a list"},
		{"defaultVersion: {a: b}", "defaultVersion must be a string, not a map"},
		{"namespace: [a]", "namespace must be a string, not a list"},
		{"releaseName: [a]", "releaseName must be a string, not a list"},
		{"path: [a]", "path must be a string, not a list"},
		{"type: [manifest]", "type must be a string, not a list"},
		{"type: 1", "type must be a string, not a number"},
		{"type: true", "type must be a string, not a boolean"},
		{"selector: [a]", "selector must be a map, not a list"},
		{"selector: {matchLabels: [a]}", "selector: matchLabels must be a map, not a list"},
		{"selector: {matchLabels: {a: [b]}}", `selector: matchLabels: the value of "a" must be a string, not a list`},
		{"selectorMatchLabels: [a]", "selectorMatchLabels must be a map, not a list"},
		{"selectorMatchLabels: {a: {b: c}}", `selectorMatchLabels: the value of "a" must be a string, not a map`},
		{"environments: prod", "environments must be a list, not a string"},
		{"environments: [prod]", "environments[0] must be a map with selector and chartVersion, not a string"},
		{"environments: [{selector: [a]}]", "environments: selector must be a map, not a list"},
		{"environments: [{selector: {a: b}}, {selector: {a: c}, chartVersion: [1]}]",
			"environments: chartVersion must be a string, not a list"},
		{"environments: {one: 1}", "environments[0] must be a map with selector and chartVersion, not a number"},
		{"gitMatrix: [a]", "gitMatrix must be a string, not a list"},
		{"matrixPath: [a]", "matrixPath must be a string, not a list"},
		{"resourceGroup: {a: b}", "resourceGroup must be a string, not a map"},
		{"valuesObject: [a]", "valuesObject must be a map, not a list"},
		{"valuesObject: 'a: b'", "valuesObject must be a map, not a string"},
		{"valuesFileName: [a]", "valuesFileName must be a string, not a list"},
		{"enableAckPodIdentity: [a]", "enableAckPodIdentity must be a string, not a list"},
		{"ackPodIdentity: a", "ackPodIdentity must be a map, not a string"},
		{"ackPodIdentity: {repoURL: [a]}", "ackPodIdentity: repoURL must be a string, not a list"},
		{"ackPodIdentity: {chart: {a: b}}", "ackPodIdentity: chart must be a string, not a map"},
		{"additionalResources: a", "additionalResources must be a map, not a string"},
		{"additionalResources: [a]", "additionalResources must be a map, not a list"},
		{"additionalResources: {path: [a]}", "additionalResources: path must be a string, not a list"},
		{"additionalResources: {chartVersion: [a]}", "additionalResources: chartVersion must be a string, not a list"},
		{"additionalResources: {path: a, helm: x}", "additionalResources: helm must be a map, not a string"},
		{"additionalResources: {path: a, helm: {releaseName: [a]}}",
			"additionalResources.helm: releaseName must be a string, not a list"},
		{"additionalResources: {path: a, helm: {valuesObject: [a]}}",
			"additionalResources.helm: valuesObject must be a map, not a list"},
		{"appSetName: [a]", "appSetName must be a string, not a list"},
		{"syncPolicy: [a]", "syncPolicy must be a map, not a list"},
		{"syncPolicyAppSet: a", "syncPolicyAppSet must be a map, not a string"},
		{"preservedFields: [a]", "preservedFields must be a map, not a list"},
		{"strategy: RollingSync", "strategy must be a map, not a string"},
		{"ignoreDifferences: {kind: Secret}", "ignoreDifferences must be a list, not a map"},
		{"ignoreApplicationDifferences: a", "ignoreApplicationDifferences must be a list, not a string"},
		{"templatePatch: {a: b}", "templatePatch must be a string, not a map"},
		{"goTemplateOptions: a", "goTemplateOptions must be a list, not a string"},
		{"applyNestedSelectors: [a]", "applyNestedSelectors must be a string, not a list"},
		{"labelsAppSet: a", "labelsAppSet must be a map, not a string"},
		{"annotationsAppSet: [a]", "annotationsAppSet must be a map, not a list"},
		{"labelsApp: {a: [b]}", `labelsApp: the value of "a" must be a string, not a list`},
		{"annotationsApp: 1", "annotationsApp must be a map, not a number"},
	}
	for _, test := range tests {
		t.Run(test.key, func(t *testing.T) {
			requireRefused(t, input{values: app, over: "app:\n  # a comment\n  " + test.key},
				`over.yaml:3: component "app": `+test.message)
		})
	}
	t.Run("in a component file, with its place", func(t *testing.T) {
		requireRefused(t, input{values: app, catalog: map[string]string{"parts": "app:\n  strategy: a\n"}},
			`values/parts.yaml:2: component "app": strategy must be a map, not a string`)
	})
	t.Run("of a component that is off, it does not matter", func(t *testing.T) {
		requireAt(t, input{values: app + "off: {enabled: false, strategy: a}"}.render(t),
			map[string]string{"app metadata/name": "app"})
	})
}

func TestComponentsThatCannotBe(t *testing.T) {
	tests := []struct {
		rule, values, message string
	}{
		{"an environment without a selector would match every cluster",
			"app:\n  enabled: true\n  environments:\n  - {selector: {env: dev}}\n  - {chartVersion: '2'}",
			`values.yaml:5: component "app": environments: entry 2 has no selector, and so would match every cluster`},
		{"so would one with an empty selector",
			"app:\n  enabled: true\n  environments: [{selector: {}, chartVersion: '2'}]",
			`values.yaml:3: component "app": environments: entry 1 has no selector, and so would match every cluster`},
		{"gitMatrix needs a path of files",
			"app:\n  enabled: true\n  gitMatrix: true",
			`values.yaml:3: component "app": gitMatrix needs matrixPath, the path of the files in the repository`},
		{"a name cut in the middle of a character",
			"éééééééééééééééééééééééééééééééé: {enabled: true}",
			`values.yaml:1: component "éééééééééééééééééééééééééééééééé": the name is cut in the middle of a character to fit`},
		{"a name whose part in Application names is cut so",
			"aééééééééééé: {enabled: true}",
			`values.yaml:1: component "aééééééééééé": the name is cut in the middle of a character to fit`},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			requireRefused(t, input{values: test.values}, test.message)
		})
	}
}

package applicationset

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestApplicationName(t *testing.T) {
	tests := []struct{ rule, values, want string }{
		{"of the component, as it is", "a_b: {enabled: true, applicationName: 'x-{{.name}}'}", "x-{{.name}}"},
		{"of all components", "applicationName: 'COMPONENT-{{.name}}'\na_b: {enabled: true}", "a-b-{{.name}}"},
		{"the component's own counts more",
			"applicationName: 'COMPONENT-{{.name}}'\na_b: {enabled: true, applicationName: '{{.name}}-COMPONENT'}",
			"{{.name}}-a-b"},
		{"an empty one is none", "applicationName: ''\na_b: {enabled: true, applicationName: ''}",
			"{{ .name | trunc 30 }}-a-b-{{ .values.addonChartVersion }}"},
		{"the component's name is whole, and functions can cut it",
			"applicationName: '{{trunc 20 \"COMPONENT\"}}-{{.name}}'\naws-load-balancer-controller: {enabled: true}",
			`{{trunc 20 "aws-load-balancer-controller"}}-{{.name}}`},
		{"the release type is there where it is asked for",
			"applicationName: 'RELEASETYPE-COMPONENT-{{.name}}'\nreleaseType: blue\na: {enabled: true}",
			"blue-a-{{.name}}"},
		{"and nowhere else", "applicationName: 'COMPONENT-{{.name}}'\nreleaseType: blue\na: {enabled: true}",
			"a-{{.name}}"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			objects, _, err := input{values: test.values}.build(t)
			require.NoError(t, err)
			require.Len(t, objects, 1)
			require.Equal(t, test.want, at(objects[0], "spec/template/metadata/name"))
		})
	}
}

func TestApplicationNamesThatCannotBe(t *testing.T) {
	const hint = "; rename or switch off one of them, or let applicationName contain COMPONENT"
	tests := []struct{ rule, values, message string }{
		{"one name for all components", "applicationName: '{{.name}}'\na: {enabled: true}\nb: {enabled: true}",
			`values.yaml:3: components "b" and "a" (values.yaml:2) have the same Application name "{{.name}}"` +
				hint},
		{"one name for two of them",
			"a: {enabled: true, applicationName: 'x-{{.name}}'}\nb: {enabled: true, applicationName: 'x-{{ .name }}'}",
			`values.yaml:2: components "b" and "a" (values.yaml:1) have the same Application name "x-{{ .name }}"` +
				hint},
		{"two names", "applicationName: 'COMPONENT-{{.name}}'\na:\n  enabled: true\n  appSetName: 'x-{{.name}}'",
			`values.yaml:4: component "a": appSetName and applicationName both name the Applications; remove ` +
				"appSetName, or where it is the whole name, write it as the component's applicationName"},
		{"no template", "a:\n  enabled: true\n  applicationName: '{{.name'",
			`values.yaml:3: component "a": applicationName: template "{{.name": 1: unclosed action`},
		{"no template, as a setting", "applicationName: '{{.name'\na: {enabled: true}",
			`values.yaml:1: applicationName: template "{{.name": 1: unclosed action`},
		{"no text", "applicationName: [x]\na: {enabled: true}",
			"values.yaml:1: applicationName must be a string, not a list"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) { requireRefused(t, input{values: test.values}, test.message) })
	}
}

// TestFindingsAboutApplicationNames has an input for each finding, and one close by that gives none.
func TestFindingsAboutApplicationNames(t *testing.T) {
	const settings = "globalSelectors: {fleet: one}\napplicationName: "
	const refused = `over.yaml:3: component "app": the Application name `
	tests := []struct{ rule, over, finding, near string }{
		{"a name for all clusters", settings + "'COMPONENT'",
			`over.yaml:2: component "app": applicationName does not contain the cluster, so that the Applications of ` +
				"all clusters have one name; add {{.name}}, or select one cluster only",
			settings + "'COMPONENT-{{.server}}'"},
		{"likewise, of the component's chart", "app:\n  applicationName: '{{.values.addonChart}}'",
			`over.yaml:2: component "app": applicationName does not contain the cluster, so that the Applications of ` +
				"all clusters have one name; add {{.name}}, or select one cluster only",
			"app: {applicationName: '{{index .metadata.labels \"fleet\"}}'}"},
		{"a long name", settings +
			"'COMPONENT-a-very-long-name-of-more-than-all-that-any-label-may-have-{{.name}}'\napp: {}",
			refused + `"app-a-very-long-name-of-more-than-all-that-any-label-may-have-east-1" will be refused: it has 68 ` +
				"characters, more than 63; rename the component, or shorten what the name is made of",
			settings + "'COMPONENT-{{.name}}'"},
		{"a name with other characters", settings + "'COMPONENT_{{ .name }}'\napp: {}",
			refused + `"app_east-1" will be refused: it has others than lower-case letters, digits, - and ., or does ` +
				"not start and end with a letter or digit; rename the component, or shorten what the name is made of",
			settings + "'COMPONENT.{{ .nameNormalized }}'"},
		{"a directory without path",
			"app: {path: '', chartRepository: charts.example, defaultVersion: '1', directory: {recurse: true}}",
			`over.yaml:1: component "app": directory has no effect without path; set path, or remove it`,
			"app: {path: x, type: manifest, directory: {recurse: true}}"},
		{"a directory with Helm values", "app: {path: x, directory: {recurse: true}}",
			`over.yaml:1: component "app": its source has directory and Helm values, which Argo CD refuses; ` +
				"set type: manifest",
			"app: {path: x, type: manifest, directory: {}}"},
		{"a switch of another fork", "app: {enableACK: true}",
			`over.yaml:1: component "app": the key enableACK has no effect; did you mean enableAckPodIdentity?`,
			"app: {enableAckPodIdentity: false}"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			in := input{values: clean, over: test.over, options: Options{Clusters: cleanClusters()}}
			require.Equal(t, []string{test.finding}, in.messages(t))
			in.over = test.near
			require.Empty(t, in.messages(t))
		})
	}
}

func TestNameOfValueFiles(t *testing.T) {
	objects := input{
		values: "valueFiles: [v]\nvaluesFileName: helm.yaml\napp: {enabled: true, enableAckPodIdentity: true," +
			" additionalResources: {path: p, type: crds, helm: {releaseName: r}}}\n" +
			"own: {enabled: true, valuesFileName: own.yaml, enableAckPodIdentity: true}"}.render(t)
	requireAt(t, objects, map[string]string{
		"app spec/template/spec/sources/1/helm/valueFiles": "[$values/apps/v/app/pod-identity/helm.yaml]",
		"app spec/template/spec/sources/2/helm/valueFiles": "[$values/apps/v/app/helm.yaml]",
		"app spec/template/spec/sources/3/helm/valueFiles": "[$values/apps/v/app/crds/helm.yaml]",
		"own spec/template/spec/sources/1/helm/valueFiles": "[$values/apps/v/own/pod-identity/helm.yaml]",
		"own spec/template/spec/sources/2/helm/valueFiles": "[$values/apps/v/own/own.yaml]",
	})
	files, err := ValueFilesOf(input{over: "{valuesFileName: helm.yaml, a: {}}"}.merge(t), "a")
	require.NoError(t, err)
	require.Equal(t, ValueFiles{Chart: "a", File: "helm.yaml"}, files)
}

package applicationset

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A component that is on and complete, for the tests in which the settings are what matters.
const app = "app: {enabled: true, namespace: ns, path: charts/app, defaultVersion: '1'}\n"

// TestSettings goes through every setting of rule settings-by-name in docs/rules/settings.md: what it does, and what
// happens without it.
func TestSettings(t *testing.T) {
	const (
		values   = "app spec/template/spec/sources/0"
		main     = "app spec/template/spec/sources/1"
		selector = "app spec/generators/0/clusters/selector/matchLabels"
	)
	tests := []struct {
		rule     string
		settings string
		want     map[string]string
	}{
		{"releaseType is a suffix of the ApplicationSet and a prefix of the Applications", "releaseType: blue",
			map[string]string{
				"app-blue metadata/name": "app-blue",
				"app-blue spec/template/metadata/name": "'blue-{{ .name | trunc 30 }}-app-{{ " +
					".values.addonChartVersion }}'",
			}},
		{"releaseType as a number prints", "releaseType: 2",
			map[string]string{"app-2 spec/template/metadata/name": "'2-{{ .name | trunc 30 }}-app-{{ " +
				".values.addonChartVersion }}'"}},
		{"without releaseType there is no dash", "",
			map[string]string{
				"app metadata/name":               "app",
				"app spec/template/metadata/name": "'{{ .name | trunc 30 }}-app-{{ .values.addonChartVersion }}'",
			}},
		{"an empty releaseType is none", "releaseType: ''", map[string]string{"app metadata/name": "app"}},
		{"a null releaseType is none", "releaseType: null", map[string]string{"app metadata/name": "app"}},
		{"namespace is that of the ApplicationSet only", "namespace: gitops",
			map[string]string{"app metadata/namespace": "gitops",
				"app spec/template/spec/destination/namespace": "ns"}},
		{"namespace is argocd by default, also in place of an empty one", "namespace: ''",
			map[string]string{"app metadata/namespace": "argocd"}},
		{"a namespace that looks like a number is text", "namespace: 0o7",
			map[string]string{"app metadata/namespace": "'7'"}},
		{"argoProjectName is the project", "argoProjectName: '{{ .metadata.labels.team }}'",
			map[string]string{"app spec/template/spec/project": "'{{ .metadata.labels.team }}'"}},
		{"a project that looks like a boolean is text", "argoProjectName: true",
			map[string]string{"app spec/template/spec/project": "'true'"}},
		{"the project is default without a setting", "",
			map[string]string{"app spec/template/spec/project": "default"}},
		{"releases restrict the clusters", "releases: {ring: '5', soak: true}",
			map[string]string{selector: "{argocd.argoproj.io/secret-type: cluster, ring: '5', soak: 'true'}"}},
		{"useVersionSelectors as text switches releases off", "{useVersionSelectors: 'false', releases: {ring: a}}",
			map[string]string{selector: "{argocd.argoproj.io/secret-type: cluster}"}},
		{"useVersionSelectors as a boolean switches releases on", "{useVersionSelectors: true, releases: {ring: a}}",
			map[string]string{selector: "{argocd.argoproj.io/secret-type: cluster, ring: a}"}},
		{"globalSelectors restrict the clusters", "globalSelectors: {fleet: one, wave: 3}",
			map[string]string{selector: "{argocd.argoproj.io/secret-type: cluster, fleet: one, wave: '3'}"}},
		{"a null in globalSelectors removes the label", "globalSelectors: {fleet: one, wave: null}",
			map[string]string{selector: "{argocd.argoproj.io/secret-type: cluster, fleet: one}"}},
		{"syncPolicy is that of the Applications", "syncPolicy: {automated: {prune: true}}",
			map[string]string{"app spec/template/spec/syncPolicy": "{automated: {prune: true}}",
				"app spec/syncPolicy": absent}},
		{"syncPolicyAppSet is that of the ApplicationSet", "syncPolicyAppSet: {applicationsSync: create-only}",
			map[string]string{"app spec/syncPolicy": "{applicationsSync: create-only}",
				"app spec/template/spec/syncPolicy": absent}},
		{"a sync policy that is null or empty is left out", "{syncPolicy: null, syncPolicyAppSet: {}}",
			map[string]string{"app spec/syncPolicy": absent, "app spec/template/spec/syncPolicy": absent}},
		{"goTemplate is on, and a missing key an error, by default", "",
			map[string]string{"app spec/goTemplate": "true", "app spec/goTemplateOptions": "[missingkey=error]"}},
		{"goTemplateOptions stay a list", "goTemplateOptions: [missingkey=zero, other]",
			map[string]string{"app spec/goTemplateOptions": "[missingkey=zero, other]"}},
		{"an empty list of goTemplateOptions means the default", "goTemplateOptions: []",
			map[string]string{"app spec/goTemplateOptions": "[missingkey=error]"}},
		{"applyNestedSelectors is passed on", "applyNestedSelectors: true",
			map[string]string{"app spec/applyNestedSelectors": "true"}},
		{"applyNestedSelectors may be text", "applyNestedSelectors: 'true'",
			map[string]string{"app spec/applyNestedSelectors": "true"}},
		{"applyNestedSelectors off is left out, which means the same", "applyNestedSelectors: 'false'",
			map[string]string{"app spec/applyNestedSelectors": absent}},
		{"templatePatch is passed on with all its blanks", `templatePatch: "    first\n  second: '{{ .name }}'\n"`,
			map[string]string{"app spec/templatePatch": `"    first\n  second: '{{ .name }}'\n"`}},
		{"without templatePatch there is none", "", map[string]string{"app spec/templatePatch": absent}},
		{"repoURLGit and repoURLGitRevision are the source of the value files and of paths",
			"{repoURLGit: 'https://a.example/b', repoURLGitRevision: v1}",
			map[string]string{
				values: "{repoURL: 'https://a.example/b', targetRevision: v1, ref: values}",
				main: `{repoURL: 'https://a.example/b', targetRevision: v1, path: charts/app,
					helm: {releaseName: '{{ .values.addonChart }}', ignoreMissingValueFiles: true}}`,
			}},
		{"a repoURLGitRevision of null is left out", "repoURLGitRevision: null",
			map[string]string{values: "{repoURL: 'https://git.example/fleet', ref: values}"}},
		{"valueFiles, base path, prefix and group make up the value files",
			"{valueFiles: [one], repoURLGitBasePath: base, useValuesFilePrefix: true, valuesFilePrefix: pre, " +
				"applicationSetGroup: grp}",
			map[string]string{main + "/helm/valueFiles": "[$values/base/pre/one/grp/app/values.yaml]"}},
		{"without valueFiles there are none", "", map[string]string{main + "/helm/valueFiles": absent}},
		{"globalValuesObject is under the values of a component", "globalValuesObject: {a: 1}",
			map[string]string{main + "/helm/valuesObject": "{a: 1}"}},
		{"without globalValuesObject there are no values", "globalValuesObject: null",
			map[string]string{main + "/helm/valuesObject": absent}},
		{"commonLabels and annotations are on the ApplicationSet and the Applications",
			"{commonLabels: {tier: 1}, annotations: {note: 'on'}}",
			map[string]string{
				"app metadata/labels/tier":                    "'1'",
				"app metadata/annotations":                    "{note: 'on'}",
				"app spec/template/metadata/labels/tier":      "'1'",
				"app spec/template/metadata/annotations/note": "'on'",
			}},
		{"without annotations there are none", "annotations: {}",
			map[string]string{"app metadata/annotations": absent, "app spec/template/metadata/annotations": absent}},
		{"nameOverride is the label app.kubernetes.io/name", "nameOverride: 12",
			map[string]string{"app metadata/labels": "{app.kubernetes.io/name: '12', app.kubernetes.io/instance: " +
				"rel, app.kubernetes.io/managed-by: fleet-cmp}"}},
		{"the label app.kubernetes.io/name is the wrapper chart's by default", "",
			map[string]string{"app metadata/labels": "{app.kubernetes.io/name: application-sets, " +
				"app.kubernetes.io/instance: rel, app.kubernetes.io/managed-by: fleet-cmp}"}},
		{"a nameOverride is cut to the 63 bytes of a label, and one dash at the cut",
			"nameOverride: " + strings.Repeat("n", 62) + "-more",
			map[string]string{"app metadata/labels": "{app.kubernetes.io/name: " + strings.Repeat("n", 62) +
				", app.kubernetes.io/instance: rel, app.kubernetes.io/managed-by: fleet-cmp}"}},
		{"empty values of any type count as not set",
			"{syncPolicy: [], releases: '', globalValuesObject: false, goTemplateOptions: {}, ackPodIdentity: 0, " +
				"valueFiles: ''}",
			map[string]string{"app spec/template/spec/syncPolicy": absent,
				"app spec/goTemplateOptions": "[missingkey=error]",
				main +
					"/helm": "{releaseName: '{{ .values.addonChart }}', ignoreMissingValueFiles: true}"}},
		{"chartType, commonAnnotations and fullnameOverride change nothing",
			"{chartType: x, commonAnnotations: {a: b}, fullnameOverride: x}",
			map[string]string{"app metadata/name": "app", "app metadata/annotations": absent}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			requireAt(t, input{values: app, over: test.settings}.render(t), test.want)
		})
	}
}

func TestOptionsStandInForSettings(t *testing.T) {
	const files = "app spec/template/spec/sources/1/helm/valueFiles"
	without := "repoURLGit: https://git.example/fleet\n"
	options := Options{BasePath: "apps/here", ValueFiles: []string{"low", "high"}}
	tests := []struct {
		rule, defaults, want string
	}{
		{"where the values have neither base path nor value files", without,
			"[$values/apps/here/low/app/values.yaml, $values/apps/here/high/app/values.yaml]"},
		{"also where they are null", without + "valueFiles: null\nrepoURLGitBasePath: null\n",
			"[$values/apps/here/low/app/values.yaml, $values/apps/here/high/app/values.yaml]"},
		{"but not where the base path is empty on purpose", without + "repoURLGitBasePath: ''\n",
			"[$values/low/app/values.yaml, $values/high/app/values.yaml]"},
		{"but not where the list is empty on purpose", without + "valueFiles: []\n", absent},
		{"and each by itself", without + "valueFiles: [own]\n", "[$values/apps/here/own/app/values.yaml]"},
		{"the base path as well", without + "repoURLGitBasePath: other\n",
			"[$values/other/low/app/values.yaml, $values/other/high/app/values.yaml]"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			requireAt(t, input{defaults: test.defaults, values: app, options: options}.render(t),
				map[string]string{files: test.want})
		})
	}
}

// TestSettingsOfTheWrongType: each is refused with the place and the key. The line shows that the place is that of the
// value which counts: the second file's.
func TestSettingsOfTheWrongType(t *testing.T) {
	tests := []struct {
		setting, message string
	}{
		{"releaseType: [a]", "releaseType must be a string, not a list"},
		{"namespace: {a: b}", "namespace must be a string, not a map"},
		{"argoProjectName: [a]", "argoProjectName must be a string, not a list"},
		{"nameOverride: [a]", "nameOverride must be a string, not a list"},
		{"useSelectors: {a: b}", "useSelectors must be a string, not a map"},
		{"useVersionSelectors: [true]", "useVersionSelectors must be a string, not a list"},
		{"releases: [a]", "releases must be a map, not a list"},
		{"releases: {ring: [a]}", `releases: the value of "ring" must be a string, not a list`},
		{"globalSelectors: all", "globalSelectors must be a map, not a string"},
		{"globalSelectors: {a: {b: c}}", `globalSelectors: the value of "a" must be a string, not a map`},
		{"syncPolicy: true", "syncPolicy must be a map, not a boolean"},
		{"syncPolicyAppSet: [a]", "syncPolicyAppSet must be a map, not a list"},
		{"goTemplateOptions: missingkey=zero", "goTemplateOptions must be a list, not a string"},
		{"goTemplateOptions: [a, {b: c}]", "goTemplateOptions[1] must be a string, not a map"},
		{"applyNestedSelectors: []", "applyNestedSelectors must be a string, not a list"},
		{"templatePatch: {spec: {}}", "templatePatch must be a string, not a map"},
		{"repoURLGit: [a]", "repoURLGit must be a string, not a list"},
		{"repoURLGitRevision: {a: b}", "repoURLGitRevision must be a string, not a map"},
		{"repoURLGitBasePath: [a]", "repoURLGitBasePath must be a string, not a list"},
		{"valueFiles: defaults", "valueFiles must be a list, not a string"},
		{"valueFiles: [a, [b]]", "valueFiles[1] must be a string, not a list"},
		{"valueFiles: {a: {}}", `valueFiles: the value of "a" must be a string, not a map`},
		{"useValuesFilePrefix: {a: b}", "useValuesFilePrefix must be a string, not a map"},
		{"applicationSetGroup: [a]", "applicationSetGroup must be a string, not a list"},
		{"globalValuesObject: [a]", "globalValuesObject must be a map, not a list"},
		{"ackPodIdentity: charts/pod-identity", "ackPodIdentity must be a map, not a string"},
		{"ackPodIdentity: {path: [a]}", "ackPodIdentity: path must be a string, not a list"},
		{"ackPodIdentity: {chartVersion: {a: b}}", "ackPodIdentity: chartVersion must be a string, not a map"},
		{"commonLabels: level=3", "commonLabels must be a map, not a string"},
		{"annotations: [a]", "annotations must be a map, not a list"},
	}
	for _, test := range tests {
		t.Run(test.setting, func(t *testing.T) {
			requireRefused(t, input{values: app, over: "# a comment\n\n" + test.setting}, "over.yaml:3: "+test.message)
		})
	}
	t.Run("valuesFilePrefix, where it is used", func(t *testing.T) {
		requireRefused(t, input{values: app, over: "useValuesFilePrefix: true\nvaluesFilePrefix: [a]"},
			"over.yaml:2: valuesFilePrefix must be a string, not a list")
	})
	t.Run("the wrong type counts where it was set, not where something else was", func(t *testing.T) {
		requireRefused(t, input{values: app + "releases: [a]", over: "namespace: gitops"},
			"values.yaml:2: releases must be a map, not a list")
	})
}

func TestARepositoryIsNeeded(t *testing.T) {
	for _, defaults := range []string{"useSelectors: 'false'", "repoURLGit: ''", "repoURLGit: null"} {
		for _, values := range []string{app, "app: {enabled: true}\nvalueFiles: [v]",
			"app: {enabled: true, enableAckPodIdentity: true}", "app: {enabled: true, gitMatrix: true, matrixPath: p}",
			"app: {enabled: true, delivery: plugin}", "app: {enabled: true, additionalResources: {path: p}}"} {
			_, _, err := input{defaults: defaults, values: values}.build(t)
			require.ErrorContains(t, err, "the setting repoURLGit is missing, from which the value files come")
			requireOneLine(t, err)
		}
		objects := input{defaults: defaults, values: "app: {enabled: true, chartRepository: charts.example}"}.render(t)
		requireAt(t, objects, map[string]string{
			"app spec/template/spec/sources/0/chart": "'{{ .values.chart }}'",
			"app spec/template/spec/sources/1":       absent})
	}
}

// TestCatalogsCannotChangeSettings: only the three settings that the wrapper chart read after the import arrive.
func TestCatalogsCannotChangeSettings(t *testing.T) {
	catalog := map[string]string{"parts": app + `
releaseType: x
namespace: x
argoProjectName: x
useSelectors: true
useVersionSelectors: x
releases: {x: x}
globalSelectors: {x: x}
syncPolicy: {x: x}
syncPolicyAppSet: {x: x}
goTemplateOptions: [x]
applyNestedSelectors: true
templatePatch: x
repoURLGit: x
repoURLGitRevision: x
repoURLGitBasePath: x
valueFiles: [x]
valuesFilePrefix: x
useValuesFilePrefix: x
applicationSetGroup: x
globalValuesObject: {x: x}
ackPodIdentity: {path: x, repoURL: x, chart: x, chartVersion: x}
commonLabels: {from: catalog}
annotations: {from: catalog}
nameOverride: catalog
`}
	plain := input{values: app}.render(t)
	got := input{catalog: catalog}.render(t)
	requireAt(t, got, map[string]string{
		"app metadata/labels": "{app.kubernetes.io/name: catalog, app.kubernetes.io/instance: rel, " +
			"app.kubernetes.io/managed-by: fleet-cmp, from: catalog}",
		"app metadata/annotations": "{from: catalog}",
	})
	for _, object := range []Object{plain["app"], got["app"]} { // apart from these three, all is as without
		delete(object, "metadata")
		delete(at(object, "spec/template").(Object), "metadata")
	}
	require.Equal(t, plain, got)

	t.Run("not even a part of ackPodIdentity", func(t *testing.T) {
		// The setting is a map of its own with an empty path: if the catalog's keys filled it up, its chart would
		// win.
		in := input{values: "ackPodIdentity: {path: ''}\napp: {enableAckPodIdentity: true}", catalog: catalog}
		requireAt(t, in.render(t), map[string]string{"app spec/template/spec/sources/1/path": "charts/pod-identity"})
	})
}

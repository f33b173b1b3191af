package applicationset

import (
	"path"
	"strings"
	"testing"

	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
	"github.com/stretchr/testify/require"
)

// paths is the place of the annotation manifest-generate-paths.
const paths = "app spec/template/metadata/annotations"

// pluginOptions are what a group's render knows for delivery by the plugin: two of the levels, and inputs of the group.
var pluginOptions = Options{
	ValueFiles: []string{"defaults"}, AppPath: "apps",
	LevelFiles: []string{"apps/bootstrap/defaults", "apps/tenants/{{ .metadata.labels.tenant }}/defaults"},
	SettingsIn: func(directory string) []string {
		if path.Base(path.Dir(directory)) == "bootstrap" {
			return []string{directory + "/core.yaml", directory + "/application-sets/core.yaml"}
		}
		return []string{directory + "/application-sets/core.yaml"}
	},
	Inputs: []string{"fleet.yaml", "parts/values.yaml"},
}

// TestDelivery: who delivers a component is said by its key, or else by the setting.
func TestDelivery(t *testing.T) {
	for _, test := range []struct {
		values string
		plugin bool
	}{
		{"app: {enabled: true}", false},
		{"app: {enabled: true, delivery: helm}", false},
		{"app: {enabled: true, delivery: plugin}", true},
		{"{delivery: plugin, app: {enabled: true}}", true},
		{"{delivery: plugin, app: {enabled: true, delivery: helm}}", false},
		{"{delivery: helm, app: {enabled: true, delivery: plugin}}", true},
		{"{delivery: plugin, app: {enabled: true, delivery: null}}", true},
		{"{delivery: '', app: {enabled: true, delivery: ''}}", false},
	} {
		for _, resolve := range []bool{false, true} {
			in := input{values: test.values, options: pluginOptions}
			in.options.Resolve = resolve
			result, err := Build(in.merge(t), in.options)
			require.NoError(t, err)
			source := at(result.Objects[0], "spec/template/spec/sources/0/plugin")
			require.Equal(t, test.plugin && !resolve, source != absent, test.values)
			require.Equal(t, test.plugin, result.Components[0].ValueFiles.Win, test.values)
		}
	}
	for values, message := range map[string]string{
		"app: {enabled: true, delivery: mail}":               `values.yaml:1: component "app": delivery must be helm or plugin, not "mail"`,
		"app:\n  enabled: true\n  delivery: [plugin]":        `values.yaml:3: component "app": delivery must be a string, not a list`,
		"delivery: Plugin\napp: {enabled: true}":             `values.yaml:1: delivery must be helm or plugin, not "Plugin"`,
		"delivery: {a: b}\napp: {enabled: true}":             "values.yaml:1: delivery must be a string, not a map",
		"app:\n  enabled: true\n  manifestGeneratePaths: []": `values.yaml:3: component "app": manifestGeneratePaths must be a string, not a list`,
	} {
		requireRefused(t, input{values: values}, message)
	}
}

// TestPluginSource: the plugin is told all that its render of the cluster depends on.
func TestPluginSource(t *testing.T) {
	const source = "app spec/template/spec/sources"
	in := input{values: "applicationSetGroup: core\napp: {enabled: true, path: charts/app, delivery: plugin, " +
		"enableAckPodIdentity: true}", options: pluginOptions}
	requireAt(t, in.render(t), map[string]string{source: `
- repoURL: https://git.example/fleet
  targetRevision: main
  path: apps
  plugin:
    name: fleet-cmp
    parameters:
    - {name: stage, string: manifests}
    - {name: group, string: core}
    - {name: component, string: app}
    - {name: cluster, string: '{{ .name }}'}
    - {name: labels, string: '{{ index .metadata "labels" | default dict | toJson }}'}
    - {name: annotations, string: '{{ omit (index .metadata "annotations" | default dict | toJson | fromJson) "kubectl.kubernetes.io/last-applied-configuration" | toJson }}'}
    - {name: settings, map: {useVersionSelectors: 'false'}}
`})
	in.options.Release, in.options.AppPath, in.options.Handover = "Next", "other/path", true
	requireAt(t, in.render(t), map[string]string{
		source + "/0/path":                "other/path",
		source + "/0/plugin/parameters/6": "{name: settings, map: {useVersionSelectors: 'false', handover: 'true'}}",
		source + "/0/plugin/parameters/7": "{name: release, string: Next}",
		source + "/0/plugin/parameters/8": absent,
		source + "/1":                     absent,
	})
	t.Run("the key of the component is as in the values", func(t *testing.T) {
		in := input{values: "my_app: {enabled: true, path: p, delivery: plugin}", options: pluginOptions}
		requireAt(t, in.render(t),
			map[string]string{
				"my-app spec/template/spec/sources/0/plugin/parameters/2": "{name: component, string: my_app}"})
	})
}

// TestResolvedSources: what is behind the plugin has the value files of all levels, whatever the settings say of value
// files.
func TestResolvedSources(t *testing.T) {
	in := input{values: "{applicationSetGroup: core, useValuesFilePrefix: true, valuesFilePrefix: pre, valueFiles: " +
		"[own], " +
		"app: {enabled: true, path: charts/app, delivery: plugin, enableAckPodIdentity: true}}", options: pluginOptions}
	in.options.Resolve = true
	requireAt(t, in.render(t), map[string]string{
		"app spec/template/spec/sources/2/helm/valueFiles": "[$values/apps/bootstrap/defaults/core/app/values.yaml, " +
			"'$values/apps/tenants/{{ .metadata.labels.tenant }}/defaults/core/app/values.yaml']",
		"app spec/template/spec/sources/1/helm/" +
			"valueFiles": "[$values/apps/bootstrap/defaults/core/app/pod-identity/values.yaml, " +
			"'$values/apps/tenants/{{ .metadata.labels.tenant }}/defaults/core/app/pod-identity/values.yaml']",
		"app spec/template/spec/sources/3": absent,
	})
}

func TestMainSourceIsTheComponent(t *testing.T) {
	for values, want := range map[string]string{
		"{enabled: true, path: charts/app}": "charts/app",
		"{enabled: true, path: charts/app, enableAckPodIdentity: " +
			"true}": "charts/app",
		"{enabled: true, path: charts/app, delivery: plugin, enableAckPodIdentity: " +
			"true}": "charts/app",
		"{enabled: true, path: charts/app, enableAckPodIdentity: true, additionalResources: " +
			"{path: more}}": "charts/app",
	} {
		in := input{values: "app: " + values, options: pluginOptions}
		in.options.Resolve = true
		result, err := Build(in.merge(t), in.options)
		require.NoError(t, err)
		sources := at(result.Objects[0], "spec/template/spec/sources").([]any)
		require.Equal(t, want, at(sources[result.Components[0].MainSource], "path"), values)
	}
}

// TestGeneratePaths: the annotation names exactly what the sources are rendered from. Without one too many, a commit to
// something else renders nothing; with one too few, a change would never be deployed.
func TestGeneratePaths(t *testing.T) {
	const on = "manifestGeneratePaths: true"
	for _, test := range []struct {
		rule, values string
		want         []string
	}{
		{"off, unless it is asked for", "app: {enabled: true, path: charts/app}", nil},
		{"also if that is said", "{manifestGeneratePaths: false, app: {enabled: true, path: charts/app}}", nil},
		{"a path", on + "\napp: {enabled: true, path: charts/app}",
			[]string{"/charts/app", "/apps/defaults/core/app/values.yaml"}},
		{"by the component's key", "app: {enabled: true, path: charts/app, manifestGeneratePaths: true}",
			[]string{"/charts/app", "/apps/defaults/core/app/values.yaml"}},
		{"which is more than the setting",
			on + "\napp: {enabled: true, path: charts/app, manifestGeneratePaths: false}", nil},
		{"both ways",
			"{manifestGeneratePaths: false, app: {enabled: true, path: charts/app, manifestGeneratePaths: 'true'}}",
			[]string{"/charts/app", "/apps/defaults/core/app/values.yaml"}},
		{"a chart of a repository", on +
			"\napp: {enabled: true, chartName: chart, chartRepository: https://charts.example}",
			[]string{"/apps/defaults/core/chart/values.yaml"}},
		{"several value files", on +
			"\nvalueFiles: [one, 'two/{{ .name }}']\napp: {enabled: true, path: charts/app, valuesFileName: own.yaml}",
			[]string{"/charts/app", "/apps/one/core/app/own.yaml", "/apps/two/{{ .name }}/core/app/own.yaml"}},
		{"plain manifests have no value files", on + "\napp: {enabled: true, type: manifest, path: plain/}",
			[]string{"/plain"}},
		{"the pod identity", on + "\napp: {enabled: true, path: charts/app, enableAckPodIdentity: true}",
			[]string{"/charts/pod-identity", "/apps/defaults/core/app/pod-identity/values.yaml", "/charts/app",
				"/apps/defaults/core/app/values.yaml"}},
		{"the pod identity as a chart",
			on + "\napp: {enabled: true, path: charts/app, enableAckPodIdentity: true, ackPodIdentity: {repoURL: r, " +
				"chart: c, chartVersion: '1'}}",
			[]string{"/apps/defaults/core/app/pod-identity/values.yaml", "/charts/app",
				"/apps/defaults/core/app/values.yaml"}},
		{"additional resources", on +
			"\napp: {enabled: true, path: charts/app, additionalResources: {path: more, type: extra, helm: " +
			"{releaseName: r}}}",
			[]string{"/charts/app", "/apps/defaults/core/app/values.yaml", "/more",
				"/apps/defaults/core/app/extra/values.yaml"}},
		{"one path for two sources is there once",
			on + "\napp: {enabled: true, path: charts/app, additionalResources: {path: charts/app}}",
			[]string{"/charts/app", "/apps/defaults/core/app/values.yaml"}},
		{"the plugin, with all levels, which hold the value files of all sources",
			"app: {enabled: true, path: charts/app, delivery: plugin, enableAckPodIdentity: true, " +
				"additionalResources: {path: more, type: extra, helm: {releaseName: r}}}",
			[]string{"/fleet.yaml", "/parts/values.yaml",
				"/apps/bootstrap/defaults/core.yaml", "/apps/bootstrap/defaults/application-sets/core.yaml",
				"/apps/bootstrap/defaults/core/app",
				"/apps/tenants/{{ .metadata.labels.tenant }}/defaults/application-sets/core.yaml",
				"/apps/tenants/{{ .metadata.labels.tenant }}/defaults/core/app",
				"/charts/pod-identity", "/charts/app", "/more"}},
		{"the plugin with a chart of a repository",
			"app: {enabled: true, chartName: chart, chartRepository: https://charts.example, delivery: plugin}",
			[]string{"/fleet.yaml", "/parts/values.yaml",
				"/apps/bootstrap/defaults/core.yaml", "/apps/bootstrap/defaults/application-sets/core.yaml",
				"/apps/bootstrap/defaults/core/chart",
				"/apps/tenants/{{ .metadata.labels.tenant }}/defaults/application-sets/core.yaml",
				"/apps/tenants/{{ .metadata.labels.tenant }}/defaults/core/chart"}},
		{"the plugin can do without",
			"app: {enabled: true, path: charts/app, delivery: plugin, manifestGeneratePaths: false}", nil},
		{"also by the setting",
			"{manifestGeneratePaths: false, delivery: plugin, app: {enabled: true, path: charts/app}}", nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			in := input{values: "applicationSetGroup: core\n" + test.values, options: pluginOptions}
			if strings.HasPrefix(test.values, "{") {
				in.values, in.over = "applicationSetGroup: core", test.values
			}
			for _, resolve := range []bool{false, true} { // the Application is the same one
				in.options.Resolve = resolve
				annotations, _ := at(in.render(t)["app"], "spec/template/metadata/annotations").(Object)
				got, _ := annotations[wellknown.AnnotationGeneratePaths].(string)
				if test.want == nil {
					require.NotContains(t, annotations, wellknown.AnnotationGeneratePaths)
					continue
				}
				require.Equal(t, test.want, strings.Split(got, ";"))
			}
		})
	}
	t.Run("beside other annotations", func(t *testing.T) {
		in := input{values: on + "\nannotations: {a: b}\napp: {enabled: true, path: p, annotationsApp: {c: d}}"}
		requireAt(t, in.render(t),
			map[string]string{paths: "{a: b, c: d, argocd.argoproj.io/manifest-generate-paths: /p}",
				"app metadata/annotations": "{a: b}"})
	})
}

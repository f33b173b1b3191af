package applicationset

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const sources = "app spec/template/spec/sources"

// TestMainSource: the values first, then what the component is made of (rule main-source in
// docs/rules/applications.md).
func TestMainSource(t *testing.T) {
	values := "{repoURL: 'https://git.example/fleet', targetRevision: main, ref: values}"
	tests := []struct {
		rule, component, want string
	}{
		{"a chart comes from the generator's values", "{releaseName: r}",
			"[" + values + `, {repoURL: '{{ .values.addonChartRepository }}', chart: '{{ .values.chart }}',
				targetRevision: '{{.values.addonChartVersion }}', helm: {releaseName: r, ignoreMissingValueFiles: true}}]`},
		{"a path comes from the Git repository", "{path: p/q, valuesObject: {a: 1}}",
			"[" + values + `, {repoURL: 'https://git.example/fleet', targetRevision: main, path: p/q,
				helm: {releaseName: '{{ .values.addonChart }}', ignoreMissingValueFiles: true, valuesObject: {a: 1}}}]`},
		{"a path with quotes and templates stays", `{path: "it's/{{.name}}: #1", type: manifest}`,
			"[" + values +
				`, {repoURL: 'https://git.example/fleet', targetRevision: main, path: "it's/{{.name}}: #1"}]`},
		{"manifests have no Helm values", "{path: m, type: manifest, valuesObject: {a: 1}, releaseName: r}",
			"[" + values + ", {repoURL: 'https://git.example/fleet', targetRevision: main, path: m}]"},
		{"manifests without a path come from a chart", "{type: manifest}",
			"[" + values +
				`, {repoURL: '{{ .values.addonChartRepository }}', chart: '{{ .values.chart }}', targetRevision: '{{.values.addonChartVersion }}'}]`},
		{"only exactly manifest counts", "{path: m, type: Manifest}",
			"[" + values + `, {repoURL: 'https://git.example/fleet', targetRevision: main, path: m,
				helm: {releaseName: '{{ .values.addonChart }}', ignoreMissingValueFiles: true}}]`},
		{"an empty type and path are none", "{path: '', type: '', releaseName: r}",
			"[" + values + `, {repoURL: '{{ .values.addonChartRepository }}', chart: '{{ .values.chart }}',
				targetRevision: '{{.values.addonChartVersion }}', helm: {releaseName: r, ignoreMissingValueFiles: true}}]`},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			requireAt(t, input{values: "app: {enabled: true}", over: "app: " + test.component}.render(t),
				map[string]string{sources: test.want})
		})
	}
}

// TestValuesObject: globalValuesObject, and over it the component's (rule values-object-merge in
// docs/rules/applications.md).
func TestValuesObject(t *testing.T) {
	tests := []struct {
		rule, global, own, want string
	}{
		{"maps merge, at any depth", "{a: {b: {c: 1, d: 2}}}", "{a: {b: {d: 3, e: 4}}}",
			"{a: {b: {c: 1, d: 3, e: 4}}}"},
		{"the component's empty values win", "{a: 1, b: x, c: true, d: [1]}", "{a: 0, b: '', c: false, d: []}",
			"{a: 0, b: '', c: false, d: []}"},
		{"lists are replaced", "{a: [1, 2]}", "{a: [3]}", "{a: [3]}"},
		{"an empty map changes nothing", "{a: {b: 1}}", "{a: {}}", "{a: {b: 1}}"},
		{"null stays, for it deletes a default of the chart", "{a: {b: 1}, c: null}", "{a: null, d: {e: null}}",
			"{a: null, c: null, d: {e: null}}"},
		{"a type can change", "{a: {b: 1}, c: 1}", "{a: 1, c: {d: 1}}", "{a: 1, c: {d: 1}}"},
		{"only the global one", "{a: 1}", "null", "{a: 1}"},
		{"only the component's", "null", "{a: 1}", "{a: 1}"},
		{"none of both", "{}", "{}", absent},
		{"types, templates and strange text stay", "{a: '{{ .name }}', i: 12345678, f: 1.0}",
			`{s: "a: #'\"\n", q: '010', t: on, 'y': 1, u: "\u2028é"}`,
			`{a: '{{ .name }}', i: 12345678, f: 1, s: "a: #'\"\n", q: '010', t: true, 'y': 1, u: "\u2028é"}`},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			in := input{values: app + "globalValuesObject: " + test.global,
				over: "app: {valuesObject: " + test.own + "}"}
			requireAt(t, in.render(t), map[string]string{sources + "/1/helm/valuesObject": test.want})
		})
	}
	t.Run("the values of one component do not reach another", func(t *testing.T) {
		in := input{values: app +
			"globalValuesObject: {m: {g: 1}}\na: {enabled: true, valuesObject: {m: {own: 1}, x: 1}}\nz: {enabled: " +
			"true, valuesObject: {m: null}}"}
		requireAt(t, in.render(t), map[string]string{
			"a spec/template/spec/sources/1/helm/valuesObject":   "{m: {g: 1, own: 1}, x: 1}",
			"app spec/template/spec/sources/1/helm/valuesObject": "{m: {g: 1}}",
			"z spec/template/spec/sources/1/helm/valuesObject":   "{m: null}",
		})
	})
}

// TestValueFiles: $values/BASE/PREFIX/ENTRY/GROUP/CHART/PART/FILE (rule value-file-paths in
// docs/rules/applications.md).
func TestValueFiles(t *testing.T) {
	tests := []struct {
		rule, values, want string
	}{
		{"for each entry, in order", "{valueFiles: [b, 'a/{{.metadata.labels.env}}']}",
			"[$values/apps/b/app/values.yaml, '$values/apps/a/{{.metadata.labels.env}}/app/values.yaml']"},
		{"the group comes before the chart", "{valueFiles: [v], applicationSetGroup: grp, app: {chartName: ch}}",
			"[$values/apps/v/grp/ch/values.yaml]"},
		{"an empty group is no directory", "{valueFiles: [v], applicationSetGroup: ''}",
			"[$values/apps/v/app/values.yaml]"},
		{"valuesFileName is the file", "{valueFiles: [v], app: {valuesFileName: x/y.yaml}}",
			"[$values/apps/v/app/x/y.yaml]"},
		{"values.yaml is the file by default", "{valueFiles: [v], app: {valuesFileName: ''}}",
			"[$values/apps/v/app/values.yaml]"},
		{"the prefix comes after the base path, where it is switched on",
			"{valueFiles: [v], valuesFilePrefix: pre, useValuesFilePrefix: true}",
			"[$values/apps/pre/v/app/values.yaml]"},
		{"it can be switched on by any text", "{valueFiles: [v], valuesFilePrefix: pre, useValuesFilePrefix: please}",
			"[$values/apps/pre/v/app/values.yaml]"},
		{"with the text both, each counts without it, too",
			"{valueFiles: [v, w], valuesFilePrefix: pre, useValuesFilePrefix: both}",
			"[$values/apps/v/app/values.yaml, $values/apps/pre/v/app/values.yaml, $values/apps/w/app/values.yaml, " +
				"$values/apps/pre/w/app/values.yaml]"},
		{"but not by the text false", "{valueFiles: [v], valuesFilePrefix: pre, useValuesFilePrefix: 'false'}",
			"[$values/apps/v/app/values.yaml]"},
		{"nor by nothing", "{valueFiles: [v], valuesFilePrefix: pre, useValuesFilePrefix: ''}",
			"[$values/apps/v/app/values.yaml]"},
		{"it is off by default", "{valueFiles: [v], valuesFilePrefix: pre}", "[$values/apps/v/app/values.yaml]"},
		{"an empty prefix is no directory", "{valueFiles: [v], useValuesFilePrefix: true}",
			"[$values/apps/v/app/values.yaml]"},
		{"one slash is enough everywhere",
			"{valueFiles: [/v/, ''], repoURLGitBasePath: /base/, applicationSetGroup: /grp/, useValuesFilePrefix: " +
				"true, valuesFilePrefix: pre/}",
			"[$values/base/pre/v/grp/app/values.yaml, $values/base/pre/grp/app/values.yaml]"},
		{"special characters stay", "{valueFiles: ['a #b', 'x: y', 5, true, \"it's\"]}",
			"['$values/apps/a #b/app/values.yaml', '$values/apps/x: y/app/values.yaml', " +
				"$values/apps/5/app/values.yaml, $values/apps/true/app/values.yaml, " +
				"\"$values/apps/it's/app/values.yaml\"]"},
		{"a map counts in the order of its keys", "{valueFiles: {b: two, a: one}}",
			"[$values/apps/one/app/values.yaml, $values/apps/two/app/values.yaml]"},
		{"null and empty lists are left out", "{valueFiles: []}", absent},
		{"so is an empty map", "{valueFiles: {}}", absent},
		{"a base path that is a template stays",
			"{valueFiles: [v], repoURLGitBasePath: '{{.metadata.annotations.base}}/'}",
			"['$values/{{.metadata.annotations.base}}/v/app/values.yaml']"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			requireAt(t, input{values: app, over: test.values}.render(t),
				map[string]string{sources + "/1/helm/valueFiles": test.want})
		})
	}
	t.Run("extra sources have a directory of their own, and always values.yaml", func(t *testing.T) {
		in := input{values: app, over: `{valueFiles: [v], applicationSetGroup: g, app: {chartName: ch, valuesFileName: f.yaml,
			enableAckPodIdentity: true, additionalResources: {path: p, type: extra, helm: {releaseName: r}}}}`}
		requireAt(t, in.render(t), map[string]string{
			sources + "/1/helm/valueFiles": "[$values/apps/v/g/ch/pod-identity/values.yaml]",
			sources + "/2/helm/valueFiles": "[$values/apps/v/g/ch/f.yaml]",
			sources + "/3/helm/valueFiles": "[$values/apps/v/g/ch/extra/values.yaml]",
		})
	})
}

// TestPodIdentity: the source with the IAM role, between the values and the component (rule pod-identity-source in
// docs/rules/applications.md).
func TestPodIdentity(t *testing.T) {
	const source = sources + "/1"
	git := func(path string) map[string]string {
		return map[string]string{source + "/path": path, source + "/repoURL": "https://git.example/fleet",
			source + "/targetRevision": "main", source + "/chart": absent}
	}
	chart := func(repository, name, version string) map[string]string {
		return map[string]string{source + "/path": absent, source + "/repoURL": repository,
			source + "/targetRevision": version, source + "/chart": name}
	}
	tests := []struct {
		rule, setting, own string
		want               map[string]string
	}{
		{"the setting's path", "{path: own/charts}", "null", git("own/charts")},
		{"charts/pod-identity without a setting", "null", "null", git("charts/pod-identity")},
		{"and with an empty one", "{}", "null", git("charts/pod-identity")},
		{"and with an empty path", "{path: ''}", "null", git("charts/pod-identity")},
		{"the component's path wins", "{path: a}", "{path: b}", git("b")},
		{"the setting's chart, if it has no path", "{path: null, repoURL: R, chart: c, chartVersion: 1.4.0}", "null",
			chart("R", "c", "1.4.0")},
		{"the setting's path wins over the setting's chart", "{path: a, repoURL: R, chart: c}", "null", git("a")},
		{"the component's chart wins over the setting's path", "{path: a}", "{repoURL: R, chart: c, chartVersion: 2}",
			chart("R", "c", "'2'")},
		{"the component's version of the setting's chart", "{repoURL: R, chart: c, chartVersion: '1'}",
			"{chartVersion: '2'}", chart("R", "c", "'2'")},
		{"a version alone does not take the path away", "{path: a, repoURL: R, chart: c}", "{chartVersion: '2'}",
			git("a")},
		{"the component's path wins over the setting's chart", "{repoURL: R, chart: c}", "{path: b}", git("b")},
		{"the component's chart without any setting", "null", "{repoURL: R, chart: c, chartVersion: 1.0.0}",
			chart("R", "c", "1.0.0")},
		{"the component's repository for the setting's chart takes the path away",
			"{path: a, repoURL: R, chart: c, chartVersion: '1'}", "{repoURL: S}", chart("S", "c", "'1'")},
		{"and so does its chart of the setting's repository", "{path: a, repoURL: R, chart: c, chartVersion: '1'}",
			"{chart: d}", chart("R", "d", "'1'")},
		{"what is not set of a chart is left out", "null", "{repoURL: R}", chart("R", absent, absent)},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			in := input{values: app + "ackPodIdentity: " + test.setting,
				over: "app: {enableAckPodIdentity: true, ackPodIdentity: " + test.own + "}"}
			requireAt(t, in.render(t), test.want)
		})
	}
	t.Run("its Helm values are those of the cluster and the namespace", func(t *testing.T) {
		in := input{values: app, over: "{valueFiles: [v], globalValuesObject: {no: part}, app: " +
			"{enableAckPodIdentity: 'true', chartName: ch, valuesObject: {no: part}}}"}
		requireAt(t, in.render(t), map[string]string{source + "/helm": `
releaseName: '{{ .name }}-ch'
ignoreMissingValueFiles: true
valuesObject:
  create: '{{default "true" (index .metadata.annotations "ack_create")}}'
  region: '{{ .metadata.annotations.aws_region }}'
  accountId: '{{ .metadata.annotations.aws_account_id}}'
  podIdentityAssociation: {clusterName: '{{ .name }}', namespace: ns}
valueFiles: [$values/apps/v/ch/pod-identity/values.yaml]`})
	})
	t.Run("manifests have it too, and without value files there is no list", func(t *testing.T) {
		in := input{values: app, over: "app: {enableAckPodIdentity: true, type: manifest}"}
		requireAt(t, in.render(t), map[string]string{source + "/path": "charts/pod-identity",
			source + "/helm/valueFiles": absent, sources + "/2/helm": absent})
	})
	for _, off := range []string{"false", "'True'", "'yes'", "1", "null"} {
		t.Run("it is not there with enableAckPodIdentity "+off, func(t *testing.T) {
			in := input{values: app, over: "app: {enableAckPodIdentity: " + off + ", ackPodIdentity: {path: x}}"}
			requireAt(t, in.render(t), map[string]string{source + "/path": "charts/app", sources + "/2": absent})
		})
	}
	t.Run("what one component sets does not reach another", func(t *testing.T) {
		in := input{values: `
ackPodIdentity: {path: ''}
a: {enabled: true, enableAckPodIdentity: true, ackPodIdentity: {repoURL: R-a, chart: ca, chartVersion: '1'}}
b: {enabled: true, enableAckPodIdentity: true}
c: {enabled: true, enableAckPodIdentity: true, ackPodIdentity: {repoURL: R-c, chart: cc, chartVersion: '2'}}`}
		requireAt(t, in.render(t), map[string]string{
			"a spec/template/spec/sources/1/repoURL": "R-a", "a spec/template/spec/sources/1/chart": "ca",
			"b spec/template/spec/sources/1/path":    "charts/pod-identity",
			"b spec/template/spec/sources/1/chart":   absent,
			"c spec/template/spec/sources/1/repoURL": "R-c", "c spec/template/spec/sources/1/targetRevision": "'2'",
		})
	})
}

// TestAdditionalResources: a path, a chart or both, after the component itself (rule additional-resources in
// docs/rules/applications.md).
func TestAdditionalResources(t *testing.T) {
	const git = "repoURL: 'https://git.example/fleet', targetRevision: main"
	const helm = "releaseName: '{{ .name }}-r', ignoreMissingValueFiles: true"
	tests := []struct {
		rule, resources string
		first, second   string
	}{
		{"a path", "{path: p}", "{" + git + ", path: p}", absent},
		{"a path with Helm values under globalValuesObject",
			"{path: p, type: t, helm: {releaseName: r, valuesObject: {a: 2, n: null}}}",
			"{" + git + ", path: p, helm: {" + helm +
				", valuesObject: {a: 2, g: 1, n: null}, valueFiles: [$values/apps/v/app/t/values.yaml]}}", absent},
		{"without a type there is no directory", "{path: p, helm: {releaseName: r}}",
			"{" + git + ", path: p, helm: {" + helm +
				", valuesObject: {a: 1, g: 1}, valueFiles: [$values/apps/v/app/values.yaml]}}", absent},
		{"a chart", "{chart: c, repoURL: R, chartVersion: 1.10}", "{repoURL: R, chart: c, targetRevision: '1.1'}",
			absent},
		{"a chart with Helm values", "{chart: c, repoURL: R, helm: {releaseName: r}, type: t}",
			"{repoURL: R, chart: c, helm: {" + helm +
				", valuesObject: {a: 1, g: 1}, valueFiles: [$values/apps/v/app/t/values.yaml]}}", absent},
		{"both, and Helm values belong to the chart",
			"{path: p, chart: c, repoURL: R, type: t, helm: {releaseName: r}}",
			"{" + git + ", path: p}",
			"{repoURL: R, chart: c, helm: {" + helm +
				", valuesObject: {a: 1, g: 1}, valueFiles: [$values/apps/v/app/t/values.yaml]}}"},
		{"manifests of each cluster", "{path: any, type: manifests, manifestPath: m/n}",
			"{" + git + ", path: 'apps/clusters/{{.nameNormalized}}/m/n'}", absent},
		{"without manifestPath all of the cluster's", "{path: any, type: manifests}",
			"{" + git + ", path: 'apps/clusters/{{.nameNormalized}}'}", absent},
		{"manifests need any path", "{type: manifests, manifestPath: m}", absent, absent},
		{"Helm values alone have no source to belong to", "{type: t, helm: {releaseName: r}}", absent, absent},
		{"an empty helm is none", "{path: p, helm: {}}", "{" + git + ", path: p}", absent},
		{"without a releaseName, it ends in the dash", "{path: p, helm: {valuesObject: {a: 2}}}",
			"{" + git +
				", path: p, helm: {releaseName: '{{ .name }}-', ignoreMissingValueFiles: true, valuesObject: {a: 2, " +
				"g: 1}, valueFiles: [$values/apps/v/app/values.yaml]}}", absent},
		{"an empty map is nothing", "{}", absent, absent},
		{"null is nothing", "null", absent, absent},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			in := input{values: app + "globalValuesObject: {a: 1, g: 1}\nvalueFiles: [v]",
				over: "app: {additionalResources: " + test.resources + "}"}
			requireAt(t, in.render(t), map[string]string{sources + "/1/path": "charts/app", sources + "/2": test.first,
				sources + "/3": test.second})
		})
	}
	t.Run("the main source keeps its own Helm values", func(t *testing.T) {
		in := input{values: app, over: "app: {releaseName: own, additionalResources: {helm: {releaseName: x}}}"}
		requireAt(t, in.render(t), map[string]string{sources + "/1/helm/releaseName": "own"})
	})
	t.Run("manifests have additional sources too", func(t *testing.T) {
		in := input{values: app, over: "app: {type: manifest, additionalResources: {path: p}}"}
		requireAt(t, in.render(t), map[string]string{sources + "/1/helm": absent,
			sources + "/2": "{" + git + ", path: p}"})
	})
	t.Run("manifests lie below the prefix, with slashes between the parts", func(t *testing.T) {
		in := input{values: app, over: "{useValuesFilePrefix: true, valuesFilePrefix: pf/, app: " +
			"{additionalResources: {path: p, type: manifests, manifestPath: /mp}}}"}
		requireAt(t, in.render(t), map[string]string{sources + "/2/path": "'apps/pf/clusters/{{.nameNormalized}}/mp'"})
	})
	t.Run("without value files there is no list", func(t *testing.T) {
		in := input{values: app, over: "app: {additionalResources: {path: p, helm: {releaseName: r}}}"}
		requireAt(t, in.render(t), map[string]string{sources + "/2/helm": "{" + helm + "}"})
	})
}

// TestValueFilesOf: where a component's value files are below a level's directory, for `cmp values`.
func TestValueFilesOf(t *testing.T) {
	tests := []struct {
		rule, values, key string
		want              ValueFiles
		message           string
	}{
		{"the name is the chart by default", "my_app: {}", "my_app", ValueFiles{"", "my-app", "values.yaml", false},
			""},
		{"all parts as for the ApplicationSet", "{applicationSetGroup: g, a: {chartName: ch, valuesFileName: f.yaml}}",
			"a", ValueFiles{"g", "ch", "f.yaml", false}, ""},
		{"a component that is off has them too", "a: {enabled: false}", "a", ValueFiles{"", "a", "values.yaml", false},
			""},
		{"they win with delivery by the plugin", "a: {delivery: plugin}", "a", ValueFiles{"", "a", "values.yaml", true},
			""},
		{"which the setting chooses for all", "{delivery: plugin, a: {}, b: {delivery: helm}}", "a",
			ValueFiles{"", "a", "values.yaml", true}, ""},
		{"but for those that say otherwise", "{delivery: plugin, a: {}, b: {delivery: helm}}", "b",
			ValueFiles{"", "b", "values.yaml", false}, ""},
		{"there is no other delivery", "a: {delivery: mail}", "a", ValueFiles{},
			`over.yaml:1: component "a": delivery must be helm or plugin, not "mail"`},
		{"what is no component has none", "{a: {enabled: false}, global: {}}", "global", ValueFiles{},
			`there is no component "global"; the components are a`},
		{"keys of the wrong type are refused", "a: {chartName: [x]}", "a", ValueFiles{},
			`over.yaml:1: component "a": chartName must be a string, not a list`},
		{"also the values themselves", "a: {valuesObject: [x]}", "a", ValueFiles{},
			`over.yaml:1: component "a": valuesObject must be a map, not a list`},
		{"and settings", "{a: {}, applicationSetGroup: [x]}", "a", ValueFiles{},
			"over.yaml:1: applicationSetGroup must be a string, not a list"},
		{"and the global values", "{a: {}, globalValuesObject: x}", "a", ValueFiles{},
			"over.yaml:1: globalValuesObject must be a map, not a string"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			files, err := ValueFilesOf(input{over: test.values}.merge(t), test.key)
			if test.message != "" {
				require.EqualError(t, err, test.message)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, files)
		})
	}
}

package applicationset

import (
	"testing"
)

// TestClusterSelector: the labels of a plain generator. Of one label in several places the most specific counts, once
// (rules selector-labels-precedence and selector-and-or in docs/rules/generators.md).
func TestClusterSelector(t *testing.T) {
	const selector = "app spec/generators/0/clusters/selector"
	tests := []struct {
		rule, values, want string
	}{
		{"every Argo CD cluster, without anything else", "",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster}}"},
		{"the labels of all places together",
			"{releases: {r: 1}, globalSelectors: {g: 2}, useSelectors: true, app: {selectorMatchLabels: {s: 3}, " +
				"selector: {matchLabels: {o: 4}}}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster, r: '1', g: '2', s: '3', o: '4'}}"},
		{"globalSelectors win over releases", "{releases: {a: r}, globalSelectors: {a: g}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster, a: g}}"},
		{"selectorMatchLabels win over globalSelectors",
			"{releases: {a: r}, globalSelectors: {a: g}, app: {selectorMatchLabels: {a: s}}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster, a: s}}"},
		{"the selector's own labels win over selectorMatchLabels",
			"{useSelectors: true, globalSelectors: {a: g}, app: {selectorMatchLabels: {a: s}, selector: " +
				"{matchLabels: {a: o}}}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster, a: o}}"},
		{"the secret type wins over releases, and loses against the others",
			"{releases: {argocd.argoproj.io/secret-type: r}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster}}"},
		{"as here", "{globalSelectors: {argocd.argoproj.io/secret-type: g}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: g}}"},
		{"the selector's own labels do not take away the restriction of the fleet",
			"{useSelectors: 'true', globalSelectors: {fleet: one}, app: {selector: {matchLabels: {a: b}}}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster, fleet: one, a: b}}"},
		{"expressions stand beside the labels",
			"{useSelectors: true, app: {selector: {matchExpressions: [{key: k, operator: In, values: [a, b]}]}}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster}, matchExpressions: [{key: k, operator: In, " +
				"values: [a, b]}]}"},
		{"without useSelectors the selector does not count",
			"{app: {selectorMatchLabels: {s: t}, selector: {matchLabels: {a: b}, matchExpressions: [{key: k, " +
				"operator: Exists}]}}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster, s: t}}"},
		{"useSelectors must be exactly true",
			"{useSelectors: 'True', app: {selector: {matchLabels: {a: b}}}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster}}"},
		{"useVersionSelectors must be exactly true", "{useVersionSelectors: 'yes', releases: {a: b}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster}}"},
		{"an empty selector changes nothing", "{useSelectors: true, app: {selector: {}}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster}}"},
		{"values are text, whatever they look like",
			"{releases: {wave: 5}, useSelectors: true, app: {selectorMatchLabels: {pinned: true}, selector: " +
				"{matchLabels: {big: 12345678}}}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster, wave: '5', pinned: 'true', big: '12345678'}}"},
		{"values with colons and hashes stay", "{releases: {a: 'x: y', b: 'c #d'}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster, a: 'x: y', b: 'c #d'}}"},
		{"templates stay", "{globalSelectors: {a: '{{ .x }}'}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster, a: '{{ .x }}'}}"},
		{"a null removes the label",
			"{useSelectors: true, releases: {a: null}, globalSelectors: {b: null}, app: {selectorMatchLabels: {c: " +
				"null}, selector: {matchLabels: {d: null}}}}",
			"{matchLabels: {argocd.argoproj.io/secret-type: cluster}}"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			requireAt(t, input{values: app, over: test.values}.render(t), map[string]string{selector: test.want})
		})
	}
}

func TestGeneratorValues(t *testing.T) {
	tests := []struct {
		rule, component, want string
	}{
		{"all of them", "{chartName: ch, chartNamespace: oci, chartRepository: reg, defaultVersion: 1.2.3}",
			"{addonChart: ch, addonChartVersion: 1.2.3, addonChartRepository: reg, addonChartRepositoryNamespace: " +
				"oci, chart: oci/ch}"},
		{"the chart is the component by default", "{defaultVersion: '1'}",
			"{addonChart: my-app, addonChartVersion: '1', chart: my-app}"},
		{"what is not set is left out", "{}", "{addonChart: my-app, chart: my-app}"},
		{"so is what is null or empty",
			"{chartName: null, chartNamespace: '', chartRepository: null, defaultVersion: ''}",
			"{addonChart: my-app, chart: my-app}"},
		{"a version is text", "{defaultVersion: 3}", "{addonChart: my-app, addonChartVersion: '3', chart: my-app}"},
		{"a large version keeps its digits", "{defaultVersion: 20250131}",
			"{addonChart: my-app, addonChartVersion: '20250131', chart: my-app}"},
		{"a version with a fraction is the number that YAML reads", "{defaultVersion: 1.10}",
			"{addonChart: my-app, addonChartVersion: '1.1', chart: my-app}"},
		{"in quotes it keeps its zero", "{defaultVersion: '1.10'}",
			"{addonChart: my-app, addonChartVersion: '1.10', chart: my-app}"},
		{"0 counts as no version", "{defaultVersion: 0}", "{addonChart: my-app, chart: my-app}"},
		{"so does false", "{defaultVersion: false}", "{addonChart: my-app, chart: my-app}"},
		{"true is text", "{defaultVersion: true}", "{addonChart: my-app, addonChartVersion: 'true', chart: my-app}"},
		{"resourceGroup has none", "{resourceGroup: true, defaultVersion: '1'}", absent},
		{"resourceGroup as any text has none", "{resourceGroup: some, defaultVersion: '1'}", absent},
		{"resourceGroup off has them", "{resourceGroup: false}", "{addonChart: my-app, chart: my-app}"},
		{"so has the text false", "{resourceGroup: 'false'}", "{addonChart: my-app, chart: my-app}"},
		{"so has an empty one", "{resourceGroup: ''}", "{addonChart: my-app, chart: my-app}"},
		{"quotes and templates stay", `{chartName: "a'b", chartRepository: '{{ .x }}', defaultVersion: 'v"1'}`,
			`{addonChart: "a'b", addonChartVersion: 'v"1', addonChartRepository: '{{ .x }}', chart: "a'b"}`},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			requireAt(t, input{values: "my_app: {enabled: true}", over: "my_app: " + test.component}.render(t),
				map[string]string{"my-app spec/generators/0/clusters/values": test.want})
		})
	}
}

// TestEnvironments: a merge generator with one clusters generator for each environment's version.
func TestEnvironments(t *testing.T) {
	const generators = "app spec/generators"
	plain := "{clusters: {selector: {matchLabels: {argocd.argoproj.io/secret-type: cluster, g: h}}, values: " +
		"{addonChart: app, addonChartVersion: '1', chart: app}}}"
	tests := []struct {
		rule, environments, want string
	}{
		{"each with its labels only, and its version",
			"[{selector: {env: dev}, chartVersion: 2.0.0}, {selector: {env: prod, tier: 1}, chartVersion: 3}]",
			`[{merge: {mergeKeys: [server], generators: [` + plain + `,
				{clusters: {selector: {matchLabels: {env: dev}}, values: {addonChartVersion: 2.0.0}}},
				{clusters: {selector: {matchLabels: {env: prod, tier: '1'}}, values: {addonChartVersion: '3'}}}]}}]`},
		{"without a version of its own, the default one",
			"[{selector: {env: dev}}, {selector: {env: prod}, chartVersion: null}]",
			`[{merge: {mergeKeys: [server], generators: [` + plain + `,
				{clusters: {selector: {matchLabels: {env: dev}}, values: {addonChartVersion: '1'}}},
				{clusters: {selector: {matchLabels: {env: prod}}, values: {addonChartVersion: '1'}}}]}}]`},
		{"a map counts in the order of its keys",
			"{b: {selector: {env: b}, chartVersion: '3'}, a: {selector: {env: a}, chartVersion: '2'}}",
			`[{merge: {mergeKeys: [server], generators: [` + plain + `,
				{clusters: {selector: {matchLabels: {env: a}}, values: {addonChartVersion: '2'}}},
				{clusters: {selector: {matchLabels: {env: b}}, values: {addonChartVersion: '3'}}}]}}]`},
		{"none leave the plain generator", "[]", "[" + plain + "]"},
		{"so does an empty map", "{}", "[" + plain + "]"},
		{"and null", "null", "[" + plain + "]"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			in := input{values: app + "globalSelectors: {g: h}", over: "app: {environments: " + test.environments + "}"}
			requireAt(t, in.render(t), map[string]string{generators: test.want})
		})
	}
	t.Run("without any version there are no values", func(t *testing.T) {
		in := input{values: "app: {enabled: true, environments: [{selector: {env: dev}}]}"}
		requireAt(t, in.render(t),
			map[string]string{
				"app spec/generators/0/merge/generators/1": "{clusters: {selector: {matchLabels: {env: dev}}}}"})
	})
	t.Run("resourceGroup takes the values of the first generator only", func(t *testing.T) {
		in := input{values: app, over: "app: {resourceGroup: true, environments: [{selector: {env: dev}}]}"}
		requireAt(t, in.render(t), map[string]string{
			"app spec/generators/0/merge/generators/0/clusters/values": absent,
			"app spec/generators/0/merge/generators/1/clusters/values": "{addonChartVersion: '1'}",
		})
	})
}

// TestGitMatrix: clusters times files of the Git repository (rule git-matrix in docs/rules/generators.md).
func TestGitMatrix(t *testing.T) {
	const generators = "app spec/generators"
	git := "{git: {repoURL: 'https://git.example/fleet', revision: main, files: [{path: 'x/*.yaml'}]}}"
	matrix := func(clusters string) string {
		return "[{matrix: {generators: [{clusters: " + clusters + "}, " + git + "]}}]"
	}
	tests := []struct {
		rule, values, want string
	}{
		{"with the chart as its only value, and without release labels",
			"{releases: {r: s}, globalSelectors: {g: h}, app: {gitMatrix: true}}",
			matrix("{selector: {matchLabels: {argocd.argoproj.io/secret-type: cluster, g: h}}, values: {chart: app}}")},
		{"gitMatrix may be any text", "{app: {gitMatrix: something, chartName: ch, chartNamespace: oci}}",
			matrix("{selector: {matchLabels: {argocd.argoproj.io/secret-type: cluster}}, values: {chart: ch}}")},
		{"selectorMatchLabels are among the labels", "{app: {gitMatrix: true, selectorMatchLabels: {a: b}}}",
			matrix("{selector: {matchLabels: {argocd.argoproj.io/secret-type: cluster, a: b}}, values: {chart: app}}")},
		{"expressions stand beside the labels",
			"{useSelectors: true, app: {gitMatrix: true, selector: {matchExpressions: [{key: k, operator: Exists}]}}}",
			matrix("{selector: {matchLabels: {argocd.argoproj.io/secret-type: cluster}, matchExpressions: [{key: k, " +
				"operator: Exists}]}, values: {chart: app}}")},
		{"environments and resourceGroup do not count",
			"{app: {gitMatrix: true, resourceGroup: true, environments: [{chartVersion: '2'}]}}",
			matrix("{selector: {matchLabels: {argocd.argoproj.io/secret-type: cluster}}, values: {chart: app}}")},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			in := input{values: app, over: test.values,
				catalog: map[string]string{"c": "app: {matrixPath: 'x/*.yaml'}"}}
			requireAt(t, in.render(t), map[string]string{generators: test.want})
		})
	}
	for _, off := range []string{"'false'", "false", "null", "''", "0"} {
		t.Run("gitMatrix is off with "+off, func(t *testing.T) {
			in := input{values: app, over: "app: {gitMatrix: " + off + "}"}
			requireAt(t, in.render(t), map[string]string{generators + "/0/matrix": absent,
				generators + "/0/clusters/values/chart": "app"})
		})
	}
	t.Run("without a revision there is none", func(t *testing.T) {
		in := input{values: app, over: "{repoURLGitRevision: null, app: {gitMatrix: true, matrixPath: x}}"}
		requireAt(t, in.render(t), map[string]string{generators +
			"/0/matrix/generators/1": "{git: {repoURL: 'https://git.example/fleet', files: [{path: x}]}}"})
	})
}

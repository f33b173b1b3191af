package applicationset

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

// A component, selection and clusters that give no findings.
const (
	cleanSettings = "globalSelectors: {fleet: one}\n"
	clean         = cleanSettings + app
)

func cleanClusters() []cluster.Cluster {
	return []cluster.Cluster{
		{Name: "east-1", Labels: map[string]string{"fleet": "one", "environment": "prod"}, File: "clusters/east.yaml"},
		{Name: "west-1", Labels: map[string]string{"fleet": "one", "environment": "prod"}, File: "clusters/west.yaml"},
	}
}

// TestFindings has for each finding an input that gives it and no other, and one close by that gives none. Lines count
// in the file over.yaml, which is laid over a clean input.
func TestFindings(t *testing.T) {
	const (
		rename     = "rename the component, or shorten what the name is made of"
		characters = "it has others than lower-case letters, digits, - and ., or does not start and end with a " +
			"letter or digit; " + rename
	)
	x59 := strings.Repeat("x", 59)
	tests := []struct {
		rule    string
		over    string
		finding string
		near    string
	}{
		{"a setting that does nothing", "chartType: x",
			"over.yaml:1: the setting chartType has no effect; remove it", "chartType: null"},
		{"likewise", "commonAnnotations: {a: b}",
			"over.yaml:1: the setting commonAnnotations has no effect; remove it", "annotations: {a: b}"},
		{"likewise", "fullnameOverride: x",
			"over.yaml:1: the setting fullnameOverride has no effect; remove it", "nameOverride: x"},
		{"enable in place of enabled", "# c\nlost:\n  enable: true",
			`over.yaml:3: component "lost": enable has no effect; write enabled`,
			"lost: {enabled: false, enable: true}"},
		{"enable beside enabled", "app: {enable: true}",
			`over.yaml:1: component "app": the key enable has no effect; write enabled`, "app: {enabled: 'true'}"},
		{"a map that nothing switches on or off", "tpyo: {namespace: x}",
			`over.yaml:1: component "tpyo" has no key enabled, and no component file gives it one: it is not rendered; ` +
				"add enabled: true, or correct the name; a map that only holds anchors may be called x-…",
			"{x-anchors: {a: b}, .hidden: {a: b}, off: {enabled: false}, gone: null}"},
		{"a switch that is neither on nor off", "useVersionSelectors: maybe",
			`over.yaml:1: useVersionSelectors is "maybe", which counts as false; write true or false`,
			"useVersionSelectors: 'false'"},
		{"of a component", "lost:\n  enabled: yess",
			`over.yaml:2: lost.enabled is "yess", which counts as false; write true or false`, "lost: {enabled: no}"},
		{"a setting that does not exist", "nameSpace: gitops",
			`over.yaml:1: there is no setting "nameSpace": it has no effect; did you mean namespace? Correct the name, or remove it`,
			"namespace: gitops"},
		{"also a list", "valuesFiles: [a]",
			`over.yaml:1: there is no setting "valuesFiles": it has no effect; did you mean valueFiles? Correct the name, or remove it`,
			"{valueFiles: [a], x-list: [a]}"},
		{"a chart of an artifact", "app:\n  chartRepository: oci://registry.example.com/charts",
			`over.yaml:2: component "app": with oci://, Argo CD looks for no chart in chartRepository, and fails; write registry.example.com/charts`,
			"app: {chartRepository: registry.example.com/charts}"},
		{"a key of a component that does not exist", "app:\n  chartname: x",
			`over.yaml:2: component "app": the key chartname has no effect; did you mean chartName?`,
			"app:\n  chartName: x"},
		{"labels of a component", "app: {labels: {a: b}}",
			`over.yaml:1: component "app": the key labels has no effect; use labelsApp for the Applications, labelsAppSet for the ApplicationSet`,
			"app: {labelsApp: {a: b}, labelsAppSet: {a: b}}"},
		{"annotations of a component", "app: {annotations: {a: b}}",
			`over.yaml:1: component "app": the key annotations has no effect; use annotationsApp for the Applications, annotationsAppSet for the ApplicationSet`,
			"app: {annotationsApp: {a: b}, annotationsAppSet: {a: b}}"},
		{"no namespace", "app: {namespace: ''}", `over.yaml:1: component "app" has no namespace; set namespace`,
			"app: {namespace: x}"},
		{"additional resources without a source", "app: {additionalResources: {helm: {releaseName: r}}}",
			`over.yaml:1: component "app": additionalResources has neither path nor chart, and no effect; set one of them`,
			"app: {additionalResources: {}}"},
		{"additional resources with a chart from nowhere", "app: {additionalResources: {chart: c}}",
			`over.yaml:1: component "app": additionalResources has a chart, but no repoURL; set repoURL`,
			"app: {additionalResources: {chart: c, repoURL: R}}"},
		{"additional resources without a release name",
			"app: {additionalResources: {path: p, helm: {valuesObject: {a: b}}}}",
			`over.yaml:1: component "app": additionalResources.helm has no releaseName; set releaseName`,
			"app: {additionalResources: {path: p, helm: {valuesObject: {a: b}, releaseName: r}}}"},
		{"names with characters that Kubernetes refuses", "releaseType: Blue.",
			`values.yaml:2: component "app": the ApplicationSet name "app-Blue." will be refused: ` + characters +
				"\n" +
				`values.yaml:2: component "app": the Application name "Blue.-east-1-app-1" will be refused: ` +
				characters,
			"releaseType: blue"},
		{"an ApplicationSet name that is too long", "{releaseType: blue, " + x59 +
			": {enabled: true, namespace: ns, path: p, defaultVersion: '1', releaseName: r}}",
			`over.yaml:1: component "` + x59 + `": the ApplicationSet name "` + x59 +
				`-blue" will be refused: it has 64 characters, more than 63; ` + rename,
			"{releaseType: blu, " + x59 +
				": {enabled: true, namespace: ns, path: p, defaultVersion: '1', releaseName: r}}"},
		{"an Application name with such characters", "app: {defaultVersion: 1.0+a}",
			`over.yaml:1: component "app": the Application name "east-1-app-1.0+a" will be refused: ` + characters,
			"app: {defaultVersion: 1.0-a}"},
		{"also that of an environment's version", "app: {environments: [{selector: {a: b}, chartVersion: '2_0'}]}",
			`over.yaml:1: component "app": the Application name "east-1-app-2_0" will be refused: ` + characters,
			"app: {environments: [{selector: {a: b}, chartVersion: 2.0.0}]}"},
		{"an Application name that is too long", "app: {defaultVersion: " + strings.Repeat("1", 53) + "a}",
			`over.yaml:1: component "app": the Application name "east-1-app-` + strings.Repeat("1", 53) +
				`a" will be refused: it has 65 characters, more than 63; ` + rename,
			"app: {defaultVersion: " + strings.Repeat("1", 51) + "a}"},
		{"one name for the Applications of all clusters", "app: {appSetName: one}",
			`over.yaml:1: component "app": appSetName does not contain the cluster, so that the Applications of all clusters have one name; ` +
				"add {{.name}}, or select one cluster only",
			"app: {appSetName: 'one-{{.name}}'}"},
		{"a Helm release name that is too long", "app: {releaseName: " + strings.Repeat("r", 54) + "}",
			`over.yaml:1: component "app": the Helm release name "` + strings.Repeat("r", 54) +
				`" will be refused: it has 54 characters, more than 53; ` + rename,
			"app: {releaseName: " + strings.Repeat("r", 53) + "}"},
		{"a Helm release name that is made of the chart", "app: {chartName: UPPER}",
			`over.yaml:1: component "app": the Helm release name "UPPER" will be refused: ` + characters,
			"app: {chartName: UPPER, type: manifest}"},
		{"that of the additional resources, for the longest cluster name",
			"app: {additionalResources: {path: p, helm: {releaseName: " + strings.Repeat("r", 47) + "}}}",
			`over.yaml:1: component "app": the Helm release name "east-1-` + strings.Repeat("r", 47) +
				`" will be refused: it has 54 characters, more than 53; ` + rename,
			"app: {additionalResources: {path: p, helm: {releaseName: " + strings.Repeat("r", 46) + "}}}"},
		{"a selection that is every cluster", "globalSelectors: null",
			"values.yaml:2: component app selects every cluster; set globalSelectors or selectorMatchLabels, or a " +
				"selector with useSelectors: true",
			"{globalSelectors: null, app: {selectorMatchLabels: {a: b}}}"},
		{"a selector that does not count does not restrict",
			"{globalSelectors: null, app: {selector: {matchLabels: {a: b}}}}",
			"over.yaml:1: component app selects every cluster; set globalSelectors or selectorMatchLabels, or a " +
				"selector with useSelectors: true",
			"{globalSelectors: null, useSelectors: true, app: {selector: {matchLabels: {a: b}}}}"},
		{"a release that no cluster is on", "# c\nreleases:\n  fleet: one\n  ring: blue",
			"over.yaml:4: an Argo CD has no cluster with the label ring=blue, so that this release deploys nothing " +
				"there; label a cluster, or correct the release",
			"{releases: {ring: blue}, useVersionSelectors: 'false'}"},
		{"a template that is none", "app: {namespace: '{{ .name'}",
			`over.yaml:1: component "app": template "{{ .name": 1: unclosed action; correct the template`,
			"app: {namespace: '{{ .name }}'}"},
		{"a template in a patch", "templatePatch: '{{ end }}'",
			`over.yaml:1: component "app": template "{{ end }}": 1: unexpected {{end}}; correct the template`,
			"templatePatch: '{{ if .name }}{{ end }}'"},
		{"a template in the component's own values", "app:\n  valuesObject:\n    env:\n    - a\n    - '{{ .name'",
			`over.yaml:5: component "app": template "{{ .name": 1: unclosed action; correct the template`,
			"app: {valuesObject: {env: ['{{ .name }}']}}"},
		{"a template that is a part of one",
			"app:\n  additionalResources:\n    path: p\n    helm:\n      releaseName: '{{ .name'",
			`over.yaml:5: component "app": template "{{ .name }}-{{ .name": 1: unclosed action; correct the template`,
			"app: {additionalResources: {path: p, helm: {releaseName: '{{ .name }}'}}}"},
		{"a template that needs a version which is not set", "app: {defaultVersion: null}",
			`over.yaml:1: component "app": the template needs .values.addonChartVersion, which the generator does not set; ` +
				"set defaultVersion, and chartRepository or path", "app: {defaultVersion: 2}"},
		{"or a chart repository", "app: {path: null}",
			`over.yaml:1: component "app": the template needs .values.addonChartRepository, which the generator does not set; ` +
				"set defaultVersion, and chartRepository or path", "app: {path: null, chartRepository: R}"},
		{"resourceGroup sets none of them", "app: {resourceGroup: true}",
			`over.yaml:1: component "app": the template needs .values.addonChart, .values.addonChartVersion, which the generator does not set; ` +
				"set defaultVersion, and chartRepository or path", "app: {resourceGroup: false}"},
		{"gitMatrix sets the chart only", "app: {gitMatrix: true, matrixPath: x, path: null}",
			`over.yaml:1: component "app": the template needs .values.addonChart, .values.addonChartRepository, .values.addonChartVersion, ` +
				"which the generator does not set; set defaultVersion, and chartRepository or path",
			"app: {gitMatrix: false, matrixPath: x}"},
		{"a label that clusters lack", "app: {namespace: '{{ .metadata.labels.team }}'}",
			"over.yaml:1: component app needs .metadata.labels.team, which clusters east-1, west-1 lack: Argo CD " +
				"will make no Application; " +
				"add it to the cluster, for example in clusters/east.yaml, or make it optional with index and default",
			`app: {namespace: '{{ index .metadata.labels "team" }}'}`},
		{"an annotation that clusters lack", "repoURLGitRevision: '{{ .metadata.annotations.fleet }}'",
			"over.yaml:1: component app needs .metadata.annotations.fleet, which clusters east-1, west-1 lack: " +
				"Argo CD will make no Application; " +
				"add it to the cluster, for example in clusters/east.yaml, or make it optional with index and default",
			"repoURLGitRevision: '{{ .metadata.labels.fleet }}'"},
		{"an operator that there is none of",
			"{useSelectors: true, app: {selector: {matchExpressions: [{key: k, operator: Is}]}}}",
			`over.yaml:1: component "app": the selector will be refused: Is is no operator of a selector: In, NotIn, Exists, DoesNotExist; correct it`,
			"{useSelectors: true, app: {selector: {matchExpressions: [{key: k, operator: DoesNotExist}]}}}"},
		{"a key of the pod identity", "ackPodIdentity: {path: a,\n chrt: b}",
			`over.yaml:2: ackPodIdentity: the key chrt has no effect; did you mean chart?`,
			"ackPodIdentity: {path: a}"},
		{"a key of an environment", "app: {environments: [{selector: {a: b}, chartVersion: '1',\n chartVersoin: '2'}]}",
			`over.yaml:2: component "app": environments: the key chartVersoin has no effect; did you mean chartVersion?`,
			"app: {environments: [{selector: {a: b}, chartVersion: '2'}]}"},
		{"a field that Argo CD does not know", "app: {strategy: {typ: RollingSync}}",
			`over.yaml:1: component "app": Argo CD does not know the field spec.strategy.typ; correct it, unless a newer Argo CD knows it`,
			"app: {strategy: {type: RollingSync}}"},
	}
	for _, test := range tests {
		t.Run(test.rule+": "+test.over, func(t *testing.T) {
			in := input{values: clean, over: test.over, options: Options{Clusters: cleanClusters()}}
			lines := in.messages(t)
			require.Equal(t, strings.Split(test.finding, "\n"), lines)
			in.over = test.near
			require.Empty(t, in.messages(t), "near miss: %s", test.near)
		})
	}
}

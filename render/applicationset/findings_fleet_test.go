package applicationset

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

// TestFindingsInComponentFiles: a catalog holds many components for many groups, so less is a finding there.
func TestFindingsInComponentFiles(t *testing.T) {
	tests := []struct {
		rule, catalog, values string
		want                  []string
	}{
		{"a setting has no effect there", "a: {enabled: false}\nreleases: {a: b}\n", "",
			[]string{"values/parts.yaml:2: the setting releases has no effect in a component file; move it to a " +
				"values file"}},
		{"unless a values file has it too", "releases: {a: b}", "releases: {c: d}", nil},
		{"the settings that count from there are none", "{commonLabels: {a: b}, annotations: {a: b}, nameOverride: x}",
			"", nil},
		{"enable for enabled", "other: {namespace: x}\na:\n  namespace: x\n  enable: true", "",
			[]string{`values/parts.yaml:4: component "a": enable has no effect; write enabled`}},
		{"enable for enabled, in the values", "a: {namespace: x}", "a: {enable: true}",
			[]string{`values.yaml:1: component "a": enable has no effect; write enabled`}},
		{"a component that nothing switches on or off is none", "a: {namespace: x}\nb: {}", "b: {namespace: y}", nil},
		{"anything else at the top is none", "a: text\nb: [1]", "", nil},
		{"a key of an enabled component that does nothing",
			cleanSettings + "a:\n  namespace: x\n  path: p\n  defaultVersion: '1'\n  versionn: 1\n",
			cleanSettings + "a: {enabled: true}",
			[]string{`values/parts.yaml:6: component "a": the key versionn has no effect; did you mean defaultVersion?`}},
		{"a component that is off is not looked at", "a: {enabled: false, versionn: 1}", "", nil},
		{"a mistaken name in the values", "cert-manager: {namespace: x}", "cert_manager: {defaultVersion: 1}",
			[]string{`values.yaml:1: component "cert_manager" has no key enabled, and no component file gives it one: it is not rendered; ` +
				"add enabled: true, or correct the name; a map that only holds anchors may be called x-…"}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			lines := input{catalog: map[string]string{"parts": test.catalog}, values: test.values}.messages(t)
			require.ElementsMatch(t, test.want, lines)
		})
	}
}

func TestFindingsAboutTheFleet(t *testing.T) {
	clusters := func(n int, labels ...string) []cluster.Cluster {
		var list []cluster.Cluster
		for i := range n {
			c := cluster.Cluster{Name: fmt.Sprintf("c%d", i+1),
				Labels: map[string]string{"fleet": "one", "environment": "prod"}}
			for _, label := range labels {
				c.Labels[label] = "x"
			}
			list = append(list, c)
		}
		return list
	}
	const need = "app: {namespace: '{{ .metadata.labels.team }}'}\n"
	tests := []struct {
		rule, values string
		clusters     []cluster.Cluster
		want         []string
	}{
		{"where no clusters are known, what they lack is not either", need + "releases: {ring: blue}", nil, nil},
		{"one component and one cluster", need, clusters(1),
			[]string{"over.yaml:1: component app needs .metadata.labels.team, which cluster c1 lacks: Argo CD will " +
				"make no Application; " +
				"add it to the cluster, for example in its Secret, or make it optional with index and default"}},
		{"many components and clusters are one line", need + manyComponents(7), clusters(8, "other"),
			[]string{"over.yaml:1: components app, m1, m2, m3, m4 and 3 more need .metadata.labels.team, which " +
				"clusters c1, c2, c3, c4, c5 and 3 more lack: " +
				"Argo CD will make no Application; add it to the cluster, for example in its Secret, or make it " +
				"optional with index and default"}},
		{"as many as fit are all named", need + manyComponents(4), clusters(5, "other"),
			[]string{"over.yaml:1: components app, m1, m2, m3, m4 need .metadata.labels.team, which clusters c1, c2, " +
				"c3, c4, c5 lack: " +
				"Argo CD will make no Application; add it to the cluster, for example in its Secret, or make it " +
				"optional with index and default"}},
		{"and one more is counted", need + manyComponents(5), clusters(6, "other"),
			[]string{"over.yaml:1: components app, m1, m2, m3, m4 and 1 more need .metadata.labels.team, which " +
				"clusters c1, c2, c3, c4, c5 and 1 more lack: " +
				"Argo CD will make no Application; add it to the cluster, for example in its Secret, or make it " +
				"optional with index and default"}},
		{"clusters that have the label are fine", need, clusters(2, "team"), nil},
		{"so are those that are not selected", need,
			append(clusters(2, "team"), cluster.Cluster{Name: "far", Labels: map[string]string{"fleet": "two"}}), nil},
		{"each field by itself, sorted",
			"app: {namespace: '{{ .metadata.labels.team }}{{ .metadata.annotations.zone }}', releaseName: '{{ " +
				".metadata.annotations.area }}'}", clusters(1),
			[]string{
				"over.yaml:1: component app needs .metadata.annotations.area, which cluster c1 lacks: Argo CD will " +
					"make no Application; " +
					"add it to the cluster, for example in its Secret, or make it optional with index and default",
				"over.yaml:1: component app needs .metadata.annotations.zone, which cluster c1 lacks: Argo CD will " +
					"make no Application; " +
					"add it to the cluster, for example in its Secret, or make it optional with index and default",
				"over.yaml:1: component app needs .metadata.labels.team, which cluster c1 lacks: Argo CD will make " +
					"no Application; " +
					"add it to the cluster, for example in its Secret, or make it optional with index and default",
			}},
		{"what only one branch of a template needs is not needed",
			"app: {namespace: '{{ if .name }}{{ .metadata.labels.team }}{{ end }}'}", clusters(1), nil},
		{"the label environment is always needed", "",
			[]cluster.Cluster{{Name: "c", Labels: map[string]string{"fleet": "one"}, File: "here.yaml"}},
			[]string{"values.yaml:2: component app needs .metadata.labels.environment, which cluster c lacks: Argo " +
				"CD will make no Application; " +
				"add it to the cluster, for example in here.yaml, or make it optional with index and default"}},
		{"expressions select too",
			"{useSelectors: true, app: {namespace: '{{ .metadata.labels.team }}', selector: {matchExpressions: [" +
				"{key: team, operator: Exists}, {key: gone, operator: DoesNotExist}, {key: environment, operator: " +
				"In, values: [prod, dev]}, {key: environment, operator: NotIn, values: [test]}]}}}",
			append(clusters(1, "team"), clusters(1, "gone")...), nil},
		{"one appSetName for one cluster is fine", "app: {appSetName: one}", clusters(1), nil},
		{"the longest cluster name counts, of which 30 characters are in the name",
			"app: {defaultVersion: " + strings.Repeat("1", 28) + "a}",
			[]cluster.Cluster{{Name: "short", Labels: clusters(1)[0].Labels},
				{Name: strings.Repeat("l", 40), Labels: clusters(1)[0].Labels}},
			[]string{`over.yaml:1: component "app": the Application name "` + strings.Repeat("l", 30) + "-app-" +
				strings.Repeat("1", 28) +
				`a" will be refused: it has 64 characters, more than 63; rename the component, or shorten what the name is made of`}},
		{"one character less is fine", "app: {defaultVersion: " + strings.Repeat("1", 27) + "a}",
			[]cluster.Cluster{{Name: strings.Repeat("l", 40), Labels: clusters(1)[0].Labels}}, nil},
		{"the role's Helm release has the whole cluster name", "app: {enableAckPodIdentity: true}",
			[]cluster.Cluster{{Name: strings.Repeat("l", 50), Labels: clusters(1)[0].Labels,
				Annotations: map[string]string{"aws_region": "x", "aws_account_id": "x"}}},
			[]string{`over.yaml:1: component "app": the Helm release name "` + strings.Repeat("l", 50) +
				`-app" will be refused: it has 54 characters, more than 53; rename the component, or shorten what the name is made of`}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			in := input{values: clean, over: test.values, options: Options{Clusters: test.clusters}}
			require.ElementsMatch(t, test.want, in.messages(t))
			if len(test.want) > 1 { // several come in one order
				require.Equal(t, test.want, in.messages(t))
			}
		})
	}
}

// manyComponents are components m1, m2, … that need the label team.
func manyComponents(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b,
			"m%d: {enabled: true, namespace: '{{ .metadata.labels.team }}', path: p, defaultVersion: '1'}\n", i+1)
	}
	return b.String()
}

func TestFindingsAboutSelectors(t *testing.T) {
	labels := map[string]string{
		"globalSelectors: {a/b/c: x}":         `the label a/b/c="x" in matchLabels will be refused: `,
		"globalSelectors: {-a: x}":            `the label -a="x" in matchLabels will be refused: `,
		"app: {selectorMatchLabels: {a: -x}}": `the label a="-x" in matchLabels will be refused: `,
		"releases: {a: " + strings.Repeat("x", 64) + "}": `the label a="` + strings.Repeat("x", 64) +
			`" in matchLabels will be refused: `,
		"releases: {a: 'two words'}": `the label a="two words" in matchLabels will be refused: `,
	}
	for values, message := range labels {
		t.Run("a label that Kubernetes refuses: "+values, func(t *testing.T) {
			lines := input{values: clean, over: values}.messages(t)
			require.Len(t, lines, 1)
			require.Contains(t, lines[0], `component "app": `+message)
			require.True(t, strings.HasSuffix(lines[0], "; correct it"))
			with := input{values: clean, over: values, options: Options{Clusters: cleanClusters()}}.messages(t)
			require.Contains(t, with, lines[0], "also where the clusters are known, which it cannot select")
		})
	}
	for _, values := range []string{"globalSelectors: {a.b/c: x}", "app: {selectorMatchLabels: {a: ''}}",
		"globalSelectors: {a: '{{ .x y }}'}", "releases: {a: " + strings.Repeat("x", 63) + "}"} {
		t.Run("a label that is fine: "+values, func(t *testing.T) {
			require.Empty(t, input{values: clean, over: values}.messages(t))
		})
	}
	expressions := []struct{ rule, expression, message string }{
		{"no operator", "{key: k}", "<nil> is no operator of a selector: In, NotIn, Exists, DoesNotExist"},
		{"In without values", "{key: k, operator: In}", "for 'in', 'notin' operators, values set can't be empty"},
		{"Exists with values", "{key: k, operator: Exists, values: [a]}",
			"values set must be empty for exists and does not exist"},
		{"a key that is none", "{key: -k, operator: Exists}", "name part must consist of alphanumeric characters"},
		{"a number among the values", "{key: k, operator: In, values: [a, 1]}", "1 is no string in the values of k"},
	}
	for _, test := range expressions {
		t.Run("an expression that Kubernetes refuses: "+test.rule, func(t *testing.T) {
			in := input{values: clean, over: "{useSelectors: true, app: {selector: {matchExpressions: [" +
				test.expression + "]}}}", options: Options{Clusters: cleanClusters()}}
			lines := in.messages(t)
			require.Contains(t, lines[0], `component "app": the selector will be refused: `)
			require.Contains(t, lines[0], test.message)
		})
	}
	t.Run("a selection that is every cluster is one line for all components", func(t *testing.T) {
		const end = "; set globalSelectors or selectorMatchLabels, or a selector with useSelectors: true"
		const two = "a: {enabled: true, namespace: ns, path: p, defaultVersion: '1'}\nb: {enabled: true, namespace: " +
			"ns, path: p, defaultVersion: '1'}\n"
		require.Equal(t, []string{"values.yaml:1: components a, b select every cluster" + end},
			input{values: two}.messages(t))
		require.Equal(t, []string{"values.yaml:2: component b selects every cluster" + end},
			input{values: two + "useSelectors: true",
				over: "a: {selector: {matchExpressions: [{key: k, operator: Exists}]}}"}.messages(t))
		require.Empty(t, input{values: two + "releases: {r: s}"}.messages(t))
	})
}

// TestFindingsComeInOrder: by the top-level keys, then by component, and at the end what concerns several.
func TestFindingsComeInOrder(t *testing.T) {
	in := input{
		values: `
zeta: {enabled: true, wrong2: x, wrong1: x, path: p, namespace: '{{ .metadata.labels.zone }}'}
alfa: {enabled: true, namespace: ns, path: p, defaultVersion: '1', labels: {}, strategy: {typ: x}}
unknown: 1
chartType: x
tpyo: {a: b}
releases: {ring: blue, release: x}
`,
		catalog: map[string]string{"one": "globalSelectors: {a: b}\nmu: {enable: true}"},
		options: Options{Clusters: []cluster.Cluster{{Name: "c",
			Labels: map[string]string{"release": "x", "ring": "green"}}}},
	}
	want := []string{
		"values.yaml:5: the setting chartType",
		"values/one.yaml:1: the setting globalSelectors",
		`values/one.yaml:2: component "mu": enable`,
		`values.yaml:6: component "tpyo" has no key enabled`,
		`values.yaml:4: there is no setting "unknown"`,
		"values.yaml:7: an Argo CD has no cluster with the label ring=blue",
		`values.yaml:3: component "alfa": the key labels`,
		`values.yaml:3: component "alfa": Argo CD does not know the field spec.strategy.typ`,
		`values.yaml:2: component "zeta": the key wrong1`,
		`values.yaml:2: component "zeta": the key wrong2`,
		`values.yaml:2: component "zeta": the template needs .values.addonChartVersion`,
	}
	first := in.messages(t)
	require.Len(t, first, len(want), strings.Join(first, "\n"))
	for i, line := range first {
		require.True(t, strings.HasPrefix(line, want[i]), "%d: %s", i, line)
	}
	for range 20 { // Go visits maps in another order each time
		require.Equal(t, first, in.messages(t))
	}
}

// TestFieldsThatArgoDoesNotKnow: free-form parts are compared with Argo CD's types.
func TestFieldsThatArgoDoesNotKnow(t *testing.T) {
	const unless, wrong = "; correct it, unless a newer Argo CD knows it", "; correct it"
	tests := []struct {
		key  string
		want []string
	}{
		{"syncPolicy: {automated: {prune: true, selfHeal: false}, retry: {limit: -1, backoff: {duration: 5s, factor: " +
			"2}}, syncOptions: [A=b]}", nil},
		{"syncPolicy: {automated: {prune: 'true'}}",
			[]string{"spec.template.spec.syncPolicy.automated.prune must be a boolean for Argo CD, not a string" +
				wrong}},
		{"syncPolicy: {retry: {limit: '5'}}",
			[]string{"spec.template.spec.syncPolicy.retry.limit must be a number for Argo CD, not a string" + wrong}},
		{"syncPolicy: {syncOptions: A=b}",
			[]string{"spec.template.spec.syncPolicy.syncOptions must be a list for Argo CD, not a string" + wrong}},
		{"syncPolicy: {syncOptions: [A=b, 1]}",
			[]string{"spec.template.spec.syncPolicy.syncOptions[1] must be a string for Argo CD, not a number" +
				wrong}},
		{"syncPolicy: {automated: true}",
			[]string{"spec.template.spec.syncPolicy.automated must be a map for Argo CD, not a boolean" + wrong}},
		{"syncPolicy: {automated: null}", nil},
		{"syncPolicy: {managedNamespaceMetadata: {labels: {a: 1}}}",
			[]string{"spec.template.spec.syncPolicy.managedNamespaceMetadata.labels.a must be a string for Argo CD, " +
				"not a number" + wrong}},
		{"syncPolicy: {managedNamespaceMetadata: {labels: [a]}}",
			[]string{"spec.template.spec.syncPolicy.managedNamespaceMetadata.labels must be a map for Argo CD, " +
				"not a list" + wrong}},
		{"syncPolicy: {b: 1, a: 1}", []string{"Argo CD does not know the field spec.template.spec.syncPolicy.a" +
			unless, "Argo CD does not know the field spec.template.spec.syncPolicy.b" + unless}},
		{"ignoreDifferences: [{kind: Secret, jsonPointer: /x}]",
			[]string{"Argo CD does not know the field spec.template.spec.ignoreDifferences[0].jsonPointer" + unless}},
		{"ignoreDifferences: [Secret]",
			[]string{"spec.template.spec.ignoreDifferences[0] must be a map for Argo CD, not a string" + wrong}},
		{"syncPolicy: {retry: {refresh: true}}", nil},
		{"preservedFields: {annotations: [a], labels: [b]}", nil},
		{"valuesObject: {anything: [{goes: 1}]}", nil},
	}
	for _, test := range tests {
		t.Run(test.key, func(t *testing.T) {
			want := []string{}
			for _, w := range test.want {
				want = append(want, `over.yaml:1: component "app": `+w)
			}
			require.Equal(t, want, input{values: clean, over: "app: {" + test.key + "}"}.messages(t))
		})
	}
}

package applicationset

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

func TestKeysThatNothingReads(t *testing.T) {
	const misplaced = " is a key of components, and has no effect at the top; indent it below its component"
	tests := []struct {
		rule, catalog, values string
		want                  []string
	}{
		{"a component that is off", "a: {enabled: false, versionn: 1}", "",
			[]string{`values/parts.yaml:1: component "a": the key versionn has no effect; did you mean defaultVersion?`}},
		{"fields of one that is off", "a: {enabled: false}\n", "a:\n  strategy: {typ: RollingSync}",
			[]string{`values.yaml:2: component "a": Argo CD does not know the field spec.strategy.typ; ` +
				"correct it, unless a newer Argo CD knows it"}},
		{"but not what it lacks", "a: {enabled: false, gitMatrix: true}\nb: {enabled: false}", "", nil},
		{"what is of the wrong type", "a:\n  enabled: false\n  selector: 1\n", "",
			[]string{`values/parts.yaml:3: component "a": selector must be a map, not a number; ` +
				"correct it before the component is switched on"}},
		{"one that nothing switches", "a:\n  path: p\n  chartNmae: b\n", "",
			[]string{`values/parts.yaml:3: component "a": the key chartNmae has no effect; did you mean chartName?`}},
		{"what is no component, and what is said elsewhere",
			"x-a: {path: p, b: 1}\nb: {c: 1}\nd: {path: p, enable: true}\n", "",
			[]string{`values/parts.yaml:3: component "d": enable has no effect; write enabled`}},
		{"an operator that is none", "a:\n  enabled: false\n  selector:\n    matchExpressions:\n    - key: b\n" +
			"      operator: Inn\n      values: [c]\n", "",
			[]string{`values/parts.yaml:6: component "a": the selector would be refused: Inn is no operator of a selector: ` +
				"In, NotIn, Exists, DoesNotExist; correct it"}},
		{"a selector that is not used", "a:\n  enabled: true\n  namespace: ns\n  path: p\n  defaultVersion: \"1\"\n" +
			"  selectorMatchLabels: {}\n  selector:\n    matchExpressions:\n    - key: b\n      oprator: Exists\n", "",
			[]string{`values/parts.yaml:10: component "a": Argo CD does not know the field ` +
				"spec.generators[0].clusters.selector.matchExpressions[0].oprator; correct it, unless a newer Argo " +
				"CD knows it"}},
		{"a template that cannot be read", "a:\n  enabled: false\n  namespace: '{{.name'\n", "",
			[]string{`values/parts.yaml:3: component "a": template "{{.name": 1: unclosed action; correct the template`}},
		{"a field that clusters do not have", "a:\n  enabled: false\n  namespace: '{{index .metdata.labels \"b\"}}'\n" +
			"  valuesObject:\n    c: '{{.metadata.label.d}}'\n", "",
			[]string{`values/parts.yaml:3: component "a": no cluster has .metdata; did you mean .metadata?`,
				`values/parts.yaml:5: component "a": no cluster has .metadata.label; did you mean .metadata.labels?`}},
		{"a key of no component", "a: {enabled: false}\nvaluesObject:\n  b: 1\n", "",
			[]string{"values/parts.yaml:2: valuesObject" + misplaced}},
		{"such a scalar", "a: {enabled: false}\n", "defaultVersion: b", []string{"values.yaml:1: defaultVersion" +
			misplaced}},
		{"what is outside an empty map", "a:\n  enabled: false\n  valuesObject:\n  aws: {region: r}\n", "",
			[]string{`values/parts.yaml:4: component "a": the key aws has no effect; ` +
				"indent it, if it is of valuesObject, which is empty"}},
		{"keys of additionalResources",
			"a:\n  enabled: false\n  additionalResources:\n    path: p\n    chrt: c\n    helm: {relaseName: r}\n", "",
			[]string{`values/parts.yaml:5: component "a": the key additionalResources.chrt has no effect; did you mean chart? ` +
				"Correct the name, or remove it",
				`values/parts.yaml:6: component "a": the key helm.relaseName has no effect; did you mean releaseName? ` +
					"Correct the name, or remove it"}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			lines := input{catalog: map[string]string{"parts": test.catalog}, values: test.values,
				options: Options{Off: true}}.messages(t)
			require.ElementsMatch(t, test.want, lines)
		})
	}
}

// A component that nobody gets needs no label yet, but one that is nearly that of a cluster is mistyped.
func TestLabelsInTemplatesOfWhatIsOff(t *testing.T) {
	clusters := []cluster.Cluster{{Name: "c", Labels: map[string]string{"tenant": "t"},
		Annotations: map[string]string{"aws_region": "r", "role": "r"}}}
	for text, want := range map[string]int{
		"{{.metadata.labels.tennat}}": 1, "{{.metadata.annotations.aws_ergion}}": 1, "{{.metadata.labels.tenant}}": 0,
		"{{.metadata.labels.zone}}": 0, "{{.metadata.annotations.roles}}": 0, "{{.values.addonChart}}": 0,
	} {
		lines := input{catalog: map[string]string{"parts": "a: {enabled: false, namespace: '" + text + "'}"},
			options: Options{Off: true, Clusters: clusters}}.messages(t)
		require.Len(t, lines, want, text)
	}
}

package applicationset

import (
	"testing"

	"github.com/stretchr/testify/require"
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
		{"but not what it lacks, or is of the wrong type", "a: {enabled: false, selector: 1}\nb: {enabled: false}", "", nil},
		{"a key of no component", "a: {enabled: false}\nvaluesObject:\n  b: 1\n", "",
			[]string{"values/parts.yaml:2: valuesObject" + misplaced}},
		{"such a scalar", "a: {enabled: false}\n", "defaultVersion: b", []string{"values.yaml:1: defaultVersion" + misplaced}},
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

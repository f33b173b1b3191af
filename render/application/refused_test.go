package application_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOtherGeneratorsAreRefused(t *testing.T) {
	for name, generator := range map[string]string{
		"scmProvider":             "{scmProvider: {github: {organization: o}}}",
		"pullRequest":             "{pullRequest: {github: {owner: o, repo: r}}}",
		"plugin":                  "{plugin: {configMapRef: {name: p}}}",
		"clusterDecisionResource": "{clusterDecisionResource: {configMapRef: p}}",
	} {
		for _, generators := range []string{
			"[" + generator + "]",
			"[{matrix: {generators: [{clusters: {}}, " + generator + "]}}]",
			"[{merge: {mergeKeys: [name], generators: [{clusters: {}}, {matrix: {generators: [" + generator +
				", {clusters: {}}]}}]}}]",
		} {
			expansion := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, "generators: "+generators))
			require.Empty(t, expansion.Applications)
			require.Len(t, expansion.Problems, 1, generators)
			require.Contains(t, expansion.Problems[0].Error(), `ApplicationSet "set": spec.generators[0]: `)
			require.Contains(t, expansion.Problems[0].Error(), "the generator "+name+" needs a network or a cluster")
		}
	}
	one := expander(t, nil, threeClusters()).Expand(t.Context(),
		set(t, "generators: [{list: {elements: [{name: east}]}}, {plugin: {configMapRef: {name: p}}}]"))
	require.Empty(t, one.Applications, "all of an ApplicationSet or nothing")
	require.Len(t, one.Problems, 2)
	require.Equal(t, stopped("app-east"), one.Problems[1].Error())
}

func TestGeneratorsCannotBeTooManyOrRunForEver(t *testing.T) {
	const list = "{clusters: {}}"
	clusters := manyClusters(400)
	for generators, want := range map[string]string{
		"[{matrix: {generators: [" + list + "," + list +
			"]}}]": "more than 100000 sets of parameters",
		"[{clusters: {values: {a: '{{range " +
			"1000000000000}}{{end}}'}}}]": "a loop over a number is not possible in a generator",
		"[{clusters: {values: {a: '{{repeat 1000000000 " +
			".name}}'}}}]": "the function repeat is not possible in a generator",
		"[{clusters: {values: {a: '{{if 1}}{{else}}{{with (len (until " +
			"1000000000))}}{{end}}{{end}}'}}}]": "the function until is not possible in a generator",
		"[{clusters: {values: {a: '{{define \"x\"}}{{template \"x\"}}{{end}}{{template " +
			"\"x\"}}'}}}]": "{{template}} is not possible in a generator",
		"[{matrix: {generators: [{clusters: {}}, {list: {elements: [], elementsYaml: '{{range until " +
			"1000000000}}{{end}}'}}]}}]": "the function until is not possible in a generator",
		"[{matrix: {generators: [{clusters: {}}, {git: {repoURL: '{{seq 1000000000}}', revision: HEAD, files: " +
			"[{path: a}]}}]}}]": "the function seq is not possible in a generator",
		"[{matrix: {generators: [{clusters: {}}, {clusters: {template: {metadata: {name: '{{uuidv4}}'}, spec: " +
			"{project: a, destination: {}}}}}]}}]": "the function uuidv4 gives another result each time",
		"[{matrix: {generators: [{clusters: {}}, {list: {elements: [{a: '{{untilStep 0 1000000000 " +
			"1}}'}]}}]}}]": "the function untilStep is not possible in a generator",
	} {
		expansion := expander(t, nil, clusters).Expand(t.Context(), set(t, "generators: "+generators+
			"\ntemplate: {metadata: {name: x}}"))
		require.Empty(t, expansion.Applications)
		require.Len(t, expansion.Problems, 1, want)
		require.Contains(t, expansion.Problems[0].Error(), want)
	}
}

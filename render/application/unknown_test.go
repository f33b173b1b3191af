package application_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// TestFieldsOfANewerArgoCDStay: the types that are linked do not know them.
func TestFieldsOfANewerArgoCDStay(t *testing.T) {
	for _, test := range []struct{ name, spec, want string }{
		{
			"beside known ones, with templates",
			"template: {spec: {newText: 'x-{{.name}}', newNull: null, newMap: {a: {'{{.name}}': [1, true, null, " +
				"'{{.name}}']}}, source: {path: p, newNumber: 1.5}}}",
			"{newText: x-east, newMap: {a: {east: [1, true, null, east]}}, source: {path: p, newNumber: 1.5}}",
		},
		{
			"alone in a map that is left out otherwise",
			"template: {spec: {source: {path: p, kustomize: {newField: a}}, syncPolicy: {newField: {}}}}",
			"{source: {path: p, kustomize: {newField: a}}, syncPolicy: {newField: {}}}",
		},
		{
			"in lists",
			"template: {spec: {sources: [{repoURL: u}, {repoURL: v, newField: '{{.name}}'}], ignoreDifferences: " +
				"[{kind: K, newField: 2}]}}",
			"{sources: [{repoURL: u}, {repoURL: v, newField: east}], ignoreDifferences: [{kind: K, newField: 2}]}",
		},
		{
			"where anything may be, and in embedded types",
			"template: {spec: {source: {path: p, helm: {valuesObject: {newField: 1}}, kustomize: {patches: [{patch: " +
				"x, target: {kind: K, newField: y}}]}}}}",
			"{source: {path: p, helm: {valuesObject: {newField: 1}}, kustomize: {patches: [{patch: x, target: {kind: " +
				"K, newField: y}}]}}}",
		},
		{
			"of a patch",
			"template: {spec: {newField: {a: 1, b: 2}, source: {path: p}}}\ntemplatePatch: 'spec: {newField: {a: 3, " +
				"b: null, c: {{quote .name}}}, other: {x: {}}, source: {newSource: [1]}}'",
			"{newField: {a: 3, c: east}, other: {x: {}}, source: {path: p, newSource: [1]}}",
		},
		{
			"until a patch removes or replaces them",
			"template: {spec: {newField: 1, sources: [{repoURL: u, newField: 1}], syncPolicy: {newField: " +
				"1}}}\ntemplatePatch: 'spec: {newField: null, sources: [{repoURL: v}], syncPolicy: null}'",
			"{sources: [{repoURL: v}]}",
		},
		{
			"with a patch of something else, and its directives",
			"template: {spec: {newField: 1, syncPolicy: {newField: 1, syncOptions: [a=b]}}}\ntemplatePatch: 'spec: " +
				"{syncPolicy: {$patch: replace, retry: {limit: 1}}}'",
			"{newField: 1, syncPolicy: {retry: {limit: 1}}}",
		},
		{
			"with a patch of the metadata",
			"template: {spec: {newField: 1}}\ntemplatePatch: 'metadata: {labels: {a: b}}'",
			"{newField: 1}",
		},
		{
			"of a generator's own template, over the others",
			"template: {spec: {newField: {a: 1, b: 2}}}\ngenerators: [{list: {elements: [{name: east}], " +
				"template: {metadata: {}, spec: {project: '', destination: {}, newField: {a: '{{.name}}', c: ''}, " +
				"source: {repoURL: '', newSource: 1}}}}}]",
			"{newField: {a: east, b: 2, c: ''}, source: {newSource: 1}}",
		},
		{
			"without parameters",
			"template: {metadata: {name: app}, spec: {newField: {a: b}, destination: {name: east}}}\ngenerators: " +
				"[{list: {elements: [{}]}}]",
			"{newField: {a: b}}",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(test.spec, "generators: ") {
				test.spec += "\ngenerators: [{clusters: {selector: {matchLabels: {tenant: a}}}}]"
			}
			expansion := expander(t, nil, threeClusters()).Expand(t.Context(), set(t, test.spec))
			require.Empty(t, messages(expansion.Problems))
			require.Len(t, expansion.Applications, 1)
			frame := parse(t, "{project: default, source: {repoURL: https://git.example/fleet, path: x, "+
				"targetRevision: main}, destination: {name: east, namespace: ns}}")
			require.Equal(t, hierarchy.MergeMaps(frame, parse(t, test.want)), expansion.Applications[0].Object["spec"])
		})
	}
}

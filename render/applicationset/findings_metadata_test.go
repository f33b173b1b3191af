package applicationset

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMetadata has what Kubernetes refuses of labels, annotations and names that settings and components give, each
// with one close by that it accepts.
func TestMetadata(t *testing.T) {
	for _, test := range []struct{ over, finding, near string }{
		{"# c\nnamespace: Argo_CD", `over.yaml:2: the namespace "Argo_CD" of the ApplicationSets will be refused: a `,
			"namespace: argo-cd"},
		{"namespace: '{{.name}}'", `the namespace "{{.name}}" of the ApplicationSets will be refused: `, "{}"},
		{"argoProjectName: Team_A", `over.yaml:1: no AppProject can have the name "Team_A": a `,
			"argoProjectName: '{{.metadata.labels.environment}}'"},
		{"commonLabels:\n  owner: the team",
			`over.yaml:2: commonLabels: the label owner="the team" will be refused: a valid label must `,
			"commonLabels: {owner: the.team}"},
		{"commonLabels: {a b: c}", `commonLabels: the label a b="c" will be refused: name part must `,
			"commonLabels: {example.com/a_b: c}"},
		{"commonLabels: {on: '{{.name}}'}",
			`commonLabels: the label true="{{.name}}" will be refused: templates are evaluated in Applications, and not in ` +
				`the ApplicationSet itself; write it in labelsApp of components`,
			"app: {labelsApp: {cluster: '{{.name}}'}}"},
		{"annotations: {a b: c}", "over.yaml:1: annotations: the annotation \"a b\" will be refused: name part must ",
			"annotations: {Example.com/a: any text}"},
		{"app:\n  labelsAppSet: {a: b c}", `over.yaml:2: app.labelsAppSet: the label a="b c" will be refused: `,
			"app: {labelsAppSet: {a: b}}"},
		{"app: {labelsApp: {a: -}}", `app.labelsApp: the label a="-" will be refused: `,
			"app: {labelsApp: {'{{.name}}': '{{.name}}'}}"},
		{"app: {annotationsAppSet: {a/b/c: d}}", "app.annotationsAppSet: the annotation \"a/b/c\" will be refused: a ",
			"app: {annotationsAppSet: {a/b: '{{.name}}'}}"},
		{"app: {annotationsApp: {'': d}}", "app.annotationsApp: the annotation \"\" will be refused: name part must ",
			"app: {annotationsApp: {'{{.name}}': d}}"},
	} {
		t.Run(test.over, func(t *testing.T) {
			in := input{values: clean, over: test.over, options: Options{Clusters: cleanClusters()}}
			lines := in.messages(t)
			require.Len(t, lines, 1)
			require.Contains(t, lines[0], test.finding)
			in.over = test.near
			require.Empty(t, in.messages(t), "near miss: %s", test.near)
		})
	}
}

package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

func TestLineOfAFinding(t *testing.T) {
	const file = `# two objects
apiVersion: v1
kind: Service
metadata:
  name: a
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: a
        - name: b
          imagee: x
---
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: c}
    date: {}
`
	for _, test := range []struct {
		name, kind, object, message, rule, hint string
		want                                    int
	}{
		{"a field", "Deployment", "web", "spec.template.spec.containers[1].imagee is no field", problem.RuleSchema, "",
			17},
		{"a field that is missing", "Deployment", "web", "spec.template.spec.containers[0].image is missing",
			problem.RuleSchema, "", 15},
		{"an object with a prefix", "Deployment", "np-web", "spec.selector is missing", problem.RuleSchema, "", 11},
		{"another object", "Deployment", "db", "spec.selector is missing", problem.RuleSchema, "", 0},
		{"another kind", "Job", "web", "spec.selector is missing", problem.RuleSchema, "", 0},
		{"an item of a list", "ConfigMap", "c", "date is no field", problem.RuleSchema, "", 24},
		{"an index that is too large", "Deployment", "web", "spec.template.spec.containers[7].x is wrong",
			problem.RuleSchema, "", 14},
		{"an API version", "Deployment", "web", "Kubernetes does not serve it", problem.RuleUnknownAPI, "", 7},
		{"a kind", "Deployment", "web", "Kubernetes does not serve it", problem.RuleUnknownAPI,
			"did you mean apps/v1/Deploymentt?", 8},
		{"another API version", "Deployment", "web", "Kubernetes does not serve it", problem.RuleDeprecatedAPI,
			"did you mean extensions/v1/Deployment?", 7},
	} {
		object := map[string]any{"apiVersion": "apps/v1", "kind": test.kind,
			"metadata": map[string]any{"name": test.object}}
		p := problem.New("", 0, "%s %s: %s", test.kind, test.object, test.message).WithRule(test.rule)
		p.Hint = test.hint
		require.Equal(t, test.want, Line([]byte(file), "a.yaml", object, p), test.name)
	}
	require.Zero(t, Line([]byte("a: ["), "a.yaml", nil, problem.New("", 0, "x")))
}

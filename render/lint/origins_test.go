package lint

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// What is wrong with an object that somebody wrote is at its file, also if a kustomization is between.
func TestFindingsAboutObjectsAreWhereTheyAreWritten(t *testing.T) {
	const (
		policy   = "manifests/network-baseline/base/network-policy.yaml"
		np       = "manifests/network-baseline/np/kustomization.yaml"
		auditors = "resources/tenants/payments/defaults/resources/namespace-baseline/auditors.yaml"
		classes  = "manifests/priority-classes/classes.yaml"
	)
	for _, test := range []struct {
		name, file, before, after string
		rule                      string
		line                      int
	}{
		{"a field in a base", policy, "podSelector: {}", "podSelectro: {}", problem.RuleSchema, 7},
		{"a value in a base", policy, "[Ingress]", "[Ingres]", problem.RuleSchema, 8},
		{"a kind in a base", policy, "kind: NetworkPolicy", "kind: NetworkPolciy", problem.RuleUnknownAPI, 3},
		{"no kind in a base", policy, "kind: NetworkPolicy", "kid: NetworkPolicy", problem.RuleRender, 0},
		{"no API version in a base", policy, "apiVersion:", "apiversion:", problem.RuleRender, 0},
		{"a kustomization", np, "kind: Kustomization", "kind: Kustomizations", problem.RuleRender, 0},
		{"a field in an overlay of a level", auditors, "  name: view", "  nam: view", problem.RuleSchema, 8},
		{"a field in a directory", classes, "value: -100", "valeu: -100", problem.RuleSchema, 13},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := exampleFleet(t)
			var m mistake
			m.Replace.File, m.Replace.Old, m.Replace.New = test.file, test.before, test.after
			m.make(t, tree)
			found := lintTree(t, tree, render.StageManifests).Findings
			require.NotEmpty(t, found)
			for _, f := range found {
				if f.File == test.file && f.Rule == test.rule && f.Line == test.line {
					return
				}
			}
			t.Errorf("%s:%d is not among %v", test.file, test.line, found)
		})
	}
}

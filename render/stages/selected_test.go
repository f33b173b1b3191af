package stages_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

func TestRequirements(t *testing.T) {
	in := metav1.LabelSelectorOpIn
	applicationSet := map[string]any{"spec": map[string]any{
		"generators": []any{map[string]any{"merge": map[string]any{"generators": []any{
			map[string]any{"clusters": map[string]any{"selector": map[string]any{
				"matchLabels": map[string]any{"argocd.argoproj.io/secret-type": "cluster", "tenant": "retail",
					"a": true},
				"matchExpressions": []any{map[string]any{"key": "zone", "operator": "NotIn",
					"values": []any{"x", "y"}}},
			}}},
			map[string]any{"clusters": map[string]any{"selector": map[string]any{
				"matchLabels": map[string]any{"environment": "prod"}}}},
		}}}},
		"template": map[string]any{"selector": map[string]any{"matchLabels": map[string]any{"not": "this"}}},
	}}
	all := stages.AllRequirements(applicationSet)
	require.Equal(t, []stages.Requirement{{"a", in, []string{"true"}}, {"tenant", in, []string{"retail"}},
		{"zone", metav1.LabelSelectorOpNotIn, []string{"x", "y"}}, {"environment", in, []string{"prod"}}}, all)

	tenant := all[1]
	require.True(t, tenant.Equal(stages.Requirement{Label: "tenant", Operator: in, Values: []string{"retail"}}))
	require.False(t, tenant.Equal(stages.Requirement{Label: "tenant", Operator: in}))
	require.True(t, tenant.Shares(stages.Requirement{Label: "tenant", Values: []string{"payments", "retail"}}))
	require.False(t, tenant.Shares(stages.Requirement{Label: "tenant", Values: []string{"payments"}}))
	require.False(t, tenant.Shares(stages.Requirement{Label: "team", Values: []string{"retail"}}))
}

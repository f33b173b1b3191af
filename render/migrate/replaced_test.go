package migrate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/migrate"
)

// TestReplaced: an Application that stays, but makes other objects in the place of its own, never passes without a
// trap, however it comes.
func TestReplaced(t *testing.T) {
	const app = "Application hub-1/argocd/stable-hub-1-metrics-1.0"
	const deletes = ", and Argo CD deletes those of today (prune)"
	const leaves = ", and those of today stay behind, which nothing keeps up to date any more"
	for _, test := range []struct{ name, component, danger string }{
		{"namespace", "namespace: elsewhere", "its objects are made in another namespace" + leaves},
		{"namespace, pruned", "namespace: elsewhere, syncPolicy: {automated: {prune: true}}",
			"its objects are made in another namespace" + deletes},
		{"release", "releaseName: other", "its objects are made under the names of another Helm release" + leaves},
		{"chart", "path: charts/spoke-secret", "its objects are made of another chart or directory" + leaves},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := run(t, files{"fleet.yaml": groups(", applicationSets: {metrics: {" + test.component + "}}")})
			require.Contains(t, find(t, plan, migrate.TrapReplaced, app).Message, test.danger+": "+app)
			require.False(t, plan.NoOp())
			for _, item := range plan.Items {
				if item.Kind+" "+item.Where+"/"+item.Namespace+"/"+item.Name == app {
					require.Equal(t, []string{test.danger}, item.Dangers)
				}
			}
		})
	}
	other := run(t, files{"fleet.yaml": groups(", applicationSets: {metrics: {valuesObject: {a: b}}}")})
	require.Zero(t, traps(other)[migrate.TrapReplaced], "other values")
}

package stages_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestIgnoredFindings: fleet.yaml can ignore the findings of each stage, by the file that they name or, of those that
// name none, by the file of the component.
func TestIgnoredFindings(t *testing.T) {
	const policy = `
-- parts/values.yaml --
repoURLGit: https://git.example/fleet
repoURLGitRevision: main
syncPolicy: {automated: {prune: true, eager: true}}
-- charts/web/templates/policy.yaml --
apiVersion: iam.services.k8s.aws/v1alpha1
kind: Policy
metadata: {name: web}
spec: {policyDocument: none}
`
	plain := mustRender(t, request(t, render.StageManifests, overlay, policy)).warnings
	for _, test := range []struct {
		rule, path, gone string
	}{
		{"no-effect", "apps/tenants/shops", "the overlay has no effect"},
		{"selects-everybody", "parts/values/base.yaml", "selects every cluster"},
		{"unknown-field", "parts/values/base.yaml", "automated.eager"},
		{"iam-policy", "parts/values/base.yaml", "is no policy"},
		{"iam-policy", "charts/web", "is no policy"},
		{"no-effect", "parts/values/side.yaml", ""},
	} {
		t.Run(test.rule+" at "+test.path, func(t *testing.T) {
			fleet, _, _ := strings.Cut(strings.TrimPrefix(fleet, "\n"), "-- members/")
			out := mustRender(t, request(t, render.StageManifests, overlay, policy,
				fleet+"  lint: {ignore: [{rule: "+test.rule+", path: "+test.path+", reason: meant}]}\n"))
			left := slices.DeleteFunc(slices.Clone(plain), func(w string) bool {
				return test.gone != "" && strings.Contains(w, test.gone)
			})
			if test.gone != "" {
				require.Less(t, len(left), len(plain), "%s is there", test.gone)
			}
			require.Equal(t, left, out.warnings)
		})
	}
}

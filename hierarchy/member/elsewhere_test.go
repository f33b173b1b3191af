package member

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestAnnotationsOfOtherRepositories: what annotations say of the repositories of spec.repositories, of a hub and a
// member that has them of it.
func TestAnnotationsOfOtherRepositories(t *testing.T) {
	for _, test := range []struct{ name, annotations, want string }{
		{"nothing", "", ""},
		{"the same",
			"addons_repo_url: git@git.example.com:a.git, addons_repo_revision: v2, addons_repo_basepath: apps/x",
			""},
		{"another address", "addons_repo_url: https://git.example.com/b",
			`fleet.yaml:11: cluster "hub": its annotation addons_repo_url is https://git.example.com/b, but fleet.yaml:5 ` +
				"says https://git.example.com/a.git: what Applications read there is not what is here; make them the " +
				"same"},
		{"another revision", "addons_repo_revision: main", `fleet.yaml:11: cluster "hub": its annotation ` +
			"addons_repo_revision is main, but fleet.yaml:5 says v2: what Applications read there is not what is " +
			"here; " +
			"make them the same"},
		{"another directory", "addons_repo_basepath: appsets", `fleet.yaml:11: cluster "hub": its annotation ` +
			"addons_repo_basepath is appsets, but fleet.yaml:5 says apps: what Applications read there is not what " +
			"is " +
			"here; make them the same"},
		{"the fleet's own", "fleet_repo_url: https://git.example.com/b", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, warnings, err := members(t, files{
				"fleet.yaml": strings.ReplaceAll(`apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  repositories:
    addons: {url: https://git.example.com/a.git, path: apps, revision: v2}
    fleet: {url: https://git.example.com/f.git}
  groups: {resources: {path: resources}}
  clusters:
  - name: hub
    labels: {fleet_member: hub-cluster}
    annotations: {ANNOTATIONS}
`, "ANNOTATIONS", test.annotations),
				membersAt + "hub/one.yaml": "tenant: retail\nenvironment: np\n",
			})
			require.NoError(t, err)
			var got []string
			for _, w := range warnings {
				if w.Rule == problem.RuleOtherRepository {
					got = append(got, w.Error())
				}
			}
			require.Equal(t, test.want, strings.Join(got, "\n"))
		})
	}
}

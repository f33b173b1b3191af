package compare_test

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

const membersOfHub = "fleet/fleet-bootstrap/fleet-members/hub-prod/"

// edited returns files with a text in one of them replaced.
func edited(t *testing.T, files fstest.MapFS, name, old, now string) fstest.MapFS {
	t.Helper()
	files = maps.Clone(files)
	text := string(files[name].Data)
	require.Contains(t, text, old)
	write(files, name, strings.Replace(text, old, now, 1))
	return files
}

// TestApplicationsThatMove: an Application that another Argo CD has on the other side is one that moves, and not one
// that is deleted and one that is added.
func TestApplicationsThatMove(t *testing.T) {
	central := exampleFleet(t)
	own := central
	for _, label := range []string{"use_remote_argo", "enable_remote_addons", "enable_remote_resources"} {
		own = edited(t, own, membersOfHub+"data-prod-1.yaml", label+`: "false"`, label+`: "true"`)
	}
	for name, test := range map[string]struct {
		before, after fstest.MapFS
		from, to      string
	}{
		"to the Argo CD of the cluster": {central, own, "hub-prod", "data-prod-1"},
		"to the Argo CD of the hub":     {own, central, "data-prod-1", "hub-prod"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, stage := range []string{render.StageApplications, render.StageManifests} {
				result := compareTrees(t, test.before, test.after, compare.Options{Stage: stage})
				require.Empty(t, result.Failures)
				require.Len(t, result.Applications, 18)
				for _, app := range result.Applications {
					require.Equal(t, compare.Changed, app.Sides)
					require.Equal(t, []string{test.from, test.to}, []string{app.WasArgoCD, app.ArgoCD})
					require.Equal(t, app.Name, app.Was)
				}
				require.Len(t, result.Dangers, 18)
				for _, danger := range result.Dangers {
					require.Equal(t, compare.DangerMoved, danger.Kind)
					require.Contains(t, danger.Message, "the Argo CD of "+test.from+" deletes Application stable-data-")
					require.Contains(t, danger.Message, ", its objects stay where they are, and that of "+test.to)
				}
				for _, change := range result.Changes {
					require.Equal(t, compare.Changed, change.Sides, "%s %s", change.Kind, change.Name)
				}
			}
		})
	}
}

// TestFailuresOfRenamed: what fails in the same way under either name is one failure, on both sides.
func TestFailuresOfRenamed(t *testing.T) {
	before := with(exampleFleet(t), "addons/tenants/defaults/addons/external-dns/values.yaml", "a: [\n")
	after := edited(t, before, "addons/tenants/payments/environments/np/defaults/fleet/fleet-secret/values.yaml",
		"addonsRelease: next", "addonsRelease: stable")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests,
		Filter: compare.Filter{Cluster: "payments-np-1", Components: []string{"external-dns"}}})
	require.Len(t, result.Failures, 1)
	require.True(t, result.Failures[0].Known)
	require.Equal(t, []string{"stable-payments-np-1-external-dns-1.17.0"}, result.Failures[0].Applications)
}

// TestFailuresOfOneFile: a file that cannot be read is one failure, however many groups and clusters it concerns.
func TestFailuresOfOneFile(t *testing.T) {
	const releases = "fleet/bootstrap/versions/applicationSets.yaml"
	before := exampleFleet(t)
	result := compareTrees(t, before, with(before, releases, "a: [\n"),
		compare.Options{Stage: render.StageApplications})
	require.Len(t, result.Failures, 1)
	require.Equal(t, "after", result.Failures[0].Side)
	require.Regexp(t, "^"+releases+`:\d+: is not YAML: .* \(group addons, cluster hub-prod, and \d+ more\)$`,
		result.Failures[0].Message)
	require.Empty(t, result.Changes)
}

// TestApplicationsOfAnotherRelease: after the label of a release changes, another ApplicationSet has the Applications.
func TestApplicationsOfAnotherRelease(t *testing.T) {
	before := exampleFleet(t)
	after := edited(t, before, "addons/tenants/payments/environments/np/defaults/fleet/fleet-secret/values.yaml",
		"addonsRelease: next", "addonsRelease: stable")
	for _, stage := range []string{render.StageApplications, render.StageManifests} {
		result := compareTrees(t, before, after, compare.Options{Stage: stage})
		require.Empty(t, result.Failures)
		require.NotEmpty(t, result.Dangers)
		for _, danger := range result.Dangers {
			require.Equal(t, compare.DangerRenamed, danger.Kind)
			require.Regexp(t, `Application next-\S+ is deleted, its objects stay where they are, and created as stable-`,
				danger.Message)
		}
		for _, app := range result.Applications {
			require.Equal(t, compare.Changed, app.Sides)
			require.Empty(t, app.WasArgoCD)
		}
		for _, change := range result.Changes {
			require.Equal(t, compare.Changed, change.Sides, "%s %s", change.Kind, change.Name)
		}
	}
}

// TestApplicationsOfAnotherName: a setting that renames all Applications of a group is a danger for each of them.
func TestApplicationsOfAnotherName(t *testing.T) {
	before := exampleFleet(t)
	after := edited(t, before, "fleet.yaml", "components: [addons, ack]",
		"components: [addons, ack]\n      applicationName: 'COMPONENT-{{.name}}'")
	result := compareTrees(t, before, after, compare.Options{Stage: render.StageApplications})
	require.Empty(t, result.Failures)
	require.NotEmpty(t, result.Applications)
	for _, app := range result.Applications {
		require.Equal(t, compare.Changed, app.Sides)
		require.NotEmpty(t, app.Was)
	}
	require.NotEmpty(t, result.Dangers)
	for _, danger := range result.Dangers {
		require.Equal(t, compare.DangerRenamed, danger.Kind)
		require.Regexp(t, `Application \S+ is deleted, .*, and created as [a-z-]+-\S+$`, danger.Message)
	}
}

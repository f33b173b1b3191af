package compare_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// TestWhatArgoCDDoesWithTheObjects: it is told where the objects themselves are the same.
func TestWhatArgoCDDoesWithTheObjects(t *testing.T) {
	const values, base = "catalog/values.yaml", "catalog/values/base.yaml"
	for name, test := range map[string]struct{ file, old, now, kind, diff string }{
		"prune": {values, "prune: true", "prune: false", "Application", "-      prune: true\n+      prune: false\n"},
		"project": {values, "syncPolicy", "argoProjectName: shops\nsyncPolicy", "Application",
			"-  project: default\n+  project: shops\n"},
		"revision": {values, "repoURLGitRevision: main", "repoURLGitRevision: v1", "Application",
			"-    targetRevision: main\n+    targetRevision: v1\n"},
		"controller": {values, "syncPolicy", "syncPolicyAppSet: {applicationsSync: create-only}\nsyncPolicy",
			"ApplicationSet", "+    applicationsSync: create-only\n"},
		"finalizers": {values, "syncPolicy", "syncPolicyAppSet: {preserveResourcesOnDeletion: true}\nsyncPolicy",
			"Application", "-  finalizers:\n"},
		"a new name": {base, "'1'", "'2'\n  syncPolicy: {automated: {prune: false}}", "Application",
			"-      prune: true\n+      prune: false\n"},
	} {
		t.Run(name, func(t *testing.T) {
			before := small(keptObject)
			text := string(before[test.file].Data)
			require.Contains(t, text, test.old)
			after := with(before, test.file, strings.Replace(text, test.old, test.now, 1))
			result := compareTrees(t, before, after, compare.Options{Stage: render.StageManifests})
			require.Empty(t, result.Failures)
			told := ""
			for _, change := range result.Changes {
				if change.Kind == test.kind {
					told += change.Diff
					require.Equal(t, test.file, change.Causes[0].File)
				}
			}
			require.Contains(t, told, test.diff)
		})
	}
}

// TestWhatStartsTheFleet: how clusters are registered, and what starts the fleet, is compared too.
func TestWhatStartsTheFleet(t *testing.T) {
	before := small(keptObject)
	write(before, "fleet.yaml", strings.Replace(string(before["fleet.yaml"].Data), "environment: live}}",
		"environment: live}, annotations: {aws_region: eu-west-1, apps_repo_url: https://git.example/fleet, "+
			"apps_repo_revision: main}}", 1))
	for _, name := range []string{"hub/east-1", "hub/west-1"} {
		file := "members/" + name + ".yaml"
		write(before, file, string(before[file].Data)+"secretManagerSecretName: "+name+"\n")
	}
	find := func(after fstest.MapFS, o compare.Options, component string) []compare.Change {
		o.Stage = render.StageManifests
		result := compareTrees(t, before, after, o)
		require.Empty(t, result.Failures)
		return slices.DeleteFunc(result.Changes, func(c compare.Change) bool {
			return c.Group != "fleet" || c.Component != component
		})
	}
	const east = "members/hub/east-1.yaml"
	secret := with(before, east, strings.Replace(string(before[east].Data), "hub/east", "hub/other", 1),
		"members/hub/west-1.yaml", string(before["members/hub/west-1.yaml"].Data)+"# a comment\n")
	found := find(secret, compare.Options{}, "registration")
	require.Len(t, found, 1)
	require.Equal(t, "east-1-fleet-secret", found[0].Name)
	require.Equal(t, []string{"east-1"}, found[0].Clusters.Names)
	require.Equal(t, 3, found[0].Clusters.Of)
	require.Empty(t, found[0].Clusters.Without)
	require.Len(t, found[0].Causes, 1)
	require.Equal(t, east, found[0].Causes[0].File)
	affected := func(after fstest.MapFS, filter compare.Filter) []string {
		result := compareTrees(t, before, after,
			compare.Options{Stage: render.StageManifests, Only: true, Filter: filter})
		require.Empty(t, result.Failures)
		var names []string
		for _, app := range result.Applications {
			names = append(names, app.Name)
		}
		return names
	}
	require.Equal(t, []string{"fleet-registration-hub"}, affected(secret, compare.Filter{}))
	require.Equal(t, []string{"fleet-registration-hub"}, affected(secret, compare.Filter{Cluster: "east-1"}))
	require.Empty(t, affected(secret, compare.Filter{Cluster: "west-1"}))
	for _, filter := range []compare.Filter{{Cluster: "west-1"}, {Group: "core"}, {Components: []string{"web"}}} {
		require.Empty(t, find(secret, compare.Options{Filter: filter}, "registration"))
	}

	project := with(before, "fleet.yaml", string(before["fleet.yaml"].Data)+"  bootstrap: {project: ours}\n")
	found = find(project, compare.Options{}, "bootstrap")
	require.NotEmpty(t, found)
	require.Equal(t, "fleet.yaml", found[0].Causes[0].File)

	gone := maps.Clone(before)
	delete(gone, east)
	found = find(gone, compare.Options{}, "registration")
	require.Len(t, found, 1)
	require.Equal(t, compare.Removed, found[0].Sides)
}

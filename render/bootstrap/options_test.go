package bootstrap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render/bootstrap"
)

// TestSyncPolicies: what Argo CD would ignore is said, with its line.
func TestSyncPolicies(t *testing.T) {
	_, warnings, err := build(smallFleet(), "hub-np", bootstrap.Options{
		All: bootstrap.GroupOptions{SyncLine: 7,
			SyncPolicy: map[string]any{"automatd": map[string]any{}, "automated": map[string]any{"prune": false}}},
		Groups: map[string]bootstrap.GroupOptions{"addons": {SyncLine: 9, SyncPolicy: map[string]any{
			"retry": map[string]any{"limit": "many", "backoff": nil}}}},
	})
	require.NoError(t, err)
	var got []string
	for _, w := range warnings {
		got = append(got, w.Error())
	}
	require.Equal(t, []string{
		"fleet.yaml:7: bootstrap: Argo CD does not know the field syncPolicy.automatd; correct it, unless a newer " +
			"Argo CD knows it",
		"fleet.yaml:9: bootstrap: syncPolicy.retry.limit must be a number for Argo CD, not a string; correct it",
	}, got)
}

// TestOptions: what a group says counts, also if it is false; else what is said for all (rule bootstrap-options in
// docs/rules/bootstrap.md).
func TestOptions(t *testing.T) {
	no, yes := false, true
	objects := mustBuild(t, smallFleet(), "hub-np", bootstrap.Options{
		Namespace: "gitops",
		All: bootstrap.GroupOptions{Enabled: &yes, Project: "fleet", SyncPolicy: map[string]any{
			"automated": map[string]any{"selfHeal": false}, "syncOptions": []any{"X=y"}}},
		Groups: map[string]bootstrap.GroupOptions{
			"monitoring": {Enabled: &no},
			"resources":  {Selectors: map[string]string{"environment": "live"}},
			"addons": {Project: "default", Selectors: map[string]string{"environment": "np"},
				SyncPolicy: map[string]any{
					"automated": map[string]any{"prune": false},
					"retry":     map[string]any{"limit": float64(0), "backoff": nil}}},
		},
	})
	require.Equal(t, []string{"AppProject fleet", "Application cluster-addons-hub-np-default",
		"Application cluster-fleet-hub-np-default",
		"Application fleet-bootstrap-hub-np", "Application fleet-registration-hub-np",
		"ApplicationSet fleet-member-bootstrap-hub-np", "ApplicationSet fleet-member-registration-hub-np"},
		names(objects))
	addons := find(t, objects, "cluster-addons-hub-np-default")
	require.Equal(t, "default", at(addons, "spec/project"))
	requireYAML(t, `{automated: {prune: false, selfHeal: false}, retry: {limit: 0}, syncOptions: [X=y]}`,
		at(addons, "spec/syncPolicy"))
	require.Equal(t, "gitops", at(addons, "metadata/namespace"))
	require.Equal(t, "gitops", at(parametersOf(t, addons), "settings/namespace"))
	requireYAML(t,
		`{automated: {prune: true, selfHeal: false, allowEmpty: true}, retry: {limit: -1, backoff: {duration: 10s, factor: 2, maxDuration: 3m}}, syncOptions: [X=y]}`,
		at(find(t, objects, "fleet-member-bootstrap-hub-np"), "spec/template/spec/syncPolicy"))
	requireYAML(t, `
description: What starts the fleet
sourceRepos: [https://git.example.com/fleet.git]
destinations:
- {server: https://kubernetes.default.svc, namespace: gitops}
- {server: "*", namespace: gitops}
clusterResourceWhitelist:
- {group: "", kind: Namespace}
- {group: external-secrets.io, kind: ClusterSecretStore}
`, objects[0]["spec"])
}

// TestMembersOfOneNameThatNoFileSays: of clusters that are given from outside, there is no line to name.
func TestMembersOfOneNameThatNoFileSays(t *testing.T) {
	_, err := bootstrap.Build(bootstrap.Input{FleetPath: ".",
		Cluster: cluster.Cluster{Name: "hub", Annotations: map[string]string{"fleet_repo_url": "F"}},
		Members: []cluster.Cluster{{Name: "Hub", Hub: "hub", File: "secrets.yaml"}}})
	require.EqualError(t, err, `secrets.yaml: cluster "Hub": in names of Applications it is "hub", and so is cluster `+
		`"hub" (which no file describes); give one of them another name`)
}

// TestHubOfTheRequest: a hub that the repository does not describe is described to the plugin.
func TestHubOfTheRequest(t *testing.T) {
	repo := hierarchy.NewRepository(smallFleet())
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	hub := cluster.Cluster{Name: "new", Labels: map[string]string{"tenant": "control-plane"},
		Annotations: map[string]string{"fleet_repo_url": "F"}}
	in, _, err := bootstrap.Load(repo, f, nil, hub, bootstrap.Options{})
	require.NoError(t, err)
	built, err := bootstrap.Build(in)
	require.NoError(t, err)
	for _, name := range []string{"cluster-addons-new-default", "fleet-bootstrap-new", "fleet-registration-new"} {
		p := parametersOf(t, find(t, built.Objects, name))
		require.Equal(t, `{"tenant":"control-plane"}`, p["labels"])
		require.Equal(t, `{"fleet_repo_url":"F"}`, p["annotations"])
	}
}

func TestWarnings(t *testing.T) {
	_, warnings, err := build(smallFleet(
		"-- spoke --\ntenant: tenant1\nenvironment: np\nenable_remote_addons: 'true'\n"), "hub-np", bootstrap.Options{})
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.ErrorContains(t, warnings[0],
		`hub-np/spoke-dev-workload1.yaml:3: cluster "spoke-dev-workload1": enable_remote_addons is "true", but it has no Argo CD of its own, so that only its hub can deploy`)
}

func TestBadInput(t *testing.T) {
	hub := func(annotations string) string {
		return "-- fleet.yaml --\napiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  groups: {g: {path: addons, " +
			"repoNames: [addons, resources]}}\n  clusters:\n    - {name: hub-np, labels: {fleet_member: " +
			"hub-cluster}, annotations: {" + annotations + "}}\n"
	}
	for _, tt := range []struct{ name, files, cluster, want string }{
		{"no repository", hub(""), "hub-np",
			`fleet.yaml: cluster "hub-np": the annotation addons_repo_url is missing, the repository of the fleet; add it, and addons_repo_revision`},
		{"two repositories", hub("addons_repo_url: A, resources_repo_url: R"), "hub-np",
			`the files of group g are in two repositories, A@HEAD and R@HEAD, of which the plugin sees one`},
		{"releases of one name",
			"-- releases --\nreleases:\n  addons:\n  - {type: a}\n  - {type: A}\n-- " +
				"addons/control-plane/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: " +
				"{addonsRelease: a}}\n" +
				"-- addons/tenants/tenant1/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: " +
				"{addonsRelease: A}}\n", "hub-np",
			"fleet/bootstrap/versions/applicationSets.yaml:4: there would be two objects for Application " +
				"cluster-addons-hub-np-a; rename a group or a release"},
		{"name of a release", "-- releases --\nreleases:\n  addons:\n  - {type: a_b}\n", "hub-np",
			`fleet/bootstrap/versions/applicationSets.yaml:3: "cluster-addons-hub-np-a_b" cannot be the name of an Application: a lowercase RFC 1123 subdomain must`},
		{"name of a group",
			"-- fleet.yaml --\n{apiVersion: fleet.cmp/v1alpha1, kind: Fleet, spec: {groups: {g_h: {path: addons}}, " +
				"clusters: [{name: hub-np, annotations: {fleet_repo_url: F}}]}}\n",
			"hub-np", `fleet.yaml: "cluster-g_h-hub-np-default" cannot be the name of an Application: a lowercase`},
		{"members of one name",
			"-- spoke --\nclusterName: s_1\n-- fleet/fleet-bootstrap/fleet-members/hub-np/other.yaml " +
				"--\nclusterName: s-1\n", "hub-np",
			`fleet/fleet-bootstrap/fleet-members/hub-np/spoke-dev-workload1.yaml:1: cluster "s_1": in names of ` +
				`Applications it is "s-1", and so is cluster "s-1" ` +
				`(fleet/fleet-bootstrap/fleet-members/hub-np/other.yaml:1); give one of them another name`},
		{"members that are called as their files are",
			"-- fleet/fleet-bootstrap/fleet-members/hub-np/s_1.yaml --\ntenant: tenant1\nenvironment: np\n" +
				"-- fleet/fleet-bootstrap/fleet-members/hub-np/s-1.yaml --\ntenant: tenant1\nenvironment: np\n",
			"hub-np",
			`fleet/fleet-bootstrap/fleet-members/hub-np/s_1.yaml: cluster "s_1": in names of Applications it is "s-1", ` +
				`and so is cluster "s-1" (fleet/fleet-bootstrap/fleet-members/hub-np/s-1.yaml); give one of them another name`},
		{"central spoke", "-- spoke --\nuse_remote_argo: 'false'\n", "spoke-dev-workload1",
			`cluster "spoke-dev-workload1" has no Argo CD of its own: there is nothing to start on it`},
		{"no cluster on any release", reachAll +
			"-- releases --\nreleases:\n  addons:\n    - type: a\n    - type: b\n" +
			"-- addons/tenants/tenant1/defaults/fleet/fleet-secret/values.yaml --\nexternalSecret: {labels: " +
			"{addonsRelease: b}}\n", "hub-np",
			`applicationSets.yaml:3: no cluster can be on release "a" of group addons`},
		{"wrong setting", "-- addons/bootstrap/defaults/addons.yaml --\nreleases: x\n", "hub-np",
			"releases must be a map"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objects, _, err := build(smallFleet(tt.files), tt.cluster, bootstrap.Options{})
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
			require.Nil(t, objects)
		})
	}
}

package migrate_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate"
)

// TestNoOp: the fleet of the fixture has nothing that cmp would not make, with a fleet.yaml that is found.
func TestNoOp(t *testing.T) {
	plan := run(t, nil)
	require.Empty(t, plan.Failures)
	require.True(t, plan.GroupsSame())
	require.False(t, plan.NoOp(), "cmp registers the hub too")
	require.Equal(t, []string{"changed ApplicationSet hub-1/argocd/exporter-stable (same " +
		"Applications)"}, items(plan, ""))
	require.Equal(t, []string{"fleet/bootstrap/hub-1/groups.yaml", "fleet/bootstrap/hub-1/secrets.yaml"}, plan.Files)
	require.False(t, plan.Exists)
	require.Contains(t, plan.Notes[0], "prints the key ignoreDifferences twice: Argo CD takes the last one")

	// The same again, with the file that was found.
	again := run(t, files{"fleet.yaml": plan.Fleet})
	require.True(t, again.Exists)
	require.True(t, again.GroupsSame())
	require.Equal(t, items(plan, ""), items(again, ""))
}

// TestManifests: the objects are classified, too.
func TestManifests(t *testing.T) {
	q := question()
	q.Stage = render.StageManifests
	plan, err := migrate.Run(t.Context(), fleet(t, wrapped(t, nil)), q)
	require.NoError(t, err)
	require.Empty(t, plan.Failures)
	objects := 0
	for _, item := range plan.Items {
		if item.Kind == "ConfigMap" {
			require.Equal(t, migrate.Same, item.Class)
			objects++
		}
	}
	require.Equal(t, 3, objects)
}

// TestApplicationSetsOnly: at the first stage nothing is known of Applications of clusters.
func TestApplicationSetsOnly(t *testing.T) {
	q := question()
	q.Stage = render.StageApplicationSets
	plan, err := migrate.Run(t.Context(), fleet(t, wrapped(t, nil)), q)
	require.NoError(t, err)
	require.Equal(t, []string{"changed ApplicationSet hub-1/argocd/exporter-stable"}, items(plan, ""))
	require.False(t, plan.GroupsSame())
}

const header = "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n"

// groups is a fleet.yaml with the groups of the fixture, and more settings of group addons.
func groups(addons string) string {
	return header + `
  bootstrap: {syncPolicy: {automated: {prune: false, selfHeal: false}}}
  groups:
    addons: {path: addons, components: [addons], useSelectors: false, globalSelectors: {fleet_member: hub-cluster}` + addons + `}
    monitoring: {path: addons, components: [monitoring], useSelectors: true}
`
}

func TestClasses(t *testing.T) {
	const exporter = "changed ApplicationSet hub-1/argocd/exporter-stable (same Applications)"
	always := map[string]int{migrate.TrapCascade: 2, migrate.TrapSameName: 1, migrate.TrapTwoWriters: 1}
	const level = "addons/control-plane/environments/np/clusters/hub-1/application-sets/addons.yaml"
	const bootstrap = "fleet/bootstrap/hub-1/groups.yaml"
	for _, test := range []struct {
		name    string
		changes files
		items   []string
		traps   map[string]int // besides those that there always are
	}{
		{name: "same", changes: files{"fleet.yaml": groups("")}, items: []string{exporter}},
		{name: "changed", changes: files{"fleet.yaml": groups(", syncPolicy: {automated: {prune: true, selfHeal: " +
			"true}}")},
			items: []string{"changed Application hub-1/argocd/stable-hub-1-metrics-1.0",
				"changed ApplicationSet hub-1/argocd/metrics-stable", exporter},
			traps: map[string]int{migrate.TrapPrune: 1, migrate.TrapSelfHeal: 1}},
		{name: "renamed", changes: files{"fleet.yaml": groups(", namespace: platform")},
			items: []string{
				"renamed Application hub-1/platform/stable-hub-1-metrics-1.0 was hub-1/argocd/stable-hub-1-metrics-1.0",
				"renamed ApplicationSet hub-1/platform/metrics-stable was hub-1/argocd/metrics-stable", exporter},
			traps: map[string]int{migrate.TrapLeft: 2}},
		{name: "other selectors", changes: files{"fleet.yaml": strings.Replace(groups(""), "fleet_member: hub-cluster",
			"fleet_member: hub-cluster, tier: one", 1)},
			items: []string{"gone Application hub-1/argocd/stable-hub-1-metrics-1.0",
				"changed ApplicationSet hub-1/argocd/metrics-stable", exporter},
			traps: map[string]int{migrate.TrapDeleted: 1, migrate.TrapSelectors: 1}},
		{name: "gone", changes: files{"fleet.yaml": groups(""), level: "metrics: {enabled: false}",
			bootstrap: edited(t, bootstrap, "application-sets/{{ .group }}.yaml", "nowhere/{{ .group }}.yaml")},
			items: []string{"gone Application hub-1/argocd/stable-hub-1-metrics-1.0",
				"gone ApplicationSet hub-1/argocd/metrics-stable", exporter},
			traps: map[string]int{migrate.TrapLeft: 2}},
		{name: "gone and pruned", changes: files{
			"fleet.yaml": strings.Replace(groups(""), "prune: false", "prune: true", 1), level: "metrics: {enabled: " +
				"false}",
			bootstrap: edited(t, bootstrap, "application-sets/{{ .group }}.yaml", "nowhere/{{ .group }}.yaml")},
			items: []string{"gone Application hub-1/argocd/stable-hub-1-metrics-1.0",
				"gone ApplicationSet hub-1/argocd/metrics-stable", exporter},
			traps: map[string]int{migrate.TrapDeleted: 2, migrate.TrapPrune: 1}},
		{name: "gone without Applications", changes: files{"fleet.yaml": groups(""),
			"charts/application-sets/values/addons.yaml": edited(t, "charts/application-sets/values/addons.yaml",
				"enabled: false", "enabled: true"), level: "dns: {enabled: false}",
			bootstrap: strings.ReplaceAll(edited(t, bootstrap, "application-sets/{{ .group }}.yaml",
				"nowhere/{{ .group }}.yaml"),
				"globalSelectors: {fleet_member: hub-cluster}", "globalSelectors: {fleet_member: nobody}")},
			items: []string{"new Application hub-1/argocd/stable-hub-1-metrics-1.0",
				"gone ApplicationSet hub-1/argocd/dns-stable (same Applications)",
				"changed ApplicationSet hub-1/argocd/metrics-stable", exporter},
			traps: map[string]int{migrate.TrapLeft: 1, migrate.TrapSelectors: 1}},
		{name: "new", changes: files{"fleet.yaml": groups(""), level: "dns: {enabled: true}",
			bootstrap: edited(t, bootstrap, "application-sets/{{ .group }}.yaml", "nowhere/{{ .group }}.yaml")},
			items: []string{"new Application hub-1/argocd/stable-hub-1-dns-2.0", "new ApplicationSet " +
				"hub-1/argocd/dns-stable",
				exporter}},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := run(t, test.changes)
			require.Empty(t, plan.Failures)
			require.Equal(t, test.items, items(plan, ""))
			require.Equal(t, with(always, test.traps), traps(plan))
			require.Equal(t, test.name == "same", plan.GroupsSame())
			for _, trap := range plan.Traps {
				require.NotEmpty(t, trap.Remedy)
			}
		})
	}
}

// TestProgress: of each walk, what is told ends with all, so that a display goes away.
func TestProgress(t *testing.T) {
	f := fleet(t, wrapped(t, nil))
	var told [][2]int
	f.Output.Progress = func(done, total int) { told = append(told, [2]int{done, total}) }
	_, err := migrate.Run(t.Context(), f, question())
	require.NoError(t, err)
	require.Equal(t, [2]int{0, 2}, told[0])
	require.Equal(t, [2]int{1, 1}, told[len(told)-1])
	for _, now := range told[:len(told)-1] {
		require.True(t, now[0] < now[1] || now == [2]int{1, 1}, now)
	}
}

package migrate_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/migrate"
	"github.com/eks-fleet-management/fleet-cmp/render/migrate/report"
)

// find returns the trap of a kind that is about an object.
func find(t *testing.T, p *migrate.Plan, kind, object string) migrate.Trap {
	t.Helper()
	for _, trap := range p.Traps {
		for _, one := range trap.Objects {
			if trap.Kind == kind && one == object {
				return trap
			}
		}
	}
	require.Fail(t, "there is no such trap", "%s about %s in %v", kind, object, p.Traps)
	return migrate.Trap{}
}

// TestCascade: what goes with the ApplicationSets of today, and the order in which nothing does.
func TestCascade(t *testing.T) {
	plan := run(t, nil)
	trap := find(t, plan, migrate.TrapCascade, "Application hub-1/argocd/cluster-addons-hub-1-stable")
	require.Equal(t, "deleting ApplicationSet cluster-groups of hub-1 (fleet/bootstrap/hub-1/groups.yaml) deletes its "+
		"Applications cluster-addons-hub-1-stable, cluster-monitoring-hub-1-stable with the 2 objects that they "+
		"have, since these carry the resources finalizer", trap.Message)
	require.Equal(t, "before anything is deleted: set spec.syncPolicy.preserveResourcesOnDeletion: true in "+
		"fleet/bootstrap/hub-1/groups.yaml and sync it, take the finalizer off the Applications (kubectl patch "+
		"application "+
		`NAME -n argocd --type json -p '[{"op":"remove","path":"/metadata/finalizers"}]'), and delete the ApplicationSet `+
		"with kubectl delete applicationset cluster-groups -n argocd --cascade=orphan", trap.Remedy)
	same := find(t, plan, migrate.TrapSameName, "Application hub-1/argocd/cluster-addons-hub-1-stable")
	require.Contains(t, same.Message, "ApplicationSet cluster-groups owns")

	preserved := run(t, files{bootstrapFile: edited(t, bootstrapFile, "  goTemplate: true\n",
		"  goTemplate: true\n  syncPolicy: {preserveResourcesOnDeletion: true}\n")})
	require.Equal(t, 1, traps(preserved)[migrate.TrapCascade], "the spokes' secrets only")
}

// TestTwoWriters: the ExternalSecret of a spoke, which makes its cluster Secret.
func TestTwoWriters(t *testing.T) {
	const secrets, owned = "fleet/bootstrap/hub-1/secrets.yaml", "ExternalSecret hub-1/argocd/shop-1-fleet-secret"
	trap := find(t, run(t, nil), migrate.TrapTwoWriters, owned)
	require.Contains(t, trap.Message, "Application spoke-secret-shop-1 and Application fleet-registration-hub-1 of "+
		"cmp both have "+
		owned+": each writes over the other, and spoke-secret-shop-1 deletes them when it is deleted (resources "+
		"finalizer), and with an ExternalSecret its cluster Secret, and with that all Applications of the cluster")
	require.Contains(t, trap.Remedy, "kubectl delete application spoke-secret-shop-1 -n argocd --cascade=orphan")

	kept := run(t, files{secrets: edited(t, secrets, "  goTemplate: true\n",
		"  goTemplate: true\n  syncPolicy: {preserveResourcesOnDeletion: true}\n")})
	require.Contains(t, find(t, kept, migrate.TrapTwoWriters, owned).Message, "leaves them where they are when it is "+
		"deleted")

	// Under another name it is found by the Secret that it makes.
	const chart = "charts/spoke-secret/templates/secret.yaml"
	renamed := run(t, files{chart: edited(t, chart, "metadata: {name: '{{ .Release.Name }}-fleet-secret'}",
		"metadata: {name: 'of-{{ .Release.Name }}'}")})
	require.Contains(t, items(renamed, migrate.PartRegistration),
		"renamed ExternalSecret hub-1/argocd/shop-1-fleet-secret was hub-1/argocd/of-shop-1")
	require.Equal(t, migrate.TrapDeleted,
		find(t, renamed, migrate.TrapDeleted, "ExternalSecret hub-1/argocd/of-shop-1").Kind)
}

// TestHandover: an Application that the spoke's own Argo CD has from now on.
func TestHandover(t *testing.T) {
	const member = "fleet/fleet-bootstrap/fleet-members/hub-1/shop-1.yaml"
	plan := run(t, files{member: edited(t, member, `use_remote_argo: "false"`,
		"use_remote_argo: \"true\"\nenable_remote_addons: \"true\"")})
	require.Contains(t, items(plan, ""), "renamed Application shop-1/argocd/stable-shop-1-exporter-1.0 was "+
		"hub-1/argocd/stable-shop-1-exporter-1.0")
	trap := find(t, plan, migrate.TrapHandover, "Application hub-1/argocd/stable-shop-1-exporter-1.0")
	require.Contains(t, trap.Message, "group monitoring: 1 Application that the Argo CD of hub-1 has today, that of "+
		"shop-1 has from now on")
	require.False(t, plan.GroupsSame())
	require.Equal(t, migrate.TrapDeleted, plan.Traps[0].Kind, "the worst first")
}

// TestNoDeletionIsUnflagged: whatever is gone or renamed has a danger, and a trap.
func TestNoDeletionIsUnflagged(t *testing.T) {
	for name, changes := range map[string]files{
		"namespace": {"fleet.yaml": groups(", namespace: platform")},
		"gone": {"fleet.yaml": groups(""),
			"addons/control-plane/environments/np/clusters/hub-1/application-sets/addons.yaml": "metrics: {enabled: " +
				"false}",
			bootstrapFile: edited(t, bootstrapFile, "application-sets/{{ .group }}.yaml", "nowhere/{{ .group }}.yaml")},
		"no group": {"fleet.yaml": header + "  groups: {monitoring: {path: addons, components: [monitoring], " +
			"useSelectors: true}}\n"},
	} {
		plan := run(t, changes)
		flagged := map[string]bool{}
		for _, trap := range plan.Traps {
			for _, object := range trap.Objects {
				flagged[object] = true
			}
		}
		gone := 0
		for _, item := range plan.Items {
			if item.Class != migrate.Gone && item.Class != migrate.Renamed {
				continue
			}
			require.NotEmpty(t, item.Dangers, "%s: %v", name, item)
			if item.Part == migrate.PartBootstrap {
				continue
			}
			gone++
			was := item.Where + "/" + item.Namespace + "/" + item.Name
			if item.Was != "" {
				was = item.Was
			}
			require.True(t, flagged[item.Kind+" "+was], "%s: %v", name, item)
		}
		require.NotZero(t, gone, name)
	}
}

func TestPrint(t *testing.T) {
	plan := run(t, nil)
	require.Contains(t, report.Formats, "json")
	var text, data bytes.Buffer
	require.NoError(t, report.Print(&text, plan, "text"))
	require.Contains(t, text.String(), "With the proposed fleet.yaml, the switch is a no-op for all groups; of the "+
		"registration, 3 objects differ.\n")
	require.Contains(t, text.String(), "addons Application: 1 same\n")
	require.Contains(t, text.String(), "Started today by fleet/bootstrap/hub-1/groups.yaml, "+
		"fleet/bootstrap/hub-1/secrets.yaml\n")
	require.Contains(t, text.String(), "fleet.yaml, as --write writes it:\n    # Proposed by cmp migrate")

	require.NoError(t, report.Print(&data, plan, "json"))
	var printed struct {
		Hub, Fleet string
		NoOp       bool
		Totals     map[string]map[string]int
		Traps      []migrate.Trap
		Items      []migrate.Item
		Failures   []string
	}
	require.NoError(t, json.Unmarshal(data.Bytes(), &printed))
	require.Equal(t, "hub-1", printed.Hub)
	require.Equal(t, plan.Fleet, printed.Fleet)
	require.Equal(t, map[string]int{"same": 1}, printed.Totals["addons Application"])
	require.Equal(t, plan.Traps, printed.Traps)
	require.NotNil(t, printed.Failures, "an empty list, not null")
	require.Len(t, printed.Items, len(plan.Items))
}

// TestPrintOfOne checks that one thing is not told as several.
func TestPrintOfOne(t *testing.T) {
	for want, plan := range map[string]*migrate.Plan{
		"of the registration, 1 ExternalSecret says more": {Items: []migrate.Item{
			{Kind: "ExternalSecret", Part: migrate.PartRegistration, Class: migrate.Changed, SameApplications: true}}},
		"of the registration, 1 object differs.": {Items: []migrate.Item{
			{Kind: "SecretStore", Part: migrate.PartRegistration, Class: migrate.Changed}}},
	} {
		var text bytes.Buffer
		require.NoError(t, report.Print(&text, plan, "text"))
		require.Contains(t, text.String(), want)
	}
}

package member

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

func TestCheckMembersLooksForTheirDirectories(t *testing.T) {
	repo := files{
		membersAt + "hub/a.yaml": "tenant: retail\nenvironment: np",
		membersAt + "hub/b.yaml": "tenant: retail\nenvironment: prodd",
		membersAt + "hub/c.yaml": "tenant: nobody\nenvironment: np",
		membersAt + "hub/d.yaml": "tenant: lone\nenvironment: any",
		membersAt + "hub/e.yaml": "tenant: beside\nenvironment: np", membersAt + "hub/f.yaml": "environment: np",
		membersAt + "hub/g.yaml":                 "tenant: [a]",
		"addons/tenants/retail/environments/np/": "", "resources/tenants/retail/environments/prod/": "",
		"addons/tenants/lone/defaults/":    "",
		"addons/beside/environments/prod/": "",
	}
	members, warnings, errs := Check(builtIn(), repo.Repository())
	require.Len(t, members, 7)
	require.Equal(t, []string{
		membersAt +
			`hub/c.yaml:1: cluster "c": tenant "nobody" has no directory in the hierarchy, so that its levels are lost: there is no ` +
			`addons/tenants/nobody, nor resources/tenants/nobody; correct the name, or add one of these directories; if it is meant, list unknown-tenant in spec.lint.ignore`,
		membersAt + "hub/f.yaml: member: there is no tenant, so that some levels are skipped; add it",
	}, messages(warnings))
	var got []string
	for _, err := range errs {
		got = append(got, err.Error())
	}
	require.Equal(t, []string{
		membersAt +
			`hub/b.yaml:2: member: tenant retail has no environment "prodd": addons/tenants/retail/environments and ` +
			"resources/tenants/retail/environments has np, prod; correct the name, or add the directory",
		membersAt +
			`hub/e.yaml:2: member: tenant beside has no environment "np": addons/beside/environments has prod; correct the name, or add the directory`,
		membersAt + "hub/g.yaml:1: member: tenant must be a string, not a list",
	}, got)
}

// TestCheckMembersLooksForWhatIsNotRegistered: a cluster without a secret, and a name that no object can have.
func TestCheckMembersLooksForWhatIsNotRegistered(t *testing.T) {
	repo := files{
		membersAt + "hub/a.yaml": "tenant: t\nenvironment: e\nsecretManagerSecretName: a\n",
		membersAt + "hub/b.yaml": "tenant: t\nenvironment: e\n",
		membersAt + "hub/c.yaml": "clusterName: C_1\ntenant: t\nenvironment: e\nsecretManagerSecretName: c\n",
		membersAt + "hub/d.yaml": "tenant: t\nenvironment: e\nsecretManagerSecretName: " +
			"d\npush_argo_secrets: 'true'\n",
		"addons/tenants/t/environments/e/": "",
	}
	_, warnings, errs := Check(builtIn(), repo.Repository())
	require.Empty(t, errs)
	require.Equal(t, []string{
		membersAt + "hub/b.yaml: member: there is no secretManagerSecretName, which other members of hub hub have: " +
			"the registration fails if no level gives it; add it",
		membersAt +
			`hub/c.yaml:1: member: "C_1" cannot be the name of a Kubernetes object, such as the cluster's Secret; use lower case ` +
			"letters, digits, - and . only",
		membersAt +
			"hub/d.yaml:4: member: push_argo_secrets only becomes a label: nothing pushes secrets to the cluster; " +
			"have External Secrets " +
			"on it (use_external_secrets), or remove the key",
	}, messages(warnings))

	_, warnings, err := Read(builtIn(), repo.Repository())
	require.NoError(t, err)
	require.Empty(t, warnings, "other commands need none of this")
}

// TestCheckMembersLooksForTheirHubs: what lies in the wrong place would never be registered.
func TestCheckMembersLooksForTheirHubs(t *testing.T) {
	repo := files{
		membersAt + "hub/a.yaml": "tenant: t\nenvironment: e\n",
		membersAt + "hbu/b.yaml": "tenant: t\nenvironment: e\n",
		membersAt + "c.yaml":     "tenant: t\nenvironment: e\n", membersAt + "empty/": "", membersAt + "README.md": "",
		membersAt + "hub/team/d.yaml": "", membersAt + "hub/docs/README.md": "",
		"addons/tenants/t/environments/e/": "",
	}
	members, warnings, errs := Check(builtIn(), repo.Repository())
	require.Empty(t, errs)
	require.Len(t, members, 2)
	stray := membersAt + "c.yaml: member: is in the directory of no hub, and so is no member; move it to " + membersAt +
		"HUB"
	deep := membersAt + "hub/team: member: the files in this directory are no members; move them to " + membersAt +
		"hub"
	require.Equal(t, []string{stray, deep}, messages(warnings), "without clusters in fleet.yaml, nobody knows the hubs")

	repo[hierarchy.FleetFile] = fleetHeader + "  clusters: [{name: hub, labels: {fleet_member: hub-cluster}}]\n"
	f, err := fleet.Load(repo.Repository())
	require.NoError(t, err)
	_, warnings, errs = Check(f, repo.Repository())
	require.Empty(t, errs)
	require.Equal(t, []string{stray,
		membersAt + `hbu: member: there is no hub "hbu" in fleet.yaml, so that nothing registers its members; ` +
			"describe it in spec.clusters, or move the files to another hub", deep}, messages(warnings))
}

// TestCheckMembersLooksForEnvironments of the clusters in fleet.yaml, where their tenants have any.
func TestCheckMembersLooksForEnvironments(t *testing.T) {
	repo := files{
		hierarchy.FleetFile: fleetHeader +
			"  clusters:\n  - name: hub\n    labels: {tenant: own, environment: live}\n" +
			"  - name: other\n    labels:\n      tenant: own\n      environment: test\n  - {name: free, labels: " +
			"{tenant: none, environment: x}}\n",
		"addons/own/environments/live/": "",
	}
	f, err := fleet.Load(repo.Repository())
	require.NoError(t, err)
	_, warnings, errs := Check(f, repo.Repository())
	require.Empty(t, errs)
	require.Equal(t, []string{`fleet.yaml:10: cluster "other": tenant own has no environment "test": addons/own/environments has live; ` +
		"correct the name, or add the directory"}, messages(warnings))
}

// TestCheckMembersLooksAtTheirFlags: flags without the one that they need, wherever they are set, and keys without a
// value that another needs.
func TestCheckMembersLooksAtTheirFlags(t *testing.T) {
	repo := files{
		membersAt + "hub/a.yaml": "tenant: t\nenvironment: e\nenable_remote_addons: 'true'\nuse_remote_argo: ''\n",
		membersAt + "hub/b.yaml": "tenant: t\nenvironment: e\nuse_remote_argo: 'false'\n",
		membersAt + "hub/c.yaml": "tenant: t\nenvironment: e\nuse_remote_argo: 'true'\nenable_remote_addons: 'true'\n",
		membersAt + "hub/d.yaml": "tenant: t\nenvironment: e\nsecretManagerSecretName: ''\n",
		membersAt + "hub/e.yaml": "tenant: t\nenvironment: e\ngithubSecret: 'true'\ngithubSecretName: ''\n",
		"addons/tenants/t/environments/e/clusters/b/fleet/fleet-secret/" +
			"values.yaml": "externalSecret:\n  labels:\n    " +
			"enable_remote_resources: 'true'\n",
	}
	_, warnings, errs := Check(builtIn(), repo.Repository())
	require.Empty(t, errs)
	var got []string
	for _, text := range messages(warnings) {
		got = append(got, strings.TrimPrefix(text, membersAt))
	}
	without := `is "true", but it has no Argo CD of its own, so that only its hub can deploy; ` +
		`set use_remote_argo to "true", or `
	require.ElementsMatch(t, []string{
		`hub/a.yaml:3: cluster "a": enable_remote_addons ` + without + `enable_remote_addons to "false"`,
		`addons/tenants/t/environments/e/clusters/b/fleet/fleet-secret/values.yaml:3: cluster "b": ` +
			`enable_remote_resources ` + without + `enable_remote_resources to "false"`,
		"hub/d.yaml:3: member: secretManagerSecretName is empty: the registration fails if no level gives it; fill " +
			"it in",
		"hub/e.yaml:3: member: githubSecret is on, but there is no githubSecretName; add it",
	}, got)
}

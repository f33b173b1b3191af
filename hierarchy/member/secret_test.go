package member

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

const (
	hubFile  = membersAt + "hub/a.yaml"
	otherHub = membersAt + "other/b.yaml"
	arnOf    = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
)

// namedSecret is the file of a member with a secret.
func namedSecret(secret string) string { return "tenant: t\nsecretManagerSecretName: " + secret + "\n" }

// TestSecretOfAnotherMember: a hub that reads it for two clusters gives the tenant of one the cluster of the other.
func TestSecretOfAnotherMember(t *testing.T) {
	const second = membersAt + "hub/b.yaml"
	for _, test := range []struct {
		name, first, file, secret string
		refused                   bool
	}{
		{"the same name", "x/a", second, "x/a", true},
		{"another name", "x/a", second, "x/b", false},
		{"a name that goes on", "x/a", second, "x/a-stable", false},
		{"the same name on another hub, of another account", "x/a", otherHub, "x/a", false},
		{"the same ARN", arnOf + "x-AbCdEf", second, arnOf + "x-AbCdEf", true},
		{"the same ARN on another hub", arnOf + "x-AbCdEf", otherHub, arnOf + "x-AbCdEf", true},
		{"an ARN without its suffix", arnOf + "x-AbCdEf", otherHub, arnOf + "x", true},
		{"an ARN with its suffix", arnOf + "x", otherHub, arnOf + "x-AbCdEf", true},
		{"an ARN of another region", arnOf + "x", second, "arn:aws:secretsmanager:eu-west-2:123456789012:secret:x",
			false},
		{"two ARNs that look like one with a suffix", arnOf + "x-000001", second, arnOf + "x-000002", false},
		{"a name and its ARN", "x/a", second, arnOf + "prod/x/a-AbCdEf", true},
		{"an ARN and its name", arnOf + "prod/x/a-AbCdEf", second, "x/a", true},
		{"an ARN without its suffix and its name", arnOf + "prod/x/a", second, "x/a", true},
		{"an ARN on another hub, and its name", arnOf + "prod/x/a", otherHub, "x/a", false},
		{"a placeholder", "<secret>", second, "<secret>", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			repo := files{hierarchy.FleetFile: fleetHeader + "  secretsManager: {prefix: prod/}\n",
				hubFile: namedSecret(test.first), test.file: namedSecret(test.secret)}
			f, err := fleet.Load(repo.Repository())
			require.NoError(t, err)
			_, _, err = Clusters(f, repo.Repository(), nil)
			_, _, errs := Check(f, repo.Repository())
			if !test.refused {
				require.NoError(t, err)
				require.Empty(t, errs)
				return
			}
			want := fmt.Sprintf(
				"%s:2: member: the secret %q is also that of %s:2: both clusters would be the same server; each "+
					"cluster has a secret of its own",
				test.file, test.secret, hubFile)
			require.EqualError(t, err, want)
			require.EqualError(t, errs[0], want)
			_, _, err = ClustersFor(f, repo.Repository(), "b", nil)
			require.NoError(t, err, "where the others are not read, they are not compared")
		})
	}
}

func TestNewMemberWithTheSecretOfAnother(t *testing.T) {
	repo := files{hubFile: namedSecret("x"), membersAt + "hub/c.yaml": namedSecret("<secret>"),
		membersAt + "hub/d.yaml":           "",
		"addons/tenants/t/environments/e/": ""}.Repository()
	m := Member{Name: "b", Hub: "hub", File: membersAt + "hub/b.yaml", Tenant: "t", Environment: "e", SecretName: "x"}
	_, _, err := CheckNew(builtIn(), repo, m)
	require.ErrorContains(t, err, `member: the secret "x" is also that of `+hubFile+":2: both clusters")
	m.SecretName = "hub/hub"
	_, _, err = CheckNew(builtIn(), repo, m)
	require.ErrorContains(t, err,
		`member: the secret "hub/hub" is that of the hub "hub" (`+membersAt+"hub, where its members are)")
	m.Hub, m.SecretName = "new", "hub/new"
	_, _, err = CheckNew(builtIn(), repo, m)
	require.ErrorContains(t, err, `member: the secret "hub/new" is that of the hub "new"`)
	m.SecretName = "y"
	_, _, err = CheckNew(builtIn(), repo, m)
	require.NoError(t, err)
}

// TestSecretOfAHub: also where one member is read alone.
func TestSecretOfAHub(t *testing.T) {
	spec := fleetHeader + `  secretsManager: {prefix: hub/}
  clusters:
  - name: hub-1
    labels: {fleet_member: hub-cluster}
  - name: hub-2
    labels: {fleet_member: hub-cluster}
    annotations: {secret_manager_secret_name: own/hub-2}
  - name: hub-3
    labels: {fleet_member: hub-cluster}
    annotations: {secret_manager_secret_name: "` + arnOf + `three-AbCdEf"}
  - name: plain
`
	for _, test := range []struct{ secret, want string }{
		{"hub/hub-1", `"hub/hub-1" is that of the hub "hub-1" (fleet.yaml:6)`},
		{"hub-1", `"hub-1" is that of the hub "hub-1" (fleet.yaml:6)`},
		{arnOf + "hub/hub-1", `is that of the hub "hub-1" (fleet.yaml:6)`},
		{arnOf + "hub/hub-1-AbCdEf", `is that of the hub "hub-1" (fleet.yaml:6)`},
		{"hub/other", `"hub/other" is that of the hub "other" (` + membersAt + "other, where its members are)"},
		{"own/hub-2", `"own/hub-2" is that of the hub "hub-2" (fleet.yaml:10)`},
		{arnOf + "own/hub-2-AbCdEf", `is that of the hub "hub-2" (fleet.yaml:10)`},
		{arnOf + "three", `is that of the hub "hub-3" (fleet.yaml:13)`},
		{"three", `"three" is that of the hub "hub-3" (fleet.yaml:13)`},
		{"plain", ""},
		{arnOf + "hub/hub-10", ""},
		{"hub/hub-1/spoke", ""},
		{"arn:aws:secretsmanager:eu-west-2:123456789012:secret:three-AbCdEf", ""},
	} {
		repo := files{hierarchy.FleetFile: spec, hubFile: namedSecret(test.secret),
			membersAt + "other/": ""}.Repository()
		f, err := fleet.Load(repo)
		require.NoError(t, err)
		for _, read := range []func() error{
			func() error { _, _, err := Clusters(f, repo, nil); return err },
			func() error { _, _, err := ClustersFor(f, repo, "a", nil); return err },
		} {
			if test.want == "" {
				require.NoError(t, read(), test.secret)
				continue
			}
			requireOneLine(t, read(), hubFile+":2: member: the secret ")
			require.ErrorContains(t, read(), test.want+"; name the secret of the cluster itself")
		}
	}
}

func TestPrefixesOfSecrets(t *testing.T) {
	for _, test := range []struct{ name, template, secret, want string }{
		{"the prefix", "fleet/{{.tenant}}/", "fleet/t/a", ""},
		{"another prefix", "fleet/{{.tenant}}/", "fleet/u/a",
			`the secret "fleet/u/a" is not allowed: those of tenant t start with "fleet/t/" (fleet.yaml:6); name the secret of the cluster itself`},
		{"keys of the file", "{{.hub}}/{{.environment}}/{{.clusterName}}{{if eq .use_remote_argo \"true\"}}/own{{end}}",
			"hub/e/a/own", ""},
		{"names", "{{.name}}/{{.cluster}}", "a/a-1", ""},
		{"an ARN", "fleet/{{.tenant}}/", arnOf + "fleet/t/a-AbCdEf", ""},
		{"another ARN", "fleet/{{.tenant}}/", arnOf + "fleet/u/a-AbCdEf",
			`the secret "fleet/u/a-AbCdEf" is not allowed: those of tenant t start with "fleet/t/"`},
		{"an ARN whose account is called so", "123456789012", arnOf + "a", `the secret "a" is not allowed`},
		{"a key that is missing", "{{.addons_repo_path}}/x", "x/x",
			`the secret "x/x" is not allowed: the member has no addons_repo_path, which fleet.yaml:6 needs for the secrets of tenant t; add it, or correct the template`},
		{"a key that is missing, by index", `{{index . "addons_repo_path"}}/x`, "x/x", "the member has no value for"},
		{"a key that is missing in a branch", `{{if .tenant}}{{.addons_repo_path}}{{end}}`, "x/x",
			"the member has no value for"},
		{"nothing", "{{if eq .tenant \"u\"}}x{{end}}", "x", "the member has no value for"},
		{"an empty template", "", "x", "the member has no value for"},
		{"a placeholder", "fleet/", "<secret>", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			repo := files{hierarchy.FleetFile: fleetHeader + "  secretsManager:\n    prefixes:\n      t: '" +
				test.template + "'\n",
				hubFile: "tenant: t\nenvironment: e\nuse_remote_argo: " +
					"'true'\nsecretManagerSecretName: " + test.secret + "\n",
				membersAt + "hub/b.yaml": "tenant: free\nsecretManagerSecretName: any\n",
				membersAt + "hub/c.yaml": "tenant: t\n"}.Repository()
			f, err := fleet.Load(repo)
			require.NoError(t, err)
			require.Nil(t, f.SecretsManager, "that AWS is read is not said")
			for _, read := range []func() error{
				func() error { _, _, err := Clusters(f, repo, nil); return err },
				func() error { _, _, err := ClustersFor(f, repo, "a", nil); return err },
			} {
				if test.want == "" {
					require.NoError(t, read())
					continue
				}
				requireOneLine(t, read(), hubFile+":4: member: ")
				require.ErrorContains(t, read(), test.want)
			}
		})
	}
}

func TestPrefixesComeAfterThePrefixOfTheFleet(t *testing.T) {
	repo := files{hierarchy.FleetFile: fleetHeader +
		"  secretsManager: {prefix: prod/, prefixes: {t: 'prod/{{.tenant}}/'}}\n",
		hubFile: namedSecret("t/a")}.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	require.Equal(t, &fleet.SecretsManager{Prefix: "prod/"}, f.SecretsManager)
	_, _, err = Clusters(f, repo, nil)
	require.NoError(t, err)
}

// TestMembersWithoutTenantHaveNoSecret: leaving out the tenant is no way around its prefix.
func TestMembersWithoutTenantHaveNoSecret(t *testing.T) {
	for _, test := range []struct{ prefixes, member, want string }{
		{"{t: fleet/t/}", "secretManagerSecretName: fleet/t/a",
			hubFile + `:1: member: the secret "fleet/t/a" is not allowed: the member has no tenant, whose prefix ` +
				"it would need (fleet.yaml:4); add tenant to its file"},
		{"{t: fleet/t/}", "environment: e", ""},
		{"{t: fleet/t/}", "secretManagerSecretName: <arn>", ""},
		{"{}", "secretManagerSecretName: fleet/t/a", ""},
	} {
		spec := "  secretsManager: {prefixes: " + test.prefixes + "}\n"
		repo := files{hierarchy.FleetFile: fleetHeader + spec, hubFile: test.member + "\n"}.Repository()
		f, err := fleet.Load(repo)
		require.NoError(t, err)
		_, _, err = Clusters(f, repo, nil)
		if test.want == "" {
			require.NoError(t, err, test.member)
			continue
		}
		require.EqualError(t, err, test.want)
	}
}

// TestPrefixesOfNoTenant: a key that is no tenant restricts nobody, whatever it was meant to be.
func TestPrefixesOfNoTenant(t *testing.T) {
	const start = `fleet.yaml:4: secretsManager.prefixes: there is no tenant `
	for key, want := range map[string]string{
		"payments": "",
		"own":      "",
		"Payments": start + `"Payments", so that the prefix restricts nobody: there is no addons/tenants/Payments, ` +
			"nor resources/tenants/Payments; did you mean payments? Correct the name, or add one of these directories",
		"paymnts": start + `"paymnts", so that`,
		"a/b":     `fleet.yaml:4: secretsManager.prefixes: "a/b" is no tenant: it cannot be part of a path; correct the name`,
	} {
		repo := files{hierarchy.FleetFile: fleetHeader + "  secretsManager: {prefixes: {" + key + ": x}}\n",
			"addons/tenants/payments/defaults/": "", "addons/own/": ""}.Repository()
		f, err := fleet.Load(repo)
		require.NoError(t, err)
		_, warnings, err := Clusters(f, repo, nil)
		require.NoError(t, err)
		if want == "" {
			require.Empty(t, warnings, key)
			continue
		}
		require.Len(t, warnings, 1, key)
		requireOneLine(t, warnings[0], want)
		require.False(t, warnings[0].Stops)
	}
}

func TestPrefixesThatAreRefused(t *testing.T) {
	for spec, want := range map[string]string{
		"{prefixes: {}}": "",
		"{prefixes: []}": "fleet.yaml:4: secretsManager: prefixes must be a map, not a list",
		"{prefixes: ''}": "fleet.yaml:4: secretsManager: prefixes must be a map, not a string",
		"\n    prefixes:\n      t: null": "fleet.yaml:6: secretsManager: prefixes.t: must be a string, not " +
			"null",
		"{prefixes: [a]}":                        "fleet.yaml:4: secretsManager: prefixes must be a map, not a list",
		"{prefixes: {t: [a]}}":                   `fleet.yaml:4: secretsManager: prefixes: the value of "t" must be a string, not a list`,
		"{prefixes: {t: '{{'}}":                  "fleet.yaml:4: secretsManager: prefixes.t: template",
		"{prefixes: {t: '{{range .a}}{{end}}'}}": "only values and conditions (if) are possible here",
		"{prefixes: {t: '{{printf .a}}'}}":       `there is no function "printf" here`,
	} {
		f, err := loadFleet(t, "  secretsManager: "+spec+"\n")
		if want == "" {
			require.NoError(t, err)
			require.Nil(t, f.SecretsManager)
			continue
		}
		require.ErrorContains(t, err, want)
	}
}

// TestNamesThatAreNotForMembers: in names of Applications, letters have no case, and most others are a dash.
func TestNamesThatAreNotForMembers(t *testing.T) {
	f := fleetHeader + "  clusters: [{name: hub-1, labels: {fleet_member: hub-cluster}}, {name: plain}]\n"
	for _, test := range []struct{ name, want string }{
		{"in-cluster",
			`the name "in-cluster" is that of the cluster that each Argo CD runs on; give the member another clusterName`},
		{"In_Cluster", `the name "In_Cluster" is that of the cluster that each Argo CD runs on`},
		{"hub-1", `the name "hub-1" is that of a hub (fleet.yaml:4)`},
		{"HUB_1", `the name "HUB_1" is like that of the hub "hub-1" (fleet.yaml:4)`},
		{"hub", `the name "hub" is that of a hub (` + membersAt + "hub, where its members are)"},
		{"empty", `the name "empty" is that of a hub (` + membersAt + "empty, where its members are)"},
		{"Empty", `the name "Empty" is like that of the hub "empty"`},
		{"plain", ""},
		{"in-cluster-1", ""},
	} {
		repo := files{hierarchy.FleetFile: f, membersAt + "hub/x.yaml": "tenant: t\nclusterName: " + test.name,
			membersAt + "empty/": ""}.Repository()
		f, err := fleet.Load(repo)
		require.NoError(t, err)
		_, _, err = Clusters(f, repo, nil)
		if test.want == "" {
			require.NoError(t, err, test.name)
			continue
		}
		requireOneLine(t, err, membersAt+"hub/x.yaml:2: member: ")
		require.ErrorContains(t, err, test.want)
	}
}

package member

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// members returns the clusters of a repository that has nothing but members, in the place where the defaults look for
// them.
func members(t *testing.T, repo files) ([]cluster.Cluster, []*problem.Problem, error) {
	t.Helper()
	f, err := fleet.Load(repo.Repository())
	require.NoError(t, err)
	return Clusters(f, repo.Repository(), nil)
}

const membersAt = "fleet/fleet-bootstrap/fleet-members/"

func TestMembers(t *testing.T) {
	got, warnings, err := members(t, files{
		membersAt + "hub-np/retail-1.yaml": `
clusterName: retail-np-1
tenant: retail
environment: np
use_remote_argo: "false"
enable_remote_addons: yes
enable_remote_resources: null
secretManagerSecretName: spokes/retail
addons_repo_url: https://git/addons
addons_repo_revision: 1.0
fleet_repo_path: fleet
`,
		membersAt + "hub-np/plain.yml": "tenant: retail\nenvironment: np",
		membersAt + "hub-prod/x.prod.yaml": "use_fleet_ack: true\nuse_argocd_ingress: 'true'\ntenant: " +
			"retail\nenvironment: prod",
		membersAt + "hub-prod/README.md":    "- no member",
		membersAt + "README.md":             "no hub",
		membersAt + "empty-hub/":            "",
		membersAt + "hub-prod/deep/a.yaml/": "",
		"addons/tenants/retail/defaults/":   "",
	})
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, []cluster.Cluster{
		{Name: "plain", Hub: "hub-np", File: membersAt + "hub-np/plain.yml", Annotations: map[string]string{},
			Labels: map[string]string{"fleet_member": "spoke", "tenant": "retail", "environment": "np"}},
		{Name: "retail-np-1", Hub: "hub-np", File: membersAt + "hub-np/retail-1.yaml",
			Labels: map[string]string{"fleet_member": "spoke", "tenant": "retail", "environment": "np",
				"use_remote_argo": "false", "enable_remote_addons": "true"},
			Annotations: map[string]string{"addons_repo_url": "https://git/addons", "addons_repo_revision": "1.0",
				"fleet_repo_path":            "fleet",
				"secret_manager_secret_name": "spokes/retail"}},
		{Name: "x.prod", Hub: "hub-prod", File: membersAt + "hub-prod/x.prod.yaml", Annotations: map[string]string{},
			Labels: map[string]string{"fleet_member": "spoke", "use_fleet_ack": "true", "create_argocd_ingress": "true",
				"tenant": "retail", "environment": "prod"}},
	}, got)
}

func TestWithoutMembersThereAreNone(t *testing.T) {
	got, warnings, err := members(t, files{})
	require.NoError(t, err)
	require.Empty(t, got)
	require.Empty(t, warnings)
}

// TestMembersAreSortedByName: in whatever directory they are, and not by the names of their files.
func TestMembersAreSortedByName(t *testing.T) {
	repo := files{membersAt + "hub-1/d.yaml": "", membersAt + "hub-1/b.yaml": "",
		membersAt + "hub-2/a.yaml": "clusterName: e", membersAt + "hub-2/c.yaml": ""}
	got, _, err := Read(builtIn(), repo.Repository())
	require.NoError(t, err)
	var names []string
	for _, m := range got {
		names = append(names, m.Hub+" "+m.Name)
	}
	require.Equal(t, []string{"hub-1 b", "hub-2 c", "hub-1 d", "hub-2 e"}, names)
}

func TestMemberErrors(t *testing.T) {
	const file = membersAt + "hub/a.yaml"
	for _, test := range []struct {
		name string
		repo files
		want string
	}{
		{"not YAML", files{file: "x: 1\na: b: c"}, file + ":2: is not YAML"},
		{"a list", files{file: "- a"}, file + ":1: must hold a map of keys to values, not a list"},
		{"a name of the wrong type", files{file: "\nclusterName: [a]"},
			file + ":2: member: clusterName must be a string, not a list"},
		{"a name that is no segment", files{file: "clusterName: a/b"},
			file + `:1: member: clusterName "a/b" cannot be part of a path`},
		{"a name that leaves the directory", files{file: "clusterName: .."},
			file + `:1: member: clusterName ".." cannot be part of a path`},
		{"a label of the wrong type", files{file: "tenant: {a: b}"},
			file + ":1: member: tenant must be a string, not a map"},
		{"an annotation of the wrong type", files{file: "addons_repo_url: [a]"},
			file + ":1: member: addons_repo_url must be a string, not a list"},
		{"a tenant that is no segment", files{file: "tenant: a/b"},
			file + `:1: member: tenant "a/b" cannot be part of a path`},
		{"an empty environment", files{file: "environment: ''\ntenant: t"},
			file + `:1: member: environment is empty, and so cannot be part of a path`},
		{"a directory called as a file", files{membersAt + "hub/a.yaml/": ""}, file + ": is not a regular file"},
		{"one name twice in a hub", files{file: "clusterName: same",
			membersAt + "hub/b.yaml": "x: 1\nclusterName: same"},
			membersAt + `hub/b.yaml:2: cluster "same" is already registered in ` + file +
				":1; remove one of the files, or give it another clusterName"},
		{"one name in two hubs", files{file: "", membersAt + "other/a.yml": ""},
			membersAt + `other/a.yml: cluster "a" is already registered in ` + file},
		{"a level that cannot be read", files{file: "", "addons/defaults/fleet/fleet-secret/values.yaml": "["},
			"addons/defaults/fleet/fleet-secret/values.yaml"},
		{"labels of a level of the wrong type",
			files{file: "", "addons/defaults/fleet/fleet-secret/values.yaml": "\nexternalSecret: {labels: [a]}"},
			"addons/defaults/fleet/fleet-secret/values.yaml:2: labels must be a map, not a list"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _, err := members(t, test.repo)
			require.Nil(t, got)
			requireOneLine(t, err, "")
			require.Contains(t, err.Error(), test.want)
			_, _, err = Clusters(builtIn(), test.repo.Repository(), nil)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestMemberWarningsAreThoseOfItsFile(t *testing.T) {
	got, warnings, err := members(t,
		files{membersAt + "hub/a.yaml": "tenant: b\ntenant: c\nenvironment: np\n", "addons/tenants/c/defaults/": ""})
	require.NoError(t, err)
	require.Equal(t, "c", got[0].Labels["tenant"])
	require.Equal(t, []string{membersAt +
		`hub/a.yaml:2: key "tenant" was already given on line 1, which has no effect; remove one of them`},
		messages(warnings))
}

func TestMemberHasTheLabelsAndAnnotationsOfItsLevels(t *testing.T) {
	got, _, err := members(t, files{
		membersAt + "hub/retail-1.yaml": "tenant: retail\nenvironment: np\naddons_repo_revision: own\n",
		"addons/defaults/fleet/fleet-secret/values.yaml": `
externalSecret:
  labels: {tier: system, addonsRelease: stable, tenant: lost, gone: x, fleet_member: hub-cluster}
  annotations: {addons_repo_url: system, addons_repo_revision: system}
`,
		"addons/tenants/retail/defaults/fleet/fleet-secret/values.yaml": "externalSecret: " +
			"{labels: {tier: tenant, gone: null}}",
		"addons/tenants/retail/environments/np/clusters/retail-1/fleet/fleet-secret/values.yaml": "externalSecret: " +
			"{labels: {addonsRelease: canary}}",
		"addons/tenants/other/defaults/fleet/fleet-secret/values.yaml": "externalSecret: {labels: {tier: other}}",
		"resources/defaults/fleet/fleet-secret/values.yaml":            "externalSecret: {labels: {more: resources}}",
	})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"tenant": "retail", "environment": "np", "fleet_member": "spoke",
		"tier": "tenant", "addonsRelease": "canary",
		"more": "resources"}, got[0].Labels)
	require.Equal(t, map[string]string{"addons_repo_url": "system", "addons_repo_revision": "own"}, got[0].Annotations)
}

// TestKeysOfAMember: each key is read, typed, and becomes what the others look for.
func TestKeysOfAMember(t *testing.T) {
	m := completeMember()
	labels, annotations := m.metadata()
	require.Equal(t, map[string]string{"fleet_member": "spoke", "tenant": "retail", "environment": "np",
		"use_github_secret": "true", "use_remote_argo": "true",
		"enable_remote_addons": "true", "enable_remote_resources": "true", "use_fleet_ack": "true",
		"create_argocd_ingress": "true",
		"use_external_secrets":  "true", "push_argo_secrets": "true"}, labels)
	want := map[string]string{"secret_manager_secret_name": "secretManagerSecretName"}
	for _, repository := range []string{"addons", "resources", "fleet"} {
		for _, part := range []string{"revision", "basepath", "path"} {
			want[repository+"_repo_"+part] = repository + "_repo_" + part
		}
		want[repository+"_repo_url"] = "https://git.example.com/" + repository + "_repo_url"
		want[repository+"_repo_secret"] = "githubSecretName"
	}
	require.Equal(t, want, annotations)
	require.True(t, on(m.UseFleetACK))
	require.False(t, on(""))

	labels, annotations = Member{Name: "a"}.metadata()
	require.Equal(t, map[string]string{"fleet_member": "spoke"}, labels, "what is missing is not there")
	require.Empty(t, annotations)
}

func TestParseMemberFindsAllErrors(t *testing.T) {
	const file = "hub/a.yaml"
	for _, test := range []struct{ name, text, want string }{
		{"a switch", "use_remote_argo: 1", `:1: member: use_remote_argo must be "true" or "false", not "1"`},
		{"a switch of the wrong type", "use_fleet_ack: {}", ":1: member: use_fleet_ack must be a string, not a map"},
		{"a name that is too long", "clusterName: " + strings.Repeat("a", 64),
			`cannot be the value of a label: must be no more than 63`},
		{"a name with other letters", "clusterName: ä", `:1: member: clusterName "ä" cannot be the value of a label`},
		{"a placeholder as a name", "clusterName: <name>",
			`:1: member: clusterName "<name>" cannot be the value of a label`},
		{"a placeholder as a label", "tenant: <tenant>",
			`:1: member: tenant "<tenant>" cannot be the value of a label`},
		{"no ARN of a secret", "secretManagerSecretName: arn:aws:iam::123456789012:role/x",
			"is no ARN of a secret; the form is arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME"},
		{"an ARN without a region", "secretManagerSecretName: arn:aws:secretsmanager::123456789012:secret:x",
			`"arn:aws:secretsmanager::123456789012:secret:x" has no region`},
		{"a region that is none", "secretManagerSecretName: arn:aws:secretsmanager:Europe:123456789012:secret:x",
			"is no ARN of a secret"},
		{"an account that is none", "secretManagerSecretName: arn:aws:secretsmanager:eu-west-1:1:secret:x",
			"is no ARN of a secret"},
		{"no name of a secret", "secretManagerSecretName: a b", `"a b" is no name of a secret`},
		{"a directory outside", "addons_repo_basepath: ../x",
			`:1: member: addons_repo_basepath must be a directory inside the repository, not "../x"`},
		{"an absolute directory", "fleet_repo_path: /x",
			":1: member: fleet_repo_path must be a directory inside the repository"},
		{"a revision with a space", "addons_repo_revision: a b",
			":1: member: addons_repo_revision must not have spaces in it"},
		{"a password", "addons_repo_url: https://user:CANARY@git", ":1: member: addons_repo_url holds a credential"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, errs := parse(document(t, file, test.text), "hub")
			require.Len(t, errs, 1)
			requireOneLine(t, errs[0], file)
			require.ErrorContains(t, errs[0], test.want)
			require.NotContains(t, errs[0].Error(), "CANARY")
		})
	}
	_, _, errs := parse(document(t, file, "tenant: [a]\nuse_fleet_ack: x\n"), "hub")
	require.Len(t, errs, 2, "one for each key")
	_, _, errs = parse(document(t, "hub/a b.yaml", ""), "hub")
	require.ErrorContains(t, errs[0], "hub/a b.yaml: member: the name of the file")
	for _, good := range []string{
		"arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a/b-AbCdEf",
		"arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:x", "hub/spoke_1+x=.@-",
		"rds!db-1", strings.Repeat("a", 512),
		"arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!cluster-1-AbCdEf",
	} {
		require.NoError(t, cluster.CheckSecretName(good))
	}
	require.ErrorContains(t, cluster.CheckSecretName(strings.Repeat("a", 513)), "up to 512 letters")
}

func TestWarningsOfAMember(t *testing.T) {
	_, warnings, errs := parse(document(t, "a.yaml", `
tenants: t
useRemoteArgo: "true"
secret_manager_secret_name: x
argocd_config: {use_fleet_ack: "true"}
annotations: {a: b}
something: else
githubSecret: "true"
fleet_repo_url: <url>
`), "hub")
	require.Empty(t, errs)
	got := messages(warnings)
	require.Contains(t, got[4], "the keys are tenant, clusterName, environment, ")
	got[4], _, _ = strings.Cut(got[4], "; ")
	require.Equal(t, []string{
		`a.yaml:9: member: fleet_repo_url is still the placeholder "<url>"; fill it in, or remove the key`,
		`a.yaml:6: member: unknown key "annotations", which has no effect; what the keys of a member cannot say belongs in externalSecret.annotations of fleet/fleet-secret/values.yaml`,
		`a.yaml:5: member: unknown key "argocd_config", which has no effect; write its keys at the top of the file`,
		`a.yaml:4: member: unknown key "secret_manager_secret_name", which has no effect; did you mean secretManagerSecretName?`,
		`a.yaml:7: member: unknown key "something", which has no effect`,
		`a.yaml:2: member: unknown key "tenants", which has no effect; did you mean tenant?`,
		`a.yaml:3: member: unknown key "useRemoteArgo", which has no effect; did you mean use_remote_argo?`,
		"a.yaml:8: member: githubSecret is on, but there is no githubSecretName; add it",
	}, got)
}

func TestMemberNamedAsAHub(t *testing.T) {
	spec := fleetHeader + "  clusters:\n  - name: hub\n    labels: {fleet_member: hub-cluster}\n  - name: plain\n"
	for _, test := range []struct{ name, member, want string }{
		{"of fleet.yaml", "clusterName: hub",
			membersAt +
				`hub/a.yaml:1: member: the name "hub" is that of a hub (fleet.yaml:5); give the member another clusterName`},
		{"that has members", "clusterName: other", membersAt +
			`hub/a.yaml:1: member: the name "other" is that of a hub (` + membersAt + "other, where its members are)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := members(t, files{hierarchy.FleetFile: spec, membersAt + "hub/a.yaml": test.member,
				membersAt + "other/b.yaml": ""})
			requireOneLine(t, err, membersAt)
			require.ErrorContains(t, err, test.want)
		})
	}
	got, _, err := members(t, files{hierarchy.FleetFile: spec,
		membersAt + "hub/plain.yaml": "tenant: t\nenvironment: e"})
	require.NoError(t, err, "an entry in fleet.yaml may complete a member")
	require.Len(t, got, 2)
}

// TestSecretWithAPlaceholder: nothing is asked for it, and that is said.
func TestSecretWithAPlaceholder(t *testing.T) {
	f := builtIn()
	var asked []cluster.SecretReference
	f.Secrets = func(references []cluster.SecretReference) (map[string]cluster.Cluster, []*problem.Problem, error) {
		asked = references
		return map[string]cluster.Cluster{"x": {Labels: map[string]string{"from": "aws"}}}, nil, nil
	}
	got, warnings, err := Clusters(f, files{membersAt + "hub/a.yaml": "secretManagerSecretName: x\n",
		membersAt + "hub/b.yaml": "\nsecretManagerSecretName: <arn>\n"}.Repository(), nil)
	require.NoError(t, err)
	require.Equal(t, []cluster.SecretReference{{ID: "x", File: membersAt + "hub/a.yaml", Line: 1}}, asked)
	require.Equal(t, "aws", got[0].Labels["from"])
	require.Equal(t, []string{membersAt +
		`hub/b.yaml:2: secret "<arn>" of cluster "b" is not read: this is a placeholder; fill it in`},
		messages(besidesTenants(warnings)))
}

func TestMemberLinksStayInsideTheRepository(t *testing.T) {
	for name, link := range map[string]string{"a file": membersAt + "hub/a.yaml", "a hub": membersAt + "hub",
		"all": membersAt[:len(membersAt)-1]} {
		t.Run(name, func(t *testing.T) {
			repo, _ := files{"x/": ""}.OnDisk(t, map[string]string{link: t.TempDir()})
			_, _, err := Read(builtIn(), repo)
			requireOneLine(t, err, membersAt[:len(membersAt)-1])
			require.ErrorContains(t, err, "files and links must stay inside the repository")
		})
	}
	for _, link := range []string{"hub/a.yaml", "hub-2"} {
		t.Run("a link to nothing, "+link, func(t *testing.T) {
			repo, _ := files{membersAt + "hub/b.yaml": ""}.OnDisk(t, map[string]string{membersAt + link: "none"})
			_, _, err := Read(builtIn(), repo)
			requireOneLine(t, err, membersAt+link)
			require.ErrorContains(t, err, "is a link to a file or directory that does not exist; correct the link")
		})
	}
}

// TestClusterThatMovesFromHubToHub: while both hubs have it, by the same secret, each has its own file of it.
func TestClusterThatMovesFromHubToHub(t *testing.T) {
	const secret = "\nsecretManagerSecretName: fleet/a\n"
	repo := files{
		membersAt + "old/a.yaml": "environment: np" + secret, membersAt + "new/a.yaml": "environment: live" + secret,
		membersAt + "new/b.yaml": "secretManagerSecretName: fleet/b",
		membersAt + "old/c.yaml": "secretManagerSecretName: fleet/c",
	}
	for hub, environment := range map[string]string{"": "live", "new": "live", "old": "np"} {
		f := builtIn()
		f.ForHub = hub
		members, warnings, err := Read(f, repo.Repository())
		require.NoError(t, err)
		require.Len(t, members, 3)
		require.Equal(t, environment, members[0].Environment, "for hub %q", hub)
		require.Equal(t, []string{membersAt +
			`old/a.yaml:2: member: cluster "a" is registered with two hubs, here and in ` + membersAt +
			"new/a.yaml: both deploy to it; remove the file of the hub that it leaves"},
			messages(besidesTenants(warnings)))
	}
	for name, text := range map[string]string{"another secret": "secretManagerSecretName: fleet/other", "no secret": "",
		"a placeholder": "secretManagerSecretName: <x>"} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Read(builtIn(), repo.With(files{membersAt + "old/a.yaml": text}).Repository())
			require.ErrorContains(t, err, "is already registered")
		})
	}
	t.Run("a third cluster with the secret", func(t *testing.T) {
		_, _, err := Read(builtIn(), repo.With(files{membersAt + "old/d.yaml": "x: 1" + secret}).Repository())
		require.ErrorContains(t, err, "both clusters would be the same server")
	})
}

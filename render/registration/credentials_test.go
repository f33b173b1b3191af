package registration_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/registration"
)

// hubGit and tenantGit are the values of rule git-credentials in docs/rules/registration.md, on a hub and of a tenant.
const (
	central = `
-- member --
tenant: tenant1
environment: np
secretManagerSecretName: fleet/spoke-dev-workload1
use_remote_argo: "false"
`
	tenantGit = `
-- tenant --
externalSecret: {annotations: {aws_region: eu-west-2}}
global:
  gitExternalSecrets:
    enabled: "true"
    externalSecrets:
      addons: {secretName: git-addons, gitUrl: U, secretManagerSecretName: sm}
      unused: {secretManagerSecretName: x}
tenantGitExternalSecrets:
  externalSecrets:
    addons: {gitUrl: ""}
    extra: {secretName: e, secretManagerSecretName: x, secretType: repo-creds}
    unused: null
`
	tokens = `
-- hub --
global: {ecrAuthenticationToken: {registry_endpoints: [a.example.com, b.example.com]}}
ecrAuthenticationToken: {enabled: true, registry_endpoints: [%s], name: tok}
`
)

// TestGit: the entries of the tenant lie over those of all tenants, key by key (rule git-credentials in
// docs/rules/registration.md), and there is a store for them.
func TestGit(t *testing.T) {
	objects := mustBuild(t, smallFleet(central, tenantGit), "hub-np")
	checkObjects(t, objects)
	require.Equal(t, []string{"SecretStore fleet-eks-secret-store", "SecretStore fleet-git-eks-secret-store",
		"ExternalSecret addons",
		"ExternalSecret extra", "ExternalSecret hub-np-fleet-secret",
		"ExternalSecret spoke-dev-workload1-fleet-secret"}, names(objects))
	requireYAML(t, `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: addons, namespace: argocd}
spec:
  dataFrom:
  - extract: {conversionStrategy: Default, decodingStrategy: Auto, key: sm, metadataPolicy: None}
  refreshInterval: 1m
  secretStoreRef: {kind: SecretStore, name: fleet-git-eks-secret-store}
  target:
    creationPolicy: Owner
    name: git-addons
    template:
      data: {githubAppID: '{{ .github_app_id }}', githubAppInstallationID: '{{ .github_app_installation_id }}', githubAppPrivateKey: '{{ .github_private_key }}', type: git, url: '{{ .url }}'}
      engineVersion: v2
      templateFrom:
      - {literal: 'argocd.argoproj.io/secret-type: repository', target: Labels}
`, find(t, objects, "ExternalSecret", "addons"))
	require.Equal(t, "argocd.argoproj.io/secret-type: repo-creds",
		at(find(t, objects, "ExternalSecret", "extra"), "spec/target/template/templateFrom/0/literal"))
}

// TestGitMethods: a repository has one kind of credentials.
func TestGitMethods(t *testing.T) {
	for switches, want := range map[string]string{
		"":                      "githubAppID githubAppInstallationID githubAppPrivateKey type url",
		"useHttp: true":         "password type url username",
		`usePrivateKey: "true"`: "insecureIgnoreHostKey sshPrivateKey type url",
		"useGitHubApp: false":   "type url",
		"useHttp: false":        "githubAppID githubAppInstallationID githubAppPrivateKey type url",
	} {
		values := "-- hub --\nglobal:\n  gitExternalSecrets:\n    enabled: true\n    " + switches +
			"\n    externalSecrets: {r: {secretManagerSecretName: s, gitUrl: 'https://git.example.com/r'}}\n"
		secret := find(t, mustBuild(t, smallFleet(values), "hub-np"), "ExternalSecret", "r")
		data, ok := at(secret, "spec/target/template/data").(map[string]any)
		require.True(t, ok)
		var keys []string
		for _, key := range []string{"githubAppID", "githubAppInstallationID", "githubAppPrivateKey",
			"insecureIgnoreHostKey", "password", "sshPrivateKey", "type", "url", "username"} {
			if data[key] != nil {
				keys = append(keys, key)
			}
		}
		require.Equal(t, want, strings.Join(keys, " "), switches)
		require.Equal(t, "https://git.example.com/r", data["url"])
		if data["sshPrivateKey"] != nil {
			require.Equal(t, "{{ .private_key }}", data["sshPrivateKey"], "the key that the secrets have")
			require.Equal(t, "true", data["insecureIgnoreHostKey"], "which Argo CD wants as a string")
		}
	}
}

// TestCredentialsInAddressesAreRefused: what is registered is no secret, only what External Secrets makes of it.
func TestCredentialsInAddressesAreRefused(t *testing.T) {
	for values, want := range map[string]string{
		"global:\n  gitExternalSecrets:\n    externalSecrets: {r: {secretManagerSecretName: s, gitUrl: " +
			"'https://me:CANARY@git/a'}}": "3: " +
			"global.gitExternalSecrets.externalSecrets.r.gitUrl",
		"tenantGitExternalSecrets: {externalSecrets: {r: {secretManagerSecretName: s, gitUrl: 'me:CANARY@git/a'}}}": "1: " +
			"tenantGitExternalSecrets.externalSecrets.r.gitUrl",
		"ecrAuthenticationToken:\n  registry_endpoints:\n  - https://me:CANARY@r.example.com": "2: ecrAuthenticationToken.registry_endpoints.0",
	} {
		_, _, err := build(smallFleet("-- hub --\n"+values+"\n"), "hub-np")
		require.ErrorContains(t, err, "fleet/fleet-secret/values.yaml:"+want+" holds a credential; leave it out: ")
		require.NotContains(t, err.Error(), "CANARY")
	}
}

// TestCredentialsGoWhereTheyAreUsed: those of a spoke that deploys everything itself are on the spoke, and not on the
// hub.
func TestCredentialsGoWhereTheyAreUsed(t *testing.T) {
	require.NotContains(t, names(mustBuild(t, smallFleet(tenantGit), "hub-np")), "ExternalSecret addons")
	require.Contains(t, names(mustBuild(t, smallFleet(tenantGit), "spoke-dev-workload1")), "ExternalSecret addons")
	require.Contains(t, names(mustBuild(t, smallFleet(central, tenantGit), "hub-np")), "ExternalSecret addons")
}

// TestCredentialsOfSeveralMembers: what two members want alike is there once; what differs under one name is an error.
func TestCredentialsOfSeveralMembers(t *testing.T) {
	other := strings.NewReplacer("member", "fleet/fleet-bootstrap/fleet-members/hub-np/other.yaml",
		"spoke-dev-workload1", "other").Replace(central)
	objects := mustBuild(t, smallFleet(central, other, tenantGit), "hub-np")
	checkObjects(t, objects)
	require.Contains(t, names(objects), "ExternalSecret other-fleet-secret")

	own := "-- addons/tenants/tenant1/environments/np/clusters/other/fleet/fleet-secret/values.yaml --\n" +
		"tenantGitExternalSecrets:\n  externalSecrets:\n    extra: {secretName: other}\n"
	_, _, err := build(smallFleet(central, other, tenantGit, own), "hub-np")
	require.EqualError(t, err,
		"addons/tenants/tenant1/defaults/fleet/fleet-secret/values.yaml:11: there would be two different objects for "+
			"ExternalSecret extra: "+
			"the other is of addons/tenants/tenant1/environments/np/clusters/other/fleet/fleet-secret/values.yaml:3; "+
			"give one of them another name")
}

// TestECR pins down the objects of rule registry-tokens in docs/rules/registration.md, with stable names.
func TestECR(t *testing.T) {
	objects := mustBuild(t, smallFleet(fmt.Sprintf(tokens, "b.example.com, c.example.com/Team")), "hub-np")
	checkObjects(t, objects)
	requireYAML(t, `
apiVersion: generators.external-secrets.io/v1alpha1
kind: ECRAuthorizationToken
metadata: {name: tok, namespace: argocd}
spec: {region: eu-west-2}
`, find(t, objects, "ECRAuthorizationToken", "tok"))
	requireYAML(t, `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: tok-a.example.com, namespace: argocd}
spec:
  dataFrom:
  - sourceRef:
      generatorRef: {apiVersion: generators.external-secrets.io/v1alpha1, kind: ECRAuthorizationToken, name: tok}
  refreshInterval: 8h
  target:
    creationPolicy: Owner
    deletionPolicy: Retain
    name: tok-a.example.com
    template:
      data: {enableOCI: 'true', password: '{{ .password }}', type: helm, url: a.example.com, username: '{{ .username }}'}
      engineVersion: v2
      mergePolicy: Merge
      metadata:
        labels: {argocd.argoproj.io/secret-type: repository}
`, find(t, objects, "ExternalSecret", "tok-a.example.com"))
	require.Equal(t, []string{"SecretStore fleet-eks-secret-store", "ECRAuthorizationToken tok",
		"ExternalSecret hub-np-fleet-secret",
		"ExternalSecret spoke-dev-workload1-fleet-secret", "ExternalSecret tok-a.example.com",
		"ExternalSecret tok-b.example.com",
		"ExternalSecret tok-c.example.com-team-48126007"}, names(objects))

	reordered := mustBuild(t, smallFleet(fmt.Sprintf(tokens, "c.example.com/Team, b.example.com")), "hub-np")
	require.Equal(t, objects, reordered, "another order changes nothing")
}

// TestOptions are the values that change an object.
func TestOptions(t *testing.T) {
	objects := mustBuild(t, smallFleet(`
-- hub --
externalSecret: {enabled: "false"}
secretStore: {kind: ClusterSecretStore, name: store, region: us-east-1, role: "arn:aws:iam::111122223333:role/reader"}
-- spoke --
externalSecret: {targetName: t, secretStoreRefName: other, secretStoreRefKind: ClusterSecretStore}
fullnameOverride: own
`), "hub-np")
	require.Equal(t, []string{"ClusterSecretStore store", "ExternalSecret own"}, names(objects))
	requireYAML(t, `{name: store}`, objects[0]["metadata"])
	requireYAML(t,
		`{service: SecretsManager, region: us-east-1, role: "arn:aws:iam::111122223333:role/reader", secretsManager: {forceDeleteWithoutRecovery: true}}`,
		at(objects[0], "spec/provider/aws"))
	require.Equal(t, "t", at(objects[1], "spec/target/name"))
	requireYAML(t, `{kind: ClusterSecretStore, name: other}`, at(objects[1], "spec/secretStoreRef"))
}

// TestSwitchesAreText: "false" is off everywhere (rule switch-false-is-off in docs/rules/settings.md), and global may
// be null (rule git-credentials in docs/rules/registration.md).
func TestSwitchesAreText(t *testing.T) {
	objects := mustBuild(t, smallFleet(`
-- hub --
global: null
externalSecret: {enabled: false}
secretStore: {enabled: "false"}
ecrAuthenticationToken: {enabled: "false", registry_endpoints: [x]}
`), "hub-np")
	require.Equal(t, []string{"ExternalSecret spoke-dev-workload1-fleet-secret"}, names(objects))
}

// TestRegion says where the region of a store comes from, and that there is none without one.
func TestRegion(t *testing.T) {
	noRegion := "-- tenant --\n{}\n"
	arn := "-- member --\n{tenant: tenant1, use_remote_argo: 'true', secretManagerSecretName: " +
		"'arn:aws:secretsmanager:eu-west-3:111122223333:secret:x'}\n"
	objects := mustBuild(t, smallFleet(noRegion, arn), "spoke-dev-workload1")
	require.Equal(t, "eu-west-3", at(objects[0], "spec/provider/aws/region"))

	_, warnings, err := build(smallFleet(noRegion, arn), "hub-np")
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.ErrorContains(t, warnings[0],
		`its secret is in the region eu-west-3, but the store fleet-eks-secret-store reads those of eu-west-2`)

	_, warnings, err = build(smallFleet(noRegion, arn,
		"-- tenant --\nexternalSecret: {secretStoreRefName: in-paris}\n"), "hub-np")
	require.NoError(t, err)
	require.Empty(t, warnings, "of another store nobody knows the region")

	objects = mustBuild(t, smallFleet(noRegion), "spoke-dev-workload1")
	require.Equal(t, "eu-west-2", at(objects[0], "spec/provider/aws/region"),
		"of the hub, whose store reads the same secret")
	elsewhere := "-- fleet.yaml --\napiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  secretsManager: {region: " +
		"eu-north-1}\n"
	objects = mustBuild(t, smallFleet(noRegion, elsewhere), "spoke-dev-workload1")
	require.Equal(t, "eu-north-1", at(objects[0], "spec/provider/aws/region"))

	unknown := "-- fleet.yaml --\napiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  clusters:\n  - name: other\n " +
		" - name: hub-np\n"
	_, _, err = build(smallFleet(noRegion, unknown), "hub-np")
	require.ErrorContains(t, err,
		`fleet.yaml:6: cluster "hub-np": the region of AWS is missing; give the cluster the annotation aws_region`)
	_, _, err = build(smallFleet(noRegion, unknown), "spoke-dev-workload1")
	require.ErrorContains(t, err,
		`fleet-members/hub-np/spoke-dev-workload1.yaml:2: cluster "spoke-dev-workload1": the region of AWS is missing`)
}

// TestNewRegions: a region need not be known here (rule registry-tokens in docs/rules/registration.md).
func TestNewRegions(t *testing.T) {
	for _, region := range []string{"eusc-de-east-1", "r"} {
		objects := mustBuild(t, smallFleet("-- hub --\nsecretStore: {region: "+region+"}\n"+
			"ecrAuthenticationToken: {enabled: true, registry_endpoints: [x], region: "+region+"}\n"), "hub-np")
		require.Equal(t, region, at(find(t, objects, "SecretStore", "fleet-eks-secret-store"),
			"spec/provider/aws/region"))
		require.Equal(t, region, at(find(t, objects, "ECRAuthorizationToken", "ecr-token-secret"), "spec/region"))
	}
}

// TestCreationPolicies are those of External Secrets.
func TestCreationPolicies(t *testing.T) {
	for _, policy := range []string{"Owner", "Orphan", "Merge", "None"} {
		objects := mustBuild(t, smallFleet("-- hub --\nexternalSecret: {creationPolicy: "+policy+"}\n"+
			"ecrAuthenticationToken: {enabled: true, registry_endpoints: [x], creationPolicy: "+policy+"}\n"), "hub-np")
		for _, name := range []string{"hub-np-fleet-secret", "ecr-token-secret-x"} {
			require.Equal(t, policy, at(find(t, objects, "ExternalSecret", name), "spec/target/creationPolicy"))
		}
	}
}

// TestPrefix: the name of a member's secret means here what it means where cmp reads it.
func TestPrefix(t *testing.T) {
	prefix := "-- fleet.yaml --\napiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  secretsManager: {region: " +
		"eu-west-2, prefix: prod/}\n" +
		"  clusters:\n  - {name: hub-np, labels: {fleet_member: hub-cluster}}\n"
	arn := "arn:aws:secretsmanager:eu-west-2:111122223333:secret:x"
	for name, want := range map[string]string{"a": "prod/a", arn: arn} {
		m := "-- member --\ntenant: tenant1\nuse_remote_argo: 'true'\nsecretManagerSecretName: " + name + "\n"
		for _, c := range []string{"hub-np", "spoke-dev-workload1"} {
			objects := mustBuild(t, smallFleet(prefix, m), c)
			spoke := find(t, objects, "ExternalSecret", "spoke-dev-workload1-fleet-secret")
			require.Equal(t, want, at(spoke, "spec/dataFrom/0/extract/key"))
			if c == "hub-np" {
				hub := find(t, objects, "ExternalSecret", "hub-np-fleet-secret")
				require.Equal(t, "hub/hub-np", at(hub, "spec/dataFrom/0/extract/key"), "which is no member's")
			}
		}
	}
}

// TestSpokeIsReadAlone: what it costs to register one does not depend on how many others there are.
func TestSpokeIsReadAlone(t *testing.T) {
	fsys := manyMembers()
	repo := hierarchy.NewRepository(fsys)
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	known, _, err := member.ClustersFor(f, repo, "spoke7", nil)
	require.NoError(t, err)
	i := slices.IndexFunc(known, func(c cluster.Cluster) bool { return c.Name == "spoke7" })
	opened := &countingFS{FS: fsys}
	in, _, err := registration.Load(hierarchy.NewRepository(opened), f, known[i])
	require.NoError(t, err)
	require.Equal(t, "eu-west-2", in.Region, "of the hub")
	require.Less(t, opened.files, 50)
}

// countingFS counts the files that are opened.
type countingFS struct {
	fs.FS
	files int
}

func (c *countingFS) Open(name string) (fs.File, error) {
	if path.Ext(name) == ".yaml" {
		c.files++
	}
	return c.FS.Open(name)
}

// TestSecretOfTwoMembers: whoever builds the objects need not have checked the members before.
func TestSecretOfTwoMembers(t *testing.T) {
	repo := hierarchy.NewRepository(smallFleet())
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	known, _, err := member.Clusters(f, repo, nil)
	require.NoError(t, err)
	in, _, err := registration.Load(repo, f,
		known[slices.IndexFunc(known, func(c cluster.Cluster) bool { return c.Name == "hub-np" })])
	require.NoError(t, err)
	_, _, err = registration.Build(in)
	require.NoError(t, err)
	twin := in.Members[0]
	twin.Name = "twin"
	in.Members = append(in.Members, twin)
	objects, _, err := registration.Build(in)
	require.ErrorContains(t, err,
		`cluster "twin": the secret "fleet/spoke-dev-workload1" is also that of cluster "spoke-dev-workload1": both would be the same server`)
	require.Empty(t, objects)
}

// TestSecretThatALevelNames: what a member may not name in its file, a level may not name for it either.
func TestSecretThatALevelNames(t *testing.T) {
	const file = "addons/tenants/tenant1/clusters/z/fleet/fleet-secret/values.yaml"
	z := func(values string) fstest.MapFS {
		return smallFleet(
			"-- fleet/fleet-bootstrap/fleet-members/hub-np/z.yaml --\ntenant: tenant1\nuse_remote_argo: 'true'\n-- " +
				file + " --\nexternalSecret:\n" + values +
				"\n-- fleet.yaml --\n" + strings.TrimSuffix(strings.TrimPrefix(sampleFleet, "\n"), "\n") +
				"\n  secretsManager: {prefixes: {tenant1: 'fleet/'}}\n")
	}
	for _, test := range []struct{ values, want string }{
		{"  secretManagerSecretName: hub/hub-np",
			`:2: cluster "z": the secret "hub/hub-np" is that of the hub "hub-np" (fleet.yaml:`},
		{"  annotations: {secret_manager_secret_name: hub/hub-np}",
			`:2: cluster "z": the secret "hub/hub-np" is that of the hub "hub-np" (fleet.yaml:`},
		{"  annotations: {secret_manager_secret_name: other/z}",
			`:2: cluster "z": the secret "other/z" is not allowed: those of tenant tenant1 start with "fleet/" (fleet.yaml:`},
	} {
		for _, on := range []string{"hub-np", "z"} {
			_, _, err := build(z(test.values), on)
			require.ErrorContains(t, err, file+test.want)
		}
	}
	const arn = "arn:aws:secretsmanager:eu-west-2:111122223333:secret:fleet/spoke-dev-workload1-AbCdEf"
	const noName = ` "a b" is no name of a secret: up to 512 letters, digits and /_+=.@!-`
	for _, on := range []string{"hub-np", "z"} {
		_, _, err := build(z("  secretManagerSecretName: fleet/spoke-dev-workload1"), on)
		require.EqualError(t, err, file+`:2: cluster "z": the secret "fleet/spoke-dev-workload1" is also that of `+
			`cluster "spoke-dev-workload1": both would be the same server; each cluster has a secret of its own`)
		_, _, err = build(z("  secretManagerSecretName: "+arn), on)
		require.ErrorContains(t, err, `is also that of cluster "spoke-dev-workload1"`)
		_, _, err = build(z("  secretManagerSecretName: a b"), on)
		require.EqualError(t, err, file+`:2: secretManagerSecretName`+noName)
		_, _, err = build(z("  annotations: {secret_manager_secret_name: a b}"), on)
		require.EqualError(t, err, file+`:2: secret_manager_secret_name`+noName)
	}

	// Another store may read another account.
	for _, on := range []string{"hub-np", "z"} {
		_, warnings, err := build(z("  secretManagerSecretName: fleet/spoke-dev-workload1\n"+
			"  secretStoreRefKind: ClusterSecretStore\n  secretStoreRefName: other"), on)
		require.NoError(t, err)
		require.Empty(t, warnings)
	}
}

// TestNameOfAHubsSecret: fleet.yaml names that of a hub, which is checked as well.
func TestNameOfAHubsSecret(t *testing.T) {
	_, _, err := build(smallFleet(`
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  clusters:
  - name: hub-np
    labels: {fleet_member: hub-cluster, tenant: control-plane, environment: np}
    annotations:
      aws_region: eu-west-1
      secret_manager_secret_name: a b
`), "hub-np")
	require.EqualError(t, err, `fleet.yaml:9: cluster "hub-np": "a b" is no name of a secret: `+
		"up to 512 letters, digits and /_+=.@!-")
}

// TestMemberNamesTheSecretOfAHub: its Argo CD would know the hub as a cluster of the tenant.
func TestMemberNamesTheSecretOfAHub(t *testing.T) {
	_, _, err := build(smallFleet("-- member --\ntenant: tenant1\nsecretManagerSecretName: hub/hub-np\n"), "hub-np")
	require.ErrorContains(t, err,
		`spoke-dev-workload1.yaml:2: member: the secret "hub/hub-np" is that of the hub "hub-np" (fleet.yaml:`)
}

// TestSecretsAreForExternalSecrets: what a secret says is not written into an object, where it would grow old.
func TestSecretsAreForExternalSecrets(t *testing.T) {
	repo := hierarchy.NewRepository(smallFleet())
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	f.Secrets = func([]cluster.SecretReference) (map[string]cluster.Cluster, []*problem.Problem, error) {
		return nil, nil, errors.New("read")
	}
	in, _, err := registration.Load(repo, f, cluster.Cluster{Name: "hub-np"})
	require.NoError(t, err)
	require.Len(t, in.Members, 1)
	require.NotNil(t, f.Secrets)
}

// TestWarnings: what has no effect, and what External Secrets will not find, is said.
func TestWarnings(t *testing.T) {
	for values, want := range map[string]string{
		"-- hub --\ngitExternalSecrets: {enabled: true}\n":               `values.yaml:1: unknown key "gitExternalSecrets", which has no effect; for all tenants this is global.gitExternalSecrets`,
		"-- hub --\nsecretStore:\n  regoin: eu-west-1\n":                 `values.yaml:2: secretStore: unknown key "regoin"`,
		"-- spoke --\nexternalSecret:\n  annotations:\n    dns: <dns>\n": `values.yaml:3: cluster "spoke-dev-workload1": annotation dns is still the placeholder "<dns>"; fill it in, or remove the key`,
		"-- member --\n{tenant: tenant1, environment: np}\n-- spoke --\nexternalSecret:\n  secretManagerSecretName: " +
			"<secret-arn>\n": `values.yaml:2: cluster "spoke-dev-workload1": the name of its secret is still the placeholder "<secret-arn>"`,
	} {
		objects, warnings, err := build(smallFleet(values), "hub-np")
		require.NoError(t, err, values)
		require.NotEmpty(t, objects)
		require.NotEmpty(t, warnings, values)
		require.ErrorContains(t, warnings[len(warnings)-1], want)
	}
}

func TestBadInput(t *testing.T) {
	const hubFile = "addons/control-plane/environments/np/clusters/hub-np/fleet/fleet-secret/values.yaml"
	for _, tt := range []struct{ name, files, cluster, want string }{
		{"no region",
			"-- hub --\nsecretStore: {region: ''}\n-- fleet.yaml --\n{apiVersion: fleet.cmp/v1alpha1, kind: Fleet, " +
				"spec: {clusters: [{name: hub-np, labels: {tenant: control-plane, environment: np}}]}}\n",
			"", `fleet.yaml:1: cluster "hub-np": the region of AWS is missing; give the cluster the annotation aws_region, or set secretStore.region`},
		{"region", "-- hub --\nsecretStore:\n  region: Europe\n", "",
			hubFile + `:2: cluster "hub-np": "Europe" is no region of AWS`},
		{"placeholder region", "-- hub --\nsecretStore:\n  region: <region>\n", "",
			hubFile + `:2: cluster "hub-np": "<region>" is no region`},
		{"region of tokens",
			"-- hub --\necrAuthenticationToken:\n  enabled: true\n  registry_endpoints: [x]\n  region: eu_west\n", "",
			hubFile + `:4: cluster "hub-np": "eu_west" is no region`},
		{"creation policy", "-- hub --\nexternalSecret:\n  creationPolicy: Foo\n", "",
			hubFile + `:2: externalSecret: creationPolicy must be one of Owner, Orphan, Merge, None, not "Foo"`},
		{"creation policy of tokens", "-- hub --\necrAuthenticationToken:\n  creationPolicy: owner\n", "",
			hubFile + `:2: ecrAuthenticationToken: creationPolicy must be one of Owner, Orphan, Merge, None, not "owner"`},
		{"kind", "-- hub --\nsecretStore:\n  kind: Store\n", "",
			hubFile + `:2: secretStore: kind must be SecretStore or ClusterSecretStore, not "Store"`},
		{"role", "-- hub --\nsecretStore:\n  role: reader\n", "",
			hubFile + `:2: secretStore: role must be the ARN of a role`},
		{"store is a string", "-- hub --\nsecretStore: on\n", "",
			hubFile + `:1: secretStore must be a map, not a boolean`},
		{"global is a string", "-- hub --\nglobal:\n  gitExternalSecrets: x\n", "",
			hubFile + `:2: global: gitExternalSecrets must be a map`},
		{"switch", "-- hub --\nexternalSecret:\n  enabled: on please\n", "",
			hubFile + `:2: externalSecret: enabled must be "true" or "false", not "on please"`},
		{"no secret name", "-- member --\ntenant: tenant1\nclusterName: s1\n", "",
			`spoke-dev-workload1.yaml:2: cluster "s1": there is no name of its secret in AWS Secrets Manager; set secretManagerSecretName`},
		{"name", "-- member --\ntenant: tenant1\nclusterName: Spoke_1\nsecretManagerSecretName: x\n", "",
			`spoke-dev-workload1.yaml:2: "Spoke_1-fleet-secret" cannot be the name of a Kubernetes object`},
		{"two names", "-- spoke --\nexternalSecret: {targetName: hub-np}\n", "",
			`there would be two different objects for Secret hub-np: the other is of fleet.yaml`},
		{"git without a secret",
			"-- hub --\nglobal:\n  gitExternalSecrets:\n    enabled: true\n    externalSecrets:\n      a: {gitUrl: x}\n", "",
			hubFile + `:5: externalSecrets.a: secretManagerSecretName is missing`},
		{"git placeholder",
			"-- hub --\nglobal:\n  gitExternalSecrets:\n    enabled: true\n    externalSecrets:\n      a: " +
				"{secretManagerSecretName: <name>}\n", "",
			hubFile + `:5: externalSecrets.a: secretManagerSecretName is still the placeholder "<name>"`},
		{"git entry",
			"-- hub --\nglobal:\n  gitExternalSecrets:\n    enabled: true\n    externalSecrets:\n      a: x\n", "",
			hubFile + `:5: externalSecrets: a must be a map`},
		{"git name",
			"-- hub --\nglobal:\n  gitExternalSecrets:\n    enabled: true\n    externalSecrets:\n      A_b: " +
				"{secretManagerSecretName: x}\n", "",
			hubFile + `:5: "A_b" cannot be the name`},
		{"git type",
			"-- hub --\nglobal:\n  gitExternalSecrets:\n    enabled: true\n    externalSecrets:\n      a: " +
				"{secretManagerSecretName: x, secretType: cluster}\n", "",
			hubFile + `:5: externalSecrets.a: secretType must be one of`},
		{"two git methods", "-- hub --\nglobal:\n  gitExternalSecrets:\n    useHttp: true\n    usePrivateKey: true\n",
			"",
			hubFile + `:4: global.gitExternalSecrets: useHttp and usePrivateKey are on: a repository has one kind of credentials`},
		{"no endpoints", "-- hub --\necrAuthenticationToken:\n  enabled: true\n", "",
			hubFile + `:1: ecrAuthenticationToken: registry_endpoints is empty`},
		{"endpoint", "-- hub --\necrAuthenticationToken:\n  enabled: true\n  registry_endpoints: ['oci://x']\n", "",
			hubFile + `:3: ecrAuthenticationToken: "oci://x" is no endpoint`},
		{"central spoke", central, "spoke-dev-workload1",
			`spoke-dev-workload1.yaml:4: cluster "spoke-dev-workload1" has no Argo CD of its own: nothing is registered on it; render its hub`},
		{"no External Secrets",
			"-- member --\ntenant: tenant1\nuse_remote_argo: 'true'\nuse_external_secrets: 'false'\n",
			"spoke-dev-workload1",
			`spoke-dev-workload1.yaml:3: cluster "spoke-dev-workload1" does not read secrets itself`},
		{"no YAML", "-- hub --\n{\n", "", hubFile},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.cluster == "" {
				tt.cluster = "hub-np"
			}
			objects, _, err := build(smallFleet(tt.files), tt.cluster)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
			require.Nil(t, objects)
		})
	}
}

// manyMembers is a fleet of 1,000 members and more.
func manyMembers() fstest.MapFS {
	fsys := smallFleet()
	for i := range 1000 {
		name := fmt.Sprintf("fleet/fleet-bootstrap/fleet-members/hub-np/spoke%d.yaml", i)
		fsys[name] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"tenant: tenant1\nenvironment: np\nsecretManagerSecretName: x%d\n", i)}
	}
	return fsys
}

func TestManyMembers(t *testing.T) {
	require.Len(t, mustBuild(t, manyMembers(), "hub-np"), 1003)
}

// BenchmarkBuild1000 reads the fleet from memory each time.
func BenchmarkBuild1000(b *testing.B) {
	fsys := manyMembers()
	for b.Loop() {
		_, _, err := build(fsys, "hub-np")
		require.NoError(b, err)
	}
}

// TestSampleMember: the names of secrets that nobody has filled in are warnings, one for each line.
func TestSampleMember(t *testing.T) {
	objects, warnings, err := build(
		smallFleet(
			"-- member --\ntenant: tenant1\nsecretManagerSecretName: <secret-arn>\ngithubSecretName: <secret>\n"),
		"hub-np")
	require.NoError(t, err)
	require.Len(t, objects, 3)
	require.Len(t, warnings, 2)
	require.ErrorContains(t, warnings[0],
		`spoke-dev-workload1.yaml:2: cluster "spoke-dev-workload1": the name of its secret is still the placeholder "<secret-arn>"`)
	require.ErrorContains(t, warnings[1],
		`spoke-dev-workload1.yaml:3: cluster "spoke-dev-workload1": annotation addons_repo_secret is still the placeholder "<secret>"`)
}

// FuzzBuild: no values of a cluster make it panic, or emit an object under a name that Kubernetes refuses.
func FuzzBuild(f *testing.F) {
	for _, archive := range []string{tenantGit, fmt.Sprintf(tokens, "x/Y"),
		"-- x --\nexternalSecret: {labels: {a: '{{'}, annotations: {b: '{{'}}\n"} {
		f.Add(txtar.Parse([]byte(archive)).Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, values []byte) {
		fsys := smallFleet(central)
		for _, name := range []string{
			"addons/control-plane/environments/np/clusters/hub-np/fleet/fleet-secret/values.yaml",
			"addons/tenants/tenant1/environments/np/clusters/spoke-dev-workload1/fleet/fleet-secret/values.yaml",
		} {
			fsys[name] = &fstest.MapFile{Data: values}
		}
		objects, _, err := build(fsys, "hub-np")
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			require.Nil(t, objects)
			return
		}
		for _, object := range objects {
			name, _ := at(object, "metadata/name").(string)
			require.Empty(t, validation.IsDNS1123Subdomain(name))
			if at(object, "spec/target/template/templateFrom") != nil &&
				at(object, "spec/target/template/data/name") != nil {
				evaluate(t, object, map[string]any{"metadata": "{}", "addons": "{}"})
			}
		}
	})
}

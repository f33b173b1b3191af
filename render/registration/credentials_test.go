package registration_test

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
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
		"tenantGitExternalSecrets: {externalSecrets: {r: {secretManagerSecretName: s, gitUrl: " +
			"'me:CANARY@git/a'}}}": "1: " +
			"tenantGitExternalSecrets.externalSecrets.r.gitUrl",
		"ecrAuthenticationToken:\n  registry_endpoints:\n  - " +
			"https://me:CANARY@r.example.com": "3: ecrAuthenticationToken.registry_endpoints.0",
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

package registration_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hubWith returns the fleet of the tests with other annotations of the hub.
func hubWith(annotations string) string {
	return `
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  clusters:
    - name: hub-np
      labels: {fleet_member: hub-cluster, tenant: control-plane, environment: np}
      annotations: {aws_region: eu-west-2, ` + annotations + `}
`
}

const (
	threeURLs = "addons_repo_url: 'https://git.example.com/addons.git', resources_repo_url: " +
		"'https://git.example.com/resources.git', fleet_repo_url: 'https://git.example.com/fleet.git'"
	oneURL = "addons_repo_url: 'https://git.example.com/fleet.git', resources_repo_url: " +
		"'https://git.example.com/fleet.git', fleet_repo_url: 'https://git.example.com/fleet.git'"
	// account is what Terraform says of the account with the credentials.
	account = "-- spoke --\nexternalSecret: {annotations: {aws_central_region: eu-central-1, " +
		"external_secrets_cross_account_role: 'arn:aws:iam::111122223333:role/git'}}\n"
)

// TestRepositoryCredentials: githubSecret gives a spoke with an Argo CD of its own a store of the central account and
// credentials for each repository (rule repository-credentials in docs/rules/registration.md).
func TestRepositoryCredentials(t *testing.T) {
	objects := mustBuild(t, smallFleet(hubWith(threeURLs), account), "spoke-dev-workload1")
	checkObjects(t, objects)
	require.Equal(t, []string{"SecretStore fleet-eks-secret-store", "SecretStore fleet-git-eks-secret-store",
		"ExternalSecret addons", "ExternalSecret fleet", "ExternalSecret resources",
		"ExternalSecret spoke-dev-workload1-fleet-secret"}, names(objects))
	requireYAML(t, `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: fleet-git-eks-secret-store, namespace: argocd}
spec:
  provider:
    aws:
      service: SecretsManager
      region: eu-central-1
      role: arn:aws:iam::111122223333:role/git
      secretsManager: {forceDeleteWithoutRecovery: true}
`, find(t, objects, "SecretStore", "fleet-git-eks-secret-store"))
	requireYAML(t, `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: fleet-eks-secret-store, namespace: argocd}
spec:
  provider:
    aws: {service: SecretsManager, region: eu-west-2, secretsManager: {forceDeleteWithoutRecovery: true}}
`, find(t, objects, "SecretStore", "fleet-eks-secret-store"))
	requireYAML(t, `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: resources, namespace: argocd}
spec:
  dataFrom:
  - extract: {conversionStrategy: Default, decodingStrategy: Auto, key: git-credentials, metadataPolicy: None}
  refreshInterval: 1m
  secretStoreRef: {kind: SecretStore, name: fleet-git-eks-secret-store}
  target:
    creationPolicy: Owner
    name: git-resources
    template:
      data: {githubAppID: '{{ .github_app_id }}', githubAppInstallationID: '{{ .github_app_installation_id }}', githubAppPrivateKey: '{{ .github_private_key }}', type: git, url: 'https://git.example.com/resources.git'}
      engineVersion: v2
      templateFrom:
      - {literal: 'argocd.argoproj.io/secret-type: repository', target: Labels}
`, find(t, objects, "ExternalSecret", "resources"))
}

// TestWhichRepositoriesHaveCredentials: those that the chart gave, and the fleet's where it is another one; but one
// Secret for each address that the values have an entry for.
func TestWhichRepositoriesHaveCredentials(t *testing.T) {
	own := "-- tenant --\nexternalSecret: {annotations: {aws_region: eu-west-2}}\n" +
		"global: {gitExternalSecrets: {enabled: %s, useHttp: true, externalSecrets: {%s}}}\n"
	git := func(enabled, entries string) string { return fmt.Sprintf(own, enabled, entries) }
	const fleetGit = "mine: {secretManagerSecretName: m, gitUrl: 'https://git.example.com/fleet.git'}"
	for name, test := range map[string]struct {
		archive string
		want    []string
	}{
		"one repository":       {hubWith(oneURL), []string{"addons", "resources"}},
		"only addons":          {hubWith("addons_repo_url: 'https://git.example.com/a.git'"), []string{"addons"}},
		"an entry of the same": {hubWith(oneURL) + git("true", fleetGit), []string{"mine"}},
		"an entry of another":  {hubWith(threeURLs) + git("true", fleetGit), []string{"addons", "mine", "resources"}},
		"entries that are off": {hubWith(oneURL) + git(`"false"`, ""), []string{"addons", "resources"}},
		"a null":               {hubWith(oneURL) + git("true", "resources: null"), []string{"addons"}},
		"the switch is off": {hubWith(oneURL) + "-- member --\n{tenant: tenant1, environment: np, use_remote_argo: " +
			"'true', githubSecret: 'false', githubSecretName: g, secretManagerSecretName: x}\n", nil},
	} {
		objects := mustBuild(t, smallFleet(test.archive), "spoke-dev-workload1")
		var got []string
		for _, id := range names(objects) {
			if name, is := strings.CutPrefix(id, "ExternalSecret "); is && name != "spoke-dev-workload1-fleet-secret" {
				got = append(got, name)
			}
		}
		require.Equal(t, test.want, got, name)
	}
	objects := mustBuild(t, smallFleet(hubWith(oneURL), git("true", "addons: {secretType: repo-creds}")),
		"spoke-dev-workload1")
	secret := find(t, objects, "ExternalSecret", "addons")
	require.Equal(t, "git-credentials", at(secret, "spec/dataFrom/0/extract/key"), "key by key")
	require.Equal(t, "{{ .password }}", at(secret, "spec/target/template/data/password"), "as the values want it")
	require.NotContains(t, names(mustBuild(t, smallFleet(hubWith(oneURL)), "hub-np")), "ExternalSecret addons",
		"the hub has credentials of its own")
}

// TestStoreOfRepositories says where the store of the credentials finds its region and role.
func TestStoreOfRepositories(t *testing.T) {
	named := "-- member --\n{tenant: tenant1, environment: np, use_remote_argo: 'true', githubSecret: 'true', " +
		"githubSecretName: %q, secretManagerSecretName: x}\n"
	for name, test := range map[string]struct{ archive, region, role string }{
		"of the hub":  {"", "eu-west-2", ""},
		"annotations": {account, "eu-central-1", "arn:aws:iam::111122223333:role/git"},
		"of the secret": {fmt.Sprintf(named, "arn:aws:secretsmanager:eu-west-3:111122223333:secret:g"), "eu-west-3",
			""},
		"not the spoke's": {"-- spoke --\nsecretStore: {region: us-east-1}\n", "eu-west-2", ""},
		"role of its own": {"-- spoke --\nsecretStore: {role: 'arn:aws:iam::1:role/own'}\n", "eu-west-2",
			"arn:aws:iam::1:role/own"},
		"a store by its name": {"-- spoke --\nglobal: {gitExternalSecrets: {secretStoreRefName: " +
			"fleet-git-eks-secret-store}}\n", "eu-west-2", ""},
	} {
		store := find(t, mustBuild(t, smallFleet(hubWith(oneURL), test.archive), "spoke-dev-workload1"), "SecretStore",
			"fleet-git-eks-secret-store")
		require.Equal(t, test.region, at(store, "spec/provider/aws/region"), name)
		role, _ := at(store, "spec/provider/aws/role").(string)
		require.Equal(t, test.role, role, name)
	}
	objects := mustBuild(t, smallFleet(hubWith(oneURL), "-- spoke --\nglobal: {gitExternalSecrets: "+
		"{secretStoreRefName: theirs, secretStoreRefKind: ClusterSecretStore}}\n"), "spoke-dev-workload1")
	require.NotContains(t, names(objects), "SecretStore fleet-git-eks-secret-store")
	require.Equal(t, "theirs", at(find(t, objects, "ExternalSecret", "addons"), "spec/secretStoreRef/name"))
}

// TestIncompleteRepositoryCredentials: credentials that are asked for and cannot be made are never left out in silence.
func TestIncompleteRepositoryCredentials(t *testing.T) {
	const member = "fleet/fleet-bootstrap/fleet-members/hub-np/spoke-dev-workload1.yaml:"
	unnamed := "-- member --\ntenant: tenant1\nenvironment: np\nuse_remote_argo: 'true'\ngithubSecret: 'true'\n" +
		"secretManagerSecretName: x\n"
	for archive, want := range map[string]string{
		hubWith("x: y"): member + `6: cluster "spoke-dev-workload1": githubSecret is on, but no repository is known; ` +
			"set addons_repo_url in the member's file, or in the annotations of its hub",
		hubWith(oneURL) + unnamed: member + `4: cluster "spoke-dev-workload1": githubSecret is on, but nothing names ` +
			"the secret for addons_repo_url; set githubSecretName in the member's file, or the annotation " +
			"addons_repo_secret",
	} {
		_, warnings, err := build(smallFleet(archive), "spoke-dev-workload1")
		require.NoError(t, err)
		found := false
		for _, w := range warnings {
			found = found || w.Stops && w.Error() == want+"; if it is meant, list incomplete-member in spec.lint.ignore"
		}
		require.True(t, found, "%v", warnings)
	}
	for annotations, want := range map[string]string{
		"aws_central_region: A.B":                   `cluster "spoke-dev-workload1": "A.B" is no region of AWS`,
		"external_secrets_cross_account_role: mine": `external_secrets_cross_account_role must be the ARN of a role, not "mine"`,
	} {
		_, _, err := build(smallFleet(hubWith(oneURL), "-- spoke --\nexternalSecret: {annotations: {"+annotations+
			"}}\n"), "spoke-dev-workload1")
		require.ErrorContains(t, err, "clusters/spoke-dev-workload1/fleet/fleet-secret/values.yaml:1: ")
		require.ErrorContains(t, err, want)
	}
}

// TestPlaceholderOfCredentials: the sample's own member has not been filled in, and its objects are printed all the
// same, with a warning.
func TestPlaceholderOfCredentials(t *testing.T) {
	objects, warnings, err := build(smallFleet(hubWith(oneURL), "-- member --\ntenant: tenant1\nenvironment: np\n"+
		"use_remote_argo: 'true'\ngithubSecret: 'true'\ngithubSecretName: <name>\nsecretManagerSecretName: x\n"),
		"spoke-dev-workload1")
	require.NoError(t, err)
	require.NotEmpty(t, warnings)
	require.Equal(t, "<name>", at(find(t, objects, "ExternalSecret", "addons"), "spec/dataFrom/0/extract/key"))
}

// TestTokensOfASpoke: the Secrets of a registry are where the spoke's Argo CD sees them.
func TestTokensOfASpoke(t *testing.T) {
	tokens := "-- spoke --\necrAuthenticationToken:\n  enabled: true\n  namespace: %s\n  registry_endpoints: " +
		"[a.example.com]\n"
	require.NotEmpty(t, mustBuild(t, smallFleet(fmt.Sprintf(tokens, "argocd")), "spoke-dev-workload1"))
	_, _, err := build(smallFleet(fmt.Sprintf(tokens, "other")), "spoke-dev-workload1")
	require.ErrorContains(t, err, `values.yaml:3: ecrAuthenticationToken: namespace is "other", but the Argo CD of `+
		`cluster "spoke-dev-workload1" is in "argocd"`)
}

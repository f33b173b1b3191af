package registration_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/member"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render/registration"
)

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
	_, err = registration.Build(in)
	require.NoError(t, err)
	twin := in.Members[0]
	twin.Name = "twin"
	in.Members = append(in.Members, twin)
	built, err := registration.Build(in)
	require.ErrorContains(t, err,
		`cluster "twin": the secret "fleet/spoke-dev-workload1" is also that of cluster "spoke-dev-workload1": both would be the same server`)
	require.Nil(t, built)
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
	var manyEntries []string
	for i := range 1001 {
		manyEntries = append(manyEntries, fmt.Sprintf("      x%03d: {secretManagerSecretName: a}\n", i))
	}
	const hubFile = "addons/control-plane/environments/np/clusters/hub-np/fleet/fleet-secret/values.yaml"
	for _, tt := range []struct{ name, files, cluster, want string }{
		{"no region",
			"-- hub --\nsecretStore: {region: ''}\n-- fleet.yaml --\n{apiVersion: fleet.cmp/v1alpha1, kind: Fleet, " +
				"spec: {clusters: [{name: hub-np, labels: {tenant: control-plane, environment: np}}]}}\n",
			"", `fleet.yaml:1: cluster "hub-np": the region of AWS is missing; give the cluster the annotation aws_region, or set secretStore.region`},
		{"region", "-- hub --\nsecretStore:\n  region: Europe\n", "",
			hubFile + `:2: cluster "hub-np": "Europe" is no region of AWS`},
		{"Git credentials",
			"-- hub --\nglobal:\n  gitExternalSecrets:\n    enabled: true\n    externalSecrets:\n" +
				strings.Join(manyEntries, ""), "",
			hubFile + `:5: externalSecrets: there are 1001 entries, more than 1000`},
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
			"-- hub --\nglobal:\n  gitExternalSecrets:\n    enabled: true\n    externalSecrets:\n      a: {gitUrl: " +
				"x}\n", "",
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

// TestMembersHaveWhatTheRequestSaysOfTheirHub: where the repositories are, is inherited from the hub also where the
// repository does not say it, as with annotations that an ApplicationSet hands over.
func TestMembersHaveWhatTheRequestSaysOfTheirHub(t *testing.T) {
	repo := hierarchy.NewRepository(smallFleet())
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	hub := f.Clusters[0].WithMetadata(nil, map[string]string{"fleet_repo_url": "https://git.example.com/other.git"})
	in, _, err := registration.Load(repo, f, hub)
	require.NoError(t, err)
	require.Equal(t, "https://git.example.com/other.git", in.Members[0].Annotations["fleet_repo_url"])
	require.Equal(t, "https://git.example.com/fleet.git", in.Members[0].Annotations["addons_repo_url"])
}

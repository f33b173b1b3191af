package hierarchy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCredentialsInAddressesAreRefused plants one wherever a file of the fleet has an address, or what becomes part of what is
// rendered.
func TestCredentialsInAddressesAreRefused(t *testing.T) {
	const secret, bare = "https://me:CANARY@git.example.com/a", "me:CANARY@registry.example.com/a"
	const member, level = membersAt + "hub/a.yaml", "addons/defaults/fleet/fleet-secret/values.yaml"
	for _, test := range []struct{ name, file, text, want string }{
		{"an annotation of a cluster", FleetFile, fleetHeader + "  clusters:\n  - name: a\n    annotations: {b: '" + secret + "'}\n", ":6: annotation b"},
		{"a server", FleetFile, fleetHeader + "  clusters:\n  - {name: a, server: '" + secret + "'}\n", ":5: cluster: server"},
		{"a name", FleetFile, fleetHeader + "  clusters:\n  - {name: '" + secret + "'}\n", ":5: cluster: name"},
		{"a server without a scheme", FleetFile, fleetHeader + "  clusters:\n  - {name: a, server: '" + bare + "'}\n", ":5: cluster: server"},
		{"the catalog", FleetFile, fleetHeader + "  catalog: " + secret + ":1.0.0\n", ":4: spec: catalog"},
		{"the members", FleetFile, fleetHeader + "  members: " + secret + "\n", ":4: spec: members"},
		{"a group's path", FleetFile, fleetHeader + "  groups:\n    a:\n      path: " + secret + "\n", ":6: group a: path"},
		{"a level", FleetFile, fleetHeader + "  levels:\n  - name: a\n    paths: ['" + secret + "']\n", ":4: level: a path"},
		{"a chart repository", FleetFile, fleetHeader + "  chartRepositories: ['" + secret + "']\n", ":4: spec: chartRepositories"},
		{"a chart repository without a scheme", FleetFile, fleetHeader + "  chartRepositories: ['" + bare + "']\n", ":4: spec: chartRepositories"},
		{"an address of the repository", FleetFile, fleetHeader + "  repositoryURLs: [a, '" + secret + "']\n", ":4: spec: repositoryURLs"},
		{"a sync policy", FleetFile, fleetHeader + "  bootstrap:\n    syncPolicy: {managedNamespaceMetadata: {annotations: {a: '" + secret + "'}}}\n",
			":5: bootstrap: syncPolicy.managedNamespaceMetadata.annotations.a"},
		{"an address of a member", member, "tenant: t\naddons_repo_url: " + secret, ":2: member: addons_repo_url"},
		{"an address without a scheme", member, "tenant: t\naddons_repo_url: " + bare, ":2: member: addons_repo_url"},
		{"a placeholder", member, "tenant: t\naddons_repo_url: <" + secret + ">", ":2: member: addons_repo_url"},
		{"a revision", member, "tenant: t\naddons_repo_revision: " + secret, ":2: member: addons_repo_revision"},
		{"a folder", member, "tenant: t\nfleet_repo_path: " + secret, ":2: member: fleet_repo_path"},
		{"the name of credentials", member, "tenant: t\ngithubSecretName: " + secret, ":2: member: githubSecretName"},
		{"an annotation of a level", level, "externalSecret:\n  annotations:\n    a: see " + secret + "\n", ":3: annotation a"},
		{"a placeholder of a level", level, "externalSecret:\n  annotations:\n    a: <" + secret + ">\n", ":3: annotation a"},
		{"a label of a level", level, "externalSecret:\n  labels:\n    a: " + secret + "\n", ":3: label a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			repo := files{membersAt + "hub/b.yaml": "", test.file: test.text}.repository()
			fleet, err := LoadFleet(repo)
			if test.file != FleetFile {
				require.NoError(t, err)
				_, _, err = fleet.AllClusters(repo, nil)
			}
			requireOneLine(t, err, test.file+test.want+" holds a credential; leave it out: ")
			require.NotContains(t, err.Error(), "CANARY")
		})
	}
}

func TestCredentialsOfLanesAreRefused(t *testing.T) {
	for _, key := range []string{"repoUrl", "chartRepoUrl", "chartRepo", "addons_repo_basepath", "chartRepoPath", "targetRevision", "clusterName"} {
		repo := files{builtIn().Releases: "releases:\n  addons:\n  - type: a\n    " + key + ": https://me:CANARY@x/y\n"}.repository()
		_, err := builtIn().ReadLanes(repo, "addons")
		requireOneLine(t, err, builtIn().Releases+":4: releases of addons: "+key+" holds a credential")
		require.NotContains(t, err.Error(), "CANARY")
	}
}

func TestCredentialsOfClusterSecretsAreRefused(t *testing.T) {
	for _, test := range []struct{ labels, annotations, data, want string }{
		{"", "", "name: a, server: 'https://me:CANARY@x'", "server"},
		{"", "", "name: 'https://me:CANARY@x'", "name"},
		{"", "b: 'https://ghp_CANARY@x'", "name: a", "annotation b"},
		{", b: 'https://x?token=CANARY'", "", "name: a", "label b"},
	} {
		_, err := ParseClusterSecrets("secrets.yaml", []byte("kind: Secret\nstringData: {"+test.data+"}\nmetadata:\n  name: s\n"+
			"  labels: {argocd.argoproj.io/secret-type: cluster"+test.labels+"}\n  annotations: {"+test.annotations+"}\n"))
		requireOneLine(t, err, `secrets.yaml: cluster Secret "s": its `+test.want+" holds a credential")
		require.NotContains(t, err.Error(), "CANARY")
	}
}

func TestWithoutLastApplied(t *testing.T) {
	plain := map[string]string{"a": "b"}
	require.Equal(t, plain, WithoutLastApplied(plain))
	given := map[string]string{"a": "b", AnnotationLastApplied: "CANARY"}
	require.Equal(t, plain, WithoutLastApplied(given))
	require.Len(t, given, 2, "the argument stays as it is")
	require.Nil(t, WithoutLastApplied(nil))
}

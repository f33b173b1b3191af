package member

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

// TestCredentialsInAddressesAreRefused plants one wherever a file of the fleet has an address, or what becomes part of
// what is rendered.
func TestCredentialsInAddressesAreRefused(t *testing.T) {
	const secret, bare = "https://me:CANARY@git.example.com/a", "me:CANARY@registry.example.com/a"
	const member, level = membersAt + "hub/a.yaml", "addons/defaults/fleet/fleet-secret/values.yaml"
	for _, test := range []struct{ name, file, text, want string }{
		{"an annotation of a cluster", hierarchy.FleetFile,
			fleetHeader + "  clusters:\n  - name: a\n    annotations: {b: '" + secret + "'}\n", ":6: annotation b"},
		{"a server", hierarchy.FleetFile, fleetHeader + "  clusters:\n  - {name: a, server: '" + secret + "'}\n",
			":5: cluster: server"},
		{"a name", hierarchy.FleetFile, fleetHeader + "  clusters:\n  - {name: '" + secret + "'}\n",
			":5: cluster: name"},
		{"a server without a scheme", hierarchy.FleetFile,
			fleetHeader + "  clusters:\n  - {name: a, server: '" + bare + "'}\n", ":5: cluster: server"},
		{"the catalog", hierarchy.FleetFile, fleetHeader + "  catalog: " + secret + ":1.0.0\n", ":4: spec: catalog"},
		{"the members", hierarchy.FleetFile, fleetHeader + "  members: " + secret + "\n", ":4: spec: members"},
		{"a group's path", hierarchy.FleetFile, fleetHeader + "  groups:\n    a:\n      path: " + secret + "\n",
			":6: group a: path"},
		{"a level", hierarchy.FleetFile, fleetHeader + "  levels:\n  - name: a\n    paths: ['" + secret + "']\n",
			":4: level: a path"},
		{"a chart repository", hierarchy.FleetFile, fleetHeader + "  chartRepositories: ['" + secret + "']\n",
			":4: spec: chartRepositories"},
		{"a chart repository without a scheme", hierarchy.FleetFile,
			fleetHeader + "  chartRepositories: ['" + bare + "']\n", ":4: spec: chartRepositories"},
		{"an address of the repository", hierarchy.FleetFile, fleetHeader + "  repositoryURLs: [a, '" + secret + "']\n",
			":4: spec: repositoryURLs"},
		{"a sync policy", hierarchy.FleetFile, fleetHeader +
			"  bootstrap:\n    syncPolicy: {managedNamespaceMetadata: {annotations: {a: '" + secret + "'}}}\n",
			":5: bootstrap: syncPolicy.managedNamespaceMetadata.annotations.a"},
		{"an address of a member", member, "tenant: t\naddons_repo_url: " + secret, ":2: member: addons_repo_url"},
		{"an address without a scheme", member, "tenant: t\naddons_repo_url: " + bare, ":2: member: addons_repo_url"},
		{"a placeholder", member, "tenant: t\naddons_repo_url: <" + secret + ">", ":2: member: addons_repo_url"},
		{"a revision", member, "tenant: t\naddons_repo_revision: " + secret, ":2: member: addons_repo_revision"},
		{"a directory", member, "tenant: t\nfleet_repo_path: " + secret, ":2: member: fleet_repo_path"},
		{"the name of credentials", member, "tenant: t\ngithubSecretName: " + secret, ":2: member: githubSecretName"},
		{"an annotation of a level", level, "externalSecret:\n  annotations:\n    a: see " + secret + "\n",
			":3: annotation a"},
		{"a placeholder of a level", level, "externalSecret:\n  annotations:\n    a: <" + secret + ">\n",
			":3: annotation a"},
		{"a label of a level", level, "externalSecret:\n  labels:\n    a: " + secret + "\n", ":3: label a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			repo := files{membersAt + "hub/b.yaml": "", test.file: test.text}.Repository()
			f, err := fleet.Load(repo)
			if test.file != hierarchy.FleetFile {
				require.NoError(t, err)
				_, _, err = Clusters(f, repo, nil)
			}
			requireOneLine(t, err, test.file+test.want+" holds a credential; leave it out: ")
			require.NotContains(t, err.Error(), "CANARY")
		})
	}
}

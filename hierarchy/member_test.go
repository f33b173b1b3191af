package hierarchy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// members returns the members of a repository, in the place where the defaults look for them.
func members(t *testing.T, repo files) ([]Cluster, []*Problem, error) {
	t.Helper()
	f, err := LoadFleet(repo.repository())
	require.NoError(t, err)
	return f.readMembers(repo.repository())
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
secretManagerSecretName: no-label
addons_repo_url: https://git/addons
addons_repo_revision: 1.0
fleet_repo_path: fleet
tenant_repo_url: no-annotation
`,
		membersAt + "hub-np/plain.yml":      "",
		membersAt + "hub-prod/x.prod.yaml":  "use_fleet_ack: 1",
		membersAt + "hub-prod/README.md":    "- no member",
		membersAt + "README.md":             "no hub",
		membersAt + "empty-hub/":            "",
		membersAt + "hub-prod/deep/a.yaml/": "",
	})
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, []Cluster{
		{Name: "plain", Hub: "hub-np", File: membersAt + "hub-np/plain.yml", Labels: map[string]string{"fleet_member": "spoke"}, Annotations: map[string]string{}},
		{Name: "retail-np-1", Hub: "hub-np", File: membersAt + "hub-np/retail-1.yaml",
			Labels:      map[string]string{"fleet_member": "spoke", "tenant": "retail", "environment": "np", "use_remote_argo": "false", "enable_remote_addons": "true"},
			Annotations: map[string]string{"addons_repo_url": "https://git/addons", "addons_repo_revision": "1", "fleet_repo_path": "fleet"}},
		{Name: "x.prod", Hub: "hub-prod", File: membersAt + "hub-prod/x.prod.yaml", Labels: map[string]string{"fleet_member": "spoke", "use_fleet_ack": "1"},
			Annotations: map[string]string{}},
	}, got)
}

func TestWithoutMembersThereAreNone(t *testing.T) {
	got, warnings, err := members(t, files{})
	require.NoError(t, err)
	require.Empty(t, got)
	require.Empty(t, warnings)
}

func TestMemberErrors(t *testing.T) {
	const file = membersAt + "hub/a.yaml"
	for _, test := range []struct {
		name string
		repo files
		want string
	}{
		{"not YAML", files{file: "x: 1\na: b: c"}, file + ":2: is not YAML"},
		{"a list", files{file: "- a"}, file + ":1: must hold a mapping of keys to values, not a list"},
		{"a name of the wrong type", files{file: "\nclusterName: [a]"}, file + ":2: member: clusterName must be a text, not a list"},
		{"a name that is no segment", files{file: "clusterName: a/b"}, file + `:1: member: clusterName "a/b" cannot be part of a path`},
		{"a name that leaves the folder", files{file: "clusterName: .."}, file + `:1: member: clusterName ".." cannot be part of a path`},
		{"a label of the wrong type", files{file: "tenant: {a: b}"}, file + ":1: member: tenant must be a text, not a mapping"},
		{"an annotation of the wrong type", files{file: "addons_repo_url: [a]"}, file + ":1: member: addons_repo_url must be a text, not a list"},
		{"a tenant that is no segment", files{file: "tenant: a/b"}, file + `: cluster "a": the label tenant "a/b" cannot be part of a path`},
		{"an empty environment", files{file: "environment: ''\ntenant: t"}, file + `: cluster "a": the label environment is empty, and so cannot be part of a path`},
		{"a folder called as a file", files{membersAt + "hub/a.yaml/": ""}, file + ": is not a regular file"},
		{"one name twice in a hub", files{file: "clusterName: same", membersAt + "hub/b.yaml": "x: 1\nclusterName: same"},
			membersAt + `hub/b.yaml:2: cluster "same" is already registered in ` + file + "; remove one of the files, or give it another clusterName"},
		{"one name in two hubs", files{file: "", membersAt + "other/a.yml": ""}, membersAt + `other/a.yml: cluster "a" is already registered in ` + file},
		{"a level that cannot be read", files{file: "", "addons/defaults/fleet/fleet-secret/values.yaml": "["}, "addons/defaults/fleet/fleet-secret/values.yaml"},
		{"labels of a level of the wrong type", files{file: "", "addons/defaults/fleet/fleet-secret/values.yaml": "\nexternalSecret: {labels: [a]}"},
			"addons/defaults/fleet/fleet-secret/values.yaml:2: labels must be a mapping, not a list"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _, err := members(t, test.repo)
			require.Nil(t, got)
			requireOneLine(t, err, "")
			require.Contains(t, err.Error(), test.want)
			_, _, err = defaultFleet().AllClusters(test.repo.repository(), nil)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestMemberWarningsAreThoseOfItsFile(t *testing.T) {
	got, warnings, err := members(t, files{membersAt + "hub/a.yaml": "tenant: b\ntenant: c\n"})
	require.NoError(t, err)
	require.Equal(t, "c", got[0].Labels["tenant"])
	require.Equal(t, []string{membersAt + `hub/a.yaml:2: key "tenant" was already given on line 1, which has no effect; remove one of them`}, messages(warnings))
}

func TestMemberHasTheLabelsAndAnnotationsOfItsLevels(t *testing.T) {
	got, _, err := members(t, files{
		membersAt + "hub/retail-1.yaml": "tenant: retail\nenvironment: np\naddons_repo_revision: own\n",
		"addons/defaults/fleet/fleet-secret/values.yaml": `
externalSecret:
  labels: {tier: system, addonsRelease: stable, tenant: lost, gone: x, fleet_member: hub-cluster}
  annotations: {addons_repo_url: system, addons_repo_revision: system}
`,
		"addons/tenants/retail/defaults/fleet/fleet-secret/values.yaml":                          "externalSecret: {labels: {tier: tenant, gone: null}}",
		"addons/tenants/retail/environments/np/clusters/retail-1/fleet/fleet-secret/values.yaml": "externalSecret: {labels: {addonsRelease: canary}}",
		"addons/tenants/other/defaults/fleet/fleet-secret/values.yaml":                           "externalSecret: {labels: {tier: other}}",
		"resources/defaults/fleet/fleet-secret/values.yaml":                                      "externalSecret: {labels: {more: resources}}",
	})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"tenant": "retail", "environment": "np", "fleet_member": "spoke", "tier": "tenant", "addonsRelease": "canary",
		"more": "resources"}, got[0].Labels)
	require.Equal(t, map[string]string{"addons_repo_url": "system", "addons_repo_revision": "own"}, got[0].Annotations)
}

func TestMemberLinksStayInsideTheRepository(t *testing.T) {
	for name, link := range map[string]string{"a file": membersAt + "hub/a.yaml", "a hub": membersAt + "hub", "all": membersAt[:len(membersAt)-1]} {
		t.Run(name, func(t *testing.T) {
			repo, _ := files{"x/": ""}.onDisk(t, map[string]string{link: t.TempDir()})
			_, _, err := defaultFleet().readMembers(repo)
			requireOneLine(t, err, membersAt[:len(membersAt)-1])
			require.ErrorContains(t, err, "files and links must stay inside the repository")
		})
	}
	t.Run("a link to nothing is no member", func(t *testing.T) {
		repo, _ := files{membersAt + "hub/b.yaml": ""}.onDisk(t, map[string]string{membersAt + "hub/a.yaml": "none.yaml", membersAt + "hub-2": "none"})
		got, _, err := defaultFleet().readMembers(repo)
		require.NoError(t, err)
		require.Len(t, got, 1)
	})
}

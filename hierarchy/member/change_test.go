package member

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
)

// changed returns the text of a member's file with changes, in a fleet of nothing else.
func changed(t testing.TB, text string, changes ...Change) (string, error) {
	t.Helper()
	repo := files{hierarchy.FleetFile: fleetHeader + "  clusters: [{name: hub, labels: {fleet_member: hub-cluster}}]\n",
		membersAt + "hub/a.yaml": text, "addons/tenants/t/environments/e/": "",
		"addons/tenants/t/environments/f/": ""}.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	got, _, err := CheckChanged(f, repo, Member{Name: "a", Hub: "hub", File: membersAt + "hub/a.yaml"}, changes)
	return string(got), err
}

func TestKeysAreChangedInTheirPlaces(t *testing.T) {
	for _, test := range []struct{ before, after string }{
		{"tenant: t # c\nenvironment: e\n", "tenant: t # c\nenvironment: \"f\"\n"},
		{"tenant: t\nenvironment: e # comment", "tenant: t\nenvironment: \"f\" # comment"},
		{"tenant: t\r\n'environment' :  'e'\t# it's \r\n", "tenant: t\r\n'environment' : \"f\"\t# it's \r\n"},
		{"\"environment\": \"e\"#x\ntenant: t\n", ""},
		{"environment:\ntenant: t\n", "environment: \"f\"\ntenant: t\n"},
		{"tenant: t\n\n# end\n", "tenant: t\nenvironment: \"f\"\n\n# end\n"},
		{"# first\nuse_fleet_ack: \"true\"\ntenant: t",
			"# first\nuse_fleet_ack: \"true\"\ntenant: t\nenvironment: \"f\"\n"},
		{"tenant: t\nenvironment: |\n  e\n", ""},
		{"tenant: t\nenvironment: e\n  f\n", ""},
		{"tenant: t\nenvironment: &e e\nclusterName: *e\n", ""},
		{"{tenant: t, environment: e}\n", ""},
		{"tenant: t\nenvironment: e\n---\ntenant: t\n", ""},
	} {
		got, err := changed(t, test.before, Change{"environment", "f"})
		if test.after == "" {
			require.Error(t, err, test.before)
			requireOneLine(t, err, membersAt+"hub/a.yaml")
			continue
		}
		require.NoError(t, err, test.before)
		require.Equal(t, test.after, got)
	}
}

// TestOldFindingsStay: what is wrong with other keys of a file is no reason not to change one.
func TestOldFindingsStay(t *testing.T) {
	const text = "tenant: t\nenvironment: e\nunknown: x\nuse_fleet_ack: maybe\n"
	_, err := changed(t, text, Change{"environment", "f"})
	require.ErrorContains(t, err, "use_fleet_ack must be")
	got, err := changed(t, text, Change{"use_fleet_ack", "true"})
	require.NoError(t, err)
	require.Contains(t, got, "use_fleet_ack: \"true\"\n")
	_, err = changed(t, text, Change{"use_fleet_ack", "true"}, Change{"githubSecret", "true"})
	require.ErrorContains(t, err, "githubSecret is on, but there is no githubSecretName")
}

// FuzzReplace: whatever a file is and whatever it is to have, the new text says that and nothing else, or there is
// none.
func FuzzReplace(f *testing.F) {
	f.Add("tenant: t\nenvironment: e\n", "githubSecretName", "a\"b\\")
	f.Add("tenant: 'a''b' # c\n", "tenant", "")
	f.Fuzz(func(t *testing.T, text, key, value string) {
		if !slices.Contains(Keys(), key) {
			return
		}
		before, err := hierarchy.ParseDocument("a.yaml", []byte(text))
		if err != nil {
			return
		}
		wanted, _, _ := parse(before, "hub")
		require.NoError(t, wanted.Set(key, value))
		got, err := changed(t, text, Change{key, value})
		if err != nil {
			return
		}
		after, err := hierarchy.ParseDocument(membersAt+"hub/a.yaml", []byte(got))
		require.NoError(t, err)
		read, _, errs := parse(after, "hub")
		require.Empty(t, errs)
		wanted.File = read.File
		require.Equal(t, wanted, read)
	})
}

package directories

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/internal/repositorytest"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// What the tests of packages below hierarchy have in common.
type files = repositorytest.Files

var messages = repositorytest.Messages

const (
	fleetHeader = repositorytest.FleetHeader
	membersAt   = "fleet/fleet-bootstrap/fleet-members/"
)

// TestMissing: where Argo CD would lose the spokes of a hub, there is a finding, and it stops a render.
func TestMissing(t *testing.T) {
	const named = "  members: spokes\n"
	for name, test := range map[string]struct {
		spec, hub string
		repo      files
		want      string
		warns     bool
	}{
		"a fleet without members":     {repo: files{}},
		"none of a hub":               {hub: "hub", repo: files{}, want: "there is no directory", warns: true},
		"the directory of fleet.yaml": {spec: named, repo: files{}, want: "fleet.yaml:4: there is no directory spokes"},
		"no hub asked for":            {spec: named, repo: files{"spokes/": ""}},
		"a member":                    {spec: named, hub: "hub", repo: files{"spokes/hub/web.yaml": "tenant: a"}},
		"a hub that is named otherwise": {spec: named, hub: "hub-prod", repo: files{"spokes/hub-prd/web.yaml": "a: b"},
			want: `all of its spokes would be lost; rename spokes/hub-prd, or add it`},
		"a hub that is a file": {spec: named, hub: "hub", repo: files{"spokes/hub": "text"},
			want: "spokes/hub: this is no directory but a file"},
		"an empty one on purpose": {spec: named, hub: "hub", repo: files{"spokes/hub/": ""}},
		"nothing but a README": {spec: named, hub: "hub", repo: files{"spokes/hub/README.md": ""},
			want: "there is nothing"},
		"no member among others": {spec: named, hub: "hub", repo: files{"spokes/hub/": "", "spokes/hub/web.json": "{}"},
			want: "spokes/hub: there is web.json, and nothing that is a member"},
	} {
		t.Run(name, func(t *testing.T) {
			repo := test.repo
			if test.spec != "" {
				repo = repo.With(files{hierarchy.FleetFile: fleetHeader + test.spec})
			}
			f, err := fleet.Load(repo.Repository())
			require.NoError(t, err)
			got, err := Missing(f, repo.Repository(), test.hub)
			require.NoError(t, err)
			if test.want == "" {
				require.Nil(t, got)
				return
			}
			require.ErrorContains(t, got, test.want)
			require.Equal(t, problem.RuleMissingMembers, got.Rule)
			require.Equal(t, !test.warns, got.Stops)
		})
	}
}

func TestStray(t *testing.T) {
	const at = "fleet/fleet-bootstrap/fleet-members/"
	repo := files{at + "hub/web.yaml": "tenant: a\nenvironment: b", at + "lost.yaml": "tenant: a",
		at + "hub/deep/far.yaml": "tenant: a", at + "hub/web.json": "{}", "addons/tenants/a/": ""}.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	hubs := map[string]bool{"hub": true}
	got, err := Stray(f, repo, hubs)
	require.NoError(t, err)
	lost, err := Lost(f, repo, hubs)
	require.NoError(t, err)
	require.Equal(t, messages(got), messages(lost), "no hub lacks its members")
	require.Equal(t, []string{
		at + "hub/deep: member: the files in this directory are no members; move them to " + at + "hub",
		at + "hub/web.json: member: is no member, since its name does not end in .yaml; rename or remove it",
		at + "lost.yaml: member: is in the directory of no hub, and so is no member; move it to " + at + "HUB",
	}, messages(got))
}

func TestHubs(t *testing.T) {
	repo := files{hierarchy.FleetFile: fleetHeader +
		"  clusters: [{name: hub-1, labels: {fleet_member: hub-cluster}}, {name: other}, {name: hub-3}]\n",
		membersAt + "hub-2/": "", membersAt + "hub-3/": "", membersAt + "README.md": ""}.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	hubs, err := Hubs(f, repo)
	require.NoError(t, err)
	require.Equal(t, []string{"hub-1", "hub-3"}, hubs, "another one would register nothing")
	require.Equal(t, membersAt+"hub-1/a.yaml", f.MemberFile("hub-1", "a"))

	builtIn, err := fleet.Load(files{}.Repository())
	require.NoError(t, err)
	hubs, err = Hubs(builtIn, repo)
	require.NoError(t, err)
	require.Equal(t, []string{"hub-2", "hub-3"}, hubs, "fleet.yaml describes none")
}

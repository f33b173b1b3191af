package member

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
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
		"nothing but a README":    {spec: named, hub: "hub", repo: files{"spokes/hub/README.md": ""}, want: "there is nothing"},
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

// TestUnmatchedIgnores: an entry is called needless only by a render that can tell.
func TestUnmatchedIgnores(t *testing.T) {
	const entry = "  clusters: [{name: hub, labels: {fleet_member: hub-cluster}}]\n" +
		"  members: spokes\n  lint: {ignore: [{rule: RULE, path: spokes/hub, reason: a test}]}\n"
	for name, test := range map[string]struct {
		rule       string
		allMembers bool
		repo       files
		unmatched  bool
	}{
		"it covers a hub without members":   {rule: "missing-members", repo: files{"spokes/other/": ""}},
		"the hub has members":               {rule: "missing-members", repo: files{"spokes/hub/": ""}, unmatched: true},
		"not all members were read":         {rule: "unknown-tenant", repo: files{"spokes/hub/": ""}},
		"all were, and their tenants exist": {rule: "unknown-tenant", allMembers: true, repo: files{"spokes/hub/": ""}, unmatched: true},
		"only lint can tell":                {rule: "dead-value", allMembers: true, repo: files{"spokes/hub/": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			all := test.repo.With(files{hierarchy.FleetFile: fleetHeader +
				strings.ReplaceAll(entry, "RULE", test.rule)})
			f, err := fleet.Load(all.Repository())
			require.NoError(t, err)
			got, err := UnmatchedIgnores(f, all.Repository(), nil, nil, test.allMembers)
			require.NoError(t, err)
			if !test.unmatched {
				require.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			require.Equal(t, problem.RuleUnmatchedIgnore, got[0].Rule)
		})
	}
}

func TestStray(t *testing.T) {
	const at = "fleet/fleet-bootstrap/fleet-members/"
	repo := files{at + "hub/web.yaml": "tenant: a\nenvironment: b", at + "lost.yaml": "tenant: a",
		at + "hub/deep/far.yaml": "tenant: a", at + "hub/web.json": "{}", "addons/tenants/a/": ""}.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	members, _, err := Read(f, repo)
	require.NoError(t, err)
	got, err := Stray(f, repo, HubsOf(members))
	require.NoError(t, err)
	lost, err := Lost(f, repo, HubsOf(members))
	require.NoError(t, err)
	require.Equal(t, messages(got), messages(lost), "no hub lacks its members")
	require.Equal(t, []string{
		at + "hub/deep: member: the files in this directory are no members; move them to " + at + "hub",
		at + "hub/web.json: member: is no member, since its name does not end in .yaml; rename or remove it",
		at + "lost.yaml: member: is in the directory of no hub, and so is no member; move it to " + at + "HUB",
	}, messages(got))
}

// TestLabelPlace: a label is where the file sets it that comes last.
func TestLabelPlace(t *testing.T) {
	const at = "fleet/fleet-bootstrap/fleet-members/"
	all := files{
		hierarchy.FleetFile: fleetHeader + "  clusters:\n  - name: hub\n    labels:\n      fleet_member: hub-cluster\n      tier: one\n",
		at + "hub/web.yaml": "clusterName: web\ntenant: a\nenvironment: b\nuse_remote_argo: 'false'\n",
		"addons/tenants/a/": "",
	}
	repo := all.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	clusters, _, err := Clusters(f, repo, nil)
	require.NoError(t, err)
	require.Len(t, clusters, 2)
	hub, web := clusters[0], clusters[1]
	place := func(label string) string {
		file, line := LabelPlace(f, repo, web, label)
		return problem.Place(file, line)
	}
	require.Equal(t, at+"hub/web.yaml:2", place("tenant"))
	require.Equal(t, at+"hub/web.yaml:4", place("use_remote_argo"))
	require.Equal(t, at+"hub/web.yaml", place("given"), "which no file sets")
	file, line := LabelPlace(f, repo, hub, "tier")
	require.Equal(t, "fleet.yaml:8", problem.Place(file, line))
	web.Labels["use_remote_argo"] = "true"
	require.Equal(t, at+"hub/web.yaml", place("use_remote_argo"), "it is given on the command line")
	web.File = "clusters.yaml"
	require.Equal(t, "clusters.yaml", place("tenant"), "only a cluster Secret describes it")
}

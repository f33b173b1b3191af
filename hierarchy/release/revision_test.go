package release

import (
	"errors"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestWhereACatalogIs: in the working tree, at another revision of its repository, or in another repository.
func TestWhereACatalogIs(t *testing.T) {
	const here, git, other = "here", "at another revision", "in another repository"
	annotated := map[string]string{"addons_repo_url": "https://git.example.com/fleet.git",
		"addons_repo_revision": "main"}
	byFleet := map[string]string{"fleet_repo_url": "git@git.example.com:fleet.git", "fleet_repo_revision": "main"}
	for _, test := range []struct {
		name        string
		annotations map[string]string
		urls        []string
		branch      string
		releases    []Release // of which the first is asked about
		want        string
	}{
		{"nothing of its own", nil, nil, "", []Release{{}}, here},
		{"a directory", nil, nil, "", []Release{{Chart: fleet.Chart{Path: "a"}}}, here},
		{"the revision of the values", annotated, nil, "", at("", "main"), here},
		{"by its full name", annotated, nil, "", at("", "refs/heads/main"), here},
		{"another revision", annotated, nil, "", at("", "next"), git},
		{"without annotations, the default branch", nil, nil, "", at("", "HEAD"), here},
		{"another one", nil, nil, "", at("", "main"), git},
		{"the revision of the fleet's annotation", byFleet, nil, "", at("", "main"), here},
		{"what the release says of the values", annotated, nil, "",
			[]Release{{Chart: fleet.Chart{Revision: "next"}, TargetRevision: "next"}}, here},
		{"so that main is another", annotated, nil, "",
			[]Release{{Chart: fleet.Chart{Revision: "main"}, TargetRevision: "next"}}, git},
		{"the branch that is checked out", annotated, nil, "next", at("", "next"), here},
		{"a branch that waits to be merged", annotated, nil, "fix", at("", "main"), here},
		{"main, on the branch of another release", annotated, nil, "next",
			append(at("", "main"), at("", "next")...), git},
		{"the own repository", annotated, nil, "", at("https://git.example.com/fleet", "main"), here},
		{"with another protocol", byFleet, nil, "", at("https://GIT.example.com/fleet/", "main"), here},
		{"the own repository at another revision", annotated, nil, "", at("https://git.example.com/fleet", "next"),
			git},
		{"another repository", annotated, nil, "", at("https://git.example.com/charts", "main"), other},
		{"one of the addresses", annotated, []string{"https://a/b", "ssh://git@git.example.com/charts.git"}, "",
			at("https://git.example.com/charts", "main"), here},
		{"none of the addresses", annotated, []string{"https://a/b"}, "", at("https://git.example.com/fleet", "main"),
			other},
		{"no telling: it is taken for the own", nil, nil, "", at("https://git.example.com/charts", ""), here},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := Inputs{Fleet: &fleet.Fleet{RepositoryURLs: test.urls, Branch: test.branch},
				Group:   &fleet.Group{Name: "core", Path: "levels/addons"},
				Cluster: cluster.Cluster{Annotations: test.annotations}}
			found := in.whereIs(Releases{All: test.releases}, test.releases[0])
			got := map[[2]bool]string{{false, true}: here, {true, true}: git, {true, false}: other}[[2]bool{
				found.elsewhere, found.own}]
			require.Equal(t, test.want, got)
			require.Equal(t, test.want != here, in.Elsewhere(Releases{All: test.releases}, test.releases[0]) != "")
		})
	}
}

func at(url, revision string) []Release {
	return []Release{{Chart: fleet.Chart{RepoURL: url, Path: "charts", Revision: revision}}}
}

// TestNobodyReadsGit: what another program can read is an error; else the release has the catalog of the fleet.
func TestNobodyReadsGit(t *testing.T) {
	f := layered.With(files{"releases.yaml": "releases: {addons: [{type: one, chartRepoRevision: v2}]}"})
	in := inputs(t, f, "hub", nil)
	in.Catalog = Catalog{}
	in.Cluster.Annotations = map[string]string{"addons_repo_url": "https://x/y"}
	in.Fleet.Git = func(c fleet.Chart, own bool, _ []string) (fs.FS, error) {
		require.Equal(t, fleet.Chart{RepoURL: "https://x/y", Path: "catalog", Revision: "v2"}, c)
		require.True(t, own)
		return nil, fleet.ErrNoChartReader
	}
	s, err := in.Load()
	require.NoError(t, err)
	_, _, err = s.Values("one")
	require.ErrorIs(t, err, fleet.ErrNoChartReader)
	requireOneLine(t, err, "releases.yaml:1: the catalog catalog@v2: ")

	in.Fleet.Git = func(fleet.Chart, bool, []string) (fs.FS, error) {
		return nil, problem.Hinted("git fetch may bring it", "there is no v2")
	}
	s, err = in.Load()
	require.NoError(t, err)
	_, warnings, err := s.Values("one")
	require.NoError(t, err)
	require.Equal(t, problem.RuleForeignCatalog, warnings[0].Rule)
	require.ErrorContains(t, warnings[0], `release "one": its catalog catalog@v2 cannot be had, so that it has the `+
		"fleet's, catalog: there is no v2; git fetch may bring it; or take it from a chart repository")

	f = maps.Clone(f)
	for name := range f {
		if strings.HasPrefix(name, "catalog/") {
			delete(f, name)
		}
	}
	f[hierarchy.FleetFile] = strings.Replace(f[hierarchy.FleetFile], "  catalog: catalog\n", "", 1)
	in.Repository = f.Repository()
	in.Fleet, err = fleet.Load(in.Repository)
	require.NoError(t, err)
	in.Fleet.Git = func(fleet.Chart, bool, []string) (fs.FS, error) { return nil, errors.New("no network") }
	_, err = in.Load()
	requireOneLine(t, err, `releases.yaml:1: release "one": its catalog charts/application-sets@v2 cannot be had `+
		"(no network), and there is no other: ")
}

package release

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// readText returns the releases of the group addons in a releases file.
func readText(t *testing.T, text string) (Releases, error) {
	t.Helper()
	return Read((&fleet.Fleet{Releases: "releases.yaml", Groups: builtIn().Groups}),
		files{"releases.yaml": text}.Repository(), "addons")
}

// releasesOf returns releases that have nothing but a type.
func releasesOf(group string, types ...string) Releases {
	releases := Releases{group: group}
	for _, t := range types {
		releases.All = append(releases.All, Release{Type: t})
	}
	return releases
}

// TestTruthTableOfReleases has the rows of the table in rule release-choice in docs/rules/releases.md, and after them
// those that the table of choose has besides. The hub is always in reach. want has each release with the label
// of its clusters, "" for all clusters.
func TestTruthTableOfReleases(t *testing.T) {
	one, two, capitals := []string{"default"}, []string{"default", "canary"}, []string{"Default", "Canary"}
	type release struct{ releaseType, addonsRelease string }
	for _, test := range []struct {
		releases  []string
		selectors bool
		hub       string
		others    []string
		want      []release
	}{
		{one, true, "", nil, []release{{"default", ""}}},
		{one, true, "default", nil, []release{{"default", "default"}}},
		{one, true, "nope", nil, []release{{"default", ""}}},
		{one, false, "", nil, []release{{"default", ""}}},
		{one, false, "default", nil, []release{{"default", ""}}},
		{one, false, "nope", nil, []release{{"default", ""}}},
		{two, true, "", nil, []release{{"default", ""}}}, // it deployed nothing
		{two, true, "canary", nil, []release{{"default", "default"}, {"canary", "canary"}}},
		{two, true, "nope", nil, []release{{"default", ""}}}, // it deployed nothing
		{two, false, "", nil, []release{{"default", ""}}},
		{two, false, "canary", nil, []release{{"default", ""}}},
		{two, false, "nope", nil, []release{{"default", ""}}},
		{capitals, true, "", nil, []release{{"default", ""}}},                                    // it deployed nothing
		{capitals, true, "Canary", nil, []release{{"default", "Default"}, {"canary", "Canary"}}}, // it deployed nothing
		{capitals, true, "nope", nil, []release{{"default", ""}}},                                // it deployed nothing
		{capitals, false, "", nil, []release{{"default", ""}}},
		{capitals, false, "Canary", nil, []release{{"default", ""}}},
		{capitals, false, "nope", nil, []release{{"default", ""}}},

		{nil, true, "x", nil, nil},
		{nil, false, "", []string{"x"}, nil},
		{capitals, true, "canary", nil, []release{{"default", ""}}},
		{one, true, "", []string{"default", "nope"}, []release{{"default", ""}}},
		{two, true, "", []string{""}, []release{{"default", ""}}},
		{two, true, "", []string{"default"}, []release{{"default", "default"}}},
		{two, true, "", []string{"canary"}, []release{{"default", "default"}}},
		{two, true, "nope", []string{"nope", ""}, []release{{"default", ""}}},
		{two, true, "nope", []string{"default"}, []release{{"default", "default"}}},
		{two, true, "nope", []string{"typo"}, []release{{"default", "default"}}},
		{two, true, "canary", []string{""}, []release{{"default", "default"}, {"canary", "canary"}}},
		{two, false, "nope", []string{"default"}, []release{{"default", ""}}},
	} {
		t.Run(fmt.Sprintf("releases %v, selectors %t, hub %q, others %q", test.releases, test.selectors, test.hub,
			test.others), func(t *testing.T) {
			releases := releasesOf("addons", test.releases...)
			var got []release
			for _, choice := range releases.choose(test.hub, append([]string{test.hub}, test.others...),
				test.selectors) {
				layer := releases.layer(choice)
				require.Equal(t, hierarchy.SourceFlags, layer.Source)
				require.Equal(t, "release "+choice.Release, layer.File)
				l := release{releaseType: layer.Values["releaseType"].(string)}
				if set, ok := layer.Values["releases"]; ok {
					require.Len(t, set, 1)
					l.addonsRelease = set.(map[string]any)["addonsRelease"].(string)
				}
				got = append(got, l)
			}
			require.Equal(t, test.want, got)
		})
	}
	require.Equal(t, []Choice{{Release: "default", Labelled: true}}, releasesOf("addons", two...).choose("", nil, true),
		"nothing is known of the fleet")
}

// TestCheckReleases: each release with a label needs a cluster, where the fleet is known.
func TestCheckReleases(t *testing.T) {
	releases, err := readText(t, "releases:\n  addons:\n  - type: stable\n  - type: next\n")
	require.NoError(t, err)
	on := func(labels ...string) []cluster.Cluster {
		var clusters []cluster.Cluster
		for i, label := range labels {
			clusters = append(clusters, cluster.Cluster{Name: strconv.Itoa(i),
				Labels: map[string]string{"addonsRelease": label}})
		}
		return clusters
	}
	both := releases.choose("stable", nil, true)
	require.NoError(t, releases.check(both, on("stable", "next"), fileOf))
	require.NoError(t, releases.check(both, on("stable"), fileOf), "the fleet is unknown")
	require.NoError(t, releases.check(both, nil, fileOf))
	require.NoError(t, releases.check(releases.choose("stable", nil, false), on("x", "y"), fileOf),
		"without version selectors, a release is for all clusters")
	require.NoError(t, releases.check(both, on("stable", "Next", ""), fileOf), "one release has clusters")
	require.EqualError(t, releases.check(both, on("Stable", "Next", ""), fileOf),
		`releases.yaml:3: no cluster can be on release "stable" of group addons: none has the label addonsRelease=stable; is addonsRelease=Stable of cluster 0 meant? Else label a cluster, or remove the release`)
	require.ErrorContains(t, releases.check(releases.choose("", []string{"", "next"}, true), on("", "next"), fileOf),
		`releases.yaml:3: no cluster can be on release "stable"`)
	require.NoError(t, releases.check(releases.choose("", []string{"", ""}, true), on("", ""), fileOf),
		"a cluster without a label is on the first release")
}

// TestUnreachedClusters: a cluster that none of its hub's releases is for is said, whatever else is deployed.
func TestUnreachedClusters(t *testing.T) {
	named := func(name, label string) cluster.Cluster {
		c := cluster.Cluster{Name: name, Hub: "hub", File: name + ".yaml", Labels: map[string]string{}}
		if label != "" {
			c.Labels["addonsRelease"] = label
		}
		return c
	}
	hub := func(label string) cluster.Cluster {
		c := named("hub", label)
		c.Hub = ""
		return c
	}
	const none, other = "there is no label addonsRelease",
		`and the hub "hub" renders a for the clusters with that label only; ` +
			"correct the label in externalSecret.labels of a level, or the releases in "
	for _, test := range []struct {
		rule     string
		releases []string
		hub      string
		spokes   []cluster.Cluster
		warnings []string
	}{
		{"all on their releases", []string{"a", "b"}, "a", []cluster.Cluster{named("x", "a"), named("y", "b")}, nil},
		{"no releases", nil, "a", []cluster.Cluster{named("x", "b")}, nil},
		{"a release for all", []string{"a"}, "", []cluster.Cluster{named("x", "b"), named("y", "")}, nil},
		{"no such release", []string{"a"}, "a", []cluster.Cluster{named("x", "dev"), named("y", "a")}, nil},
		{"no label", []string{"a"}, "a", []cluster.Cluster{named("x", ""), named("y", "")}, []string{
			"x.yaml: nothing of group addons is deployed to x, y: " + none + ", " + other}},
		{"a hub on none", []string{"a", "b"}, "", []cluster.Cluster{named("x", "a"), named("y", "b")}, []string{
			"hub.yaml: nothing of group addons is deployed to hub: " + none + ", " + other,
			"y.yaml: nothing of group addons is deployed to y: the label addonsRelease is b, " + other}},
		{"a hub whose label is wrong is another warning", []string{"a", "b"}, "c", []cluster.Cluster{named("x", "a")},
			nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			releases := releasesOf("addons", test.releases...)
			clusters := append([]cluster.Cluster{hub(test.hub)}, test.spokes...)
			choices := releases.choose(test.hub, releases.labelsOf(clusters), true)
			got := messages(releases.unreached(choices, clusters[0], clusters, fileOf))
			require.Len(t, got, len(test.warnings))
			for i, warning := range test.warnings {
				require.Equal(t, warning, strings.TrimSuffix(got[i], releases.file))
			}
		})
	}
}

func TestReleaseOfACluster(t *testing.T) {
	releases := releasesOf("addons", "stable", "next")
	for label, want := range map[string]string{"": "stable", "stable": "stable", "next": "next", "Next": "Next"} {
		release, exists := releases.Of(
			cluster.Cluster{Labels: map[string]string{"addonsRelease": label, "monitoringRelease": "next"}})
		require.Equal(t, want, release)
		require.Equal(t, label != "Next", exists)
	}
	release, exists := Releases{group: "addons"}.Of(cluster.Cluster{})
	require.Empty(t, release)
	require.False(t, exists)
}

// TestReleaseAsWritten: numbers without quotes are text, as the labels of clusters are.
func TestReleaseAsWritten(t *testing.T) {
	releases, err := readText(t,
		"releases:\n  globals: {chartRepoRevision: 3.10}\n  addons:\n  - {type: 1.10, chartRepo: r, ecrChartName: "+
			"sets, version: 2.0, use_helm_repo_path: false}\n  - {type: 1.1}\n")
	require.NoError(t, err)
	require.Equal(t, []string{"1.10", "1.1"}, releases.Names())
	require.Equal(t, "r/sets:2.0", releases.All[0].Chart.String())
	require.Equal(t, "3.10", releases.All[1].Chart.Revision)
}

func TestReleaseThatIsAskedFor(t *testing.T) {
	releases, err := readText(t, "releases:\n  addons:\n  - type: stable\n  - type: next\n")
	require.NoError(t, err)
	require.Equal(t, []string{"stable", "next"}, releases.Names())
	_, err = releases.layerOf("Stable", "", true)
	require.EqualError(t, err,
		"releases.yaml:2: group addons has no release \"Stable\"; did you mean stable? The releases are stable, next")
	_, err = releases.layerOf("", "", true)
	require.Error(t, err)

	layer, err := Releases{}.layerOf("Any", "Any", true)
	require.NoError(t, err, "without releases, each is as good as another")
	require.Equal(t, map[string]any{"releaseType": "any"}, layer.Values, "and without a group there is no label")
	layer, err = Releases{group: "addons"}.layerOf("Any", "Any", true)
	require.NoError(t, err)
	require.Equal(t, yamlMap(t, "{releaseType: any, releases: {addonsRelease: Any}}"), layer.Values)
}

func TestReadReleases(t *testing.T) {
	for name, text := range map[string]string{
		"no groups": "releases: {}", "only globals": "releases: {globals: {version: 1}}",
		"another group": "releases: {monitoring: [{type: a}]}",
		"no releases":   "releases: {addons: []}",
	} {
		t.Run(name, func(t *testing.T) {
			releases, err := readText(t, text)
			require.NoError(t, err)
			require.Empty(t, releases.Names())
			require.Empty(t, releases.choose("x", nil, true))
		})
	}
	releases, err := Read((&fleet.Fleet{Releases: "none.yaml"}), files{}.Repository(), "addons")
	require.NoError(t, err)
	require.Empty(t, releases.Names())

	releases, err = readText(t, "releases: {globals: {x: 1}, addons: [{type: 1, version: x}, {type: true}]}")
	require.NoError(t, err)
	require.Equal(t, []string{"1", "true"}, releases.Names())
	require.Equal(t, "addonsRelease", wellknown.ReleaseLabel("addons"))
}

func TestReadReleasesErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"an empty file", "",
			"releases.yaml: there are no releases in the file; write releases.GROUP, or remove the file"},
		{"comments only", "# none\n", "releases.yaml: there are no releases in the file"},
		{"null", "x: 1\nreleases:\n", "releases.yaml:2: there are no releases in the file"},
		{"another key", "relases: {addons: [{type: a}]}", "releases.yaml:1: there are no releases in the file"},
		{"a second document", "releases: {addons: [{type: a}]}\n---\nreleases: {}\n",
			"releases.yaml:3: there is a second YAML document, which would be lost"},
		{"not YAML", "x: 1\na: b: c", "releases.yaml:2: is not YAML"},
		{"releases of the wrong type", "releases: [a]", "releases.yaml:1: releases must be a map, not a list"},
		{"releases of the wrong type", "releases:\n  addons: {type: a}",
			"releases.yaml:2: releases: addons must be a list, not a map"},
		{"a release of the wrong type", "releases:\n  addons: [default]",
			"releases.yaml:2: releases of addons: release 1 has no type"},
		{"a release without type", "releases:\n  addons: [{type: a}, {version: 1}]",
			"releases.yaml:2: releases of addons: release 2 has no type"},
		{"a type of the wrong type", "releases:\n  addons: [{type: [a]}]",
			"releases.yaml:2: releases of addons: type must be a string, not a list"},
		{"a type that is no label", "releases:\n  addons:\n  - type: a b",
			`releases.yaml:3: releases of addons: type "a b" cannot be the value of a label`},
		{"a switch that is none", "releases:\n  addons:\n  - type: a\n    use_helm_repo_path: yes please",
			`releases.yaml:4: releases of addons: use_helm_repo_path must be "true" or "false"`},
		{"a chart without a version",
			"releases: {addons: [{type: a, use_helm_repo_path: 'false', chartRepo: r, ecrChartName: n}]}",
			`releases.yaml:1: releases of addons: release "a" takes its chart from a chart repository, but there is no version`},
		{"a chart outside", "releases: {addons: [{type: a, chartRepoPath: ../x}]}",
			"releases.yaml:1: releases of addons: chartRepoPath must be a directory inside"},
		{"globals of the wrong type", "releases:\n  globals: [a]",
			"releases.yaml:2: releases: globals must be a map, not a list"},
		{"a global of the wrong type", "releases:\n  globals: {version: [a]}\n  addons: [{type: a}]",
			"releases.yaml:2: releases.globals: version must be a string, not a list"},
		{"two releases of one type", "releases:\n  addons: [{type: a}, {type: a}]",
			`releases.yaml:2: releases of addons: there are two releases of type "a"`},
		{"too many", "releases:\n  addons: [" + strings.Repeat("{type: a}, ", 1001) + "]",
			"releases.yaml:2: releases: group addons has 1001 releases, more than 1000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readText(t, test.text)
			requireOneLine(t, err, "releases.yaml")
			require.Contains(t, err.Error(), test.want)
		})
	}
}

// TestReleasesAreFilledUp: a release has of releases.globals what is empty in it, and its chart comes from where the
// switch says.
func TestReleasesAreFilledUp(t *testing.T) {
	releases, err := readText(t, `
releases:
  globals: {chartRepoUrl: https://git, chartRepoPath: charts/a, chartRepoRevision: main, chartRepo: registry/x, ecrChartName: sets, version: 0.3.3, tenant: all}
  addons:
  - {type: default, use_helm_repo_path: "true", chartRepoRevision: dev, chartRepoPath: ""}
  - {type: ecr, use_helm_repo_path: "false", version: 0.4.0, tenant: own, repoUrl: u, targetRevision: r, clusterName: c, addons_repo_basepath: b}
  - {type: plain}
  - {type: off, use_helm_repo_path: false}
`)
	require.NoError(t, err)
	require.Empty(t, releases.Warnings)
	for i := range releases.All {
		releases.All[i].line = 0
	}
	git := fleet.Chart{RepoURL: "https://git", Path: "charts/a", Revision: "main"}
	require.Equal(t, []Release{
		{Type: "default", Tenant: "all", Chart: fleet.Chart{RepoURL: "https://git", Path: "charts/a", Revision: "dev"}},
		{Type: "ecr", Tenant: "own", RepoURL: "u", TargetRevision: "r", ClusterName: "c", Basepath: "b",
			Chart: fleet.Chart{Repository: "registry/x", Name: "sets", Version: "0.4.0"}},
		{Type: "plain", Tenant: "all", Chart: git},
		{Type: "false", Tenant: "all", Chart: fleet.Chart{Repository: "registry/x", Name: "sets", Version: "0.3.3"}},
	}, releases.All, "off without quotes is a boolean in YAML 1.1")
	require.Equal(t, "https://git//charts/a@main", git.String())
	require.Equal(t, "registry/x/sets:0.4.0", releases.All[1].Chart.String())
	require.Empty(t, fleet.Chart{}.String())
	require.Equal(t, "charts/a", fleet.Chart{Path: "charts/a"}.String())
	require.False(t, git.InRepository())

	releases, err = readText(t, "releases: {addons: [{type: a, chartRepo: r, ecrChartName: n, version: 1}]}")
	require.NoError(t, err)
	require.True(t, releases.All[0].Chart.InRepository(), "without the switch, the chart is where there is one")
}

// TestReleasesInAFleet: what the fleet looks like decides whether the first release is for all clusters, unless it was
// asked for.
func TestReleasesInAFleet(t *testing.T) {
	repo := files{
		hierarchy.FleetFile: fleetHeader +
			"  releases: r.yaml\n  catalog: catalog\n  groups: {addons: {path: addons, globalSelectors: {role: " +
			"hub}}}\n",
		"r.yaml":        "releases:\n  addons:\n  - type: stable\n  - type: next\n",
		"addons/x.yaml": "", "catalog/values.yaml": "useVersionSelectors: true",
	}.Repository()
	f, err := fleet.Load(repo)
	require.NoError(t, err)
	load := func(label, asked string, others ...cluster.Cluster) *Layers {
		catalog, err := OpenCatalog(f, repo)
		require.NoError(t, err)
		hub := cluster.Cluster{Name: "hub", File: "x.yaml",
			Labels: map[string]string{"role": "hub", "addonsRelease": label}}
		s, err := Inputs{Repository: repo, Fleet: f, Group: f.Groups["addons"], Catalog: catalog,
			AppPaths: []string{"addons"},
			Cluster:  hub, Clusters: append(others, hub), Release: asked}.Load()
		require.NoError(t, err)
		return s
	}
	releasesOf := func(s *Layers, release string) any {
		values, _, err := s.Values(release)
		require.NoError(t, err)
		return values.Map()["releases"]
	}
	stable, next := map[string]any{"addonsRelease": "stable"},
		cluster.Cluster{Name: "a", Labels: map[string]string{"role": "hub", "addonsRelease": "next"}}
	spoke := cluster.Cluster{Name: "b", Labels: map[string]string{"addonsRelease": "stable"}}

	s := load("", "")
	require.Equal(t, []string{"stable"}, s.selected(""))
	require.Nil(t, releasesOf(s, "stable"), "the hub is on the first release")
	require.NoError(t, s.CheckReleases())
	require.Nil(t, releasesOf(load("", "", spoke), "stable"), "the spoke is not in reach")

	s = load("", "stable")
	require.Equal(t, stable, releasesOf(s, "stable"), "it was asked for")
	require.NoError(t, s.CheckReleases())

	s = load("stable", "", next)
	require.Equal(t, []string{"stable", "next"}, s.selected(""))
	require.NoError(t, s.CheckReleases())

	require.NoError(t, load("stable", "", spoke).CheckReleases(), "one release has clusters")
	require.NoError(t, load("stable", "next", spoke).CheckReleases(),
		"a release that is asked for may have no cluster yet")

	s = load("Stable", "", next)
	require.Contains(t, messages(s.Warnings),
		`x.yaml: cluster "hub": its label addonsRelease=Stable names no release of group addons; did you mean stable? The releases are stable, next`)
	require.Equal(t, stable, releasesOf(s, "stable"))
	require.ErrorContains(t, s.CheckReleases(), `no cluster can be on release "stable"`)
}

// fileOf is the place of a cluster's label where no line is known.
func fileOf(c cluster.Cluster) (string, int) { return c.File, 0 }

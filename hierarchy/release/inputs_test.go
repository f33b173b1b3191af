package release

import (
	"cmp"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

// layered sets the key "from" in every layer that a group has; each also sets a key of its own.
var layered = files{
	hierarchy.FleetFile: fleetHeader + `
  catalog: catalog
  releases: releases.yaml
  groups:
    addons: {path: addons, components: [b, a], repoURLGit: group, useVersionSelectors: "true"}
  clusters:
  - {name: hub, labels: {tenant: control-plane, environment: np}}
`,
	"releases.yaml": "releases: {addons: [{type: Stable}, {type: next}]}",
	"catalog/values.yaml": "repoURLGit: defaults\nx: {defaults: 1, from: defaults}\nnamespace: " +
		"argocd\n",
	"catalog/values/a.yaml": "x: {a: 1, from: a, both: a}\nrepoURLGit: component\n",
	"catalog/values/b.yaml": "x: {b: 1, from: b, both: b}\n",
	"addons/bootstrap/defaults/addons.yaml": "repoURLGit: system\nx: {system: 1, from: " +
		"system}\nnamespace: null\n",
	"addons/control-plane/defaults/application-sets/addons.yaml": "repoURLGit: tenant\nx: {tenant: 1, from: tenant}\n",
}

// inputs returns the inputs of the group addons for a cluster of the fleet in these files.
func inputs(t *testing.T, f files, cluster string, labels map[string]string) Inputs {
	t.Helper()
	repo := f.Repository()
	loaded, err := fleet.Load(repo)
	require.NoError(t, err)
	group, err := loaded.Group("addons")
	require.NoError(t, err)
	catalog, err := OpenCatalog(loaded, repo)
	require.NoError(t, err)
	in := Inputs{Repository: repo, Fleet: loaded, Group: group, AppPaths: []string{group.Path}, Catalog: catalog}
	for _, c := range loaded.Clusters {
		if c.Name == cluster {
			in.Cluster = c.WithMetadata(labels, nil)
		}
	}
	return in
}

func TestLayersOfAGroupFromLowToHigh(t *testing.T) {
	in := inputs(t, layered, "hub", nil)
	in.Files = []*hierarchy.Document{document(t, "f1.yaml", "repoURLGit: f1\nx: {f1: 1, from: f1}"),
		document(t, "f2.yaml", "x: {f2: 1, from: f2}")}
	in.Flags = []hierarchy.Layer{{Source: hierarchy.SourceFlags, File: "--set-setting",
		Values: map[string]any{"repoURLGitRevision": "flag"}}}
	s, err := in.Load()
	require.NoError(t, err)
	require.Empty(t, s.Warnings)
	v, warnings, err := s.Values("next")
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, yamlMap(t, `
x: {a: 1, b: 1, both: a, defaults: 1, system: 1, tenant: 1, f1: 1, f2: 1, from: f2}
repoURLGit: f1
repoURLGitRevision: flag
useVersionSelectors: "true"
applicationSetGroup: addons
mergeValues: {a: {use: true}, b: {use: true}}
releaseType: next
releases: {addonsRelease: next}
`), v.Map())
	var levels []string
	for _, o := range v.Origins("repoURLGit") {
		levels = append(levels, o.Source+" "+o.File)
	}
	require.Equal(t, []string{"values f1.yaml", "group fleet.yaml",
		"tenant addons/control-plane/defaults/application-sets/addons.yaml",
		"system addons/bootstrap/defaults/addons.yaml", "defaults catalog/values.yaml",
		"catalog catalog/values/a.yaml"}, levels)
	require.Equal(t, "f1", v.Settings()["repoURLGit"])
	require.Equal(t, 8, v.Origins("useVersionSelectors")[0].Line)
}

func TestReleasesOfASource(t *testing.T) {
	for _, test := range []struct {
		name     string
		label    string
		flags    map[string]any
		asked    string
		selected []string
		own      string
	}{
		{"the cluster's label names a release", "next", nil, "", []string{"Stable", "next"}, "next"},
		{"it names none", "nope", nil, "", []string{"Stable"}, "Stable"},
		{"no label", "", nil, "", []string{"Stable"}, "Stable"},
		{"the one that is asked for", "next", nil, "Stable", []string{"Stable"}, "next"},
		{"version selectors are off", "next", map[string]any{"useVersionSelectors": false}, "", []string{"Stable"},
			"Stable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := inputs(t, layered, "hub", map[string]string{"addonsRelease": test.label})
			in.Flags = []hierarchy.Layer{{Source: hierarchy.SourceFlags, File: "--set-setting", Values: test.flags}}
			s, err := in.Load()
			require.NoError(t, err)
			require.Equal(t, test.selected, s.selected(test.asked))
			require.Equal(t, test.own, s.ClusterRelease())
			for _, release := range test.selected {
				_, _, err := s.Values(release)
				require.NoError(t, err)
			}
		})
	}
	in := inputs(t, layered, "hub", nil)
	s, err := in.Load()
	require.NoError(t, err)
	_, _, err = s.Values("canary")
	require.EqualError(t, err, `releases.yaml:1: group addons has no release "canary"; the releases are Stable, next`)
	v, _, err := s.Values("Stable")
	require.NoError(t, err)
	require.Equal(t, "stable", v.Map()["releaseType"])
	require.Equal(t, map[string]any{"addonsRelease": "Stable"}, v.Map()["releases"])
	v, _, err = s.Values("")
	require.NoError(t, err)
	require.NotContains(t, v.Map(), "releaseType")
}

// TestEachRelease: a hub has all releases that are selected, a cluster on its own only the one that it is on.
func TestEachRelease(t *testing.T) {
	for _, test := range []struct {
		name  string
		label string
		asked string
		alone bool
		want  []string
	}{
		{"of a hub whose label names a release, all", "next", "", false, []string{"stable", "next"}},
		{"of a cluster on its own, the one of its label", "next", "", true, []string{"next"}},
		{"which can be the first", "Stable", "", true, []string{"stable"}},
		{"without a label the first", "", "", true, []string{"stable"}},
		{"with a label that names none, too", "nope", "", true, []string{"stable"}},
		{"of a hub without a label, the first", "", "", false, []string{"stable"}},
		{"the one that is asked for", "next", "Stable", false, []string{"stable"}},
		{"also of a cluster on its own", "next", "Stable", true, []string{"stable"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := inputs(t, layered, "hub", map[string]string{"addonsRelease": test.label}).Load()
			require.NoError(t, err)
			var got []string
			err = s.Each(test.asked, test.alone,
				func(name string, values *hierarchy.Values, _ []*problem.Problem) error {
					require.Equal(t, strings.ToLower(name), values.Map()["releaseType"])
					got = append(got, values.Map()["releaseType"].(string))
					return nil
				})
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
	t.Run("it ends with the first error", func(t *testing.T) {
		s, err := inputs(t, layered, "hub", map[string]string{"addonsRelease": "next"}).Load()
		require.NoError(t, err)
		calls := 0
		err = s.Each("", false, func(string, *hierarchy.Values, []*problem.Problem) error {
			calls++
			return fs.ErrInvalid
		})
		require.ErrorIs(t, err, fs.ErrInvalid)
		require.Equal(t, 1, calls)
		err = s.Each("canary", false, func(string, *hierarchy.Values, []*problem.Problem) error { return nil })
		require.ErrorContains(t, err, `has no release "canary"`)
	})
}

func TestFlagsWinOverTheRelease(t *testing.T) {
	in := inputs(t, layered, "hub", nil)
	in.Flags = []hierarchy.Layer{{Source: hierarchy.SourceFlags, File: "--set-setting",
		Values: map[string]any{"releaseType": "own"}}}
	s, err := in.Load()
	require.NoError(t, err)
	v, _, err := s.Values("next")
	require.NoError(t, err)
	require.Equal(t, "own", v.Map()["releaseType"])
}

func TestValuesOfOneReleaseDoNotReachAnother(t *testing.T) {
	s, err := inputs(t, layered, "hub", map[string]string{"addonsRelease": "next"}).Load()
	require.NoError(t, err)
	for range 2 {
		for _, release := range []string{"Stable", "next", ""} {
			v, _, err := s.Values(release)
			require.NoError(t, err)
			if release == "" {
				require.NotContains(t, v.Map(), "releases")
				continue
			}
			require.Equal(t, map[string]any{"addonsRelease": release}, v.Map()["releases"])
		}
	}
}

func TestWithoutAGroupThereAreOnlyTheCatalogAndTheFiles(t *testing.T) {
	in := Inputs{
		Catalog: Catalog{FS: files{"values.yaml": "a: 1\nb: 1\na: 2\n", "values/x.yaml": "c: {enabled: true}\n"}.FS(),
			Name: "c"},
		Files: []*hierarchy.Document{document(t, "f.yaml", "b: null\nmergeValues: {x: {use: true}}\nb: null\n")},
	}
	s, err := in.Load()
	require.NoError(t, err)
	require.Len(t, s.Warnings, 2, "of the defaults and of the file")
	require.Empty(t, s.Levels)
	require.Equal(t, []string{""}, s.selected(""))
	require.Empty(t, s.ClusterRelease())
	v, _, err := s.Values("")
	require.NoError(t, err)
	require.Equal(t, yamlMap(t, "{a: 2, c: {enabled: true}, mergeValues: {x: {use: true}}}"), v.Map())

	v, _, err = s.Values("Any")
	require.NoError(t, err)
	require.Equal(t, "any", v.Map()["releaseType"])
}

func TestDefaultsAndComponentsInPlaceOfTheirs(t *testing.T) {
	in := inputs(t, layered, "hub", nil)
	in.Defaults = document(t, "own.yaml", "key: own")
	in.Components = []string{"b"}
	s, err := in.Load()
	require.NoError(t, err)
	v, _, err := s.Values("")
	require.NoError(t, err)
	require.Equal(t, "own", v.Map()["key"])
	require.Equal(t, yamlMap(t, "{b: 1, both: b, system: 1, tenant: 1, from: tenant}"), v.Map()["x"])
}

func TestCatalogWithoutDefaults(t *testing.T) {
	s, err := Inputs{Catalog: Catalog{FS: files{"values/": ""}.FS()}}.Load()
	require.NoError(t, err)
	v, _, err := s.Values("")
	require.NoError(t, err)
	require.Empty(t, v.Map())
}

func TestSourceWarnings(t *testing.T) {
	repo := layered.With(files{
		"addons/bootstrap/defaults/addons.yaml": "x: 1\nx: 2\n",
		"catalog/values/a.yaml":                 "z: 1\nz: 2\n",
		hierarchy.FleetFile:                     layered[hierarchy.FleetFile] + "  - {name: bare}\n",
	})
	delete(repo, "catalog/values/b.yaml")
	s, err := inputs(t, repo, "bare", nil).Load()
	require.NoError(t, err)
	require.Equal(t, []string{
		`fleet.yaml: cluster "bare": levels tenant, environment and cluster are skipped: the cluster has no label tenant and no label environment; give the cluster what is missing, or --labels`,
		`addons/bootstrap/defaults/addons.yaml:2: key "x" was already given on line 1, which has no effect; remove one of them`,
	}, messages(s.Warnings))
	_, warnings, err := s.Values("")
	require.NoError(t, err)
	require.Len(t, warnings, 2)
	require.ErrorContains(t, warnings[0], "catalog/values/a.yaml:2: key \"z\" was already given")
	require.ErrorContains(t, warnings[1], "the catalog catalog has no component file values/b.yaml")
}

func TestErrorsOfALayerStop(t *testing.T) {
	for name, file := range map[string]string{
		"releases": "releases.yaml", "defaults": "catalog/values.yaml",
		"a level": "addons/bootstrap/defaults/addons.yaml",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := inputs(t, layered.With(files{file: "- broken"}), "hub", nil).Load()
			requireOneLine(t, err, file+":1: ")
		})
	}
	for name, file := range map[string]string{
		"a second document of the defaults": "catalog/values.yaml",
		"a second document of a level":      "addons/bootstrap/defaults/addons.yaml",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := inputs(t, layered.With(files{file: layered[file] + "---\nlost: true\n"}), "hub", nil).Load()
			requireOneLine(t, err, file+":")
			require.ErrorContains(t, err, "there is a second YAML document, which would be lost")
		})
	}
	t.Run("a component file", func(t *testing.T) {
		s, err := inputs(t, layered.With(files{"catalog/values/a.yaml": "- broken"}), "hub", nil).Load()
		require.NoError(t, err)
		_, _, err = s.Values("")
		requireOneLine(t, err, "catalog/values/a.yaml:1: ")
	})
	t.Run("a label", func(t *testing.T) {
		_, err := inputs(t, layered, "hub", map[string]string{"tenant": "a/b"}).Load()
		requireOneLine(t, err, hierarchy.FleetFile+": cluster \"hub\": the label tenant")
	})
}

// TestUnknownLabelOfASpoke: a spoke whose label names no release is on none, whether there are others or one, and in
// the Application of a release that it is given (rule unknown-release-label in docs/rules/releases.md).
func TestUnknownLabelOfASpoke(t *testing.T) {
	for list, releases := range map[string][]string{"[{type: a}]": {"a"}, "[{type: a}, {type: b}]": {"a", "b"}} {
		f := maps.Clone(layered)
		f["releases.yaml"] = "releases: {addons: " + list + "}"
		labels := map[string]string{wellknown.LabelFleetMember: wellknown.FleetMemberSpoke, "addonsRelease": "dev"}
		in := inputs(t, f, "hub", labels)
		for _, asked := range append([]string{""}, releases...) {
			in.Release = asked
			s, err := in.Load()
			require.NoError(t, err)
			require.Contains(t, strings.Join(messages(s.Warnings), "\n"),
				"its label addonsRelease=dev names no release of group addons; the releases are "+
					strings.Join(releases, ", "))
			require.NoError(t, s.CheckReleases())
			values, _, err := s.Values(cmp.Or(asked, s.ClusterRelease()))
			require.NoError(t, err)
			require.Equal(t, map[string]any{"addonsRelease": cmp.Or(asked, "a")}, values.Settings()["releases"], list)
		}
		in.Release = ""
		in.Flags = []hierarchy.Layer{{Source: hierarchy.SourceFlags, File: "--set-setting",
			Values: map[string]any{"useVersionSelectors": false}}}
		s, err := in.Load()
		require.NoError(t, err)
		values, _, err := s.Values("a")
		require.NoError(t, err)
		require.Nil(t, values.Settings()["releases"], "no label chooses the release")
	}
}

package render_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// TestReleasesOfAGroup: a hub renders all releases if its label names one of them, and else the first (rule
// release-choice in docs/rules/releases.md).
func TestReleasesOfAGroup(t *testing.T) {
	tests := []struct {
		rule    string
		request question
		want    []string
		labels  []string // coreRelease in the selectors of the objects; "" for none
	}{
		{"the hub's label names a release: all", question{}, []string{"probe-stable", "probe-next"},
			[]string{"stable", "Next"}},
		{"a release that is asked for", question{Request: render.Request{Release: "Next"}}, []string{"probe-next"},
			[]string{"Next"}},
		{"also if the hub's label names none",
			question{Request: render.Request{Release: "Next", Labels: map[string]string{"coreRelease": ""}}},
			[]string{"probe-next"}, []string{"Next"}},
		{"without version selectors the first, for all clusters",
			question{Request: render.Request{Settings: map[string]string{"useVersionSelectors": "false"}}},
			[]string{"probe-stable"}, []string{""}},
		{"a release that is asked for, without version selectors",
			question{Request: render.Request{Release: "Next",
				Settings: map[string]string{"useVersionSelectors": "false"}}}, []string{"probe-next"}, []string{""}},
		{"another group has the only release, and no label",
			question{Request: render.Request{Group: "edge", Components: []string{"probe"}}}, []string{"probe-only"},
			[]string{""}},
		{"unless the hub's label names it",
			question{Request: render.Request{Group: "edge", Components: []string{"probe"},
				Labels: map[string]string{"edgeRelease": "only"}}}, []string{"probe-only"}, []string{""}},
		{"a group without releases has no suffix", question{Request: render.Request{Group: "wide"}}, []string{"extra"},
			[]string{""}},
		{"there any release can be asked for", question{Request: render.Request{Group: "wide", Release: "Trial"}},
			[]string{"extra-trial"}, []string{""}},
		{"flags win over the release",
			question{Request: render.Request{Release: "stable", Settings: map[string]string{"releaseType": "mine",
				"releases": "{coreRelease: mine}"}}}, []string{"probe-mine"}, []string{"mine"}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			r := test.request
			r.Tree, r.Cluster = files(small), "hub"
			if r.Group == "" {
				r.Group = "core"
			}
			objects := mustRender(t, r).Objects
			require.Equal(t, test.want, names(objects))
			for i, object := range objects {
				label, _ := at(object, probeLabels).(render.Object)["coreRelease"].(string)
				require.Equal(t, test.labels[i], label)
				if r.Labels["edgeRelease"] != "" {
					require.Equal(t, "only", at(object, probeLabels+"/edgeRelease"))
				}
			}
		})
	}
	t.Run("a release that no cluster can be on", func(t *testing.T) {
		for _, label := range []string{"other", "next"} {
			r := smallHub()
			r.Labels = map[string]string{"coreRelease": label}
			requireError(t, r,
				`lanes.yaml:3: no cluster can be on release "stable" of group core: none has the label coreRelease=stable (group core, cluster hub); label a cluster, or remove the release`)
			r.Alone = true
			require.Equal(t, []string{"probe-stable"}, names(mustRender(t, r).Objects), "others may be on it")
			require.NotContains(t, strings.Join(lines(mustRender(t, r).Warnings), " "),
				"an Argo CD has no cluster with the label")
		}
	})
	t.Run("warnings of several releases come once", func(t *testing.T) {
		r := smallHub()
		r.Files = valuesFiles("chartType: x")
		require.Equal(t, []string{"a.yaml:1: the setting chartType has no effect; remove it"},
			lines(mustRender(t, r).Warnings))
	})
	t.Run("two releases cannot share a name", func(t *testing.T) {
		r := smallHub()
		r.Settings = map[string]string{"releaseType": "same"}
		requireError(t, r,
			`group core, cluster hub: the releases "stable" and "Next" both have the ApplicationSet "probe-same"; rename one, or render one only (--release, parameter release)`)
		r.Release = "stable"
		require.Equal(t, []string{"probe-same"}, names(mustRender(t, r).Objects))
	})
}

// TestChoosingGroupAndCluster: what is looked up, and what is said where that fails.
func TestChoosingGroupAndCluster(t *testing.T) {
	t.Run("the group of an app path that only one group has", func(t *testing.T) {
		r := question{Tree: files(small), Request: render.Request{Cluster: "hub", AppPath: "edges"}}
		require.Equal(t, []string{"extra-only", "probe-only"}, names(mustRender(t, r).Objects))
	})
	t.Run("the only group", func(t *testing.T) {
		r := smallHub("-- fleet.yaml --\n" +
			`{apiVersion: fleet.cmp/v1alpha1, kind: Fleet, spec: {catalog: parts, groups: {core: {path: apps, components: [base]}}, clusters: [{name: hub}]}}` + "\n")
		r.Group = ""
		require.Equal(t, []string{"probe"}, names(mustRender(t, r).Objects))
	})
	tests := []struct {
		rule       string
		request    question
		over       string
		message    string
		incomplete bool
	}{
		{"an unknown group", question{Request: render.Request{Group: "none", Cluster: "hub"}}, "",
			`fleet.yaml:7: there is no group "none" (group none, cluster hub); the groups are core, edge, wide`, false},
		{"an unknown cluster", question{Request: render.Request{Group: "core", Cluster: "none"}}, "",
			`group core, cluster none: there is no cluster "none" in the fleet; give its labels (--labels, parameter labels), or one of hub, till-1, till-2`, false},
		{"an unknown release", question{Request: render.Request{Group: "core", Cluster: "hub", Release: "none"}}, "",
			`lanes.yaml:2: group core has no release "none" (group core, cluster hub); the releases are stable, Next`,
			false},
		{"an unknown component", question{Request: render.Request{Group: "core", Cluster: "hub",
			Components: []string{"none"}}}, "",
			`there is no component "none"; the components are probe, spare (group core, cluster hub)`, false},
		{"no cluster", question{Request: render.Request{Group: "core"}}, "",
			"for which cluster? Give one (--cluster, parameter cluster): hub, till-1, till-2",
			true},
		{"no group, and the app path has several", question{Request: render.Request{Cluster: "hub", AppPath: "apps"}},
			"", "which group? Give one (--group, parameter group): core, wide", true},
		{"no group, and no app path", question{Request: render.Request{Cluster: "hub"}}, "",
			"which group? Give one (--group, parameter group): core, edge, wide", true},
		{"no group, and the app path has none", question{Request: render.Request{Cluster: "hub", AppPath: "other"}}, "",
			"which group? Give one (--group, parameter group): core, edge, wide", true},
		{"an app path that does not exist",
			question{Request: render.Request{Group: "core", Cluster: "hub", AppPath: "none"}},
			"-- fleet.yaml --\n" + strings.ReplaceAll(fleetOfSmall, "core: {path: apps, ", "core: {"),
			"none: the app path of group core is not a directory of the repository (group core, cluster hub); give " +
				"it " +
				"as PATH, or set the group's path in fleet.yaml", false},
		{"an app path that contradicts fleet.yaml",
			question{Request: render.Request{Group: "core", Cluster: "hub", AppPath: "edges"}}, "",
			"fleet.yaml:8: the path of group core is apps, which edges contradicts (group core, cluster hub); give " +
				"apps as PATH, or as the Application's path", false},
		{"one that only begins like it",
			question{Request: render.Request{Group: "core", Cluster: "hub", AppPath: "apps-2"}}, "",
			"fleet.yaml:8: the path of group core is apps, which apps-2 contradicts (group core, cluster hub); give " +
				"apps as PATH, or as the Application's path", false},
		{"a path of fleet.yaml that does not exist", question{Request: render.Request{Group: "core", Cluster: "hub"}},
			"-- fleet.yaml --\n" + strings.ReplaceAll(fleetOfSmall, "core: {path: apps, ", "core: {path: app, "),
			"fleet.yaml:8: the app path app of group core is not a directory of the repository (group core, cluster " +
				"hub); correct path, or add the directory", false},
		{"a repository directory of fleet.yaml that does not exist",
			question{Request: render.Request{Group: "core", Cluster: "hub"}}, "-- fleet.yaml --\n" +
				strings.ReplaceAll(fleetOfSmall, "core: {path: apps, ", "core: {path: apps, repoNames: [apps, edgs], "),
			"fleet.yaml:8: the app path edgs of group core is not a directory of the repository (group core, cluster " +
				"hub); correct repoNames, or add the directory", false},
		{"an app path that is a file",
			question{Request: render.Request{Group: "core", Cluster: "hub", AppPath: "lanes.yaml"}},
			"-- fleet.yaml --\n" + strings.ReplaceAll(fleetOfSmall, "core: {path: apps, ", "core: {"),
			"lanes.yaml: the app path of group core is not a directory of the repository (group core, cluster hub); " +
				"give it as PATH, or set the group's path in fleet.yaml", false},
		{"an app path outside of the repository",
			question{Request: render.Request{Group: "core", Cluster: "hub", AppPath: "../x"}}, "",
			`group core, cluster hub: app path "../x" is not inside the repository`, false},
		{"a tenant that is no part of a path",
			question{Request: render.Request{Group: "core", Cluster: "hub",
				Labels: map[string]string{"tenant": "../x"}}}, "",
			`fleet.yaml: cluster "hub": the label tenant "../x" cannot be part of a path (group core, cluster hub)`,
			false},
		{"a cluster name that is no part of a path",
			question{Request: render.Request{Group: "core", Cluster: "a/b",
				Labels: map[string]string{"tenant": "shops", "environment": "live"}}}, "",
			`cluster "a/b": the field .name "a/b" cannot be part of a path (group core, cluster a/b)`, false},
		{"a catalog that does not exist", question{Request: render.Request{Group: "core", Cluster: "hub"}},
			"-- parts/values.yaml --\n-- parts/values/base.yaml --\n-- parts/values/extra.yaml --\n",
			"fleet.yaml:4: the catalog parts does not exist (group core, cluster hub); set spec.catalog in " +
				"fleet.yaml, or give the directory with --catalog", false},
		{"a fleet.yaml that is wrong", question{Request: render.Request{Group: "core", Cluster: "hub"}},
			"-- fleet.yaml --\napiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec: {catalogue: x}\n",
			`fleet.yaml:3: spec: unknown key "catalogue" (group core, cluster hub); did you mean catalog? Known are argocdVersion, bootstrap, catalog, chartRepositories, clusters, cmpVersion, groups, kubernetesVersion, levels, limits, lint, members, releases, repositories, repositoryURLs, secretsManager`, false},
		{"releases that are wrong", question{Request: render.Request{Group: "core", Cluster: "hub"}},
			"-- lanes.yaml --\nreleases: {core: [{name: x}]}\n",
			"lanes.yaml:1: releases of core: release 1 has no type (group core, cluster hub)", false},
		{"a member that is wrong", question{Request: render.Request{Group: "core", Cluster: "hub"}},
			"-- members/hub/till-2.yaml --\n- a\n",
			"members/hub/till-2.yaml:1: must hold a map of keys to values, not a list (group core, cluster hub)",
			false},
		{"a level's file that is wrong", question{Request: render.Request{Group: "core", Cluster: "hub"}},
			"-- apps/house/defaults/application-sets/core.yaml --\na: [\n",
			"apps/house/defaults/application-sets/core.yaml:1: is not YAML: did not find expected node content " +
				"(group core, cluster hub)", false},
		{"a level path that is no template", question{Request: render.Request{Group: "core", Cluster: "hub"}},
			"-- fleet.yaml --\napiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec: {levels: [{name: a, paths: " +
				"['{{range .x}}{{end}}']}]}\n",
			`fleet.yaml:3: level: template "{{range .x}}{{end}}": only values and conditions (if) are possible here (group core, cluster hub)`, false},
		{"a cluster Secret that is wrong",
			question{Options: render.Options{ClusterSecrets: []render.File{{Name: "s.yaml", Data: []byte("a: [")}}},
				Request: render.Request{Group: "core", Cluster: "hub"}}, "",
			"s.yaml: document 1 is no Kubernetes object (group core, cluster hub)", false},
		{"nothing to render", question{Request: render.Request{Group: "core", Cluster: "hub",
			ComponentFiles: []string{}}}, "",
			"fleet.yaml:8: there is nothing to render: neither a component file nor a level describes a component of " +
				"group core (group core, cluster hub); " +
				"name component files of the catalog in components; if it is meant to be empty, allow it " +
				"(--allow-empty, parameter allow-empty)", false},
		{"nothing enabled", question{Request: render.Request{Group: "core", Cluster: "hub",
			Files: valuesFiles("probe: {enabled: false}\nextra: {enabled: false}")}}, "",
			"group core, cluster hub: there is nothing to render: no component is enabled; if that is intended, " +
				"allow it (--allow-empty, parameter allow-empty), and Argo CD prunes what was there", false},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			test.request.Tree = files(small, test.over)
			err := failure(t, test.request)
			require.EqualError(t, err, test.message)
			require.Equal(t, test.incomplete, errors.Is(err, render.ErrIncomplete))
			_, err = valuesOf(test.request)
			if !strings.HasPrefix(test.rule, "nothing ") {
				require.EqualError(t, err, test.message, "Values fails likewise")
			}
		})
	}
	t.Run("of many clusters, a few are listed", func(t *testing.T) {
		var many strings.Builder
		for _, c := range "abcdefghijkl" {
			many.WriteString("-- members/hub/" + string(c) + ".yaml --\n{}\n")
		}
		requireError(t, question{Tree: files(small, many.String()), Request: render.Request{Group: "core"}},
			"for which cluster? Give one (--cluster, parameter cluster): a, b, c, d, e, f, g, h, "+
				"hub, i and 5 more")
	})
	t.Run("without any cluster, that is said", func(t *testing.T) {
		requireError(t, question{Tree: files("-- addons/x.yaml --\na: b\n"),
			Request: render.Request{Group: "addons", Cluster: "hub"}},
			`group addons, cluster hub: there is no cluster "hub" in the fleet; no cluster is known: give its labels `+
				`(--labels, parameter labels), or describe it in fleet.yaml`)
		requireError(t, question{Tree: files("-- addons/x.yaml --\na: b\n"),
			Request: render.Request{Group: "addons", Cluster: "hub", Described: true}},
			`group addons, cluster hub: there is no cluster "hub" in the fleet; no cluster is known: describe it in `+
				`fleet.yaml, or with --cluster-file`)
	})
	t.Run("names with line breaks do not break the message", func(t *testing.T) {
		r := question{Tree: files(small), Request: render.Request{Group: "core\n", Cluster: "hub\r\n"}}
		require.Error(t, failure(t, r))
		f := "-- fleet.yaml --\n" +
			`{apiVersion: fleet.cmp/v1alpha1, kind: Fleet, spec: {catalog: parts, groups: {core: {path: apps}}, clusters: [{name: "a\nb"}]}}` + "\n"
		for _, r := range []question{smallHub(f),
			{Tree: files(small, f), Request: render.Request{Group: "core"}},
		} {
			require.Error(t, failure(t, r))
		}
	})
}

// TestCatalogsOfReleases: each release is rendered with its own catalog, and waits for changes of no other.
func TestCatalogsOfReleases(t *testing.T) {
	r := smallHub(`
-- lanes.yaml --
releases:
  core:
  - {type: stable, chartRepoPath: older}
  - {type: Next, chartRepo: "oci://registry.example", ecrChartName: parts, version: 2.0.0}
-- older/values.yaml --
repoURLGit: https://git.example/older
useVersionSelectors: "true"
delivery: plugin
-- older/values/base.yaml --
probe: {enabled: true, namespace: older, path: charts/probe, defaultVersion: '0'}
`)
	_, err := renderOf(r)
	require.ErrorIs(t, err, fleet.ErrNoChartReader)
	r.ReadChart = func(c fleet.Chart, _ []string) (fs.FS, error) {
		require.Equal(t, fleet.Chart{Repository: "oci://registry.example", Name: "parts", Version: "2.0.0"}, c)
		return files(
			"-- values.yaml --\nuseVersionSelectors: \"true\"\nrepoURLGit: https://git.example/newer\ndelivery: " +
				"plugin\n" +
				"-- values/base.yaml --\nprobe: {enabled: true, namespace: newer, path: charts/probe, " +
				"defaultVersion: '2'}\n"), nil
	}
	objects := mustRender(t, r).Objects
	require.Equal(t, []string{"probe-stable", "probe-next"}, names(objects))
	for i, want := range []string{"older", "newer"} {
		require.Equal(t, "https://git.example/"+want, at(objects[i], "spec/template/spec/sources/0/repoURL"))
		require.Equal(t, want, at(objects[i], "spec/template/spec/destination/namespace"))
		const annotations = "spec/template/metadata/annotations"
		paths := at(objects[i], annotations).(render.Object)["argocd.argoproj.io/manifest-generate-paths"]
		require.NotContains(t, paths, "/parts/")
		require.Equal(t, want == "older",
			strings.Contains(paths.(string), ";/older/values.yaml;/older/values/base.yaml;"), paths)
	}
}

package fleet

import (
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/wellknown"
)

func TestWithoutFleetFileTheDefaultsApply(t *testing.T) {
	f, err := Load(files{}.Repository())
	require.NoError(t, err)
	require.Equal(t, Chart{Path: "charts/application-sets"}, f.Catalog)
	require.Equal(t, "fleet/fleet-bootstrap/fleet-members", f.Members)
	require.Equal(t, "fleet/bootstrap/versions/applicationSets.yaml", f.Releases)
	require.Empty(t, f.Clusters)

	var names []string
	for _, level := range f.Levels {
		names = append(names, level.Name)
	}
	require.Equal(t, []string{"system", "tenants", "tenant", "environment", "cluster"}, names)

	// The defaults, group by group.
	hub := map[string]any{"fleet_member": "hub-cluster"}
	for _, want := range []Group{
		{Name: "addons", Path: "addons", Components: []string{"addons", "ack"},
			Settings: map[string]any{"useSelectors": false, "globalSelectors": hub}},
		{Name: "monitoring", Path: "addons", Components: []string{"monitoring"},
			Settings: map[string]any{"useSelectors": true}},
		{Name: "resources", Path: "resources", Components: []string{"resources"},
			Settings: map[string]any{"useSelectors": false, "globalSelectors": hub}},
		{Name: "fleet", Path: "addons", Components: []string{"fleetBootstrap"},
			Settings: map[string]any{"useSelectors": false,
				"globalSelectors": map[string]any{"fleet_member": "spoke", "use_remote_argo": "true"}}},
	} {
		g, err := f.Group(want.Name)
		require.NoError(t, err)
		require.Equal(t, want, *g)
	}
	require.Len(t, f.Groups, 4)
}

func TestWhatTheFleetFileLeavesOutIsTheDefault(t *testing.T) {
	for _, spec := range []string{"", "  catalog: null\n", "  groups:\n  levels:\n  clusters: []\n"} {
		f, err := loadFleet(t, spec)
		require.NoError(t, err)
		want := defaultFleet()
		want.document, want.named = f.document, map[string]bool{"catalog": false, "members": false, "releases": false}
		require.Equal(t, want, f)
	}
}

func TestEveryKeyOfTheFleetFile(t *testing.T) {
	f, err := loadFleet(t, `
  catalog: ./catalog/
  members: members
  releases: releases.yaml
  levels:
  - name: all
    paths: [defaults, 'more/{{.metadata.labels.region}}']
  - {name: one, paths: ['{{.name}}']}
  groups:
    addons:
      path: apps/../addons
      components: [addons, ack]
      repoNames: [., extra/]
      settingsFiles: [GROUP.yaml, sets/GROUP/all.yml]
      useSelectors: yes
      globalSelectors: {fleet_member: hub}
      syncPolicy: null
    plain: {}
  clusters:
  - name: hub
    server: https://hub
    labels: {tenant: control-plane, n: 1, on: true}
    annotations: {x: null}
  - {name: other}
`)
	require.NoError(t, err)
	require.Equal(t, Chart{Path: "catalog"}, f.Catalog)
	require.Equal(t, "members", f.Members)
	require.Equal(t, "releases.yaml", f.Releases)
	require.Equal(t, map[string]bool{"catalog": true, "members": true, "releases": true}, f.named)
	require.Equal(t, []Level{{"all", []string{"defaults", "more/{{.metadata.labels.region}}"}},
		{"one", []string{"{{.name}}"}}}, f.Levels)
	require.Equal(t, map[string]*Group{
		"addons": {Name: "addons", Path: "addons", PathNamed: true, Components: []string{"addons", "ack"},
			RepoNames: []string{".", "extra"}, SettingsFiles: []string{"addons.yaml", "sets/addons/all.yml"},
			Settings: map[string]any{
				"useSelectors": true, "globalSelectors": map[string]any{"fleet_member": "hub"}, "syncPolicy": nil}},
		"plain": {Name: "plain", Path: ".", Settings: map[string]any{}},
	}, f.Groups)
	require.Equal(t, []cluster.Cluster{
		{Name: "hub", Server: "https://hub", File: hierarchy.FleetFile,
			Labels:      map[string]string{"tenant": "control-plane", "false": "1", "true": "true"},
			Annotations: map[string]string{}},
		{Name: "other", File: hierarchy.FleetFile, Labels: map[string]string{}, Annotations: map[string]string{}},
	}, f.Clusters)
}

func TestFleetFileErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", `fleet.yaml: is empty, or has comments only; begin it with apiVersion: fleet.cmp/v1alpha1 and kind: Fleet`},
		{"comments", "# a\n", `fleet.yaml: is empty, or has comments only; begin it with apiVersion: fleet.cmp/v1alpha1 and kind: Fleet`},
		{"no apiVersion", "kind: Fleet", `fleet.yaml:1: apiVersion must be fleet.cmp/v1alpha1, not ""`},
		{"apiVersion", "apiVersion: v1\nkind: Fleet", `fleet.yaml:1: apiVersion must be fleet.cmp/v1alpha1, not "v1"`},
		{"kind", "apiVersion: fleet.cmp/v1alpha1\nkind: Deployment\n",
			`fleet.yaml:2: kind must be Fleet, not "Deployment"`},
		{"not YAML", "kind: Fleet\na: b: c", "fleet.yaml:2: is not YAML"},
		{"a list", "- a", "fleet.yaml:1: must hold a map"},
		{"a key that is given twice",
			"apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  members: a\n  members: b\n",
			`fleet.yaml:5: key "members" was already given on line 4`},
		{"a second document", "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\n---\nspec: {members: a}\n",
			"fleet.yaml:4: there is a second YAML document"},
		{"unknown key at the top", "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nmetadata: {name: x}\nspecs: {}\n",
			`fleet.yaml:4: unknown key "specs"; did you mean spec? Known are apiVersion, kind, metadata, spec`},
		{"spec of the wrong type", "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec: [a]\n",
			"fleet.yaml:3: spec must be a map, not a list"},
		{"metadata of the wrong type", "apiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nmetadata: x\n",
			"fleet.yaml:3: metadata must be a map, not a string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := Load(files{hierarchy.FleetFile: test.text}.Repository())
			requireOneLine(t, err, hierarchy.FleetFile)
			require.Contains(t, err.Error(), test.want)
			require.Nil(t, f)
		})
	}
}

func TestFleetSpecErrors(t *testing.T) {
	for _, test := range []struct{ name, spec, want string }{
		{"unknown key", "  catalogue: x\n",
			`fleet.yaml:4: spec: unknown key "catalogue"; did you mean catalog? Known are argocdVersion, bootstrap, catalog, chartRepositories, clusters, cmpVersion, groups, kubernetesVersion, levels, limits, lint, members, releases`},
		{"catalog of the wrong type", "  catalog: [a]\n", "fleet.yaml:4: spec: catalog must be a string, not a list"},
		{"a chart without a version", "  catalog: oci://registry/catalog\n",
			`fleet.yaml:4: spec: catalog must be a directory of the repository, or oci:// or https://HOST/PATH/NAME:VERSION, not "oci://registry/catalog"`},
		{"a chart of nowhere", "  catalog: https://x:1.0.0\n",
			"catalog must be a directory of the repository, or oci://"},
		{"a chart of a file", "  catalog: file:///x/y:1.0.0\n",
			"catalog must be a directory of the repository, or oci://"},
		{"a chart with a password", "  catalog: https://me:canary@x/y:1.0.0\n",
			"fleet.yaml:4: spec: catalog holds a credential"},
		{"a chart with a token", "  catalog: https://x/y:1.0.0?token=canary\n",
			"fleet.yaml:4: spec: catalog holds a credential"},
		{"a chart with a user", "  catalog: https://me@x/y:1.0.0\n",
			`HOST/PATH/NAME:VERSION, not "https://me@x/y:1.0.0"`},
		{"catalog outside", "  catalog: ../catalog\n",
			`fleet.yaml:4: spec: catalog must be a path inside the repository, not "../catalog"`},
		{"catalog outside in the end", "  catalog: a/../../b\n",
			"fleet.yaml:4: spec: catalog must be a path inside the repository"},
		{"absolute members", "\n  members: /members\n",
			`fleet.yaml:5: spec: members must be a path inside the repository, not "/members"`},
		{"releases with a control character", `  releases: "a\nb"` + "\n",
			`fleet.yaml:4: spec: releases must be a path inside the repository, not "a\nb"`},

		{"levels of the wrong type", "  levels: {a: b}\n", "fleet.yaml:4: spec: levels must be a list, not a map"},
		{"no levels", "  levels: []\n", "fleet.yaml:4: spec: levels is empty; leave it out to have the five levels"},
		{"a level of the wrong type", "  levels: [a]\n",
			"fleet.yaml:4: spec: levels[0] must be a map with name and paths, not a string"},
		{"a level without a name", "  levels: [{paths: [a]}]\n",
			"fleet.yaml:4: level: levels[0] needs a name and paths"},
		{"a level without paths", "  levels: [{name: a, paths: [b]}, {name: a2}]\n",
			"fleet.yaml:4: level: levels[1] needs a name and paths"},
		{"two levels of one name", "  levels: [{name: a, paths: [b]}, {name: a, paths: [c]}]\n",
			`fleet.yaml:4: level: there are two levels named "a"`},
		{"paths of the wrong type", "  levels: [{name: a, paths: b}]\n",
			"fleet.yaml:4: level: paths must be a list, not a string"},
		{"a path of the wrong type", "  levels: [{name: a, paths: [b, {}]}]\n",
			"fleet.yaml:4: level: paths[1] must be a string, not a map"},
		{"unknown key of a level", "  levels: [{name: a, paths: [b], path: c}]\n",
			`fleet.yaml:4: level: unknown key "path"; did you mean paths? Known are name, paths`},
		{"no template", "  levels: [{name: a, paths: ['{{.x']}]\n", `fleet.yaml:4: level: template "{{.x": `},
		{"a loop", "  levels: [{name: a, paths: ['{{range .x}}{{end}}']}]\n",
			"only values and conditions (if) are possible here"},
		{"another template", "  levels: [{name: a, paths: ['{{template \"x\"}}']}]\n",
			"only values and conditions (if) are possible here"},

		{"groups of the wrong type", "  groups: [a]\n", "fleet.yaml:4: spec: groups must be a map, not a list"},
		{"a group of the wrong type", "  groups: {a: b}\n",
			`fleet.yaml:4: spec: group "a" must be a map, not a string`},
		{"an empty group of the wrong type", "  groups:\n    a:\n",
			`fleet.yaml:4: spec: group "a" must be a map, not null`},
		{"unknown key of a group", "  groups:\n    a:\n      pth: x\n",
			`fleet.yaml:6: group a: unknown key "pth"; did you mean path? Known are applicationSets, bootstrap, components, path, repoNames, settingsFiles`},
		{"misspelt setting of a group", "  groups:\n    a:\n      useSelector: true\n",
			`fleet.yaml:6: group a: unknown key "useSelector"; did you mean useSelectors?`},
		{"a component is no setting", "  groups: {a: {karpenter: {enabled: true}}}\n", `unknown key "karpenter"`},
		{"path outside", "  groups:\n    a:\n      path: ..\n",
			`fleet.yaml:6: group a: path must be a path inside the repository, not ".."`},
		{"repoNames outside", "  groups:\n    a:\n      repoNames: [b, /c]\n",
			`fleet.yaml:6: group a: repoNames must be a path inside the repository, not "/c"`},
		{"settingsFiles outside", "  groups:\n    a:\n      settingsFiles: [../GROUP.yaml]\n",
			`fleet.yaml:6: group a: settingsFiles must be a path inside the repository, not "../a.yaml"`},
		{"no settingsFiles", "  groups:\n    a:\n      settingsFiles: []\n",
			"fleet.yaml:6: group a: settingsFiles is empty, so that no level would have settings; leave it out to " +
				"have " +
				"application-sets/GROUP.yaml"},
		{"settingsFiles that are a template", "  groups:\n    a:\n      settingsFiles: ['{{.name}}.yaml']\n",
			"fleet.yaml:6: group a: settingsFiles must be YAML files below the directory of a level, such as " +
				"GROUP.yaml, " +
				`not "{{.name}}.yaml"`},
		{"settingsFiles that are a directory", "  groups:\n    a:\n      settingsFiles: [application-sets]\n",
			"fleet.yaml:6: group a: settingsFiles must be YAML files below the directory of a level, such as " +
				"GROUP.yaml, " +
				`not "application-sets"`},
		{"settingsFiles twice", "  groups:\n    a:\n      settingsFiles: [GROUP.yaml, ./a.yaml]\n",
			"fleet.yaml:6: group a: settingsFiles has a.yaml twice"},
		{"components of the wrong type", "  groups:\n    a:\n      components: addons\n",
			"fleet.yaml:6: group a: components must be a list, not a string"},
		{"a name that is no file name", "  groups:\n    a/b: {}\n",
			`fleet.yaml:5: group a/b: the name of the group "a/b" cannot be part of a path`},
		{"a name with a line break", "  groups: {\"a\\nb\": {path: [1]}}\n", "fleet.yaml:4: group a b: "},
		{"an empty name", "  groups: {'': {}}\n", "the name of the group is empty, and so cannot be part of a path"},

		{"clusters of the wrong type", "  clusters: {a: {}}\n",
			"fleet.yaml:4: spec: clusters must be a list, not a map"},
		{"a cluster of the wrong type", "  clusters: [a]\n",
			"fleet.yaml:4: spec: clusters[0] must be a map with a name, not a string"},
		{"a cluster without a name", "  clusters: [{name: a}, {server: x}]\n",
			"fleet.yaml:4: cluster: clusters[1] has no name"},
		{"two clusters of one name", "  clusters: [{name: a}, {name: a}]\n",
			`fleet.yaml:4: cluster: there are two clusters named "a"`},
		{"unknown key of a cluster", "  clusters: [{name: a, label: {}}]\n",
			`fleet.yaml:4: cluster: unknown key "label"; did you mean labels? Known are annotations, labels, name, server`},
		{"labels of the wrong type", "  clusters: [{name: a, labels: [b]}]\n",
			"fleet.yaml:4: cluster: labels must be a map, not a list"},
		{"a label of the wrong type", "  clusters: [{name: a, labels: {b: []}}]\n",
			`fleet.yaml:4: cluster: labels: the value of "b" must be a string, not a list`},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := loadFleet(t, test.spec)
			requireOneLine(t, err, hierarchy.FleetFile)
			require.Contains(t, err.Error(), test.want)
			require.Nil(t, f)
		})
	}
}

// TestOnlySomeOfAClusterIsAsWritten: what Helm reads is as Helm reads it, and wrong types stay what they are.
func TestOnlySomeOfAClusterIsAsWritten(t *testing.T) {
	const text = "spec: {clusters: [{name: 010, server: 010, labels: {a: 010}, annotations: 010, more: 010}, " +
		"{labels: null}], x: 010}"
	d := document(t, hierarchy.FleetFile, text)
	clusters := fields.AsMap(d.Values["spec"])["clusters"].([]any)
	require.Equal(t, map[string]any{"name": "010", "server": 8.0, "labels": map[string]any{"a": "010"},
		"annotations": 8.0, "more": 8.0},
		clusterAsWritten(d, fields.AsMap(clusters[0]), 0))
	require.Equal(t, map[string]any{"labels": nil}, clusterAsWritten(d, fields.AsMap(clusters[1]), 1))
	require.Equal(t, yamlMap(t, text), d.Values, "the document is not changed")
}

func TestFleetFileThatCannotBeRead(t *testing.T) {
	_, err := Load(hierarchy.NewRepository(fstest.MapFS{hierarchy.FleetFile: {Mode: fs.ModeDir}}))
	require.EqualError(t, err, "fleet.yaml: is not a regular file; put one there, or remove it")
}

func TestUnknownGroupIsAnErrorThatListsTheGroups(t *testing.T) {
	f, err := Load(files{}.Repository())
	require.NoError(t, err)
	_, err = f.Group("addon")
	require.EqualError(t, err,
		`the defaults of fleet.yaml: there is no group "addon"; did you mean addons? The groups are addons, fleet, monitoring, resources`)

	f, err = loadFleet(t, "  members: m\n  groups:\n    b: {}\n    a: {}\n")
	require.NoError(t, err)
	_, err = f.Group("c")
	require.EqualError(t, err, `fleet.yaml:5: there is no group "c"; the groups are a, b`)
}

func TestGroupsAtAnAppPath(t *testing.T) {
	f := defaultFleet()
	require.Equal(t, []string{"addons", "fleet", "monitoring"}, f.GroupsAt("addons"))
	require.Equal(t, []string{"resources"}, f.GroupsAt("resources"))
	require.Equal(t, []string{"addons", "fleet", "monitoring", "resources"}, f.GroupsAt("."))
	require.Empty(t, f.GroupsAt("charts"))
}

func TestGroupLayer(t *testing.T) {
	f, err := loadFleet(t, `
  groups:
    addons:
      components: [addons, ack]
      useSelectors: false
    own:
      components: [a, b]
      applicationSetGroup: other
      mergeValues:
        b: {use: false}
        c: {use: true}
    bare: {}
`)
	require.NoError(t, err)
	for _, test := range []struct {
		name, group string
		components  []string
		want        string
	}{
		{"settings, the group's name, and its component files", "addons", nil,
			"{useSelectors: false, applicationSetGroup: addons, mergeValues: {addons: {use: true}, ack: {use: true}}}"},
		{"other component files in place of the group's", "addons", []string{"x"},
			"{useSelectors: false, applicationSetGroup: addons, mergeValues: {x: {use: true}}}"},
		{"none in place of the group's", "addons", []string{}, "{useSelectors: false, applicationSetGroup: addons}"},
		{"the group's own settings win", "own", nil,
			"{applicationSetGroup: other, mergeValues: {a: {use: true}, b: {use: false}, c: {use: true}}}"},
		{"nothing but the name", "bare", nil, "{applicationSetGroup: bare}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, err := f.Group(test.group)
			require.NoError(t, err)
			before := hierarchy.MergeMaps(nil, g.Settings)
			layer := f.Layer(g, test.components)
			require.Equal(t, yamlMap(t, test.want), layer.Values)
			require.Equal(t, hierarchy.SourceGroup, layer.Source)
			require.Equal(t, hierarchy.FleetFile, layer.File)
			require.Equal(t, before, g.Settings, "the group is not changed")
		})
	}
	g, err := f.Group("addons")
	require.NoError(t, err)
	layer := f.Layer(g, nil)
	require.Equal(t, 8, layer.Line("useSelectors"))
	require.Equal(t, 7, layer.Line("mergeValues", "ack"), "where the component files are named")

	f = defaultFleet()
	layer = f.Layer(f.Groups["monitoring"], nil)
	require.Equal(t, "the defaults of fleet.yaml", layer.File)
	require.Zero(t, layer.Line("useSelectors"))
	layer = f.Layer(&Group{Name: "x"}, nil)
	require.Equal(t, map[string]any{"applicationSetGroup": "x"}, layer.Values)
}

func TestGroupSettingsAreAllSettingsOfTheChart(t *testing.T) {
	for _, setting := range wellknown.Settings() {
		if slices.Contains([]string{"path", "components", "repoNames"}, setting) {
			continue
		}
		f, err := loadFleet(t, "  groups: {a: {"+setting+": x}}\n")
		if setting == wellknown.SettingMergeValues { // over which the group's components are laid
			require.EqualError(t, err, "fleet.yaml:4: group a: mergeValues must be a map, not a string")
			continue
		}
		require.NoError(t, err, setting)
		require.Equal(t, map[string]any{setting: "x"}, f.Groups["a"].Settings)
	}
}

package fleet

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

// sample has every directory of the default levels, for a spoke retail-1 of the tenant retail, with its cluster
// directory in both places, and for the hub, whose tenant lies beside tenants/.
var sample = files{
	"addons/bootstrap/defaults/":                               "",
	"addons/bootstrap/default/":                                "",
	"addons/defaults/":                                         "",
	"addons/tenants/defaults/":                                 "",
	"addons/tenants/retail/defaults/":                          "",
	"addons/tenants/retail/environments/np/defaults/":          "",
	"addons/tenants/retail/environments/np/":                   "",
	"addons/tenants/retail/environments/np/clusters/retail-1/": "",
	"addons/tenants/retail/clusters/retail-1/":                 "",
	"addons/tenants/retail/clusters/retail-2/":                 "",
	"addons/control-plane/defaults/":                           "",
	"addons/control-plane/environments/np/defaults/":           "",
	"addons/control-plane/environments/np/clusters/hub/":       "",
	"addons/control-plane/clusters/hub/":                       "",
}

var (
	spoke = cluster.Cluster{Name: "retail-1", Labels: map[string]string{"tenant": "retail", "environment": "np"},
		File: "members/retail-1.yaml"}
	hub = cluster.Cluster{Name: "hub", Labels: map[string]string{"tenant": "control-plane", "environment": "np"},
		File: hierarchy.FleetFile}
)

func TestLevelsOfASpoke(t *testing.T) {
	levels, err := builtIn().LevelsOf(sample.Repository(), spoke, "addons")
	require.NoError(t, err)
	require.Equal(t, []ClusterLevel{
		{Name: "system", Directories: []string{"addons/bootstrap/defaults", "addons/bootstrap/default",
			"addons/defaults"}},
		{Name: "tenants", Directories: []string{"addons/tenants/defaults"}},
		{Name: "tenant", Directories: []string{"addons/tenants/retail/defaults"}},
		{Name: "environment", Directories: []string{"addons/tenants/retail/environments/np/defaults",
			"addons/tenants/retail/environments/np"}},
		{Name: "cluster", Directories: []string{"addons/tenants/retail/environments/np/clusters/retail-1",
			"addons/tenants/retail/clusters/retail-1"}},
	}, levels)
}

func TestLevelsOfATenantBesideTheTenants(t *testing.T) {
	levels, err := builtIn().LevelsOf(sample.Repository(), hub, "addons")
	require.NoError(t, err)
	require.Equal(t, []ClusterLevel{
		{Name: "system", Directories: []string{"addons/bootstrap/defaults", "addons/bootstrap/default",
			"addons/defaults"}},
		{Name: "tenants", Skipped: "the directory of tenant control-plane lies beside that of the tenants"},
		{Name: "tenant", Directories: []string{"addons/control-plane/defaults"}},
		{Name: "environment", Directories: []string{"addons/control-plane/environments/np/defaults",
			"addons/control-plane/environments/np"}},
		{Name: "cluster", Directories: []string{"addons/control-plane/environments/np/clusters/hub",
			"addons/control-plane/clusters/hub"}},
	}, levels)
}

func TestDirectoriesOfTheLevelsAreNeverATenant(t *testing.T) {
	// A tenant called as one of them lies in tenants/ as any other.
	for _, name := range []string{"tenants", "defaults", "bootstrap"} {
		c := cluster.Cluster{Name: "c", Labels: map[string]string{"tenant": name}}
		levels, err := builtIn().LevelsOf(sample.With(files{"addons/tenants/" + name + "/defaults/": ""}).Repository(),
			c, "addons")
		require.NoError(t, err)
		require.Equal(t, []string{"addons/tenants/defaults"}, levels[1].Directories)
		require.Equal(t, []string{"addons/tenants/" + name + "/defaults"}, levels[2].Directories)
	}
}

func TestLevelsOfSeveralAppPaths(t *testing.T) {
	repo := sample.With(files{"extra/defaults/": "", "extra/tenants/control-plane/defaults/": "",
		"extra/tenants/defaults/": ""}).Repository()
	levels, err := builtIn().LevelsOf(repo, hub, "addons", "extra", "addons/", "none")
	require.NoError(t, err)
	require.Equal(t, []string{"addons/bootstrap/defaults", "addons/bootstrap/default", "addons/defaults",
		"extra/defaults"}, levels[0].Directories)
	// Where the tenant's directory lies is found for each app path.
	require.Equal(t, []string{"extra/tenants/defaults"}, levels[1].Directories)
	require.Empty(t, levels[1].Skipped)
	require.Equal(t, []string{"addons/control-plane/defaults", "extra/tenants/control-plane/defaults"},
		levels[2].Directories)
}

func TestLevelThatNeedsAMissingLabelIsSkipped(t *testing.T) {
	f := builtIn()
	f.Levels = append(f.Levels,
		Level{"region", []string{"regions/{{.metadata.labels.region}}"}},
		Level{"account", []string{"accounts/{{$.metadata.annotations.account}}"}},
		Level{"server", []string{"servers/{{.server}}", "{{.nothing.at.all}}"}},
		Level{"branch", []string{"{{if eq .name \"retail-1\"}}{{.metadata.labels.zone}}{{end}}"}})
	levels, err := f.LevelsOf(sample.Repository(),
		cluster.Cluster{Name: "retail-1", Server: "s", Labels: map[string]string{"tenant": "retail"}}, "addons")
	require.NoError(t, err)
	var skipped []string
	for _, level := range levels {
		if level.Skipped != "" {
			require.Empty(t, level.Directories)
			require.NotEmpty(t, level.Missing)
			skipped = append(skipped, level.Name+": "+level.Skipped)
		}
	}
	require.Equal(t, []string{
		"environment: the cluster has no label environment",
		"region: the cluster has no label region",
		"account: the cluster has no annotation account",
		"server: the cluster has no field .nothing.at.all",
		`branch: the cluster has no value for the path {{if eq .name "retail-1"}}{{.metadata.labels.zone}}{{end}} (map has no entry for key "zone")`,
	}, skipped)
	require.Equal(t, []string{"addons/tenants/retail/clusters/retail-1"}, levels[4].Directories,
		"a level that also has a path without the label is not skipped")
}

func TestLabelsAndNamesThatReachAPathAreOneSegment(t *testing.T) {
	for _, value := range []string{"", ".", "..", "a/b", "/", "../../etc", `a\b`, "a\nb", "a\x00b", "a\u0085b", "\x7f",
		"\xff"} {
		for label, c := range map[string]cluster.Cluster{
			"label tenant": {Name: "retail-1", Labels: map[string]string{"tenant": value, "environment": "np"}},
			"label environment": {Name: "retail-1",
				Labels: map[string]string{"tenant": "retail", "environment": value}},
			"field .name": {Name: value, Labels: map[string]string{"tenant": "retail", "environment": "np"}},
		} {
			c.File = "members/x.yaml"
			_, err := builtIn().LevelsOf(sample.Repository(), c, "addons")
			requireOneLine(t, err, "members/x.yaml: cluster ")
			require.ErrorIs(t, err, cluster.ErrSegment)
			require.Contains(t, err.Error(), "the "+label+" ")
		}
		f := builtIn()
		f.Levels = []Level{{"region", []string{"{{.metadata.labels.region}}"}},
			{"zone", []string{"{{.metadata.annotations.zone}}"}}}
		_, err := f.LevelsOf(sample.Repository(),
			cluster.Cluster{Name: "c", Labels: map[string]string{"region": value}, File: "f"}, "addons")
		require.ErrorContains(t, err, "the label region ")
		_, err = f.LevelsOf(sample.Repository(), cluster.Cluster{Name: "c", Labels: map[string]string{"region": "r"},
			Annotations: map[string]string{"zone": value}, File: "f"}, "addons")
		require.ErrorContains(t, err, "the annotation zone ")
	}
}

func TestPathThatComesOutEmptySkipsTheDirectory(t *testing.T) {
	f := builtIn()
	f.Levels = []Level{{"all", []string{`{{if eq .name "other"}}defaults{{end}}`, "{{/* nothing */}}"}}}
	for _, appPath := range []string{"addons", "addons/", "./addons", "."} {
		levels, err := f.LevelsOf(sample.Repository(), spoke, appPath)
		require.NoError(t, err)
		require.Equal(t, []ClusterLevel{{Name: "all"}}, levels)
	}
}

func TestPathsOfLevelsThatLeaveTheAppPathAreErrors(t *testing.T) {
	for _, text := range []string{
		"../other", "a/../../b", "/etc", "a//b", "a/", ".", `{{"../x"}}`, `a{{"/"}}`, `{{.name}}/..`, `a\b`,
		"a{{\"\\n\"}}b",
	} {
		f := builtIn()
		f.Levels = []Level{{"all", []string{text}}}
		_, err := f.LevelsOf(sample.Repository(), spoke, "addons")
		requireOneLine(t, err, hierarchy.FleetFile)
		require.ErrorIs(t, err, cluster.ErrSegment, text)
		require.Contains(t, err.Error(), `cluster "retail-1"`)
	}
}

func TestLevelsCanUseLabelsWithDashes(t *testing.T) {
	f := builtIn()
	f.Levels = []Level{{"all", []string{`tenants/{{index .metadata.labels "the-tenant"}}/defaults`}}}
	c := spoke
	c.Labels = map[string]string{"the-tenant": spoke.Labels["tenant"]}
	levels, err := f.LevelsOf(sample.Repository(), c, "addons")
	require.NoError(t, err)
	require.Equal(t, []string{"addons/tenants/" + spoke.Labels["tenant"] + "/defaults"}, levels[0].Directories)

	c.Labels = map[string]string{}
	levels, err = f.LevelsOf(sample.Repository(), c, "addons")
	require.NoError(t, err)
	require.Contains(t, levels[0].Skipped, "the cluster has no label or annotation for the path")
}

func TestTemplatesOfLevelsKnowFewFunctions(t *testing.T) {
	for _, text := range []string{"{{env .name}}", "{{.name | upper}}", `{{readFile "/etc/passwd"}}`,
		`{{printf "%999999d" 1}}`, "{{"} {
		f := builtIn()
		f.Levels = []Level{{"all", []string{text}}}
		_, err := f.LevelsOf(sample.Repository(), spoke, "addons")
		requireOneLine(t, err, "fleet.yaml: path of a level: ")
		_, err = f.ValueFiles(sample.Repository(), "addons")
		requireOneLine(t, err, "fleet.yaml: path of a level: ")
	}
}

func TestLevelFilesAndLinksStayInsideTheRepository(t *testing.T) {
	outside := t.TempDir()
	f := builtIn()
	for name, links := range map[string]map[string]string{
		"a directory, absolute": {"addons/defaults": outside},
		"a directory, relative": {"addons/defaults": "../../.."},
		"a tenant's directory":  {"addons/retail": outside},
		"a link to such":        {"addons/defaults": "link", "addons/link": outside},
		"part of the path":      {"addons/bootstrap": outside},
		"the app path itself":   {"addons": outside},
	} {
		t.Run(name, func(t *testing.T) {
			repo, directory := files{"x/": ""}.OnDisk(t, links)
			_, err := f.LevelsOf(repo, spoke, "addons")
			requireOneLine(t, err, "addons")
			require.ErrorContains(t, err, "files and links must stay inside the repository")
			require.NotContains(t, err.Error(), directory)
			require.NotContains(t, err.Error(), outside)
		})
	}
	t.Run("a file", func(t *testing.T) {
		repo, _ := files{"addons/defaults/": ""}.OnDisk(t,
			map[string]string{"addons/defaults/application-sets/addons.yaml": "/etc/hostname"})
		levels, err := f.LevelsOf(repo, spoke, "addons")
		require.NoError(t, err)
		_, err = SettingsFiles(repo, levels, &Group{Name: "addons"})
		require.EqualError(t, err,
			"addons/defaults/application-sets/addons.yaml: cannot be read: path escapes from parent; files and links "+
				"must stay inside the repository")
	})
	t.Run("links inside are followed", func(t *testing.T) {
		repo, _ := files{"shared/addons.yaml": "a: 1"}.OnDisk(t, map[string]string{
			"addons/defaults/application-sets": "../../shared", "addons/bootstrap/defaults": "../defaults"})
		levels, err := f.LevelsOf(repo, spoke, "addons")
		require.NoError(t, err)
		require.Equal(t, []string{"addons/bootstrap/defaults", "addons/defaults"}, levels[0].Directories)
		require.Empty(t, levels[2].Directories)
		layers, err := SettingsFiles(repo, levels, &Group{Name: "addons"})
		require.NoError(t, err)
		require.Len(t, layers, 2)
	})
}

package fleet

import (
	"path"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/hierarchy/fleet/levelpath"
)

// evaluate returns the directories that entries of value files give for a cluster in Argo CD's terms.
func evaluate(t *testing.T, entries []string, c cluster.Cluster) []string {
	t.Helper()
	data := c.Fields()
	delete(data, "tenant")
	delete(data, "environment")
	delete(data, "cluster") // the short forms are not Argo CD's
	var directories []string
	for _, entry := range entries {
		parsed, err := template.New("").Option("missingkey=error").Parse(entry)
		require.NoError(t, err, entry)
		var out strings.Builder
		require.NoError(t, parsed.Execute(&out, data), entry)
		directories = append(directories, out.String())
	}
	return directories
}

func TestValueFilesGiveTheDirectoriesOfTheLevels(t *testing.T) {
	plain := sample.With(nil)
	for name := range plain {
		if strings.Contains(name, "control-plane") {
			delete(plain, name)
		}
	}
	mixed := &Fleet{templates: &levelpath.Templates{}, Levels: []Level{
		{"system", []string{"defaults"}},
		{"tenants", []string{"tenants/defaults"}},
		{"region", []string{`{{if eq .environment "np"}}regions/np{{else}}regions/{{.metadata.labels.region}}{{end}}`}},
		{"tenant", []string{"all/tenants/{{$.tenant}}",
			"tenants/{{.metadata.labels.tenant}}/by-name/{{.cluster}}/{{.nameNormalized}}"}},
	}}
	for name, test := range map[string]struct {
		fleet *Fleet
		files files
		// what only the entries have: for a tenant beside the tenants, the level tenants gives the tenant's own
		// directory
		also []string
	}{
		"with a tenant beside the tenants": {builtIn(), sample, nil},
		"without":                          {builtIn(), plain, nil},
		"other levels": {mixed, sample.With(files{"addons/regions/np/": "", "addons/all/tenants/retail/": "",
			"addons/tenants/retail/by-name/retail-1/retail-1/": "", "addons/control-plane/by-name/hub/hub/": ""}),
			[]string{"addons/control-plane/defaults"}},
		"a directory with quotes in its name": {builtIn(),
			sample.With(files{`addons/a"b}}{{.x/`: "", `addons/c"\d/`: ""}),
			nil},
	} {
		for _, c := range []cluster.Cluster{spoke, hub,
			{Name: "new", Labels: map[string]string{"tenant": "new", "environment": "prod", "region": "r"}}} {
			t.Run(name+": "+c.Name, func(t *testing.T) {
				repo := test.files.Repository()
				entries, err := test.fleet.ValueFiles(repo, "addons")
				require.NoError(t, err)
				levels, err := test.fleet.LevelsOf(repo, c, "addons")
				require.NoError(t, err)
				var want []string
				for _, level := range levels {
					want = append(want, level.Directories...)
				}
				var got []string
				for _, directory := range evaluate(t, entries, c) {
					directory = path.Join("addons", directory)
					if exists, err := repo.HasDirectory(directory); err == nil && exists &&
						!slices.Contains(got, directory) {
						got = append(got, directory)
					}
				}
				if c.Name == hub.Name {
					got = slices.DeleteFunc(got, func(directory string) bool {
						return slices.Contains(test.also, directory) &&
							!slices.Contains(want, directory)
					})
				}
				require.Equal(t, want, got, "%v", entries)
			})
		}
	}
}

func TestValueFilesOfATenantBesideTheTenantsThatIsALink(t *testing.T) {
	repo, _ := files{"addons/tenants/defaults/": "", "teams/hub/defaults/": ""}.OnDisk(t, map[string]string{
		"addons/control-plane": "../teams/hub", "addons/outside": "/tmp", "addons/file": "../teams/none"})
	entries, err := builtIn().ValueFiles(repo, "addons")
	require.NoError(t, err)
	require.Contains(t, evaluate(t, entries, hub), "control-plane/defaults")
	require.Contains(t, evaluate(t, entries, spoke), "tenants/retail/defaults")
}

// TestValueFilesAsTheyAreWritten: a tenant beside the tenants is asked for where a level has the tenants' own
// directory, by directories that can be a tenant's.
func TestValueFilesAsTheyAreWritten(t *testing.T) {
	levels := &Fleet{templates: &levelpath.Templates{}, Levels: []Level{
		{"system", []string{"bootstrap/defaults"}}, {"tenants", []string{"tenants/defaults"}},
		{"tenant", []string{"{{.tenant}}/own", "tenants/{{.tenant}}/"}},
	}}
	const tenant = "{{.metadata.labels.tenant}}"
	for _, test := range []struct {
		name  string
		files files
		want  []string
	}{
		{"no tenant", files{"addons/tenants/": "", "addons/README.md": ""},
			[]string{"bootstrap/defaults", "tenants/defaults", tenant + "/own", "tenants/" + tenant}},
		{"a hidden directory is none", files{"addons/.github/": ""},
			[]string{"bootstrap/defaults", "tenants/defaults", tenant + "/own", "tenants/" + tenant}},
		{"a tenant", files{"addons/hub/": "", "addons/.github/": ""}, []string{
			"bootstrap/defaults",
			`{{if eq .metadata.labels.tenant "hub"}}` + tenant + "{{else}}tenants{{end}}/defaults",
			tenant + "/own",
			`{{if not (eq .metadata.labels.tenant "hub")}}tenants/{{end}}` + tenant,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			entries, err := levels.ValueFiles(test.files.Repository(), "addons")
			require.NoError(t, err)
			require.Equal(t, test.want, entries)
		})
	}
}

func TestSettingsFiles(t *testing.T) {
	repo := sample.With(files{
		"addons/bootstrap/defaults/addons.yaml":                  "a: plain",
		"addons/bootstrap/defaults/application-sets/addons.yaml": "a: directory",
		"addons/bootstrap/default/addons.yaml":                   "a: default",
		"addons/defaults/addons.yaml": "a: only below " +
			"bootstrap",
		"addons/tenants/retail/defaults/application-sets/addons.yaml":                          "a: tenant",
		"addons/tenants/retail/defaults/application-sets/monitoring.yaml":                      "a: other group",
		"addons/tenants/retail/environments/np/clusters/retail-1/application-sets/addons.yaml": "a: cluster",
	}).Repository()
	levels, err := builtIn().LevelsOf(repo, spoke, "addons")
	require.NoError(t, err)
	layers, err := SettingsFiles(repo, levels, &Group{Name: "addons"})
	require.NoError(t, err)
	var got []string
	for _, l := range layers {
		got = append(got, l.Source+": "+l.File)
	}
	require.Equal(t, []string{
		"system: addons/bootstrap/defaults/addons.yaml",
		"system: addons/bootstrap/defaults/application-sets/addons.yaml",
		"system: addons/bootstrap/default/addons.yaml",
		"tenant: addons/tenants/retail/defaults/application-sets/addons.yaml",
		"cluster: addons/tenants/retail/environments/np/clusters/retail-1/application-sets/addons.yaml",
	}, got)
	require.Equal(t, "cluster", hierarchy.Merge(nil, nil, layers).Map()["a"])
}

func TestSettingsFilesThatFleetNames(t *testing.T) {
	repo := sample.With(files{
		"addons/bootstrap/defaults/addons.yaml":                                                "a: plain",
		"addons/bootstrap/defaults/application-sets/addons.yaml":                               "a: not read",
		"addons/tenants/retail/defaults/addons.yaml":                                           "a: tenant",
		"addons/tenants/retail/environments/np/clusters/retail-1/application-sets/addons.yaml": "a: not read",
		"addons/tenants/retail/environments/np/clusters/retail-1/sets/addons/all.yaml":         "a: last",
		"addons/tenants/retail/environments/np/clusters/retail-1/addons.yaml":                  "a: cluster",
	}).Repository()
	f := builtIn()
	group := &Group{Name: "addons", SettingsFiles: []string{"addons.yaml", "sets/addons/all.yaml"}}
	f.Groups = map[string]*Group{"addons": group}
	levels, err := f.LevelsOf(repo, spoke, "addons")
	require.NoError(t, err)
	layers, err := SettingsFiles(repo, levels, group)
	require.NoError(t, err)
	var got []string
	for _, l := range layers {
		got = append(got, l.Source+": "+l.File)
		require.True(t, f.NamesSettings(l.File))
	}
	require.Equal(t, []string{
		"system: addons/bootstrap/defaults/addons.yaml",
		"tenant: addons/tenants/retail/defaults/addons.yaml",
		"cluster: addons/tenants/retail/environments/np/clusters/retail-1/addons.yaml",
		"cluster: addons/tenants/retail/environments/np/clusters/retail-1/sets/addons/all.yaml",
	}, got)
	require.Equal(t, "last", hierarchy.Merge(nil, nil, layers).Map()["a"])
	require.False(t, f.NamesSettings("addons/defaults/application-sets/more-addons.yaml"))
}

func TestComponentFiles(t *testing.T) {
	repo := sample.With(files{
		"addons/defaults/addons/karpenter/values.yaml":                                     "a: 1",
		"addons/tenants/retail/defaults/addons/karpenter/pod-identity/values.yaml":         "b: 1",
		"addons/tenants/retail/clusters/retail-1/addons/karpenter/values.yaml":             "a: 2",
		"addons/tenants/retail/clusters/retail-1/addons/karpenter/pod-identity/other.yaml": "b: 2",
		"addons/tenants/defaults/addons/broken/values.yaml":                                "[",
	}).Repository()
	levels, err := builtIn().LevelsOf(repo, spoke, "addons")
	require.NoError(t, err)
	layers, err := ComponentFiles(repo, levels, "addons", "karpenter", "", "values.yaml")
	require.NoError(t, err)
	require.Len(t, layers, 2)
	require.Equal(t, "addons/tenants/retail/clusters/retail-1/addons/karpenter/values.yaml", layers[1].File)
	layers, err = ComponentFiles(repo, levels, "addons", "karpenter", "pod-identity", "values.yaml")
	require.NoError(t, err)
	require.Len(t, layers, 1)
	require.Equal(t, "tenant", layers[0].Source)
	_, err = ComponentFiles(repo, levels, "addons", "broken", "", "values.yaml")
	requireOneLine(t, err, "addons/tenants/defaults/addons/broken/values.yaml")
}

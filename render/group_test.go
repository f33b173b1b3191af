package render_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

const (
	probeValues = "spec/template/spec/sources/1/helm/valuesObject"
	probeFiles  = "spec/template/spec/sources/1/helm/valueFiles"
	probeLabels = "spec/generators/0/clusters/selector/matchLabels"
)

// TestLevels: which of the five levels reach a cluster, and in which order.
func TestLevels(t *testing.T) {
	tests := []struct {
		rule    string
		request question
		want    string
	}{
		{"all five, the cluster last; lists are replaced, null stays",
			question{Request: render.Request{Cluster: "till-1"}},
			"{plain: system, system: null, tenants: tenants, tenant: tenant, environment: environment, cluster: " +
				"cluster, winner: cluster, list: [live]}"},
		{"a member of another environment", question{Request: render.Request{Cluster: "till-2"}},
			"{plain: system, system: system, tenants: tenants, tenant: tenant, winner: tenant, list: [system]}"},
		{"the hub's tenant lies beside tenants/, of which it has nothing",
			question{Request: render.Request{Cluster: "hub"}},
			"{plain: system, system: system, tenant: house, cluster: hub, winner: hub, list: [system]}"},
		{"labels of the request win", question{Request: render.Request{Cluster: "till-1",
			Labels: map[string]string{"environment": "test"}}},
			"{plain: system, system: system, tenants: tenants, tenant: tenant, winner: tenant, list: [system]}"},
		{"a cluster that is known by its labels only",
			question{Request: render.Request{Cluster: "new",
				Labels: map[string]string{"tenant": "shops", "environment": "live"}}},
			"{plain: system, system: system, tenants: tenants, tenant: tenant, environment: environment, winner: " +
				"environment, list: [live]}"},
		{"a cluster Secret makes a cluster known", question{Options: render.Options{ClusterSecrets: []render.File{{Name: "secrets.yaml", Data: []byte(`
kind: Secret
metadata: {name: s, labels: {argocd.argoproj.io/secret-type: cluster, tenant: shops, environment: live}}
stringData: {name: stall, server: https://stall.example}
`)}}}, Request: render.Request{Cluster: "stall"}}, "{plain: system, system: system, tenants: tenants, tenant: tenant, environment: environment, winner: environment, list: [live]}"},
		{"values files are over the levels",
			question{Request: render.Request{Cluster: "hub",
				Files: valuesFiles("probe: {valuesObject: {winner: file}}", "probe: {valuesObject: {last: b}}")}},
			"{plain: system, system: system, tenant: house, cluster: hub, winner: file, last: b, list: [system]}"},
		{"the app path may be given with its dots",
			question{Request: render.Request{Cluster: "till-2", AppPath: "./apps/../apps/"}},
			"{plain: system, system: system, tenants: tenants, tenant: tenant, winner: tenant, list: [system]}"},
		{"wherever it is asked for, the path in fleet.yaml counts",
			question{Request: render.Request{Cluster: "till-2", AppPath: "edges", Anywhere: true}},
			"{plain: system, system: system, tenants: tenants, tenant: tenant, winner: tenant, list: [system]}"},
		{"a directory below it is no other one",
			question{Request: render.Request{Cluster: "till-2", AppPath: "apps/tenants/shops"}},
			"{plain: system, system: system, tenants: tenants, tenant: tenant, winner: tenant, list: [system]}"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			r := test.request
			r.Tree, r.Group, r.Components = files(small), "core", []string{"probe"}
			requireYAML(t, test.want, at(mustRender(t, r).Objects[0], probeValues))
		})
	}
	t.Run("a level that needs a label which the cluster lacks is reported", func(t *testing.T) {
		r := smallHub()
		r.Cluster, r.Labels = "bare", map[string]string{"tenant": "shops"}
		require.Contains(t, lines(mustRender(t, r).Warnings),
			`cluster "bare": levels environment and cluster are skipped: the cluster has no label environment; give the cluster what is missing, or --labels`)
	})
	t.Run("the group's settings are over the levels, and flags over all", func(t *testing.T) {
		r := smallHub("-- apps/defaults/application-sets/core.yaml --\nglobalSelectors: {role: level, own: level}\n")
		r.Components = []string{"probe"}
		requireYAML(t, "{argocd.argoproj.io/secret-type: cluster, role: hub, own: level, coreRelease: stable}",
			at(mustRender(t, r).Objects[0], probeLabels))
		r.Settings = map[string]string{"globalSelectors": "{role: flag}", "releases": "{coreRelease: flag}"}
		requireYAML(t, "{argocd.argoproj.io/secret-type: cluster, role: flag, own: level, coreRelease: flag}",
			at(mustRender(t, r).Objects[0], probeLabels))
	})
}

// TestValueFilesDefault: a catalog without valueFiles gives the directories of the five levels, as templates over the
// cluster.
func TestValueFilesDefault(t *testing.T) {
	// Without the directory of the hub's tenant, the entries are the paths of the levels.
	plain := []string{
		"bootstrap/defaults", "bootstrap/default", "defaults", "tenants/defaults",
		"tenants/{{.metadata.labels.tenant}}/defaults",
		"tenants/{{.metadata.labels.tenant}}/environments/{{.metadata.labels.environment}}/defaults",
		"tenants/{{.metadata.labels.tenant}}/environments/{{.metadata.labels.environment}}",
		"tenants/{{.metadata.labels.tenant}}/environments/{{.metadata.labels.environment}}/clusters/{{.name}}",
		"tenants/{{.metadata.labels.tenant}}/clusters/{{.name}}",
	}
	// With it, each tells that tenant from the others.
	const (
		is    = `{{if eq .metadata.labels.tenant "house"}}`
		isNot = `{{if not (eq .metadata.labels.tenant "house")}}`
	)
	beside := []string{
		"bootstrap/defaults", "bootstrap/default", "defaults",
		is + "{{.metadata.labels.tenant}}{{else}}tenants{{end}}/defaults",
		isNot + "tenants/{{end}}{{.metadata.labels.tenant}}/defaults",
		isNot + "tenants/{{end}}{{.metadata.labels.tenant}}/environments/{{.metadata.labels.environment}}/defaults",
		isNot + "tenants/{{end}}{{.metadata.labels.tenant}}/environments/{{.metadata.labels.environment}}",
		isNot +
			"tenants/{{end}}{{.metadata.labels.tenant}}/environments/{{.metadata.labels.environment}}/" +
			"clusters/{{.name}}",
		isNot + "tenants/{{end}}{{.metadata.labels.tenant}}/clusters/{{.name}}",
	}
	entries := func(list []string, group string) []any {
		var out []any
		for _, entry := range list {
			out = append(out, "$values/apps/"+entry+"/"+group+"/probe/values.yaml")
		}
		return out
	}
	got := func(t *testing.T, r question) any {
		r.Components = []string{"probe"}
		return at(mustRender(t, r).Objects[0], probeFiles)
	}
	withoutHouse := "-- apps/house/defaults/application-sets/core.yaml --\n-- " +
		"apps/house/environments/live/clusters/hub/application-sets/core.yaml --\n"
	t.Run("without a tenant beside tenants/", func(t *testing.T) {
		r := smallHub(withoutHouse)
		r.Labels = map[string]string{"tenant": "shops"}
		require.Equal(t, entries(plain, "core"), got(t, r))
	})
	t.Run("with a tenant beside tenants/", func(t *testing.T) {
		require.Equal(t, entries(beside, "core"), got(t, smallHub()))
	})
	t.Run("with two, and a hidden directory that is none", func(t *testing.T) {
		r := smallHub("-- apps/annex/x.yaml --\na: b\n-- apps/.github/x.yaml --\na: b\n")
		two := make([]string, len(beside))
		for i, entry := range beside {
			two[i] = strings.ReplaceAll(entry, `"house"`, `"annex" "house"`)
		}
		require.Equal(t, entries(two, "core"), got(t, r))
	})
	t.Run("the group's directory can be named in the settings", func(t *testing.T) {
		r := smallHub()
		r.Settings = map[string]string{"applicationSetGroup": "broad"}
		require.Equal(t, entries(beside, "broad"), got(t, r))
	})
	t.Run("the base path too", func(t *testing.T) {
		r := smallHub(withoutHouse)
		r.Labels = map[string]string{"tenant": "shops"}
		r.Settings = map[string]string{"repoURLGitBasePath": "{{.metadata.annotations.base}}"}
		require.Equal(t, "$values/{{.metadata.annotations.base}}/defaults/core/probe/values.yaml", at(got(t, r), "2"))
	})
	t.Run("a setting has the last word", func(t *testing.T) {
		r := smallHub()
		r.Files = valuesFiles("valueFiles: [own]")
		require.Equal(t, []any{"$values/apps/own/core/probe/values.yaml"}, got(t, r))
	})
	t.Run("levels of fleet.yaml", func(t *testing.T) {
		r := smallHub("-- fleet.yaml --\n" + `apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  catalog: parts
  levels:
  - {name: all, paths: [everywhere]}
  - {name: one, paths: ['{{.cluster}}', '{{.metadata.labels.zone}}/{{.server}}']}
  groups: {core: {path: apps, components: [base]}}
  clusters: [{name: hub, labels: {zone: z}, server: s}]
`)
		require.Equal(t, []any{
			"$values/apps/everywhere/core/probe/values.yaml", "$values/apps/{{.name}}/core/probe/values.yaml",
			"$values/apps/{{.metadata.labels.zone}}/{{.server}}/core/probe/values.yaml",
		}, got(t, r))
	})
	t.Run("Argo CD finds with them the directories that cmp reads", func(t *testing.T) {
		for _, name := range []string{"hub", "till-1", "till-2"} {
			r := smallHub()
			r.Cluster, r.Components = name, nil
			merged, err := valuesOf(r)
			require.NoError(t, err)
			clusters, _, err := clustersOf(r)
			require.NoError(t, err)
			var evaluated []string
			for _, file := range got(t, r).([]any) {
				for _, c := range clusters {
					if c.Name == name {
						var b strings.Builder
						require.NoError(t, template.Must(template.New("").Option("missingkey=error").
							Parse(file.(string))).Execute(&b, c.Fields()))
						evaluated = append(evaluated, strings.TrimSuffix(strings.TrimPrefix(b.String(), "$values/"),
							"/core/probe/values.yaml"))
					}
				}
			}
			for _, level := range merged.Levels {
				for _, directory := range level.Directories {
					require.Contains(t, evaluated, directory, name)
				}
			}
		}
	})
}

// TestRepoNames: the group's files are those of the named app paths, a later one over an earlier one.
func TestRepoNames(t *testing.T) {
	repoNames := "-- fleet.yaml --\n" + strings.Replace(string(files(small)["fleet.yaml"].Data), "core: {path: apps,",
		"core: {path: apps, repoNames: [shared, apps/.],", 1) +
		"-- shared/defaults/application-sets/core.yaml --\nprobe: {valuesObject: {winner: shared, shared: shared, " +
		"list: [shared]}}\n"
	r := smallHub(repoNames)
	r.Cluster, r.Components = "till-2", []string{"probe"}
	// Levels count before app paths: the tenant's file of apps wins over the system's of shared.
	requireYAML(t,
		"{plain: system, system: system, tenants: tenants, tenant: tenant, winner: tenant, shared: shared, list: "+
			"[system]}",
		at(mustRender(t, r).Objects[0], probeValues))
}

func TestCatalogOfAGroup(t *testing.T) {
	t.Run("the group's component files", func(t *testing.T) {
		r := question{Tree: files(small), Request: render.Request{Group: "edge", Cluster: "hub"}}
		require.Equal(t, []string{"extra-only", "probe-only"}, names(mustRender(t, r).Objects))
		r.Group = "core"
		require.Equal(t, []string{"probe-stable", "probe-next"}, names(mustRender(t, r).Objects))
	})
	t.Run("others in their place", func(t *testing.T) {
		r := question{Tree: files(small),
			Request: render.Request{Group: "edge", Cluster: "hub", ComponentFiles: []string{"extra"}}}
		require.Equal(t, []string{"extra-only"}, names(mustRender(t, r).Objects))
		r.ComponentFiles, r.AllowEmpty = []string{}, true
		require.Empty(t, mustRender(t, r).Objects, "an empty list is a list")
	})
	t.Run("another catalog in place of the fleet's", func(t *testing.T) {
		r := smallHub()
		r.Catalog = catalog(
			"-- values.yaml --\nrepoURLGit: https://other.example\n-- values/base.yaml --\nother: {enabled: true}\n")
		r.Release = "stable"
		objects := mustRender(t, r).Objects
		require.Equal(t, []string{"other-stable"}, names(objects))
		require.Equal(t, "https://other.example", at(objects[0], "spec/template/spec/sources/0/repoURL"))
	})
	t.Run("other defaults in place of the catalog's", func(t *testing.T) {
		r := smallHub()
		r.Defaults = &render.File{Name: "mine.yaml", Data: []byte("repoURLGit: https://mine.example\n")}
		require.Equal(t, "https://mine.example",
			at(mustRender(t, r).Objects[0], "spec/template/spec/sources/0/repoURL"))
	})
	t.Run("the instance is the group", func(t *testing.T) {
		r := smallHub()
		require.Equal(t, "core", instance(mustRender(t, r).Objects[0]))
		r.ReleaseName = "mine"
		require.Equal(t, "mine", instance(mustRender(t, r).Objects[0]))
	})
	t.Run("the clusters of the fleet are known to the findings", func(t *testing.T) {
		r := smallHub()
		r.Files = valuesFiles("probe: {namespace: '{{ .metadata.labels.team }}'}")
		require.Equal(t, []string{
			"a.yaml:1: component probe needs .metadata.labels.team, which cluster hub lacks: Argo CD will make no " +
				"Application; " +
				"add it to the cluster, for example in fleet.yaml, or make it optional with index and default",
			"a.yaml:1: component probe needs .metadata.labels.team, which cluster till-1 lacks: Argo CD will make no " +
				"Application; " +
				"add it to the cluster, for example in fleet.yaml, or make it optional with index and default",
		}, lines(mustRender(t, r).Warnings), "each release selects one of them")
	})
}

func instance(object render.Object) any {
	return at(object, "metadata/labels").(render.Object)["app.kubernetes.io/instance"]
}

func TestClusters(t *testing.T) {
	secret := render.File{Name: "secrets.yaml",
		Data: []byte(
			"kind: Secret\nmetadata: {name: s, labels: {argocd.argoproj.io/secret-type: cluster, a: b}}\nstringData: " +
				"{name: hub, server: https://new.example}\n")}
	list, warnings, err := clustersOf(
		question{Tree: files(small, "-- members/hub/till-2.yaml --\ntenant: shops\ntenant: shops\n"),
			Options: render.Options{ClusterSecrets: []render.File{secret}}})
	require.NoError(t, err)
	require.Equal(t, []string{`members/hub/till-2.yaml:2: key "tenant" was already given on line 1, which has no effect; remove one of them`}, lines(warnings))
	var got []string
	for _, c := range list {
		got = append(got, c.Name)
	}
	require.Equal(t, []string{"hub", "till-1", "till-2"}, got)
	require.Equal(t, "https://new.example", list[0].Server, "a Secret knows better than fleet.yaml")
	require.Equal(t, "house", list[0].Labels["tenant"], "and labels merge")
	require.Equal(t, cluster.Cluster{Name: "till-2", Hub: "hub", Labels: map[string]string{"fleet_member": "spoke",
		"tenant": "shops"}, Annotations: map[string]string{}, File: "members/hub/till-2.yaml"}, list[2])

	_, _, err = clustersOf(question{})
	require.ErrorIs(t, err, render.ErrIncomplete)
	_, _, err = clustersOf(question{Tree: files("-- fleet.yaml --\n[a]\n")})
	require.EqualError(t, err, "fleet.yaml:1: must hold a map of keys to values, not a list")
	_, _, err = clustersOf(question{Tree: files(small),
		Options: render.Options{ClusterSecrets: []render.File{{Name: "s.yaml", Data: []byte("a: [")}}}})
	require.EqualError(t, err, "s.yaml: document 1 is no Kubernetes object")
}

// TestLinksStayInside: what links out of the repository is refused, whatever it is.
func TestLinksStayInside(t *testing.T) {
	outside := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "core.yaml"), []byte("probe: {namespace: stolen}\n"), 0o644))
	for link, message := range map[string]string{
		"apps": "apps: cannot be read: path escapes from parent (group core, cluster hub); " +
			"files and links must stay inside the repository",
		"apps/house": "apps/house: cannot be read: path escapes from parent (group core, cluster " +
			"hub); files and links must stay inside the repository",
		"apps/defaults": "apps/defaults: cannot be read: path escapes from parent (group core, cluster " +
			"hub); files and links must stay inside the repository",
		"apps/bootstrap/defaults": "apps/bootstrap/defaults: cannot be read: path escapes from parent (group core, " +
			"cluster hub); files and links must stay inside the repository",
		"parts": "parts: cannot be read: path escapes from parent (group core, cluster hub); " +
			"files and links must stay inside the repository",
		"parts/values/base.yaml": "parts/values/base.yaml: cannot be read: path escapes from parent (group core, " +
			"cluster hub); files and links must stay inside the repository",
		"lanes.yaml": "lanes.yaml: cannot be read: path escapes from parent (group core, cluster " +
			"hub); files and links must stay inside the repository",
		"members/hub/till-2.yaml": "members/hub/till-2.yaml: cannot be read: path escapes from parent (group core, " +
			"cluster hub); files and links must stay inside the repository",
		"apps/bootstrap/other-link": "",
	} {
		t.Run(link, func(t *testing.T) {
			fsys := files(small)
			for name := range fsys {
				if name == link || strings.HasPrefix(name, link+"/") {
					delete(fsys, name)
				}
			}
			dir := t.TempDir()
			root := onDisk(t, dir, fsys, sorted(fsys))
			require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(link)), 0o755))
			target := outside
			if strings.HasSuffix(link, ".yaml") {
				target = filepath.Join(outside, "core.yaml")
			}
			require.NoError(t, os.Symlink(target, filepath.Join(dir, link)))
			r := question{Tree: root, Request: render.Request{Group: "core", Cluster: "hub"}}
			if message == "" {
				mustRender(t, r) // nobody looks there
				return
			}
			requireError(t, r, message)
		})
	}
}

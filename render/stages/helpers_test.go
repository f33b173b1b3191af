package stages_test

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/stages"
)

// fleet has two hubs, each with a spoke, and a spoke that has an Argo CD of its own. Its groups are at two app paths.
const fleet = `
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  catalog: parts
  members: members
  groups:
    core: {path: apps, components: [base], useSelectors: false}
    side: {path: apps, components: [side], useSelectors: false}
    other: {path: others, components: [more], useSelectors: false}
  clusters:
  - {name: hub-a, server: https://a.example, labels: {tenant: house, environment: live}}
  - {name: hub-b, server: https://b.example, labels: {tenant: house, environment: live}}
-- members/hub-a/spoke-1.yaml --
tenant: shops
environment: live
-- members/hub-a/spoke-2.yaml --
tenant: shops
environment: live
use_remote_argo: "true"
enable_remote_addons: "true"
-- members/hub-b/spoke-3.yaml --
tenant: shops
environment: test
-- parts/values.yaml --
repoURLGit: https://git.example/fleet
repoURLGitRevision: main
-- parts/values/base.yaml --
web: {enabled: true, namespace: web, path: charts/web, defaultVersion: '1'}
-- parts/values/side.yaml --
site: {enabled: true, namespace: site, path: charts/web, defaultVersion: '2'}
-- parts/values/more.yaml --
yard: {enabled: true, namespace: yard, path: charts/web, defaultVersion: '3'}
-- apps/tenants/shops/environments/live/.keep --
-- apps/tenants/shops/environments/test/.keep --
-- apps/tenants/house/environments/live/.keep --
-- apps/defaults/core/web/values.yaml --
level: system
-- others/defaults/README.md --
Nothing here.
-- charts/web/Chart.yaml --
apiVersion: v2
name: web
version: 0.1.0
-- charts/web/values.yaml --
level: chart
image: {name: web, tag: latest}
-- charts/web/templates/config.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: {{ .Release.Namespace }}}
data: {level: {{ .Values.level | quote }}}
-- charts/web/templates/role.yaml --
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: web}
rules: []
`

// files returns the files of txtar archives; of a file in several, that of the last one.
func files(archives ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, archive := range archives {
		for _, f := range txtar.Parse([]byte(archive)).Files {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
		}
	}
	return fsys
}

// request is one for all clusters of the fleet, which fetches nothing.
func request(t testing.TB, stage string, archives ...string) question {
	return question{Tree: files(append([]string{fleet}, archives...)...),
		Charts: stages.Charts{CacheDir: t.TempDir(), Offline: true},
		Request: render.Request{Group: "core", Stage: stage,
			Targets: render.Targets{All: true}}}
}

// A rendering is all that comes out of a request.
type rendering struct {
	rendered []render.Rendered
	progress [][2]int
	warnings []string
	err      error
}

func renderAll(t testing.TB, r question) rendering {
	t.Helper()
	var out rendering
	warnings, err := renderTo(t.Context(), t, r, render.Output{
		Encode:   func(object render.Object) ([]byte, error) { return render.EncodeValue(object, "yaml") },
		Emit:     func(r render.Rendered) error { out.rendered = append(out.rendered, r); return nil },
		Progress: func(done, total int) { out.progress = append(out.progress, [2]int{done, total}) },
	})
	out.warnings, out.err = lines(warnings), err
	return out
}

// mustRender fails the test where rendering fails.
func mustRender(t testing.TB, r question) rendering {
	t.Helper()
	out := renderAll(t, r)
	require.NoError(t, out.err)
	return out
}

// failures returns the messages of the failures that a rendering returned.
func (r rendering) failures(t testing.TB) []string {
	t.Helper()
	var failures render.Failures
	require.ErrorAs(t, r.err, &failures)
	list := make([]string, len(failures))
	for i, failure := range failures {
		list[i] = failure.Error()
		require.NotContains(t, list[i], "\n")
	}
	return list
}

// names returns where each of the objects goes: CLUSTER/APPLICATION/FILE.
func (r rendering) names() []string {
	list := []string{}
	for _, o := range r.rendered {
		list = append(list, strings.ReplaceAll(o.Cluster+"/"+o.Application+"/"+o.Name, "//", "/"))
	}
	return list
}

// objects returns the objects by their names.
func (r rendering) objects(t testing.TB) map[string]render.Object {
	t.Helper()
	all := map[string]render.Object{}
	names := r.names()
	for i, o := range r.rendered {
		var object render.Object
		require.NoError(t, yaml.Unmarshal(o.Data, &object))
		require.NotContains(t, all, names[i])
		all[names[i]] = object
	}
	return all
}

// levels returns the key level of the ConfigMaps, by cluster.
func (r rendering) levels(t testing.TB) map[string]any {
	t.Helper()
	levels := map[string]any{}
	for name, object := range r.objects(t) {
		if data, ok := object["data"].(render.Object); ok {
			cluster, _, _ := strings.Cut(name, "/")
			levels[cluster] = data["level"]
		}
	}
	return levels
}

func lines(problems []*problem.Problem) []string {
	list := []string{}
	for _, p := range problems {
		list = append(list, p.Error())
	}
	return list
}

// clusters returns how many objects there are for each cluster.
func (r rendering) clusters() map[string]int {
	counts := map[string]int{}
	for _, o := range r.rendered {
		counts[o.Cluster]++
	}
	return maps.Clone(counts)
}

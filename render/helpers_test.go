package render_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/release"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// files returns the files of txtar archives; of a file in several, that of the last one. An empty file in a later
// archive removes the one before.
func files(archives ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, archive := range archives {
		for _, f := range txtar.Parse([]byte(archive)).Files {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
			if len(f.Data) == 0 {
				delete(fsys, f.Name)
			}
		}
	}
	return fsys
}

func catalog(archives ...string) *release.Catalog {
	return &release.Catalog{FS: files(archives...), Name: "catalog"}
}

// valuesFiles returns values files named a.yaml, b.yaml, …
func valuesFiles(texts ...string) []render.File {
	var list []render.File
	for i, text := range texts {
		list = append(list, render.File{Name: string(rune('a'+i)) + ".yaml", Data: []byte(text)})
	}
	return list
}

// mustRender renders, and fails the test where that fails.
func mustRender(t testing.TB, r question) *render.Result {
	t.Helper()
	result, err := renderOf(r)
	require.NoError(t, err)
	return result
}

func names(objects []render.Object) []string {
	list := []string{}
	for _, object := range objects {
		list = append(list, object["metadata"].(render.Object)["name"].(string))
	}
	return list
}

// at returns the value at a path of keys between slashes, and nil where there is none. A key of lists is an index of
// one digit.
func at(value any, path string) any {
	for key := range strings.SplitSeq(path, "/") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			value = v[key[0]-'0']
		default:
			return nil
		}
	}
	return value
}

// requireYAML compares a value with YAML.
func requireYAML(t testing.TB, want string, got any) {
	t.Helper()
	var expected any
	require.NoError(t, yaml.Unmarshal([]byte(want), &expected))
	require.Equal(t, expected, got)
}

// failure renders and returns the error, which is one line, and nothing comes with it.
func failure(t testing.TB, r question) error {
	t.Helper()
	result, err := renderOf(r)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "\n")
	require.Nil(t, result)
	return err
}

func requireError(t testing.TB, r question, message string) {
	t.Helper()
	require.EqualError(t, failure(t, r), message)
}

func lines(problems []*problem.Problem) []string {
	list := []string{}
	for _, p := range problems {
		list = append(list, p.Error())
	}
	return list
}

// small is a fleet with a hub, whose tenant `house` has its directory beside tenants/, and shops with theirs in it. The
// component probe shows which files count: it is set by each of them.
const small = `
-- fleet.yaml --
apiVersion: fleet.cmp/v1alpha1
kind: Fleet
spec:
  catalog: parts
  members: members
  releases: lanes.yaml
  groups:
    core: {path: apps, components: [base], globalSelectors: {role: hub}}
    edge: {path: edges, components: [base, extra], useSelectors: true}
    wide: {path: apps, components: [extra], applicationSetGroup: broad}
  clusters:
  - name: hub
    server: https://hub.example
    labels: {role: hub, tenant: house, environment: live, coreRelease: stable}
  - name: till-1
    labels: {role: hub, tenant: shops, environment: live, coreRelease: Next}
-- members/hub/till-2.yaml --
tenant: shops
environment: test
-- lanes.yaml --
releases:
  core:
  - type: stable
  - type: Next
  edge:
  - type: only
-- parts/values.yaml --
repoURLGit: https://git.example/fleet
repoURLGitRevision: main
useVersionSelectors: "true"
-- parts/values/base.yaml --
probe: {enabled: true, namespace: probe, path: charts/probe, defaultVersion: '1'}
spare: {enabled: false, namespace: spare, path: charts/spare, defaultVersion: '1'}
-- parts/values/extra.yaml --
extra: {enabled: true, namespace: extra, path: charts/extra, defaultVersion: '1'}
-- apps/bootstrap/defaults/core.yaml --
probe: {valuesObject: {plain: system}}
-- apps/bootstrap/defaults/application-sets/core.yaml --
probe: {valuesObject: {system: system, winner: system, list: [system]}}
-- apps/tenants/defaults/application-sets/core.yaml --
probe: {valuesObject: {tenants: tenants, winner: tenants}}
-- apps/tenants/shops/defaults/application-sets/core.yaml --
probe: {valuesObject: {tenant: tenant, winner: tenant}}
-- apps/tenants/shops/environments/test/README.md --
No values of its own.
-- apps/tenants/shops/environments/live/application-sets/core.yaml --
probe: {valuesObject: {environment: environment, winner: environment, list: [live]}}
-- apps/tenants/shops/environments/live/clusters/till-1/application-sets/core.yaml --
probe: {valuesObject: {cluster: cluster, winner: cluster, system: null}}
-- apps/house/defaults/application-sets/core.yaml --
probe: {valuesObject: {tenant: house, winner: house}}
-- apps/house/environments/live/clusters/hub/application-sets/core.yaml --
probe: {valuesObject: {cluster: hub, winner: hub}}
-- edges/defaults/application-sets/edge.yaml --
extra: {valuesObject: {winner: system}}
`

// fleetOfSmall is fleet.yaml of the small fleet.
var fleetOfSmall = func() string {
	_, text, _ := strings.Cut(small, "-- fleet.yaml --\n")
	text, _, _ = strings.Cut(text, "-- members")
	return text
}()

// smallHub is a request for the hub of the small fleet.
func smallHub(archives ...string) question {
	return question{Tree: files(append([]string{small}, archives...)...),
		Request: render.Request{Group: "core", Cluster: "hub"}}
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

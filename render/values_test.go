package render_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// The Helm value files of the component probe, on several levels and for the hub's tenant.
const probeValueFiles = `
-- apps/bootstrap/defaults/core/probe/values.yaml --
from: system file
list: [system]
deep: {system: 1, over: system}
gone: system
-- apps/tenants/defaults/core/probe/values.yaml --
deep: {tenants: 1}
-- apps/tenants/shops/environments/live/core/probe/values.yaml --
from: environment file
list: [environment]
gone: null
-- apps/tenants/shops/environments/live/clusters/till-1/core/probe/values.yaml --
deep: {over: cluster}
-- apps/house/defaults/core/probe/values.yaml --
from: house file
-- apps/house/defaults/core/probe/other.yaml --
from: other file
`

// origins returns an explanation as "LEVEL FILE:LINE VALUE" for the key and after it for what it overrode.
func origins(t *testing.T, values *hierarchy.Values, path ...string) []string {
	t.Helper()
	var list []string
	for _, o := range values.Origins(path...) {
		list = append(list, fmt.Sprintf("%s %s:%d %v", o.Source, o.File, o.Line, o.Value))
	}
	return list
}

func mustValues(t *testing.T, r question) *render.Merged {
	t.Helper()
	merged, err := valuesOf(r)
	require.NoError(t, err)
	return merged
}

// TestValuesOfAGroup: what Render reads, with origins.
func TestValuesOfAGroup(t *testing.T) {
	r := smallHub()
	r.Cluster = "till-1"
	merged := mustValues(t, r)
	requireYAML(t, `
probe: {enabled: true, namespace: probe, path: charts/probe, defaultVersion: '1', valuesObject: {plain: system, system: null,
  tenants: tenants, tenant: tenant, environment: environment, cluster: cluster, winner: cluster, list: [live]}}
spare: {enabled: false, namespace: spare, path: charts/spare, defaultVersion: '1'}
repoURLGit: https://git.example/fleet
repoURLGitRevision: main
useVersionSelectors: "true"
mergeValues: {base: {use: true}}
applicationSetGroup: core
globalSelectors: {role: hub}
releaseType: next
releases: {coreRelease: Next}
`, merged.Values.Map())
	require.Equal(t, []string{
		"cluster apps/tenants/shops/environments/live/clusters/till-1/application-sets/core.yaml:1 cluster",
		"environment apps/tenants/shops/environments/live/application-sets/core.yaml:1 environment",
		"tenant apps/tenants/shops/defaults/application-sets/core.yaml:1 tenant",
		"tenants apps/tenants/defaults/application-sets/core.yaml:1 tenants",
		"system apps/bootstrap/defaults/application-sets/core.yaml:1 system",
	}, origins(t, merged.Values, "probe", "valuesObject", "winner"))
	require.Equal(t, []string{"catalog parts/values/base.yaml:1 charts/probe"},
		origins(t, merged.Values, "probe", "path"))
	require.Equal(t, []string{"defaults parts/values.yaml:2 main"}, origins(t, merged.Values, "repoURLGitRevision"))
	require.Equal(t, []string{"group fleet.yaml:8 hub"}, origins(t, merged.Values, "globalSelectors", "role"))
	require.Equal(t, []string{"flags lanes.yaml:4 next"}, origins(t, merged.Values, "releaseType"))

	var levels []string
	for _, level := range merged.Levels {
		levels = append(levels, fmt.Sprint(level.Name, level.Directories, level.Skipped))
	}
	require.Equal(t, []string{
		"system[apps/bootstrap/defaults]", "tenants[apps/tenants/defaults]", "tenant[apps/tenants/shops/defaults]",
		"environment[apps/tenants/shops/environments/live]",
		"cluster[apps/tenants/shops/environments/live/clusters/till-1]",
	}, levels)
}

// TestReleaseOfValues: of several releases, that of the cluster.
func TestReleaseOfValues(t *testing.T) {
	for rule, test := range map[string]struct {
		request question
		want    string
	}{
		"the one that the label names": {question{Request: render.Request{Cluster: "till-1"}},
			"next"},
		"the first, if it names none": {question{Request: render.Request{Cluster: "till-2"}},
			"stable"},
		"the one that is asked for": {question{Request: render.Request{Cluster: "till-1",
			Release: "stable"}}, "stable"},
		"the first, without version selectors": {question{Request: render.Request{Cluster: "till-1",
			Settings: map[string]string{"useVersionSelectors": "false"}}}, "stable"},
		"that of a label which the request adds": {question{Request: render.Request{Cluster: "till-2",
			Labels: map[string]string{"coreRelease": "Next"}}}, "next"},
		"what a flag says, whatever the release's is": {question{Request: render.Request{Cluster: "till-1",
			Settings: map[string]string{"releaseType": "flag"}}}, "flag"},
		"none, for a group without releases of its name": {question{Request: render.Request{Cluster: "till-1",
			Group: "wide"}}, "<nil>"},
	} {
		t.Run(rule, func(t *testing.T) {
			r := test.request
			r.Tree = files(small)
			if r.Group == "" {
				r.Group = "core"
			}
			require.Equal(t, test.want, fmt.Sprint(mustValues(t, r).Values.Map()["releaseType"]))
		})
	}
}

// TestValuesOfAComponent: value files < globalValuesObject < valuesObject, as Argo CD lays them over each other.
func TestValuesOfAComponent(t *testing.T) {
	r := smallHub(probeValueFiles)
	r.Cluster, r.Components = "till-1", []string{"probe"}
	r.Files = valuesFiles(
		"globalValuesObject:\n  deep: {global: 1, over: global}\n  list: [global]\n  winner: global\nprobe:\n  " +
			"valuesObject: {deep: {own: 1}}\n")
	merged := mustValues(t, r)
	requireYAML(t, `
from: environment file
list: [live]
gone: null
deep: {system: 1, tenants: 1, global: 1, own: 1, over: global}
plain: system
system: null
tenants: tenants
tenant: tenant
environment: environment
cluster: cluster
winner: cluster
`, merged.Values.Map())
	require.Equal(t, []string{
		"environment apps/tenants/shops/environments/live/core/probe/values.yaml:1 environment file",
		"system apps/bootstrap/defaults/core/probe/values.yaml:1 system file",
	}, origins(t, merged.Values, "from"))
	require.Equal(t, []string{
		"values a.yaml:2 global",
		"cluster apps/tenants/shops/environments/live/clusters/till-1/core/probe/values.yaml:1 cluster",
		"system apps/bootstrap/defaults/core/probe/values.yaml:3 system",
	}, origins(t, merged.Values, "deep", "over"), "lines are those of the key in its file, wherever it stands there")
	require.Equal(t, []string{
		"environment apps/tenants/shops/environments/live/application-sets/core.yaml:1 [live]",
		"system apps/bootstrap/defaults/application-sets/core.yaml:1 [system]",
		"values a.yaml:3 [global]",
		"environment apps/tenants/shops/environments/live/core/probe/values.yaml:2 [environment]",
		"system apps/bootstrap/defaults/core/probe/values.yaml:2 [system]",
	}, origins(t, merged.Values, "list"))
	require.Equal(t, []string{"values a.yaml:6 1"}, origins(t, merged.Values, "deep", "own"))

	t.Run("it is what the ApplicationSet says, over the files that it lists", func(t *testing.T) {
		r := r
		r.Release = "Next"
		inline := at(mustRender(t, r).Objects[0], probeValues).(render.Object)
		for _, key := range []string{"winner", "list", "cluster", "plain"} {
			require.Equal(t, inline[key], merged.Values.Map()[key])
		}
	})
	t.Run("a component that is off has values too", func(t *testing.T) {
		r := smallHub("-- apps/house/defaults/core/spare/values.yaml --\na: b\n")
		r.Components = []string{"spare"}
		requireYAML(t, "{a: b}", mustValues(t, r).Values.Map())
	})
	t.Run("chart, file and group decide where they are", func(t *testing.T) {
		r := smallHub(probeValueFiles)
		r.Components, r.Files = []string{"spare"}, valuesFiles("spare: {chartName: probe, valuesFileName: other.yaml}")
		requireYAML(t, "{from: other file}", mustValues(t, r).Values.Map())
		r.Settings = map[string]string{"applicationSetGroup": "none"}
		require.Empty(t, mustValues(t, r).Values.Map())
	})
	t.Run("without any there are none", func(t *testing.T) {
		r := smallHub()
		r.Components = []string{"spare"}
		merged := mustValues(t, r)
		require.Empty(t, merged.Values.Map())
		require.Empty(t, merged.Values.Explain())
	})
	t.Run("without a hierarchy, only what is inline", func(t *testing.T) {
		r := question{Request: render.Request{Catalog: catalog(shelf),
			Files:      valuesFiles(useTools + "globalValuesObject: {a: 1, b: 1}\nsaw: {valuesObject: {b: 2}}"),
			Components: []string{"saw"}}}
		merged := mustValues(t, r)
		requireYAML(t, "{a: 1, b: 2}", merged.Values.Map())
		require.Equal(t, []string{"values a.yaml:3 2", "values a.yaml:2 1"}, origins(t, merged.Values, "b"))
		require.Empty(t, merged.Levels)
	})
	t.Run("warnings are those about the value files too", func(t *testing.T) {
		r := smallHub("-- apps/house/defaults/core/probe/values.yaml --\na: 1\na: 2\n")
		r.Components = []string{"probe"}
		warning := `apps/house/defaults/core/probe/values.yaml:2: key "a" was already given on line 1, which has no effect; remove one of them`
		require.Equal(t, []string{warning}, lines(mustValues(t, r).Warnings))
		r.Strict = true
		_, err := valuesOf(r)
		require.EqualError(t, err, warning)
		require.ErrorAs(t, err, &render.Findings{})
	})
}

func TestValuesThatCannotBe(t *testing.T) {
	tests := []struct {
		rule, over, message string
		request             question
	}{
		{"two components", "", "give one component, not 2",
			question{Request: render.Request{Components: []string{"probe", "spare"}}}},
		{"a component that does not exist", "",
			`there is no component "none"; the components are probe, spare (group core, cluster hub)`,
			question{Request: render.Request{Components: []string{"none"}}}},
		{"valuesObject of the wrong type", "",
			`a.yaml:1: component "probe": valuesObject must be a map, not a list (group core, cluster hub)`,
			question{Request: render.Request{Components: []string{"probe"},
				Files: valuesFiles("probe: {valuesObject: [a]}")}}},
		{"globalValuesObject of the wrong type", "",
			"a.yaml:1: globalValuesObject must be a map, not a string (group core, cluster hub)",
			question{Request: render.Request{Components: []string{"probe"},
				Files: valuesFiles("globalValuesObject: a")}}},
		{"a value file that is wrong", "-- apps/defaults/core/probe/values.yaml --\n[a]\n",
			"apps/defaults/core/probe/values.yaml:1: must hold a map of keys to values, not a list (group core, " +
				"cluster hub)", question{Request: render.Request{Components: []string{"probe"}}}},
		{"a component file that is wrong", "-- parts/values/base.yaml --\n[a]\n",
			"parts/values/base.yaml:1: must hold a map of keys to values, not a list (group core, cluster hub)",
			question{}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			r := test.request
			r.Tree, r.Group, r.Cluster = files(small, test.over), "core", "hub"
			merged, err := valuesOf(r)
			require.EqualError(t, err, test.message)
			require.Nil(t, merged)
		})
	}
}

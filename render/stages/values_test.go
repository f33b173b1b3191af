package stages_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// component is a request for the values of a component on hub-a.
func component(t testing.TB, key string, archives ...string) question {
	r := only(request(t, "", archives...), "hub-a")
	r.Components = []string{key}
	return r
}

// origins returns where a value was set, and after it what that overrode.
func origins(values *hierarchy.Values, path ...string) []string {
	list := []string{}
	for _, o := range values.Origins(path...) {
		list = append(list, fmt.Sprintf("%s %s:%d %v", o.Source, o.File, o.Line, o.Value))
	}
	return list
}

// TestValues: the chart's defaults are below everything, with their origins.
func TestValues(t *testing.T) {
	merged, err := valuesOf(t, component(t, "web",
		"-- apps/defaults/core/web/values.yaml --\nlevel: system\nimage:\n  tag: null\n"))
	require.NoError(t, err)
	require.Empty(t, merged.Warnings)
	require.Equal(t, map[string]any{"level": "system", "image": map[string]any{"name": "web"}}, merged.Values.Map(),
		"null removes a key of the chart")
	require.Equal(t, []string{"system apps/defaults/core/web/values.yaml:1 system",
		"chart charts/web/values.yaml:1 chart"}, origins(merged.Values, "level"))
	require.Equal(t, []string{"chart charts/web/values.yaml:2 web"}, origins(merged.Values, "image", "name"))
	require.Equal(t, []string{"system apps/defaults/core/web/values.yaml:3 <nil>",
		"chart charts/web/values.yaml:2 latest"}, origins(merged.Values, "image", "tag"))
}

// TestValuesOrder: what wins is what Argo CD and the plugin have.
func TestValuesOrder(t *testing.T) {
	object := "-- apps/defaults/application-sets/core.yaml --\nglobalValuesObject: {level: global}\nweb:\n  " +
		"valuesObject: {level: object}\n"
	for delivery, want := range map[string][]string{
		"helm": {"system apps/defaults/application-sets/core.yaml:3 object",
			"system apps/defaults/application-sets/core.yaml:1 global",
			"system apps/defaults/core/web/values.yaml:1 system", "chart charts/web/values.yaml:1 chart"},
		"plugin": {"system apps/defaults/core/web/values.yaml:1 system",
			"system apps/defaults/application-sets/core.yaml:3 object",
			"system apps/defaults/application-sets/core.yaml:1 global", "chart charts/web/values.yaml:1 chart"},
	} {
		t.Run(delivery, func(t *testing.T) {
			r := component(t, "web", object+"  delivery: "+delivery+"\n")
			merged, err := valuesOf(t, r)
			require.NoError(t, err)
			require.Equal(t, want, origins(merged.Values, "level"))

			r.Stage = render.StageManifests
			require.Equal(t, merged.Values.Map()["level"], mustRender(t, r).levels(t)["hub-a"], "as it is rendered")
		})
	}
}

// TestValuesWithoutTheChart: the values are shown without its defaults, with a warning.
func TestValuesWithoutTheChart(t *testing.T) {
	base := func(text string) string {
		return "-- parts/values/base.yaml --\nweb: {enabled: true, " + text + "}\n"
	}
	for rule, test := range map[string]struct{ files, warning string }{
		"a directory that is none": {base("namespace: web, path: charts/gone, defaultVersion: '1'"), "charts/gone"},
		"a chart that is not in the cache": {base(
			"namespace: web, chartName: web, chartRepository: 'https://charts.invalid', defaultVersion: 1.2.3"),
			"https://charts.invalid"},
		"an ApplicationSet that does not expand": {base(
			"path: charts/web, defaultVersion: '1', namespace: '{{ .metadata.labels.none }}'"), "none"},
		"a component that is not for the cluster": {base(
			"namespace: web, path: charts/web, defaultVersion: '1', selectorMatchLabels: {no: cluster}"),
			"no ApplicationSet deploys it to the cluster"},
		"a chart whose values.yaml is not one at all": {"-- charts/web/values.yaml --\n- a\n", "charts/web"},
	} {
		t.Run(rule, func(t *testing.T) {
			r := component(t, "web", test.files)
			merged, err := valuesOf(t, r)
			require.NoError(t, err)
			require.Len(t, merged.Warnings, 1)
			warning := merged.Warnings[0].Error()
			require.Contains(t, warning, `component "web": the defaults of its chart are left out: `)
			require.Contains(t, warning, test.warning)
			require.NotContains(t, warning, "\n")
			require.Equal(t, map[string]any{"level": "system"}, merged.Values.Map())

			r.Strict = true
			merged, err = valuesOf(t, r)
			require.EqualError(t, err, warning)
			var findings render.Findings
			require.ErrorAs(t, err, &findings)
			require.Nil(t, merged)
		})
	}
}

// TestValuesOfNoChart: plain manifests and charts without values.yaml have no defaults, which is in order.
func TestValuesOfNoChart(t *testing.T) {
	for rule, archive := range map[string]string{
		"plain manifests": "-- parts/values/base.yaml --\nweb: {enabled: true, type: manifest, namespace: " +
			"web, path: plain, defaultVersion: '1'}\n-- plain/a.yaml --\nkind: A\n",
		"a chart without any values": "-- parts/values/base.yaml --\nweb: {enabled: true, namespace: web, path: " +
			"charts/bare, defaultVersion: '1'}\n-- charts/bare/Chart.yaml --\napiVersion: v2\nname: bare\nversion: " +
			"0.1.0\n",
	} {
		t.Run(rule, func(t *testing.T) {
			merged, err := valuesOf(t, component(t, "web", archive))
			require.NoError(t, err)
			require.Empty(t, merged.Warnings)
			if rule == "plain manifests" { // which no values reach
				require.Empty(t, merged.Values.Map())
				require.Equal(t, []string{"apps/defaults/core/web/values.yaml"}, merged.Unread)
				return
			}
			require.Equal(t, map[string]any{"level": "system"}, merged.Values.Map())
			require.Empty(t, merged.Unread)
		})
	}
}

func TestValuesThatFail(t *testing.T) {
	_, err := valuesOf(t, component(t, "gone"))
	require.EqualError(t, err, `there is no component "gone"; the components are web (group core, cluster hub-a)`)
	r := component(t, "web")
	r.Cluster = ""
	_, err = valuesOf(t, r)
	require.ErrorIs(t, err, render.ErrIncomplete)
}

// TestValuesOfACluster: a spoke's are those that its hub delivers.
func TestValuesOfACluster(t *testing.T) {
	r := component(t, "web", "-- apps/tenants/shops/defaults/core/web/values.yaml --\nlevel: tenant\n")
	r.Cluster = "spoke-3"
	merged, err := valuesOf(t, r)
	require.NoError(t, err)
	require.Equal(t, []string{"tenant apps/tenants/shops/defaults/core/web/values.yaml:1 tenant",
		"system apps/defaults/core/web/values.yaml:1 system",
		"chart charts/web/values.yaml:1 chart"}, origins(merged.Values, "level"))
	require.Len(t, merged.Levels, 5)
	require.Equal(t, []string{"apps/tenants/shops/defaults"}, merged.Levels[2].Directories)
}

// TestValuesKeepToTheLimits: those that are passed hold for the ApplicationSets whose expansion tells the chart.
func TestValuesKeepToTheLimits(t *testing.T) {
	r := component(t, "web")
	session := open(t, r)
	for range 1000 { // it can be done before the clock is looked at
		var on []string
		working := func(what string) func() { on = append(on, what); return func() {} }
		merged, err := session.Values(t.Context(), r.Request, render.ValuesOptions{},
			limits.Limits{ApplicationTimeout: time.Nanosecond}, working)
		require.NoError(t, err)
		require.Equal(t, []string{`ApplicationSet "web"`}, on)
		if len(merged.Warnings) > 0 {
			// Whichever is looked at first: the clock, or the computing, whose limit is a sixth of it.
			require.Regexp(t, "took too long, more than (1ns|0s of computing):", merged.Warnings[0].Error())
			return
		}
	}
	t.Fatal("the limit does not hold")
}

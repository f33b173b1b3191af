package stages_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
)

// allFleet is the one finding of the fleet.
const allFleet = "parts/values/base.yaml:1: component web selects every cluster; set globalSelectors or " +
	"selectorMatchLabels, or a selector with useSelectors: true"

const application = "argoproj.io_v1alpha1_application_"

// TestArgoCDs: each hub deploys to itself and its members, and the spoke of the distributed model to itself.
func TestArgoCDs(t *testing.T) {
	own := "-- apps/tenants/shops/clusters/spoke-2/application-sets/core.yaml --\nweb: {valuesObject: {from: " +
		"spoke-2}}\n"
	out := mustRender(t, request(t, render.StageApplications, own))
	require.Equal(t, []string{
		"hub-a/" + application + "hub-a-web-1", "spoke-1/" + application + "spoke-1-web-1",
		"spoke-2/" + application + "spoke-2-web-1",
		"hub-b/" + application + "hub-b-web-1", "spoke-3/" + application + "spoke-3-web-1",
		"spoke-2/" + application + "spoke-2-web-1",
	}, out.names(), "by the name of the cluster with the Argo CD: hub-a, hub-b, spoke-2")
	for i, o := range out.rendered {
		if i == len(out.rendered)-1 {
			require.Contains(t, string(o.Data), "from: spoke-2", "the values of its own")
		} else {
			require.NotContains(t, string(o.Data), "from: spoke-2", "the values of the hub")
		}
	}
	require.Equal(t, []string{allFleet, strings.Replace(allFleet, "parts/values/base.yaml",
		"apps/tenants/shops/clusters/spoke-2/application-sets/core.yaml", 1)},
		out.warnings, "once, not for each Argo CD")

	for rule, test := range map[string]struct {
		member, group string
		want          int
	}{
		"its Argo CD is there for the addons": {"use_remote_argo: 'true'\nenable_remote_addons: 'true'\n",
			"core", 2},
		"not without the switch": {"use_remote_argo: 'true'\nenable_remote_addons: 'false'\n",
			"core", 1},
		"not without an Argo CD": {"use_remote_argo: 'false'\nenable_remote_addons: 'true'\n",
			"core", 1},
		"the resources have a switch of their own": {"use_remote_argo: 'true'\nenable_remote_resources: 'true'\n",
			"resources", 2},
		"which the one for the addons does not stand for": {"use_remote_argo: 'true'\nenable_remote_addons: 'true'\n",
			"resources", 1},
	} {
		t.Run(rule, func(t *testing.T) {
			r := request(t, render.StageApplications,
				"-- members/hub-a/spoke-1.yaml --\ntenant: shops\nenvironment: live\n"+test.member,
				"-- fleet.yaml --\napiVersion: fleet.cmp/v1alpha1\nkind: Fleet\nspec:\n  catalog: parts\n  members: "+
					"members\n"+
					"  groups: {core: {path: apps, components: [base]}, resources: {path: apps, components: [base]}}\n"+
					"  clusters: [{name: hub-a, server: a, labels: {tenant: house, environment: live}}, {name: "+
					"hub-b, server: b, labels: {tenant: house, environment: live}}]\n")
			r.Group, r.Cluster, r.Targets = test.group, "spoke-1", render.Targets{}
			require.Equal(t, map[string]int{"spoke-1": test.want}, mustRender(t, r).clusters())
		})
	}
}

func TestTargets(t *testing.T) {
	for rule, test := range map[string]struct {
		cluster string
		targets render.Targets
		want    map[string]int
	}{
		"a cluster":                   {"spoke-3", render.Targets{}, map[string]int{"spoke-3": 1}},
		"a selector":                  {"", render.Targets{Selector: "environment=test"}, map[string]int{"spoke-3": 1}},
		"all, of one Argo CD":         {"hub-b", render.Targets{All: true}, map[string]int{"hub-b": 1, "spoke-3": 1}},
		"a selector, of one Argo CD":  {"hub-b", render.Targets{Selector: "tenant=house"}, map[string]int{"hub-b": 1}},
		"both Argo CDs of one target": {"spoke-2", render.Targets{}, map[string]int{"spoke-2": 2}},
	} {
		t.Run(rule, func(t *testing.T) {
			r := request(t, render.StageApplications)
			r.Cluster, r.Targets = test.cluster, test.targets
			require.Equal(t, test.want, mustRender(t, r).clusters())
		})
	}
}

// TestOneOwner: with the setting that the Applications of package bootstrap have, a target is of one Argo CD only.
func TestOneOwner(t *testing.T) {
	for cluster, targets := range map[string]render.Targets{"spoke-2": {}, "spoke-3": {}, "hub-b": {All: true}} {
		r := request(t, render.StageApplications)
		r.Cluster, r.Targets, r.Settings = cluster, targets, map[string]string{"handover": "true"}
		got := mustRender(t, r).clusters()
		if targets.All {
			require.NotContains(t, got, "spoke-2", "its hub leaves it alone")
			continue
		}
		require.Equal(t, map[string]int{cluster: 1}, got)
	}
}

// TestGroups: without a group, those of fleet.yaml are rendered one after the other from any directory, each at its own
// path.
func TestGroups(t *testing.T) {
	for _, appPath := range []string{"apps", "./apps/", "others", ".", "", "charts/web"} {
		t.Run("at "+appPath, func(t *testing.T) {
			r := request(t, render.StageApplications)
			r.Group, r.AppPath, r.Cluster, r.Targets = "", appPath, "hub-a", render.Targets{}
			out := renderAll(t, r)
			want := []string{"hub-a-web-1", "hub-a-yard-3", "hub-a-site-2"} // core, other, side
			require.NoError(t, out.err)
			for i := range want {
				want[i] = "hub-a/" + application + want[i]
			}
			require.Equal(t, want, out.names())
		})
	}
}

// TestFailures: what fails is left out and told of, for which Application and cluster; all else is there.
func TestFailures(t *testing.T) {
	const stops = "-- charts/web/templates/stop.yaml --\n" +
		`{{ if eq .Values.level "broken" }}{{ fail "it is broken" }}{{ end }}` + "\n"
	broken := "-- apps/tenants/shops/clusters/spoke-1/core/web/values.yaml --\nlevel: broken\n"
	t.Run("a chart", func(t *testing.T) {
		out := renderAll(t, request(t, render.StageManifests, stops, broken))
		failures := out.failures(t)
		require.Len(t, failures, 1)
		require.Contains(t, failures[0], "it is broken")
		require.Contains(t, failures[0], "application spoke-1-web-1")
		require.Contains(t, failures[0], "cluster spoke-1")
		require.Equal(t, map[string]int{"hub-a": 2, "hub-b": 2, "spoke-2": 4, "spoke-3": 2}, out.clusters())
	})
	t.Run("all charts", func(t *testing.T) {
		out := renderAll(t, request(t, render.StageManifests, stops,
			"-- apps/defaults/core/web/values.yaml --\nlevel: broken\n"))
		failures := out.failures(t)
		require.Len(t, failures, 5, "one for each cluster, without a further one that nothing is left")
		require.Empty(t, out.rendered)
		for i, cluster := range []string{"hub-a", "spoke-1", "spoke-2", "hub-b", "spoke-3"} {
			require.Contains(t, failures[i], "cluster "+cluster)
		}
	})
	t.Run("an Application", func(t *testing.T) {
		needs := "-- parts/values/base.yaml --\nweb: {enabled: true, namespace: '{{ .metadata.labels.fleet_member " +
			"}}', path: charts/web, defaultVersion: '1'}\n"
		out := renderAll(t, request(t, render.StageApplications, needs))
		failures := out.failures(t)
		require.Len(t, failures, 4)
		require.Contains(t, failures[0], "hub-a")
		require.Contains(t, failures[1], "left out are also spoke-1-web-1, spoke-2-web-1")
		require.Contains(t, failures[2], "hub-b")
		require.Contains(t, failures[3], "left out are also spoke-3-web-1")
		require.Equal(t, map[string]int{"spoke-2": 1}, out.clusters(), "of its own Argo CD")
	})
	t.Run("the values of an Argo CD, which ends it", func(t *testing.T) {
		out := renderAll(t, request(t, render.StageApplications,
			"-- apps/defaults/application-sets/core.yaml --\n[a]\n"))
		require.EqualError(t, out.err,
			"apps/defaults/application-sets/core.yaml:1: must hold a map of keys to values, not a list (group "+
				"core, cluster hub-a)")
		var failures render.Failures
		require.NotErrorAs(t, out.err, &failures)
		require.Equal(t, [][2]int{{1, 1}}, out.progress, "nothing more is to be expected")
	})
}

func TestStrict(t *testing.T) {
	r := request(t, render.StageManifests)
	plain := mustRender(t, r)
	require.Equal(t, []string{allFleet}, plain.warnings)
	r.Strict = true
	strict := renderAll(t, r)
	require.Equal(t, []string{allFleet}, strict.failures(t))
	require.Empty(t, strict.warnings, "they are the failures")
	require.Equal(t, plain.rendered, strict.rendered)

	tidy := request(t, render.StageManifests)
	tidy.Strict, tidy.Settings = true, map[string]string{"globalSelectors": "{environment: live}"}
	require.Len(t, mustRender(t, tidy).rendered, 10)
}

func TestNothingToRender(t *testing.T) {
	r := request(t, render.StageManifests,
		"-- parts/values/base.yaml --\nweb: {enabled: true, namespace: web, path: charts/web, defaultVersion: '1', "+
			"selectorMatchLabels: {no: cluster}}\n")
	out := renderAll(t, r)
	require.Len(t, out.failures(t), 1)
	require.ErrorContains(t, out.err,
		"there is nothing to render: no ApplicationSet selects the clusters hub-a, hub-b, spoke-1, spoke-2, "+
			"spoke-3; if that is intended, allow it (--allow-empty")
	r.AllowEmpty = true
	require.Empty(t, mustRender(t, r).rendered)
}

const sets = `
kind: ConfigMap
apiVersion: v1
metadata: {name: beside}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: own}
spec:
  goTemplate: true
  generators: [{clusters: {selector: {matchLabels: {tenant: shops}}}}]
  template:
    metadata: {name: 'own-{{ .name }}'}
    spec:
      project: default
      source: {repoURL: 'https://git.example/fleet', path: charts/web, targetRevision: main}
      destination: {name: '{{ .name }}', namespace: own}
`

// TestFrom: ApplicationSets of files take the place of those of a group; they see all targets as one Argo CD does.
func TestFrom(t *testing.T) {
	r := request(t, render.StageManifests)
	r.Group, r.From = "", []render.File{{Name: "sets.yaml", Data: []byte(sets)}}
	out := mustRender(t, r)
	require.Equal(t, map[string]int{"spoke-1": 2, "spoke-2": 2, "spoke-3": 2}, out.clusters())
	require.Equal(t, "spoke-1/own-spoke-1/v1_configmap_web_own", out.names()[0])
	require.Equal(t, map[string]any{"spoke-1": "chart", "spoke-2": "chart", "spoke-3": "chart"}, out.levels(t))

	r.Stage = render.StageApplications
	require.Equal(t, []string{"spoke-1/" + application + "own-spoke-1", "spoke-2/" + application + "own-spoke-2",
		"spoke-3/" + application + "own-spoke-3"},
		mustRender(t, r).names())
	for _, test := range []struct{ name, data, message string }{
		{"no ApplicationSet", "kind: ConfigMap",
			"from.yaml: there is neither an ApplicationSet nor an Application in the file; give files with such " +
				"objects as --from"},
		{"an empty file", "",
			"from.yaml: there is neither an ApplicationSet nor an Application in the file; give files with such " +
				"objects as --from"},
		{"no map", "- a", "from.yaml:1: must hold a map of keys to values, not a list"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := r
			r.From = append(r.From, render.File{Name: "from.yaml", Data: []byte(test.data)})
			require.EqualError(t, renderAll(t, r).err, test.message)
		})
	}
}

// TestStops: an error of the output or of the context is no failure with a single Application.
func TestStops(t *testing.T) {
	full := errors.New("disk full")
	encode := func(object render.Object) ([]byte, error) { return render.EncodeValue(object, "yaml") }
	for _, stage := range []string{render.StageApplications, render.StageManifests} {
		emitted := 0
		_, err := renderTo(t.Context(), t, request(t, stage),
			render.Output{Encode: encode, Emit: func(render.Rendered) error {
				if emitted++; emitted == 2 {
					return full
				}
				return nil
			}})
		require.Equal(t, full, err)
		require.Equal(t, 2, emitted)

		ctx, cancel := context.WithCancel(t.Context())
		_, err = renderTo(ctx, t, request(t, stage),
			render.Output{Encode: encode, Emit: func(render.Rendered) error { return nil },
				Progress: func(int, int) { cancel() }})
		if stage == render.StageManifests { // one of them is rendered when the other ones are given up
			require.ErrorIs(t, err, context.Canceled)
		}
		cancel()
	}
}

// TestProgress: what is told grows from one time to the next, and ends with all.
func TestProgress(t *testing.T) {
	for rule, change := range map[string]func(*question){
		"Applications":                    func(r *question) { r.Stage = render.StageApplications },
		"manifests":                       func(*question) {},
		"several groups, of unlike sizes": func(r *question) { r.Group = "" },
		"without Applications": func(r *question) {
			r.Group, r.AllowEmpty, r.Components = "side", true,
				[]string{"site"}
		},
		"ApplicationSets of files": func(r *question) {
			r.From = []render.File{{Name: "sets.yaml", Data: []byte(sets + "---" + sets)}}
		},
		"one cluster whose two Argo CDs count it": func(r *question) {
			r.Cluster, r.Targets = "spoke-2",
				render.Targets{}
		},
	} {
		t.Run(rule, func(t *testing.T) {
			r := request(t, render.StageManifests,
				"-- parts/values/base.yaml --\nweb: {enabled: true, namespace: web, path: charts/web, "+
					"defaultVersion: '1'}\n"+
					"none: {enabled: true, namespace: a, path: charts/web, defaultVersion: '1', selectorMatchLabels: "+
					"{no: cluster}}\n"+
					"test: {enabled: true, namespace: b, path: charts/web, defaultVersion: '1', selectorMatchLabels: "+
					"{environment: test}}\n"+
					"site: {enabled: false}\n")
			change(&r)
			told := mustRender(t, r).progress
			require.Greater(t, len(told), 1)
			for i, now := range told {
				require.Positive(t, now[1])
				require.LessOrEqual(t, now[0], now[1])
				if i > 0 {
					before := told[i-1]
					require.GreaterOrEqual(t, now[0]*before[1], before[0]*now[1], "%v after %v", now, before)
				}
			}
			require.Equal(t, [2]int{1, 1}, told[len(told)-1])
		})
	}
}

package render_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// overrides are the files of a component whose valuesObject meets value files of three levels.
const overrides = `
-- apps/bootstrap/defaults/application-sets/core.yaml --
probe:
  valuesObject:
    image: {tag: object, name: same}
    replicas: 2
    list: [a]
-- apps/bootstrap/defaults/core/probe/values.yaml --
free: value
image:
  name: same
  pull: Always
  tag: file
-- apps/tenants/shops/defaults/core/probe/values.yaml --
replicas: 2
list:
- b
-- apps/house/defaults/core/probe/values.yaml --
image: text
`

// effectless returns the warnings of a render: here, all are about values that have no effect.
func effectless(t testing.TB, r question) []string {
	t.Helper()
	return lines(mustRender(t, r).Warnings)
}

// overridden is a request for a group whose levels beyond the system's say nothing of the component.
func overridden(archives ...string) question {
	r := smallHub(append([]string{`
-- apps/bootstrap/defaults/core.yaml --
-- apps/tenants/defaults/application-sets/core.yaml --
-- apps/tenants/shops/defaults/application-sets/core.yaml --
-- apps/tenants/shops/environments/live/application-sets/core.yaml --
-- apps/tenants/shops/environments/live/clusters/till-1/application-sets/core.yaml --
-- apps/house/defaults/application-sets/core.yaml --
-- apps/house/environments/live/clusters/hub/application-sets/core.yaml --
`, overrides}, archives...)...)
	r.Release = "stable"
	return r
}

// TestOverridden: what the valuesObject has too is warned of at its place, with the other place, once for all clusters.
func TestOverridden(t *testing.T) {
	const object, hint = "apps/bootstrap/defaults/application-sets/core.yaml",
		"which Argo CD lays over all value files; remove one of the two, or set delivery: plugin for the component"
	all := []string{
		`apps/bootstrap/defaults/core/probe/values.yaml:5: image.tag has no effect: the valuesObject of component "probe" has it too (` + object + ":3), " + hint,
		`apps/house/defaults/core/probe/values.yaml:1: image has no effect: the valuesObject of component "probe" has it too (` + object + ":3), " + hint,
		`apps/tenants/shops/defaults/core/probe/values.yaml:2: list has no effect: the valuesObject of component "probe" has it too (` + object + ":5), " + hint,
	}
	require.Equal(t, all, effectless(t, overridden()), "not of equal values, nor of keys that only the file has")

	t.Run("of all releases, once", func(t *testing.T) {
		r := overridden()
		r.Release = ""
		require.Equal(t, all, effectless(t, r))
	})
	t.Run("globalValuesObject counts as well", func(t *testing.T) {
		r := overridden()
		r.Files = valuesFiles("globalValuesObject:\n  free: global\n  image: {pull: Never}\n")
		require.Equal(t, []string{
			`apps/bootstrap/defaults/core/probe/values.yaml:1: free has no effect: the valuesObject of component "probe" has it too (a.yaml:2), ` + hint,
			`apps/bootstrap/defaults/core/probe/values.yaml:4: image.pull has no effect: the valuesObject of component "probe" has it too (a.yaml:3), ` + hint,
		}, effectless(t, r)[:2])
	})
	t.Run("another place that wins is named", func(t *testing.T) {
		r := overridden()
		r.Files = valuesFiles("\nprobe: {valuesObject: {list: [c]}}\n")
		require.Contains(t, effectless(t, r)[2],
			`list has no effect: the valuesObject of component "probe" has it too (a.yaml:2), `)
	})
	t.Run("null is a value", func(t *testing.T) {
		r := overridden("-- apps/tenants/shops/defaults/core/probe/values.yaml --\nlist: null\n")
		require.Contains(t, effectless(t, r)[2],
			"apps/tenants/shops/defaults/core/probe/values.yaml:1: list has no effect")
	})
	t.Run("it is an error if the render is strict", func(t *testing.T) {
		r := overridden()
		r.Strict = true
		require.EqualError(t, failure(t, r), all[0]+" (and 2 more findings)")
	})
	t.Run("files under another name are looked into", func(t *testing.T) {
		r := overridden("-- apps/bootstrap/defaults/core/chart/own.yaml --\nreplicas: 3\n")
		r.Files = valuesFiles("probe: {chartName: chart, valuesFileName: own.yaml}")
		require.Equal(t, []string{`apps/bootstrap/defaults/core/chart/own.yaml:1: replicas has no effect: the valuesObject of component "probe" has it too (` + object + ":4), " + hint}, effectless(t, r))
	})
}

func TestNotOverridden(t *testing.T) {
	for rule, change := range map[string]func(*question){
		"with delivery by the plugin": func(r *question) { r.Files = valuesFiles("probe: {delivery: plugin}") },
		"also if the setting says so": func(r *question) { r.Settings = map[string]string{"delivery": "plugin"} },
		"without a valuesObject":      func(r *question) { r.Files = valuesFiles("probe: {valuesObject: null}") },
		"of a component that is switched off": func(r *question) {
			r.Files, r.AllowEmpty = valuesFiles("probe: {enabled: false}"), true
		},
		"with equal values": func(r *question) {
			r.Files = valuesFiles("probe: {valuesObject: {image: null, list: null}}", "probe: {valuesObject: null}",
				"probe: {valuesObject: {replicas: 2}}")
		},
	} {
		t.Run(rule, func(t *testing.T) {
			r := overridden()
			change(&r)
			require.Empty(t, effectless(t, r))
		})
	}
}

package stages_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
	"github.com/eks-fleet-management/fleet-cmp/internal/limits"
	"github.com/eks-fleet-management/fleet-cmp/render"
)

// levelled has value files of the component web in three levels, and a subchart.
const levelled = `
-- apps/tenants/shops/defaults/core/web/values.yaml --
level: tenant
-- apps/tenants/shops/environments/live/core/web/values.yaml --
level: environment
-- charts/web/Chart.yaml --
apiVersion: v2
name: web
version: 0.1.0
dependencies: [{name: part, version: 0.1.0, alias: extra}]
-- charts/web/charts/part/Chart.yaml --
apiVersion: v2
name: part
version: 0.1.0
-- charts/web/charts/part/values.yaml --

size: 1
`

// settings are those of the catalog, with more.
func settings(more string) string {
	return "-- parts/values.yaml --\nrepoURLGit: https://git.example/fleet\nrepoURLGitRevision: main\n" + more
}

// TestValuesOfTheApplication: what counts is what the Application says, whatever the levels have.
func TestValuesOfTheApplication(t *testing.T) {
	const system, tenant, environment = "apps/defaults/core/web/values.yaml",
		"apps/tenants/shops/defaults/core/web/values.yaml", "apps/tenants/shops/environments/live/core/web/values.yaml"
	object := func(text string) string {
		return "-- apps/defaults/application-sets/core.yaml --\nweb:\n  " + text + "\n"
	}
	for rule, test := range map[string]struct {
		files  string
		key    []string
		want   []string
		unread []string
	}{
		"all levels": {key: []string{"level"}, want: []string{"environment " + environment + ":1 environment",
			"tenant " + tenant + ":1 tenant", "system " + system + ":1 system",
			"chart charts/web/values.yaml:1 chart"}},
		"the value files that the catalog lists, in its order": {
			files: settings("repoURLGitBasePath: apps\n" +
				"valueFiles: ['tenants/{{ .metadata.labels.tenant }}/defaults', defaults]\n"),
			key: []string{"level"}, want: []string{"system " + system + ":1 system", "tenant " + tenant + ":1 tenant",
				"chart charts/web/values.yaml:1 chart"},
			unread: []string{environment}},
		"a base path that reaches none": {
			files: settings("repoURLGitBasePath: '{{ .metadata.labels.tenant }}'\nvaluesFilesPrefix: ''\n" +
				"valueFiles: [defaults]\n"),
			key: []string{"level"}, want: []string{"chart charts/web/values.yaml:1 chart"},
			unread: []string{system, tenant, environment}},
		"a file that is of no level": {
			files: settings("repoURLGitBasePath: shared\nvalueFiles: [one]\n") +
				"-- shared/one/core/web/values.yaml --\n\nlevel: none\n",
			key: []string{"level"}, want: []string{"file shared/one/core/web/values.yaml:2 none",
				"chart charts/web/values.yaml:1 chart"},
			unread: []string{system, tenant, environment}},
		"templates, evaluated": {files: object("valuesObject: {who: '{{ .name }} of {{ .metadata.labels.tenant }}'}"),
			key: []string{"who"}, want: []string{"system apps/defaults/application-sets/core.yaml:2 spoke-1 of shops"}},
		"templates in a list": {files: object("valuesObject: {who: [{is: '{{ .name }}', more: 1}, b]}"),
			key:  []string{"who"},
			want: []string{"system apps/defaults/application-sets/core.yaml:2 [map[is:spoke-1 more:1] b]"}},
		"a subchart's defaults, under its alias": {key: []string{"extra", "size"},
			want: []string{"chart charts/web/charts/part/values.yaml:2 1"}},
		"a subchart's value that is given": {files: "-- " + environment + " --\nextra: {size: 2}\n",
			key: []string{"extra", "size"}, want: []string{"environment " + environment + ":1 2",
				"chart charts/web/charts/part/values.yaml:2 1"}},
		"an override of the chart's directory": {
			files: "-- charts/web/.argocd-source.yaml --\nhelm: {parameters: [{name: level, value: override}]}\n",
			key:   []string{"level"}, want: []string{"application helm.parameters:0 override",
				"environment " + environment + ":1 environment", "tenant " + tenant + ":1 tenant",
				"system " + system + ":1 system", "chart charts/web/values.yaml:1 chart"}},
	} {
		t.Run(rule, func(t *testing.T) {
			r := component(t, "web", levelled, test.files)
			r.Cluster = "spoke-1"
			merged, err := valuesOf(t, r)
			require.NoError(t, err)
			require.Empty(t, merged.Warnings)
			require.Contains(t, merged.Application, "spoke-1-web")
			require.Equal(t, test.want, origins(merged.Values, test.key...))
			require.Equal(t, test.unread, merged.Unread)
		})
	}
}

// TestValuesOfASource: of other sources too, and as they are written.
func TestValuesOfASource(t *testing.T) {
	r := component(t, "web",
		"-- apps/defaults/application-sets/core.yaml --\nweb:\n  valuesObject: {who: '{{ .name }}', "+
			"level: object}\n  additionalResources: {path: charts/web, helm: {valuesObject: {own: '{{ .name }}'}}, "+
			"type: more}\n",
		"-- apps/defaults/core/web/more/values.yaml --\nlevel: more\n")
	values := func(o render.ValuesOptions) (*hierarchy.Values, []string, error) {
		merged, err := open(t, r).Values(t.Context(), r.Request, o, limits.Limits{}, nil)
		if err != nil {
			return nil, nil, err
		}
		return merged.Values, merged.Unread, nil
	}
	own, _, err := values(render.ValuesOptions{})
	require.NoError(t, err)
	require.Equal(t, "hub-a", own.Map()["who"])
	raw, _, err := values(render.ValuesOptions{Raw: true})
	require.NoError(t, err)
	require.Equal(t, "{{ .name }}", raw.Map()["who"])
	require.Equal(t, "object", raw.Map()["level"])
	require.Equal(t, map[string]any{"name": "web", "tag": "latest"}, raw.Map()["image"], "over the chart's defaults")
	none, unread, err := values(render.ValuesOptions{Source: 1})
	require.NoError(t, err)
	require.Empty(t, none.Map(), "the repository of the value files has no values itself")
	require.Empty(t, unread)
	more, unread, err := values(render.ValuesOptions{Source: 3})
	require.NoError(t, err)
	require.Empty(t, unread)
	require.Equal(t, []string{"system apps/defaults/core/web/more/values.yaml:1 more",
		"chart charts/web/values.yaml:1 chart"}, origins(more, "level"))
	require.Equal(t, []string{"application helm.valuesObject:0 hub-a"}, origins(more, "own"))
	for o, want := range map[render.ValuesOptions]string{
		{Source: 9}: "there is no source 9 (application ",
		{Source: 3,
			Raw: true}: "what source 3 says itself is known only as it is evaluated (cluster hub-a); leave out --raw",
	} {
		_, _, err := values(o)
		require.ErrorContains(t, err, want, fmt.Sprint(o))
	}
}

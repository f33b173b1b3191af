package migrate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render/migrate"
)

const setsTemplate = "charts/application-sets/templates/sets.yaml"

// forked is another fork of the wrapper chart: it names Applications otherwise, and the files are at other places.
func forked(t *testing.T) files {
	t.Helper()
	const level = "addons/control-plane/environments/np/clusters/hub-1/application-sets/addons.yaml"
	return files{
		level: "",
		setsTemplate: edited(t, setsTemplate, `"%s-{{ .name | trunc 30 }}-%s-{{ .values.addonChartVersion }}" $.Values.releaseType $key`,
			`"%s-of-{{ .name }}" (default $key $component.appSetName)`, "/%s/%s/%s/%s/values.yaml", "/%s/%s/%s/%s/helm.yaml"),
		bootstrapFile: edited(t, bootstrapFile,
			"{{ .metadata.labels.tenant }}/environments/np/clusters/{{ .name }}/application-sets/{{ .group }}.yaml",
			"conf/{{ .metadata.labels.environment }}/sets/{{ .group }}.yaml"),
		"addons/conf/np/sets/addons.yaml": "dns: {enabled: true, appSetName: names}\n",
	}
}

// TestFork: the settings are found with which cmp makes what another fork of the chart makes.
func TestFork(t *testing.T) {
	plan := run(t, forked(t))
	require.Empty(t, plan.Failures)
	require.True(t, plan.GroupsSame(), items(plan, ""))
	for _, text := range []string{
		"applicationName: COMPONENT-of-{{ .name }}", "valuesFileName: helm.yaml", "settingsFiles:\n      - GROUP.yaml",
		"- conf/{{.metadata.labels.environment}}/sets",
		"dns:\n          appSetName: null\n          applicationName: names-of-{{ .name }}"} {
		require.Contains(t, plan.Fleet, text)
	}
	changes := forked(t)
	changes["fleet.yaml"] = plan.Fleet
	again := run(t, changes)
	require.True(t, again.GroupsSame(), items(again, ""))

	// Without these settings, all are renamed.
	changes["fleet.yaml"] = groups("")
	renamed := run(t, changes)
	require.False(t, renamed.GroupsSame())
	require.NotZero(t, traps(renamed)[migrate.TrapDeleted])
}

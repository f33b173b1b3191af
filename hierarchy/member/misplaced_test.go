package member

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// TestMisplacedClusterValues: values of a cluster that lie where the wrapper chart's documentation has them.
func TestMisplacedClusterValues(t *testing.T) {
	const directory = "addons/tenants/retail/environments/np/clusters/retail-1/"
	for _, test := range []struct{ name, file, text, want string }{
		{"labels", directory + "fleet-secret/values.yaml", "# labels\nexternalSecret: {labels: {tier: one}}\n",
			directory + "fleet-secret/values.yaml:2: the values of clusters are not read from here; move them to " +
				directory + "fleet/fleet-secret/values.yaml"},
		{"of all clusters", "addons/defaults/fleet-secret/values.yaml", "secretStore: {name: store}\n",
			"addons/defaults/fleet-secret/values.yaml:1: the values of clusters are not read from here; move them to " +
				"addons/defaults/fleet/fleet-secret/values.yaml"},
		{"what is no YAML", directory + "fleet-secret/values.yaml", "a: [\n",
			directory + "fleet-secret/values.yaml: the values of clusters are not read from here; move them to " +
				directory + "fleet/fleet-secret/values.yaml"},
		{"where they belong", directory + "fleet/fleet-secret/values.yaml", "externalSecret: {labels: {tier: one}}\n",
			""},
		{"of a chart", directory + "fleet-secret/values.yaml", "replicas: 2\n", ""},
		{"of no cluster", "addons/tenants/other/defaults/fleet-secret/values.yaml", "secretStore: {name: store}\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, warnings, err := members(t, files{
				membersAt + "hub/retail-1.yaml": "tenant: retail\nenvironment: np\n",
				membersAt + "hub/retail-2.yaml": "tenant: retail\nenvironment: np\n",
				test.file:                       test.text,
			})
			require.NoError(t, err)
			var got []string
			for _, w := range warnings {
				if w.Rule == problem.RuleUnreadFile {
					got = append(got, w.Error())
				}
			}
			if test.want == "" {
				require.Empty(t, got)
				return
			}
			require.Equal(t, []string{test.want}, got)
		})
	}
}

package plugin

import (
	"bytes"

	"sigs.k8s.io/yaml"

	"github.com/eks-fleet-management/fleet-cmp/render/applicationset"
)

// Name is the name under which the plugin is installed.
const Name = applicationset.PluginName

// manifestHeader says in plugin.yaml what its reader would ask.
const manifestHeader = `# The ConfigManagementPlugin that the image carries at /home/argocd/cmp-server/config/plugin.yaml.
# Made by: go test ./plugin -run TestManifest -update
#
# Applications name the plugin (spec.source.plugin.name: fleet-cmp). To have Argo CD find it for all Applications whose
# path is that of a group in fleet.yaml, at the price of one more transfer of the repository per request, add to spec:
#
#   discover:
#     find:
#       command: [cmp, discover]
#
# There are no static announcements of parameters: Argo CD adds them to those of the command, and shows their empty
# values.
`

// manifestFile returns plugin.yaml: the ConfigManagementPlugin.
func manifestFile() ([]byte, error) {
	type command struct {
		Command []string `json:"command"`
	}
	var manifest struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Metadata   map[string]string `json:"metadata"`
		Spec       struct {
			Generate   command `json:"generate"`
			Parameters struct {
				Dynamic command `json:"dynamic"`
			} `json:"parameters"`
		} `json:"spec"`
	}
	manifest.APIVersion, manifest.Kind = "argoproj.io/v1alpha1", "ConfigManagementPlugin"
	manifest.Metadata = map[string]string{"name": Name}
	manifest.Spec.Generate.Command = []string{"cmp", "generate"}
	manifest.Spec.Parameters.Dynamic.Command = []string{"cmp", "parameters"}
	data, err := yaml.Marshal(manifest)
	return bytes.Join([][]byte{[]byte(manifestHeader), data}, nil), err
}

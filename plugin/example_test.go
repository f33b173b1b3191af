package plugin_test

import (
	"fmt"
	"testing/fstest"

	"github.com/eks-fleet-management/fleet-cmp/plugin"
)

// Read takes from the environment what Argo CD tells the plugin, and Request says what to render.
func Example() {
	invocation, err := plugin.Read([]string{
		"ARGOCD_APP_NAME=addons-east",
		"ARGOCD_APP_SOURCE_PATH=addons",
		`ARGOCD_APP_PARAMETERS=[{"name": "cluster", "string": "east"}]`,
	})
	if err != nil {
		panic(err)
	}
	request, err := invocation.Request(fstest.MapFS{}, "addons")
	fmt.Println(request.AppPath, request.Cluster, err)
	// Output: addons east <nil>
}

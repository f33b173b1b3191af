package e2e

import (
	"context"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/stretchr/testify/require"
)

// Where plugin.yaml has the command that finds Applications, Argo CD asks the plugin about those that name none: either
// server takes those of groups, and leaves others alone.
func TestDiscovery(t *testing.T) {
	repository := newFleet(t)
	repository.write(t, "other/object.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n")
	repository.push(t)
	s := selection{group: "addons", cluster: "hub-prod"}
	expected := s.rendered(t, repository)
	for i := range argocdDirectories {
		answers := map[string][]string{}
		for _, server := range []string{execServer, nativeServer} {
			argo, err := startArgoCDWith(argoCD{servers: servers{network: host}, serving: []string{server},
				discovers: true}, temporary(t), i)
			require.NoError(t, err)
			t.Cleanup(argo.stop)
			t.Run(argo.version+" "+server, func(t *testing.T) {
				ask := func(path string, plugin *v1alpha1.ApplicationSourcePlugin) []string {
					ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
					defer cancel()
					objects, err := argo.generateSource(ctx, "app", "", &v1alpha1.ApplicationSource{
						RepoURL: repository.url, Path: path, TargetRevision: "main", Plugin: plugin,
					})
					require.NoError(t, err)
					return objects
				}
				found := ask(s.path(), &v1alpha1.ApplicationSourcePlugin{Parameters: s.parameters()})
				require.Equal(t, expected, parse(t, found))
				directory := ask("other", nil)
				require.Len(t, directory, 1, "a directory, whose objects are not rendered by the plugin")
				answers[server] = append(found, directory...)
			})
		}
		require.Equal(t, answers[execServer], answers[nativeServer])
	}
}

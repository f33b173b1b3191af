package fleet

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

// TestApplicationSets: what a group says of components lies over its levels, with its own lines (rule
// component-overrides in docs/rules/bootstrap.md).
func TestApplicationSets(t *testing.T) {
	f, err := loadFleet(t, `  groups:
    addons:
      path: addons
      useSelectors: true
      applicationSets:
        argocd: {enabled: true}
        external-dns:
          enableAckPodIdentity: true
        gone: null
`)
	require.NoError(t, err)
	level := hierarchy.Layer{Source: "tenant", File: "level", Values: map[string]any{
		"argocd": map[string]any{"enabled": false, "namespace": "argocd"}, "gone": map[string]any{"enabled": true}}}
	values := hierarchy.Merge(nil, nil, []hierarchy.Layer{level, f.Layer(f.Groups["addons"], nil)})
	require.Equal(t, map[string]any{"enabled": true, "namespace": "argocd"}, values.Map()["argocd"], "key by key")
	require.Equal(t, map[string]any{"enableAckPodIdentity": true}, values.Map()["external-dns"])
	require.Nil(t, values.Map()["gone"])
	require.Equal(t, true, values.Map()["useSelectors"])
	for path, want := range map[string]int{"argocd/enabled": 9, "external-dns/enableAckPodIdentity": 11} {
		component, key, _ := strings.Cut(path, "/")
		file, line := values.Locate(component, key)
		require.Equal(t, hierarchy.FleetFile, file)
		require.Equal(t, want, line, path)
	}
}

// TestApplicationSetsThatAreNone: a mistake would switch nothing on or off, and say nothing.
func TestApplicationSetsThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"[a]":       "group x: applicationSets must be a map, not a list",
		"{a: true}": `applicationSets of group x: component "a" must be a map, not a boolean; write a: {enabled: false} to switch it off`,
		"{global: {}}": "applicationSets of group x: global is a setting of the group, and no component; write it " +
			"beside applicationSets",
		"{useSelectors}": "applicationSets of group x: useSelectors is a setting of the group, and no component; " +
			"write it beside applicationSets",
	} {
		_, err := loadFleet(t, "  groups:\n    x:\n      applicationSets: "+text+"\n")
		require.EqualError(t, err, "fleet.yaml:6: "+want, text)
	}
}

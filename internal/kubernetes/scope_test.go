package kubernetes

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// TestScope compares the scopes of all kinds with those that Kustomize knows. Of newer kinds, which it does not know,
// those that are in a namespace are named here.
func TestScope(t *testing.T) {
	newer := map[string]bool{"ResourceClaim": true, "ResourceClaimTemplate": true, "PodCertificateRequest": true}
	served := map[string]bool{}
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[0] == "#" {
			continue
		}
		version, kind := fields[0][:strings.LastIndex(fields[0], "/")], fields[0][strings.LastIndex(fields[0], "/")+1:]
		group, _, grouped := strings.Cut(version, "/")
		if !grouped {
			group = ""
		}
		served[group+"/"+kind] = true
		namespaced, known := openapi.IsNamespaceScoped(yaml.TypeMeta{APIVersion: version, Kind: kind})
		if known {
			newer[kind] = newer[kind] || namespaced
		}
	}
	for name := range served {
		group, kind, _ := strings.Cut(name, "/")
		require.Equal(t, !newer[kind], IsClusterScoped(group, kind), name)
	}
	for name := range clusterScoped {
		require.True(t, served[name] || name == "policy/PodSecurityPolicy", name)
	}
	require.False(t, IsClusterScoped("example.com", "ClusterRole"))
	require.False(t, IsClusterScoped("", "Pod"))
}

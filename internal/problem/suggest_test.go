package problem

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLikelyKey(t *testing.T) {
	keys := []string{"tenant", "clusterName", "environment", "addons_repo_url", "use_remote_argo", "enable_remote_addons"}
	for unknown, want := range map[string]string{
		"Tenant": "tenant", "use-remote-argo": "use_remote_argo", "environmnt": "environment", "clustername": "clusterName", "x": "", "": "", "name": "",
		"enable_remote_addon": "enable_remote_addons", "addonsRepoUrl": "addons_repo_url", "region": "",
	} {
		require.Equal(t, want, Likely(unknown, keys), unknown)
	}
}

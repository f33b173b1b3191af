package problem

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLikelyKey(t *testing.T) {
	keys := []string{"tenant", "clusterName", "environment", "addons_repo_url", "use_remote_argo",
		"enable_remote_addons"}
	for unknown, want := range map[string]string{
		"Tenant": "tenant", "use-remote-argo": "use_remote_argo", "environmnt": "environment",
		"clustername": "clusterName", "x": "", "": "", "name": "",
		"tneant":              "tenant", // two letters exchanged
		"enable_remote_addon": "enable_remote_addons", "addonsRepoUrl": "addons_repo_url", "region": "",
	} {
		require.Equal(t, want, Likely(unknown, keys), unknown)
	}
	keys = []string{"path", "addon", "addons", "region1", "region-2"}
	for unknown, want := range map[string]string{
		"PATH": "path", "ADD_ONS": "addons", "pat": "path", // one in four letters
		"part": "", "pth-s": "", "aqqon": "", // two in four, and in five
		"aqqons": "addons", "adons": "addons", // two in six; the nearest
		"region12": "region1", "Region2": "region-2", // the first of those that are as near
	} {
		require.Equal(t, want, Likely(unknown, keys), unknown)
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"render", "releases"}
	require.Equal(t, "did you mean render? See the help", Suggest("rendr", known, "see the help"))
	require.Equal(t, "did you mean render?", Suggest("redner", known, ""))
	require.Equal(t, "see the help", Suggest("lint", known, "see the help"))
	require.Empty(t, Suggest("lint", nil, ""))
}
